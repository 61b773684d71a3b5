/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Heun's method on the probability flow in sigma (Karras et al. 2022, arXiv:2206.00364, algorithm 2 without
 * churn), as k-diffusion's sample_heun and diffusers' HeunDiscreteScheduler. The step to sigma 0 is Euler's.
 */
#include "diffusion/sampler-private.h"

static gboolean
step (MzSampler *self,
      int i,
      const MzSamplerCalls *calls,
      const float *x,
      float *next,
      float *x0,
      GError **error)
{
  float from = self->steps->sigmas[i];
  float to = self->steps->sigmas[i + 1];
  float change = to - from;
  float *x0_end = self->output;

  if (!mz_sampler_denoise (self, calls, i, x, x0, error))
    return FALSE;
  for (gsize k = 0; k < self->n; k++)
    next[k] = x[k] + (x[k] - x0[k]) / from * change;
  if (to == 0)
    return TRUE;

  if (!mz_sampler_denoise (self, calls, i + 1, next, x0_end, error))
    return FALSE;
  for (gsize k = 0; k < self->n; k++)
    next[k] = x[k] + ((x[k] - x0[k]) / from + (next[k] - x0_end[k]) / to) / 2 * change;
  return TRUE;
}

const MzSamplerClass mz_sampler_class_heun = {
  .sigma_space = TRUE,
  .step = step,
};
