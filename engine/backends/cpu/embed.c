/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Token and position embedding: rows kept in the file's precision (76 MB for CLIP-L in half floats), read at
 * use. */
#include <glib/gi18n-lib.h>

#include "backends/cpu/cpu.h"
#include "backends/cpu/reference.h"
#include "ops/describe.h"

#include <string.h>

/* Is a NaN or infinity among n 16-bit numbers, whose exponent's bits are `exponent`? */
static gboolean
is_bad_16 (const guint8 *bytes, gsize n, guint16 exponent)
{
  guint16 bad = 0;

  for (gsize i = 0; i < n; i++)
    {
      guint16 v;

      memcpy (&v, bytes + i * sizeof v, sizeof v);
      bad |= (guint16) ((v & exponent) == exponent);
    }
  return bad != 0;
}

/* As mz_read_finite(), but for the numbers themselves, and fast for the usual types. */
static gboolean
check_finite (const MzView *view, gsize first, gsize n, const char *what, float *scratch, GError **error)
{
  const guint8 *bytes = (const guint8 *) view->data + first * mz_dtype_size (view->dtype);

  if ((view->dtype == MZ_DTYPE_F16 && !is_bad_16 (bytes, n, 0x7c00))
      || (view->dtype == MZ_DTYPE_BF16 && !is_bad_16 (bytes, n, 0x7f80)))
    return TRUE;
  return mz_read_finite (view, first, n, what, scratch, error);
}

/* Copies a view into the pages at `to` and looks for what is not a number. */
static gboolean
keep (MzDevice *device, const MzView *view, const char *what, guint8 *to, MzView *kept, GError **error)
{
  float part[1024];
  gsize n = mz_view_elements (view), size = mz_dtype_size (view->dtype);

  for (gsize i = 0; i < n; i += G_N_ELEMENTS (part))
    {
      gsize now = MIN (n - i, G_N_ELEMENTS (part));

      if (mz_cancel_set_error (device->cancel, error) || !check_finite (view, i, now, what, part, error))
        return FALSE;
      memcpy (to + i * size, (const guint8 *) view->data + i * size, now * size);
    }
  *kept = *view;
  kept->data = to;
  return TRUE;
}

/* [rows, C], neither beyond an int, with the C of `tokens`. */
static gboolean
check_shape (const MzView *view, const MzView *tokens, GError **error)
{
  g_autofree char *shape = NULL;

  if (view->n_dims == 2 && view->shape[0] >= 1 && view->shape[0] <= G_MAXINT && view->shape[1] >= 1
      && view->shape[1] <= G_MAXINT && view->shape[1] == tokens->shape[1])
    return TRUE;
  shape = mz_view_shape_string (view);
  g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
               _ ("has the shape %s where one row of channels for each token or position is needed."), shape);
  return FALSE;
}

MzWeight *
mz_cpu_prepare_embedding (MzDevice *device, const MzView *tokens, const MzView *positions, GError **error)
{
  gsize position_start = (tokens->n_bytes + 63) & ~(gsize) 63;
  MzCpuEmbedding *e;

  if (!check_shape (tokens, tokens, error) || !check_shape (positions, tokens, error))
    return NULL;
  e = g_new0 (MzCpuEmbedding, 1);
  e->weight.base = (MzWeight){
    .backend = device->backend,
    .in_channels = (int) tokens->shape[0],
    .out_channels = (int) tokens->shape[1],
    .kernel_h = (int) positions->shape[0],
    .kernel_w = 1,
    .n_bytes = position_start + positions->n_bytes,
  };
  if (mz_cpu_take_weight ((MzCpuDevice *) device, &e->weight, error)
      && keep (device, tokens, "token embedding", e->weight.pages, &e->tokens, error)
      && keep (device, positions, "position embedding", e->weight.pages + position_start, &e->positions,
               error))
    return &e->weight.base;
  mz_cpu_release_weight (device, &e->weight.base);
  return NULL;
}

gboolean
mz_cpu_embed (MzExec *exec, const MzTensor *out, const gint32 *ids, const MzWeight *embedding, GError **error)
{
  const MzCpuEmbedding *e = (const MzCpuEmbedding *) embedding;
  gsize c = (gsize) out->c, n_tokens = mz_tensor_pixels (out), n_rows = mz_tensor_rows (out);
  float position[256];

  for (gsize row = 0; row < n_rows; row++)
    {
      float *to = (float *) out->data + row * c;

      if (mz_cancel_set_error (exec->cancel, error))
        return FALSE;
      mz_view_read_f32 (&e->tokens, (gsize) ids[row] * c, c, to);
      for (gsize first = 0; first < c; first += G_N_ELEMENTS (position))
        {
          gsize n = MIN (c - first, G_N_ELEMENTS (position));

          mz_view_read_f32 (&e->positions, row % n_tokens * c + first, n, position);
          for (gsize i = 0; i < n; i++)
            to[first + i] += position[i];
        }
    }
  return TRUE;
}
