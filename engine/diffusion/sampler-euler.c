/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Euler's method on the probability flow in sigma (Karras et al. 2022, arXiv:2206.00364, algorithm 2 without
 * churn), as k-diffusion's sample_euler and diffusers' EulerDiscreteScheduler. */
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
  float sigma = self->steps->sigmas[i];
  float change = self->steps->sigmas[i + 1] - sigma;

  if (!mz_sampler_evaluate (self, calls, i, x, self->output, error))
    return FALSE;
  mz_sampler_predict_clean (self, i, x, self->output, x0);
  for (gsize k = 0; k < self->n; k++)
    next[k] = x[k] + (x[k] - x0[k]) / sigma * change;
  return TRUE;
}

const MzSamplerClass mz_sampler_class_euler = {
  .sigma_space = TRUE,
  .step = step,
};
