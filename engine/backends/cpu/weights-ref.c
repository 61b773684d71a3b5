/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Weights of the reference backend: checked, converted to float32, taps before input channels. */
#include "backends/cpu/reference.h"

gboolean
mz_cpu_read_finite (const MzView *view, gsize first, gsize n, const char *what, float *out, GError **error)
{
  mz_view_read_f32 (view, first, n, out);
  for (gsize i = 0; i < n; i++)
    if (!isfinite (out[i]))
      {
        g_set_error (error, MZ_ERROR, MZ_ERROR_NONFINITE, "holds %s at element %" G_GSIZE_FORMAT " of %s.",
                     isnan (out[i]) ? "NaN" : "infinity", first + i, what);
        return FALSE;
      }
  return TRUE;
}

/* Sets MZ_ERROR_FORMAT "has [3, 4] for ...". Returns FALSE. */
static gboolean
bad_shape (const MzView *view, const char *wanted, GError **error)
{
  g_autofree char *shape = mz_view_shape_string (view);

  g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, "has the shape %s where %s is needed.", shape, wanted);
  return FALSE;
}

static gboolean
is_vector (const MzView *view, gint64 n)
{
  return view->n_dims == 1 && view->shape[0] == n;
}

/* Dimension `i`, which is 1 where a matrix stands for a 1x1 convolution. */
static gint64
dimension (const MzView *view, int i)
{
  return i < view->n_dims ? view->shape[i] : 1;
}

/* [Cout, Cin] or [Cout, Cin, kh, kw], every dimension within an int. */
static gboolean
check_matrix (MzMatrixKind kind, const MzView *view, GError **error)
{
  if (view->n_dims != 2 && view->n_dims != 4)
    return bad_shape (view, "[rows, columns] or [rows, columns, kernel height, kernel width]", error);
  for (int i = 0; i < view->n_dims; i++)
    if (view->shape[i] < 1 || view->shape[i] > G_MAXINT)
      return bad_shape (view, "a matrix with at least one row and one column", error);
  if (kind != MZ_MATRIX_CONV && (dimension (view, 2) != 1 || dimension (view, 3) != 1))
    return bad_shape (view, "a 1x1 kernel", error);
  if (kind == MZ_MATRIX_GEGLU && view->shape[0] % 2 != 0)
    return bad_shape (view, "an even number of rows", error);
  return TRUE;
}

gboolean
mz_cpu_describe_matrix (MzMatrixKind kind,
                        int n_parts,
                        const MzView *const *weights,
                        const MzView *const *biases,
                        MzWeight *base,
                        int *n_rows,
                        GError **error)
{
  gint64 rows = 0;

  /* Stacked value and gate rows would interleave: a GEGLU matrix stands alone. */
  g_return_val_if_fail (n_parts >= 1 && (n_parts == 1 || kind != MZ_MATRIX_GEGLU), FALSE);

  for (int p = 0; p < n_parts; p++)
    {
      const MzView *view = weights[p];

      if (!check_matrix (kind, view, error))
        return FALSE;
      for (int i = 1; i < 4; i++)
        if (dimension (view, i) != dimension (weights[0], i))
          return bad_shape (view, "the shape of the matrix it is stacked with", error);
      if (biases != NULL && biases[p] != NULL && !is_vector (biases[p], view->shape[0]))
        return bad_shape (biases[p], "one bias for each row", error);
      rows += view->shape[0];
      if (rows > G_MAXINT)
        return bad_shape (view, "a smaller matrix", error);
    }
  *n_rows = (int) rows;
  base->kind = kind;
  base->out_channels = kind == MZ_MATRIX_GEGLU ? (int) (rows / 2) : (int) rows;
  base->in_channels = (int) dimension (weights[0], 1);
  base->kernel_h = (int) dimension (weights[0], 2);
  base->kernel_w = (int) dimension (weights[0], 3);
  return TRUE;
}

/* Room for `n_values` and `n_offsets` floats (0: none), zeroed, or MZ_ERROR_MEMORY. */
static MzRefWeight *
new_weight (MzDevice *device, gsize n_values, gsize n_offsets, GError **error)
{
  MzRefWeight *w = g_new0 (MzRefWeight, 1);

  w->base.backend = device->backend;
  w->base.n_bytes = (n_values + n_offsets) * sizeof (float);
  w->base.kernel_h = w->base.kernel_w = 1;
  w->values = g_try_new0 (float, n_values);
  w->offsets = n_offsets > 0 ? g_try_new0 (float, n_offsets) : NULL;
  if (w->values != NULL && (w->offsets != NULL || n_offsets == 0))
    return w;
  g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY,
               "needs %" G_GSIZE_FORMAT " bytes of memory, which are not free.", w->base.n_bytes);
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
      if (!mz_cpu_read_finite (weight, r * n_columns, n_columns, weight_name, row_in, error))
        return FALSE;
      taps_first (row_in, w->values + (row + r) * n_columns, n_in, n_taps);
    }
  return bias == NULL || mz_cpu_read_finite (bias, 0, n_rows, bias_name, w->offsets + row, error);
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

  if (!mz_cpu_describe_matrix (kind, n_parts, weights, biases, &base, &n_rows, error))
    return NULL;
  for (int p = 0; biases != NULL && p < n_parts; p++)
    any_bias |= biases[p] != NULL;
  w = new_weight (device, (gsize) n_rows * base.in_channels * base.kernel_h * base.kernel_w,
                  any_bias ? (gsize) n_rows : 0, error);
  if (w == NULL)
    return NULL;
  base.backend = w->base.backend;
  base.n_bytes = w->base.n_bytes;
  w->base = base;
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
  if (mz_cpu_read_finite (values, 0, mz_view_elements (values), values_name, w->values, error)
      && mz_cpu_read_finite (offsets, 0, mz_view_elements (offsets), offsets_name, w->offsets, error))
    return &w->base;
  mz_ref_release_weight (device, &w->base);
  return NULL;
}

MzWeight *
mz_ref_prepare_norm (MzDevice *device, const MzView *gamma, const MzView *beta, GError **error)
{
  gsize n = mz_view_elements (gamma);
  MzRefWeight *w;

  if (n < 1 || n > G_MAXINT || !is_vector (gamma, (gint64) n))
    {
      bad_shape (gamma, "one factor for each channel", error);
      return NULL;
    }
  if (!is_vector (beta, (gint64) n))
    {
      bad_shape (beta, "one offset for each channel", error);
      return NULL;
    }
  w = new_weight (device, n, n, error);
  if (w == NULL)
    return NULL;
  w->n_rows = 1;
  w->base.out_channels = w->base.in_channels = (int) n;
  return read_pair (device, w, gamma, "weight", beta, "bias", error);
}

MzWeight *
mz_ref_prepare_embedding (MzDevice *device, const MzView *tokens, const MzView *positions, GError **error)
{
  MzRefWeight *w;

  for (int i = 0; i < 2; i++)
    {
      const MzView *view = i == 0 ? tokens : positions;

      if (view->n_dims != 2 || view->shape[0] < 1 || view->shape[0] > G_MAXINT || view->shape[1] < 1
          || view->shape[1] > G_MAXINT || view->shape[1] != tokens->shape[1])
        {
          bad_shape (view, "one row of channels for each token or position", error);
          return NULL;
        }
    }
  w = new_weight (device, mz_view_elements (tokens), mz_view_elements (positions), error);
  if (w == NULL)
    return NULL;
  w->n_rows = w->base.in_channels = (int) tokens->shape[0];
  w->base.out_channels = (int) tokens->shape[1];
  w->base.kernel_h = (int) positions->shape[0];
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
