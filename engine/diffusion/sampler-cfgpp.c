/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Samplers that renoise with the unguided prediction (CFG++, Chung et al. 2024, arXiv:2406.08070): guidance
 * moves the clean picture, but not the direction of the noise, so that a small scale (about 0.6 to 2) does
 * what a large one does elsewhere. Euler after the paper's algorithm 2, Euler a and DPM++ 2M as
 * ComfyUI's euler_ancestral_cfg_pp and dpmpp_2m_cfg_pp. Without guidance they are the samplers without CFG++.
 */
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

/* From the guided x0 along the unguided direction, to sigma `to`. */
static void
renoise (const MzSampler *self, int i, double to, const float *x, const float *x0, float *next)
{
  const float *unguided = self->output;
  float from = self->steps->sigmas[i], sigma = (float) to;

  for (gsize k = 0; k < self->n; k++)
    next[k] = x0[k] + (x[k] - unguided[k]) / from * sigma;
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
  if (!denoise_both (self, calls, i, x, x0, error))
    return FALSE;
  renoise (self, i, (double) self->steps->sigmas[i + 1], x, x0, next);
  return TRUE;
}

static gboolean
step_euler_a (MzSampler *self,
              int i,
              const MzSamplerCalls *calls,
              const float *x,
              float *next,
              float *x0,
              GError **error)
{
  MzAncestral part = mz_sampler_ancestral ((double) self->steps->sigmas[i],
                                           (double) self->steps->sigmas[i + 1], self->eta);

  if (!denoise_both (self, calls, i, x, x0, error))
    return FALSE;
  renoise (self, i, part.down, x, x0, next);
  if (part.up > 0)
    mz_sampler_add_noise (self, calls, part.up, next);
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

const MzSamplerClass mz_sampler_class_euler_a_cfgpp = {
  .sigma_space = TRUE,
  .step = step_euler_a,
};

const MzSamplerClass mz_sampler_class_dpmpp_2m_cfgpp = {
  .n_history = 1,
  .sigma_space = TRUE,
  .step = step_dpmpp_2m,
};
