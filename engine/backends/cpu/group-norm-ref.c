/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Group norm (Wu and He 2018), reference: mean, then variance about that mean, then the result; three passes.
 */
#include "backends/cpu/reference.h"

/* Channel `c` of `in` and `in2` laid side by side. */
static double
channel (const MzTensor *in, const MzTensor *in2, gsize row, int c)
{
  return c < in->c ? mz_ref_row (in, row)[c] : mz_ref_row (in2, row)[c - in->c];
}

/* Mean and variance of channels c0..c1 over rows r0..r1. Returns FALSE when cancelled. */
static gboolean
moments (MzExec *exec,
         const MzTensor *in,
         const MzTensor *in2,
         gsize r0,
         gsize r1,
         int c0,
         int c1,
         double *mean,
         double *variance,
         GError **error)
{
  double n = (double) (r1 - r0) * (c1 - c0), sum = 0, squares = 0;

  for (gsize r = r0; r < r1; r++)
    {
      if (mz_cancel_set_error (exec->cancel, error))
        return FALSE;
      for (int c = c0; c < c1; c++)
        sum += channel (in, in2, r, c);
    }
  *mean = sum / n;
  for (gsize r = r0; r < r1; r++)
    {
      if (mz_cancel_set_error (exec->cancel, error))
        return FALSE;
      for (int c = c0; c < c1; c++)
        {
          double d = channel (in, in2, r, c) - *mean;
          squares += d * d;
        }
    }
  *variance = squares / n;
  return TRUE;
}

/* Channels c0..c1 of the picture's sample n, scaled, [rows r0..r1]. */
static void
scale (const MzTensor *out,
       const MzTensor *in,
       const MzTensor *in2,
       gsize r0,
       gsize r1,
       int c0,
       int c1,
       double mean,
       double variance,
       const MzRefWeight *w,
       float epsilon,
       MzActivation activation)
{
  double factor = 1.0 / sqrt (variance + epsilon);

  for (gsize r = r0; r < r1; r++)
    for (int c = c0; c < c1; c++)
      {
        double y = (channel (in, in2, r, c) - mean) * factor * w->values[c] + w->offsets[c];
        mz_ref_row (out, r)[c] = (float) mz_ref_activate (y, activation);
      }
}

gboolean
mz_ref_group_norm (MzExec *exec,
                   const MzTensor *out,
                   const MzTensor *in,
                   const MzTensor *in2,
                   const MzWeight *norm,
                   int n_groups,
                   float epsilon,
                   MzActivation activation,
                   GError **error)
{
  const MzRefWeight *w = (const MzRefWeight *) norm;
  int per_group = out->c / n_groups;
  gsize per_sample = mz_tensor_pixels (out);

  for (int n = 0; n < out->n; n++)
    for (int c0 = 0; c0 < out->c; c0 += per_group)
      {
        gsize r0 = (gsize) n * per_sample, r1 = r0 + per_sample;
        double mean, variance;

        if (!moments (exec, in, in2, r0, r1, c0, c0 + per_group, &mean, &variance, error))
          return FALSE;
        scale (out, in, in2, r0, r1, c0, c0 + per_group, mean, variance, w, epsilon, activation);
      }
  return TRUE;
}

gboolean
mz_ref_group_moments (MzExec *exec, const MzTensor *in, int n_groups, MzMoments *all, GError **error)
{
  int per_group = in->c / n_groups;

  for (gsize line = 0; line < (gsize) in->n * (gsize) in->h; line++)
    for (int g = 0; g < n_groups; g++)
      {
        MzMoments row = { .n = (double) in->w * per_group };
        gsize r0 = line * (gsize) in->w;
        double variance;

        if (!moments (exec, in, NULL, r0, r0 + (gsize) in->w, g * per_group, (g + 1) * per_group, &row.mean,
                      &variance, error))
          return FALSE;
        row.m2 = variance * row.n;
        mz_moments_join (&all[line / (gsize) in->h * (gsize) n_groups + (gsize) g], &row);
      }
  return TRUE;
}

gboolean
mz_ref_group_scale (MzExec *exec,
                    const MzTensor *out,
                    const MzTensor *in,
                    const MzMoments *all,
                    const MzWeight *norm,
                    int n_groups,
                    float epsilon,
                    MzActivation activation,
                    GError **error)
{
  int per_group = in->c / n_groups;
  gsize per_sample = mz_tensor_pixels (in);

  for (int n = 0; n < in->n; n++)
    for (int g = 0; g < n_groups; g++, all++)
      {
        if (mz_cancel_set_error (exec->cancel, error))
          return FALSE;
        scale (out, in, NULL, (gsize) n * per_sample, (gsize) (n + 1) * per_sample, g * per_group,
               (g + 1) * per_group, all->mean, all->m2 / all->n, (const MzRefWeight *) norm, epsilon,
               activation);
      }
  return TRUE;
}
