/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* DDPM (Ho et al. 2020, arXiv:2006.11239): eq. 7's posterior, its variance the lower bound, over the steps
 * chosen; as diffusers' DDPMScheduler with variance_type fixed_small. The last step goes to the clean picture
 * whatever the config's set_alpha_to_one. */
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
  gboolean last = i == self->steps->n_steps - 1;
  double abar = mz_sampler_alpha_bar (self, i);
  double after = last ? 1.0 : mz_sampler_alpha_bar (self, i + 1);
  double alpha = abar / after;
  double variance = (1.0 - after) / (1.0 - abar) * (1.0 - alpha);
  float c_clean = (float) (sqrt (after) * (1.0 - alpha) / (1.0 - abar));
  float c_state = (float) (sqrt (alpha) * (1.0 - after) / (1.0 - abar));

  if (!mz_sampler_evaluate (self, calls, i, x, self->output, error))
    return FALSE;
  mz_sampler_predict_clean (self, i, x, self->output, x0);
  mz_sampler_clip (self, x0);
  for (gsize k = 0; k < self->n; k++)
    next[k] = c_clean * x0[k] + c_state * x[k];
  if (!last)
    mz_sampler_add_noise (self, calls, sqrt (MAX (variance, 0.0)), next);
  return TRUE;
}

const MzSamplerClass mz_sampler_class_ddpm = {
  .step = step,
};
