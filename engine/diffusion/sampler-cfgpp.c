/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Samplers that renoise with the unguided prediction (CFG++, Chung et al. 2024, arXiv:2406.08070): guidance
 * moves the clean picture, but not the direction of the noise, so that a small scale (about 0.6 to 2) does
 * what a large one does elsewhere. Euler after the paper's algorithm 2, DPM++ 2M as ComfyUI's
 * dpmpp_2m_cfg_pp. Without guidance they are Euler and DPM++ 2M. */
#include "diffusion/sampler-private.h"

#include <math.h>
#include <string.h>

/* x0 [n] with guidance, and self->output [n]: x0 without. */
static gboolean
denoise_both (MzSampler *self, const MzSamplerCalls *calls, int i, const float *x, float *x0, GError **error)
{
  if (!mz_sampler_evaluate_both (self, calls, i, x, x0, self->output, error))
    return FALSE;
  mz_sampler_predict_clean (self, i, x, x0, x0);
  mz_sampler_predict_clean (self, i, x, self->output, self->output);
  return TRUE;
}

static gboolean
step_euler (MzSampler *self,
            int i,
            const MzSamplerCalls *calls,
            const float *x,
            float *next,
            float *x0,
            GError **error)
{
  float from = self->steps->sigmas[i], to = self->steps->sigmas[i + 1];
  const float *unguided = self->output;

  if (!denoise_both (self, calls, i, x, x0, error))
    return FALSE;
  for (gsize k = 0; k < self->n; k++)
    next[k] = x0[k] + (x[k] - unguided[k]) / from * to;
  return TRUE;
}

static gboolean
step_dpmpp_2m (MzSampler *self,
               int i,
               const MzSamplerCalls *calls,
               const float *x,
               float *next,
               float *x0,
               GError **error)
{
  const float *sigmas = self->steps->sigmas;
  double from = (double) sigmas[i], to = (double) sigmas[i + 1];
  double h = to > 0 ? log (from / to) : 0;
  double h_before = self->n_history > 0 ? log ((double) sigmas[i - 1] / from) : 0;
  float kept = (float) (to / from);
  const float *unguided = self->output;

  if (!denoise_both (self, calls, i, x, x0, error))
    return FALSE;
  for (gsize k = 0; k < self->n; k++)
    next[k] = x0[k] + kept * (x[k] - unguided[k]);
  if (h > 0 && h_before > 0)
    {
      const float *unguided_before = self->history[0];
      float slope = (float) ((1.0 - to / from) * 0.5 * h / h_before);

      for (gsize k = 0; k < self->n; k++)
        next[k] += slope * (x0[k] - unguided_before[k]);
    }
  memcpy (mz_sampler_push_history (self), unguided, self->n * sizeof (float));
  return TRUE;
}

const MzSamplerClass mz_sampler_class_euler_cfgpp = {
  .sigma_space = TRUE,
  .step = step_euler,
};

const MzSamplerClass mz_sampler_class_dpmpp_2m_cfgpp = {
  .n_history = 1,
  .sigma_space = TRUE,
  .step = step_dpmpp_2m,
};
