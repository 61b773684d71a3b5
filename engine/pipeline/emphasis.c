/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What weights in a prompt do to the text encoder's output: A1111's sd_emphasis.py and ComfyUI's sd1_clip.py.
 */
#include <math.h>

#include "pipeline/prompt.h"

static double
sum (const float *values, gsize n)
{
  double total = 0;

  for (gsize i = 0; i < n; i++)
    total += (double) values[i];
  return total;
}

static void
scale (float *z, const float *weights, int positions, int width)
{
  for (int c = 0; c < width; c++)
    for (int t = 0; t < positions; t++)
      z[(gsize) c * (gsize) positions + (gsize) t] *= weights[t];
}

/* Times what makes the sum again what it was. A sum near 0 says nothing; then all stays as it is. */
static void
restore_sum (float *z, gsize n, double before)
{
  double ratio = before / sum (z, n);

  for (gsize i = 0; i < n && isfinite (ratio); i++)
    z[i] = (float) ((double) z[i] * ratio);
}

static void
interpolate (float *z, const float *empty, const float *weights, int positions, int width)
{
  for (int c = 0; c < width; c++)
    for (int t = 0; t < positions; t++)
      if (weights[t] != 1)
        {
          gsize i = (gsize) c * (gsize) positions + (gsize) t;

          z[i] = (z[i] - empty[i]) * weights[t] + empty[i];
        }
}

void
mz_emphasis_apply (MzEmphasis emphasis,
                   float *z,
                   const float *empty,
                   const float *weights,
                   int positions,
                   int width)
{
  gsize n = (gsize) positions * (gsize) width;
  double before;

  switch (emphasis)
    {
    case MZ_EMPHASIS_SCALE:
      scale (z, weights, positions, width);
      break;
    case MZ_EMPHASIS_KEEP_MEAN:
      before = sum (z, n);
      scale (z, weights, positions, width);
      restore_sum (z, n, before);
      break;
    case MZ_EMPHASIS_FROM_EMPTY:
      interpolate (z, empty, weights, positions, width);
      break;
    case MZ_EMPHASIS_NONE:
    default:
      break;
    }
}
