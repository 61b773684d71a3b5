/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* DPM-Solver++(2S) (Lu et al. 2022, arXiv:2211.01095, algorithm 1, r = 1/2) with ancestral noise, as
 * k-diffusion's sample_dpmpp_2s_ancestral. With eta 0 it is the paper's algorithm. */
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
  MzAncestral part = mz_sampler_ancestral (from, (double) self->steps->sigmas[i + 1], self->eta);
  double middle = sqrt (from * part.down);
  float to_middle = (float) (middle / from), to_end = (float) (part.down / from);
  float *x0_middle = self->output;

  if (!mz_sampler_denoise (self, calls, i, x, x0, error))
    return FALSE;
  if (part.down == 0)
    for (gsize k = 0; k < self->n; k++)
      next[k] = x0[k];
  else
    {
      for (gsize k = 0; k < self->n; k++)
        next[k] = to_middle * x[k] + (1 - to_middle) * x0[k];
      if (!mz_sampler_denoise_at (self, calls, middle, next, x0_middle, error))
        return FALSE;
      for (gsize k = 0; k < self->n; k++)
        next[k] = to_end * x[k] + (1 - to_end) * x0_middle[k];
    }
  if (part.up > 0)
    mz_sampler_add_noise (self, calls, part.up, next);
  return TRUE;
}

const MzSamplerClass mz_sampler_class_dpmpp_2s_a = {
  .sigma_space = TRUE,
  .step = step,
};
