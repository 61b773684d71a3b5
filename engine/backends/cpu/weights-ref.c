/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Weights of the reference backend: checked, converted to float32, taps before input channels. */
#include <glib/gi18n-lib.h>

#include "backends/cpu/reference.h"
#include "ops/describe.h"

/* Room for `n_values` and `n_offsets` floats (0: none), zeroed, or MZ_ERROR_MEMORY. */
static MzRefWeight *
new_weight (MzDevice *device, const MzWeight *base, gsize n_values, gsize n_offsets, GError **error)
{
  MzRefWeight *w = g_new0 (MzRefWeight, 1);

  w->base = *base;
  w->base.backend = device->backend;
  w->base.n_bytes = (n_values + n_offsets) * sizeof (float);
  w->values = g_try_new0 (float, n_values);
  w->offsets = n_offsets > 0 ? g_try_new0 (float, n_offsets) : NULL;
  if (w->values != NULL && (w->offsets != NULL || n_offsets == 0))
    return w;
  g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("needs %zu bytes of memory, which are not free."),
               w->base.n_bytes);
  mz_ref_release_weight (device, &w->base);
  return NULL;
}

/* [Cin, taps] becomes [taps, Cin]. */
static void
taps_first (const float *from, float *to, gsize n_in, gsize n_taps)
{
  for (gsize i = 0; i < n_in; i++)
    for (gsize t = 0; t < n_taps; t++)
      to[t * n_in + i] = from[i * n_taps + t];
}

/* Part `p`, which goes to row `row` and on. */
static gboolean
read_part (MzRefWeight *w,
           int p,
           int n_parts,
           const MzView *weight,
           const MzView *bias,
           gsize row,
           GError **error)
{
  gsize n_taps = (gsize) w->base.kernel_h * w->base.kernel_w, n_in = (gsize) w->base.in_channels;
  gsize n_rows = (gsize) weight->shape[0];
  g_autofree char *part = n_parts > 1 ? g_strdup_printf (" %d", p + 1) : g_strdup ("");
  g_autofree char *weight_name = g_strconcat ("weight", part, NULL),
                  *bias_name = g_strconcat ("bias", part, NULL);
  gsize n_columns = n_in * n_taps;
  g_autofree float *row_in = g_new (float, n_columns);

  for (gsize r = 0; r < n_rows; r++)
    {
      if (!mz_read_finite (weight, r * n_columns, n_columns, weight_name, row_in, error))
        return FALSE;
      taps_first (row_in, w->values + (row + r) * n_columns, n_in, n_taps);
    }
  return bias == NULL || mz_read_finite (bias, 0, n_rows, bias_name, w->offsets + row, error);
}

MzWeight *
mz_ref_prepare_matrix (MzDevice *device,
                       MzMatrixKind kind,
                       int n_parts,
                       const MzView *const *weights,
                       const MzView *const *biases,
                       GError **error)
{
  MzWeight base = { 0 };
  MzRefWeight *w;
  gboolean any_bias = FALSE;
  gsize row = 0;
  int n_rows;

  if (!mz_describe_matrix (kind, n_parts, weights, biases, &base, &n_rows, error))
    return NULL;
  for (int p = 0; biases != NULL && p < n_parts; p++)
    any_bias |= biases[p] != NULL;
  w = new_weight (device, &base, (gsize) n_rows * base.in_channels * base.kernel_h * base.kernel_w,
                  any_bias ? (gsize) n_rows : 0, error);
  if (w == NULL)
    return NULL;
  w->n_rows = n_rows;
  for (int p = 0; p < n_parts; p++)
    {
      if (!read_part (w, p, n_parts, weights[p], biases != NULL ? biases[p] : NULL, row, error))
        {
          mz_ref_release_weight (device, &w->base);
          return NULL;
        }
      row += (gsize) weights[p]->shape[0];
    }
  return &w->base;
}

/* Both views whole, as they are. Frees `w` on failure. */
static MzWeight *
read_pair (MzDevice *device,
           MzRefWeight *w,
           const MzView *values,
           const char *values_name,
           const MzView *offsets,
           const char *offsets_name,
           GError **error)
{
  if (mz_read_finite (values, 0, mz_view_elements (values), values_name, w->values, error)
      && mz_read_finite (offsets, 0, mz_view_elements (offsets), offsets_name, w->offsets, error))
    return &w->base;
  mz_ref_release_weight (device, &w->base);
  return NULL;
}

MzWeight *
mz_ref_prepare_norm (MzDevice *device, const MzView *gamma, const MzView *beta, GError **error)
{
  MzWeight base = { 0 };
  MzRefWeight *w;

  if (!mz_describe_norm (gamma, beta, &base, error))
    return NULL;
  w = new_weight (device, &base, base.out_channels, base.out_channels, error);
  if (w == NULL)
    return NULL;
  w->n_rows = 1;
  return read_pair (device, w, gamma, "weight", beta, "bias", error);
}

MzWeight *
mz_ref_prepare_embedding (MzDevice *device, const MzView *tokens, const MzView *positions, GError **error)
{
  MzWeight base = { 0 };
  MzRefWeight *w;

  if (!mz_describe_embedding (tokens, positions, &base, error))
    return NULL;
  w = new_weight (device, &base, mz_view_elements (tokens), mz_view_elements (positions), error);
  if (w == NULL)
    return NULL;
  w->n_rows = base.in_channels;
  return read_pair (device, w, tokens, "token embedding", positions, "position embedding", error);
}

void
mz_ref_release_weight (MzDevice *device, MzWeight *weight)
{
  MzRefWeight *w = (MzRefWeight *) weight;

  if (w == NULL)
    return;
  g_free (w->values);
  g_free (w->offsets);
  g_free (w);
}
