/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Classifier-free guidance, and taking its excess back. */
#include "diffusion/guidance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
mz_guidance_combine (const float *cond, const float *uncond, float scale, float *dst, gsize n)
{
  for (gsize i = 0; i < n; i++)
    dst[i] = uncond[i] + scale * (cond[i] - uncond[i]);
}

void
mz_guidance_compose (const float *weights, int n_terms, const float *uncond, float *cond, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      float sum = 0;

      for (int t = 0; t < n_terms; t++)
        sum += weights[t] * (cond[(gsize) t * n + i] - uncond[i]);
      cond[i] = uncond[i] + sum;
    }
}

/* Of a sample, as torch.std. */
static double
deviation (const float *x, gsize n)
{
  double sum = 0, squares = 0, mean;

  for (gsize i = 0; i < n; i++)
    sum += (double) x[i];
  mean = sum / (double) n;
  for (gsize i = 0; i < n; i++)
    squares += ((double) x[i] - mean) * ((double) x[i] - mean);
  return sqrt (squares / (double) (n - 1));
}

void
mz_guidance_rescale (const float *cond, double share, float *guided, gsize n)
{
  double of_guided;
  float factor;

  g_return_if_fail (n >= 2);
  if (share == 0)
    return;
  of_guided = deviation (guided, n);
  if (!(of_guided > 0))
    return;
  factor = (float) (share * deviation (cond, n) / of_guided + (1.0 - share));
  for (gsize i = 0; i < n; i++)
    guided[i] *= factor;
}

static int
compare_floats (const void *a, const void *b)
{
  float x = *(const float *) a, y = *(const float *) b;

  return (x > y) - (x < y);
}

/* The quantile of |x|, between two of the sorted values linearly, as torch.quantile. */
static double
quantile_of_size (double ratio, const float *x, gsize n)
{
  g_autofree float *sizes = g_new (float, n);
  double at = ratio * (double) (n - 1);
  gsize low = (gsize) at, high = MIN (low + 1, n - 1);

  for (gsize i = 0; i < n; i++)
    sizes[i] = fabsf (x[i]);
  qsort (sizes, n, sizeof *sizes, compare_floats);
  return (double) sizes[low] + (at - (double) low) * ((double) sizes[high] - (double) sizes[low]);
}

void
mz_guidance_threshold (double ratio, double most, float *x0, gsize n)
{
  float limit;

  g_return_if_fail (n > 0 && ratio >= 0 && ratio <= 1 && most >= 1);
  limit = (float) CLAMP (quantile_of_size (ratio, x0, n), 1.0, most);
  for (gsize i = 0; i < n; i++)
    x0[i] = CLAMP (x0[i], -limit, limit) / limit;
}
