/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Variation seeds. */
#include "diffusion/variation.h"

#include <math.h>

#define NEARLY_EQUAL 0.9995 /* mean cosine */

/* Cosine between two columns of `height` values, `width` apart. */
static double
column_cosine (const float *a, const float *b, int height, int width)
{
  double aa = 0, bb = 0, ab = 0;

  for (int y = 0; y < height; y++)
    {
      double u = (double) a[y * width], v = (double) b[y * width];

      aa += u * u;
      bb += v * v;
      ab += u * v;
    }
  return aa > 0 && bb > 0 ? CLAMP (ab / sqrt (aa * bb), -1.0, 1.0) : 1.0;
}

static void
mix_straight (double weight_from, const float *from, const float *to, gsize n, float *dst)
{
  float a = (float) weight_from, b = (float) (1.0 - weight_from);

  for (gsize k = 0; k < n; k++)
    dst[k] = a * from[k] + b * to[k];
}

static void
mix_column (double strength,
            double cosine,
            const float *from,
            const float *to,
            int height,
            int width,
            float *dst)
{
  double angle = acos (cosine), sine = sin (angle);
  /* Of columns on one line there is no one way between. */
  float a = (float) (sine > 1e-12 ? sin ((1.0 - strength) * angle) / sine : 1.0 - strength);
  float b = (float) (sine > 1e-12 ? sin (strength * angle) / sine : strength);

  for (int y = 0; y < height; y++)
    dst[y * width] = a * from[y * width] + b * to[y * width];
}

void
mz_variation_mix (double strength,
                  const float *from,
                  const float *to,
                  int channels,
                  int height,
                  int width,
                  gboolean nearly_equal_reversed,
                  float *dst)
{
  gsize plane = (gsize) height * (gsize) width, n_columns = (gsize) channels * (gsize) width;
  g_autofree double *cosines = g_new (double, n_columns);
  double sum = 0;

  for (gsize k = 0; k < n_columns; k++)
    {
      gsize at = k / (gsize) width * plane + k % (gsize) width;

      cosines[k] = column_cosine (from + at, to + at, height, width);
      sum += cosines[k];
    }
  if (sum > NEARLY_EQUAL * (double) n_columns)
    {
      mix_straight (nearly_equal_reversed ? strength : 1.0 - strength, from, to, (gsize) channels * plane,
                    dst);
      return;
    }
  for (gsize k = 0; k < n_columns; k++)
    {
      gsize at = k / (gsize) width * plane + k % (gsize) width;

      mix_column (strength, cosines[k], from + at, to + at, height, width, dst + at);
    }
}
