/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* LCM: sampling of latent consistency models (Luo et al. 2023, arXiv:2310.04378, algorithm 3), as diffusers'
 * LCMScheduler: straight to the clean picture, then noise back to the next level. */
#include "diffusion/sampler-private.h"

#include <math.h>

#define SIGMA_DATA 0.5
#define TIMESTEP_SCALING 10.0
#define DISTILLED_TIMESTEPS 50

/* How much of the state is kept so that at timestep 0 the function is the identity, as the model was
 * distilled to be. Its lowest timestep then was a fiftieth of all; a schedule that goes below it is read as
 * if there, as in A1111, for the state at timestep 0 is not a picture. */
static double
boundary_timestep (const MzSampler *self, int i)
{
  double lowest = self->noise->n / DISTILLED_TIMESTEPS - 1;

  return MAX ((double) self->steps->timesteps[i], MAX (lowest, 1.0)) * TIMESTEP_SCALING;
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
  gboolean last = i == self->steps->n_steps - 1;
  double after = last ? 1.0 : mz_sampler_alpha_bar (self, i + 1);
  double t = boundary_timestep (self, i);
  double size = t * t + SIGMA_DATA * SIGMA_DATA;
  float c_skip = (float) (sqrt (after) * SIGMA_DATA * SIGMA_DATA / size);
  float c_out = (float) (sqrt (after) * t / sqrt (size));

  if (!mz_sampler_denoise (self, calls, i, x, x0, error))
    return FALSE;
  mz_sampler_clip (self, x0);
  for (gsize k = 0; k < self->n; k++)
    next[k] = c_out * x0[k] + c_skip * x[k];
  if (!last)
    mz_sampler_add_noise (self, calls, sqrt (1.0 - after), next);
  return TRUE;
}

const MzSamplerClass mz_sampler_class_lcm = {
  .step = step,
};
