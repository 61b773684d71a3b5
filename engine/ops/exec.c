/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* MzExec: tensors out of one planned block, and the failure that sticks. */
#include <glib/gi18n-lib.h>

#include "ops/recorder.h"

MzExec *
mz_exec_new (MzDevice *device)
{
  MzExec *exec = g_new0 (MzExec, 1);

  exec->device = device;
  exec->arena = mz_arena_new (device->backend->alignment);
  return exec;
}

void
mz_exec_free (MzExec *exec)
{
  mz_recorder_free (exec->recorder);
  mz_exec_release (exec);
  mz_arena_free (exec->arena);
  g_clear_error (&exec->error);
  g_free (exec);
}

void
mz_exec_begin_plan (MzExec *exec)
{
  g_return_if_fail (!exec->planning);
  exec->planning = TRUE;
}

gboolean
mz_exec_end_plan (MzExec *exec, GError **error)
{
  const MzBackend *backend = exec->device->backend;
  gsize wanted = mz_arena_high_water (exec->arena);

  g_return_val_if_fail (exec->planning, FALSE);
  exec->planning = FALSE;
  if (!mz_exec_finish (exec, error))
    return FALSE;
  if (wanted <= exec->block_bytes)
    return TRUE;
  mz_exec_release (exec);
  exec->block = backend->alloc (exec->device, wanted, error);
  if (exec->block == NULL)
    return FALSE;
  exec->block_bytes = wanted;
  return TRUE;
}

gboolean
mz_exec_end_estimate (MzExec *exec, gsize *n_bytes, GError **error)
{
  g_return_val_if_fail (exec->planning, FALSE);
  exec->planning = FALSE;
  *n_bytes = mz_arena_high_water (exec->arena);
  return mz_exec_finish (exec, error);
}

gboolean
mz_exec_finish (MzExec *exec, GError **error)
{
  if (exec->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&exec->error));
  return FALSE;
}

void
mz_exec_fail_memory (MzExec *exec, gsize n_bytes)
{
  g_autofree char *size = g_format_size (n_bytes);

  if (exec->error == NULL)
    g_set_error (&exec->error, MZ_ERROR, MZ_ERROR_MEMORY,
                 _ ("%s of memory are needed at once and are not free."), size);
}

void
mz_exec_fail (MzExec *exec, GError *error)
{
  if (exec->error == NULL)
    exec->error = error;
  else
    g_error_free (error);
}

gboolean
mz_exec_failed (MzExec *exec)
{
  return exec->error != NULL;
}

void
mz_exec_release (MzExec *exec)
{
  if (exec->block != NULL)
    exec->device->backend->release (exec->device, exec->block);
  exec->block = NULL;
  exec->block_bytes = 0;
  mz_arena_clear (exec->arena);
  mz_arena_reset_high_water (exec->arena);
}

gsize
mz_exec_block_bytes (MzExec *exec)
{
  return exec->block_bytes;
}

MzTensor
mz_take (MzExec *exec, int n, int h, int w, int c)
{
  MzTensor t = { exec->device->backend->activation_dtype, n, h, w, c, c, NULL };
  gsize n_bytes = mz_tensor_elements (&t) * mz_dtype_size (t.dtype);
  gsize offset = mz_arena_take (exec->arena, n_bytes);

  if (exec->planning)
    t.data = GSIZE_TO_POINTER (offset + exec->device->backend->alignment); /* never NULL */
  else if (offset + n_bytes <= exec->block_bytes)
    t.data = exec->block + offset;
  else
    {
      mz_arena_give (exec->arena, offset);
      if (exec->error == NULL)
        g_set_error (&exec->error, MZ_ERROR, MZ_ERROR_MEMORY,
                     _ ("An activation of %zu bytes does not fit the %zu bytes that were planned."), n_bytes,
                     exec->block_bytes);
    }
  return t;
}

void
mz_give (MzExec *exec, MzTensor *tensor)
{
  gsize offset;

  if (exec->planning)
    offset = GPOINTER_TO_SIZE (tensor->data) - exec->device->backend->alignment;
  else if (tensor->data != NULL)
    offset = (gsize) ((guint8 *) tensor->data - exec->block);
  else
    return; /* mz_take() failed */
  mz_arena_give (exec->arena, offset);
  tensor->data = NULL;
}

MzTensor
mz_reshape (const MzTensor *tensor, int n, int h, int w)
{
  MzTensor t = *tensor;

  t.n = n;
  t.h = h;
  t.w = w;
  g_warn_if_fail (mz_tensor_rows (&t) == mz_tensor_rows (tensor));
  return t;
}

MzTensor
mz_slice_channels (const MzTensor *tensor, int first, int c)
{
  MzTensor t = *tensor;

  g_warn_if_fail (first >= 0 && first + c <= tensor->c);
  t.c = c;
  t.data = (guint8 *) t.data + (gsize) first * mz_dtype_size (t.dtype);
  return t;
}

MzTensor
mz_slice_samples (const MzTensor *tensor, int first, int n)
{
  MzTensor t = *tensor;

  g_warn_if_fail (first >= 0 && first + n <= tensor->n);
  t.n = n;
  t.data = (guint8 *) t.data
           + (gsize) first * mz_tensor_pixels (tensor) * (gsize) tensor->row_stride * mz_dtype_size (t.dtype);
  return t;
}

MzTensor
mz_slice_rows (const MzTensor *tensor, int first, int h)
{
  MzTensor t = *tensor;

  g_warn_if_fail (tensor->n == 1 && first >= 0 && first + h <= tensor->h);
  t.h = h;
  t.data = (guint8 *) t.data
           + (gsize) first * (gsize) tensor->w * (gsize) tensor->row_stride * mz_dtype_size (t.dtype);
  return t;
}
