/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* IPNDM (Zhang & Chen 2023, arXiv:2204.13902): Adams and Bashforth's method of up to fourth order with the
 * weights of even steps, whatever the sigmas, as ComfyUI's sample_ipndm. The step to sigma 0 goes to the
 * clean picture. */
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
  float from = self->steps->sigmas[i], to = self->steps->sigmas[i + 1];
  const float *weights;
  float *slope;

  if (!mz_sampler_denoise (self, calls, i, x, x0, error))
    return FALSE;
  slope = mz_sampler_push_history (self);
  for (gsize k = 0; k < self->n; k++)
    {
      slope[k] = (x[k] - x0[k]) / from;
      next[k] = to > 0 ? x[k] : x0[k];
    }
  weights = mz_sampler_adams_bashforth[self->n_history - 1];
  for (int j = 0; j < self->n_history && to > 0; j++)
    for (gsize k = 0; k < self->n; k++)
      next[k] += (to - from) * weights[j] * self->history[j][k];
  return TRUE;
}

const MzSamplerClass mz_sampler_class_ipndm = {
  .n_history = MZ_MAX_HISTORY,
  .sigma_space = TRUE,
  .step = step,
};
