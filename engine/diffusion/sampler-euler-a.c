/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Euler with ancestral noise: a step down beyond the next sigma, and noise back up to it, as k-diffusion's
 * sample_euler_ancestral and diffusers' EulerAncestralDiscreteScheduler (eta 1). Eta scales the noise put
 * back. */
#include "diffusion/sampler-private.h"

#include <math.h>

static gboolean
step (MzSampler *self,
      int i,
      const MzSamplerCalls *calls,
      const float *x,
      float *next,
      float *x0,
      GError **error)
{
  double from = (double) self->steps->sigmas[i];
  double to = (double) self->steps->sigmas[i + 1];
  double up = self->eta * sqrt (to * to * MAX (from * from - to * to, 0.0) / (from * from));
  double down = sqrt (MAX (to * to - up * up, 0.0));
  float sigma = (float) from;
  float change = (float) (down - from);

  if (!mz_sampler_evaluate (self, calls, i, x, self->output, error))
    return FALSE;
  mz_sampler_predict_clean (self, i, x, self->output, x0);
  for (gsize k = 0; k < self->n; k++)
    next[k] = x[k] + (x[k] - x0[k]) / sigma * change;
  if (up > 0)
    mz_sampler_add_noise (self, calls, up, next);
  return TRUE;
}

const MzSamplerClass mz_sampler_class_euler_a = {
  .sigma_space = TRUE,
  .step = step,
};
