/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* DPM2 and its ancestral sister: a midpoint step, the midpoint being taken in log sigma (DPM-Solver-2, Lu et
 * al. 2022, arXiv:2206.00927, in the form of Karras et al.'s algorithm 2), as k-diffusion's sample_dpm_2 and
 * sample_dpm_2_ancestral, and diffusers' KDPM2DiscreteScheduler and KDPM2AncestralDiscreteScheduler. The step
 * to sigma 0 is Euler's. */
#include "diffusion/sampler-private.h"

#include <math.h>

/* From sigmas[i] to sigma `to` over their geometric mean. */
static gboolean
step_to (MzSampler *self,
         int i,
         double to,
         const MzSamplerCalls *calls,
         const float *x,
         float *next,
         float *x0,
         GError **error)
{
  double from = (double) self->steps->sigmas[i];
  double middle = sqrt (from * to);
  float sigma = (float) from, sigma_middle = (float) middle;
  float half = (float) (middle - from), whole = (float) (to - from);
  float *x0_middle = self->output;

  if (!mz_sampler_denoise (self, calls, i, x, x0, error))
    return FALSE;
  for (gsize k = 0; k < self->n; k++)
    next[k] = x[k] + (x[k] - x0[k]) / sigma * (to > 0 ? half : whole);
  if (to == 0)
    return TRUE;

  if (!mz_sampler_denoise_at (self, calls, middle, next, x0_middle, error))
    return FALSE;
  for (gsize k = 0; k < self->n; k++)
    next[k] = x[k] + (next[k] - x0_middle[k]) / sigma_middle * whole;
  return TRUE;
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
  return step_to (self, i, (double) self->steps->sigmas[i + 1], calls, x, next, x0, error);
}

static gboolean
step_ancestral (MzSampler *self,
                int i,
                const MzSamplerCalls *calls,
                const float *x,
                float *next,
                float *x0,
                GError **error)
{
  MzAncestral part = mz_sampler_ancestral ((double) self->steps->sigmas[i],
                                           (double) self->steps->sigmas[i + 1], self->eta);

  if (!step_to (self, i, part.down, calls, x, next, x0, error))
    return FALSE;
  if (part.up > 0)
    mz_sampler_add_noise (self, calls, part.up, next);
  return TRUE;
}

const MzSamplerClass mz_sampler_class_dpm2 = {
  .sigma_space = TRUE,
  .step = step,
};

const MzSamplerClass mz_sampler_class_dpm2_a = {
  .sigma_space = TRUE,
  .step = step_ancestral,
};
