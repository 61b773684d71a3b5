/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Attention (Vaswani et al. 2017), reference: one query of one head at a time, so that only one row of scores
 * lives. */
#include "backends/cpu/reference.h"

/* The query at `row` against keys row_k..row_k+n_keys, channels c0..c0+width: scores [n_keys] become weights
 * that sum to 1, and sums [width] their mean of the values. */
static void
attend (const MzTensor *q,
        const MzTensor *k,
        const MzTensor *v,
        gsize row,
        gsize row_k,
        int n_keys,
        int c0,
        int width,
        double *scores,
        double *sums)
{
  double scale = 1.0 / sqrt (width), highest = -INFINITY, total = 0;

  for (int j = 0; j < n_keys; j++)
    {
      scores[j] = scale * mz_ref_dot (mz_ref_row (q, row) + c0, mz_ref_row (k, row_k + j) + c0, width);
      highest = fmax (highest, scores[j]);
    }
  for (int j = 0; j < n_keys; j++)
    {
      scores[j] = exp (scores[j] - highest);
      total += scores[j];
    }
  for (int c = 0; c < width; c++)
    sums[c] = 0;
  for (int j = 0; j < n_keys; j++)
    {
      const float *value = mz_ref_row (v, row_k + j) + c0;

      for (int c = 0; c < width; c++)
        sums[c] += scores[j] * value[c];
    }
  for (int c = 0; c < width; c++)
    sums[c] /= total;
}

gboolean
mz_ref_attention (MzExec *exec,
                  const MzTensor *out,
                  const MzTensor *q,
                  const MzTensor *k,
                  const MzTensor *v,
                  int n_heads,
                  gboolean causal,
                  GError **error)
{
  int width = q->c / n_heads, n_queries = q->h * q->w, n_keys = k->h * k->w;
  g_autofree double *scores = g_new (double, n_keys);
  g_autofree double *sums = g_new (double, width);

  for (int b = 0; b < q->n; b++)
    for (int head = 0; head < n_heads; head++)
      for (int i = 0; i < n_queries; i++)
        {
          gsize row = (gsize) b * n_queries + i;
          /* With the causal mask query i sees keys 0..i. */
          int n_seen = causal ? MIN (i + 1, n_keys) : n_keys;

          if (mz_cancel_set_error (exec->cancel, error))
            return FALSE;
          attend (q, k, v, row, (gsize) b * n_keys, n_seen, head * width, width, scores, sums);
          for (int c = 0; c < width; c++)
            mz_ref_row (out, row)[head * width + c] = (float) sums[c];
        }
  return TRUE;
}
