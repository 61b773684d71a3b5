/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* DPM-Solver++(2M) (Lu et al. 2022, arXiv:2211.01095, algorithm 2), as diffusers' DPMSolverMultistepScheduler
 * with solver_type midpoint and k-diffusion's sample_dpmpp_2m. The first step and the last, which goes to
 * sigma 0, are of first order. With lambda = log (sqrt(abar) / sqrt(1-abar)) = -log sigma, exp (-h) is a
 * quotient of sigmas. */
#include "diffusion/sampler-private.h"

#include <math.h>
#include <string.h>

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
  double from = (double) sigmas[i], to = (double) sigmas[i + 1];
  double alpha = 1.0 / sqrt (1.0 + to * to);
  float c_state = (float) (to * alpha / (from / sqrt (1.0 + from * from)));
  float c_clean = (float) (alpha * (1.0 - to / from));
  double h = to > 0 ? log (from / to) : 0;
  double h_before = self->n_history > 0 ? log ((double) sigmas[i - 1] / from) : 0;

  if (!mz_sampler_evaluate (self, calls, i, x, self->output, error))
    return FALSE;
  mz_sampler_predict_clean (self, i, x, self->output, x0);

  /* Where two levels are the same (more steps than the spacing has room for) there is no slope. */
  if (h > 0 && h_before > 0)
    {
      const float *x0_before = self->history[0];
      float slope = (float) (0.5 * h / h_before);

      for (gsize k = 0; k < self->n; k++)
        next[k] = c_state * x[k] + c_clean * (x0[k] + slope * (x0[k] - x0_before[k]));
    }
  else
    for (gsize k = 0; k < self->n; k++)
      next[k] = c_state * x[k] + c_clean * x0[k];
  memcpy (mz_sampler_push_history (self), x0, self->n * sizeof (float));
  return TRUE;
}

const MzSamplerClass mz_sampler_class_dpmpp_2m = {
  .n_history = 1,
  .starts_from_sigma = TRUE,
  .step = step,
};
