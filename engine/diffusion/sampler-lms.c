/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Linear multistep: Adams and Bashforth's method of up to fourth order on uneven sigmas, as k-diffusion's
 * sample_lms and diffusers' LMSDiscreteScheduler. */
#include "diffusion/sampler-private.h"

#include <math.h>

/* The integral from sigmas[i] to sigmas[i+1] of the Lagrange polynomial that is 1 at sigmas[i-j] and 0 at the
 * other sigmas[i-order+1..i]. Two points of Gauss and Legendre integrate its third degree exactly. */
static double
coefficient (const float *sigmas, int i, int order, int j)
{
  double from = (double) sigmas[i], to = (double) sigmas[i + 1];
  double integral = 0;

  for (int side = -1; side <= 1; side += 2)
    {
      double at = (from + to) / 2 + side * (to - from) / (2 * sqrt (3.0));
      double value = 1;

      for (int k = 0; k < order; k++)
        if (k != j)
          value *= (at - (double) sigmas[i - k]) / ((double) sigmas[i - j] - (double) sigmas[i - k]);
      integral += value;
    }
  return integral * (to - from) / 2;
}

/* How many of the remembered slopes can be used: no two at the same sigma. */
static int
usable_order (const MzSampler *self, int i)
{
  int order = 1;

  while (order < self->n_history && self->steps->sigmas[i - order] > self->steps->sigmas[i - order + 1])
    order++;
  return order;
}

static gboolean
step (MzSampler *self,
      int i,
      const MzSamplerCalls *calls,
      const float *x,
      float *next,
      float *x0,
      GError **error)
{
  const float *sigmas = self->steps->sigmas;
  float *slope;
  int order;

  if (!mz_sampler_denoise (self, calls, i, x, x0, error))
    return FALSE;
  slope = mz_sampler_push_history (self);
  for (gsize k = 0; k < self->n; k++)
    {
      slope[k] = (x[k] - x0[k]) / sigmas[i];
      next[k] = x[k];
    }
  order = usable_order (self, i);
  for (int j = 0; j < order; j++)
    {
      float c = (float) coefficient (sigmas, i, order, j);

      for (gsize k = 0; k < self->n; k++)
        next[k] += c * self->history[j][k];
    }
  return TRUE;
}

const MzSamplerClass mz_sampler_class_lms = {
  .n_history = MZ_MAX_HISTORY,
  .sigma_space = TRUE,
  .step = step,
};
