/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The reference backend's table, and the host memory that every CPU backend uses. */
#include <glib/gi18n-lib.h>

#include "backends/cpu/reference.h"

#include <stdlib.h>
#include <string.h>

static MzDevice *
open_device (const MzDeviceOptions *options, GError **error)
{
  MzDevice *device = g_new0 (MzDevice, 1);

  device->backend = &mz_backend_reference;
  device->description = g_strdup ("plain loops in double precision, 1 thread");
  return device;
}

static void
close_device (MzDevice *device)
{
  g_free (device);
}

gpointer
mz_cpu_alloc (MzDevice *device, gsize n_bytes, GError **error)
{
  void *memory = NULL;

  if (posix_memalign (&memory, MZ_CPU_ALIGNMENT, MAX (n_bytes, 1)) == 0)
    return memory;
  g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY,
               _ ("The computation needs %zu bytes of memory at once, which are not free."), n_bytes);
  return NULL;
}

void
mz_cpu_release (MzDevice *device, gpointer memory)
{
  free (memory);
}

gboolean
mz_cpu_upload (MzDevice *device, const MzTensor *tensor, const float *nchw, GError **error)
{
  gsize per_sample = mz_tensor_pixels (tensor), n_rows = mz_tensor_rows (tensor);

  for (gsize row = 0; row < n_rows; row++)
    {
      const float *from = nchw + row / per_sample * per_sample * tensor->c + row % per_sample;
      float *to = mz_ref_row (tensor, row);

      for (int c = 0; c < tensor->c; c++)
        to[c] = from[c * per_sample];
    }
  return TRUE;
}

gboolean
mz_cpu_download (MzDevice *device, const MzTensor *tensor, float *nchw, GError **error)
{
  gsize per_sample = mz_tensor_pixels (tensor), n_rows = mz_tensor_rows (tensor);

  for (gsize row = 0; row < n_rows; row++)
    {
      float *to = nchw + row / per_sample * per_sample * tensor->c + row % per_sample;
      const float *from = mz_ref_row (tensor, row);

      for (int c = 0; c < tensor->c; c++)
        to[c * per_sample] = from[c];
    }
  return TRUE;
}

gboolean
mz_cpu_copy (MzExec *exec, const MzTensor *out, const MzTensor *in, GError **error)
{
  gsize line_bytes = (gsize) in->w * (gsize) in->c * mz_dtype_size (in->dtype);

  for (gsize line = 0; line < (gsize) in->n * (gsize) in->h; line++)
    {
      if (mz_cancel_set_error (exec->cancel, error))
        return FALSE;
      memcpy ((guint8 *) out->data + line * line_bytes, (const guint8 *) in->data + line * line_bytes,
              line_bytes);
    }
  return TRUE;
}

const MzBackend mz_backend_reference = {
  .name = "reference",
  .activation_dtype = MZ_DTYPE_F32,
  .alignment = MZ_CPU_ALIGNMENT,
  .open = open_device,
  .close = close_device,
  .alloc = mz_cpu_alloc,
  .release = mz_cpu_release,
  .upload = mz_cpu_upload,
  .download = mz_cpu_download,
  .prepare_matrix = mz_ref_prepare_matrix,
  .prepare_norm = mz_ref_prepare_norm,
  .prepare_embedding = mz_ref_prepare_embedding,
  .release_weight = mz_ref_release_weight,
  .conv2d = mz_ref_conv2d,
  .linear = mz_ref_linear,
  .group_norm = mz_ref_group_norm,
  .group_moments = mz_ref_group_moments,
  .group_scale = mz_ref_group_scale,
  .copy = mz_cpu_copy,
  .layer_norm = mz_ref_layer_norm,
  .attention = mz_ref_attention,
  .embed = mz_ref_embed,
};
