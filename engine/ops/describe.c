/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Weights before a backend lays them out: shapes and values checked, and what the MzWeight says of them. */
#include <glib/gi18n-lib.h>

#include "ops/describe.h"

#include <math.h>

gboolean
mz_read_finite (const MzView *view, gsize first, gsize n, const char *what, float *out, GError **error)
{
  mz_view_read_f32 (view, first, n, out);
  for (gsize i = 0; i < n; i++)
    if (!isfinite (out[i]))
      {
        g_set_error (error, MZ_ERROR, MZ_ERROR_NONFINITE, _ ("holds %s at element %zu of %s."),
                     isnan (out[i]) ? "NaN" : _ ("infinity"), first + i, what);
        return FALSE;
      }
  return TRUE;
}

/* Sets MZ_ERROR_FORMAT "has [3, 4] for ...". Returns FALSE. */
static gboolean
bad_shape (const MzView *view, const char *wanted, GError **error)
{
  g_autofree char *shape = mz_view_shape_string (view);

  g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("has the shape %s where %s is needed."), shape, wanted);
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
mz_describe_matrix (MzMatrixKind kind,
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

gboolean
mz_describe_norm (const MzView *gamma, const MzView *beta, MzWeight *base, GError **error)
{
  gsize n = mz_view_elements (gamma);

  if (n < 1 || n > G_MAXINT || !is_vector (gamma, (gint64) n))
    return bad_shape (gamma, "one factor for each channel", error);
  if (!is_vector (beta, (gint64) n))
    return bad_shape (beta, "one offset for each channel", error);
  base->out_channels = base->in_channels = (int) n;
  base->kernel_h = base->kernel_w = 1;
  return TRUE;
}

gboolean
mz_describe_embedding (const MzView *tokens, const MzView *positions, MzWeight *base, GError **error)
{
  for (int i = 0; i < 2; i++)
    {
      const MzView *view = i == 0 ? tokens : positions;

      if (view->n_dims != 2 || view->shape[0] < 1 || view->shape[0] > G_MAXINT || view->shape[1] < 1
          || view->shape[1] > G_MAXINT || view->shape[1] != tokens->shape[1])
        return bad_shape (view, "one row of channels for each token or position", error);
    }
  base->in_channels = (int) tokens->shape[0];
  base->out_channels = (int) tokens->shape[1];
  base->kernel_h = (int) positions->shape[0];
  base->kernel_w = 1;
  return TRUE;
}
