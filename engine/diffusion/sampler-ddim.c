/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* DDIM (Song et al. 2021, arXiv:2010.02502): eq. 12 with eq. 16's sigma times eta, as diffusers'
 * DDIMScheduler. */
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
  double abar = mz_sampler_alpha_bar (self, i);
  double after = mz_sampler_alpha_bar_after (self, i);
  double deviation = self->eta * sqrt (MAX ((1.0 - after) / (1.0 - abar) * (1.0 - abar / after), 0.0));
  float c_clean = (float) sqrt (after);
  float c_noise = (float) sqrt (MAX (1.0 - after - deviation * deviation, 0.0));

  if (!mz_sampler_evaluate (self, calls, i, x, self->output, error))
    return FALSE;
  mz_sampler_predict_clean (self, i, x, self->output, x0);
  mz_sampler_clip (self, x0);

  /* The noise is read from the output even where x0 is clipped; so does diffusers by default. */
  mz_prediction_apply (mz_prediction_noise_weights (self->prediction, abar, 1.0), x, self->output, next,
                       self->n);
  for (gsize k = 0; k < self->n; k++)
    next[k] = c_clean * x0[k] + c_noise * next[k];
  if (deviation > 0)
    mz_sampler_add_noise (self, calls, deviation, next);
  return TRUE;
}

const MzSamplerClass mz_sampler_class_ddim = {
  .step = step,
};
