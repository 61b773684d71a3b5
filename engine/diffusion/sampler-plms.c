/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* PLMS: pseudo linear multistep (Liu et al. 2022, arXiv:2202.09778) without its Runge-Kutta start, as
 * diffusers' PNDMScheduler with skip_prk_steps and CompVis' plms.py. The first step evaluates the network
 * twice, at both its ends; the following ones combine up to four outputs by Adams and Bashforth. */
#include "diffusion/sampler-private.h"

#include <math.h>
#include <string.h>

const float mz_sampler_adams_bashforth[MZ_MAX_HISTORY][MZ_MAX_HISTORY] = {
  { 1.0f },
  { 3.0f / 2, -1.0f / 2 },
  { 23.0f / 12, -16.0f / 12, 5.0f / 12 },
  { 55.0f / 24, -59.0f / 24, 37.0f / 24, -9.0f / 24 },
};

/* What an output means after combining: diffusers combines v as v; an output that is x0 is made eps first,
 * since x0 of several levels do not combine. */
static MzPredictionType
combined_type (const MzSampler *self)
{
  return self->prediction == MZ_PREDICTION_SAMPLE ? MZ_PREDICTION_EPSILON : self->prediction;
}

static gboolean
evaluate (MzSampler *self,
          const MzSamplerCalls *calls,
          int i,
          const float *x,
          float *output,
          float *x0,
          GError **error)
{
  if (!mz_sampler_evaluate (self, calls, i, x, output, error))
    return FALSE;
  if (x0 != NULL)
    mz_sampler_predict_clean (self, i, x, output, x0);
  if (self->prediction == MZ_PREDICTION_SAMPLE)
    mz_prediction_apply (mz_prediction_noise_weights (self->prediction, mz_sampler_alpha_bar (self, i), 1.0),
                         x, output, output, self->n);
  return TRUE;
}

/* The paper's eq. 9: x at level abar to next at level after, along the combined output. */
static void
transfer (const MzSampler *self, double abar, double after, const float *x, const float *output, float *next)
{
  double from = MAX (abar, MZ_ALPHA_BAR_FLOOR);
  MzPredictionWeights noise = mz_prediction_noise_weights (combined_type (self), from, 1.0);
  double c_noise = -(after - from) / (from * sqrt (1.0 - after) + sqrt (from * (1.0 - from) * after));
  MzPredictionWeights weights = { sqrt (after / from) + c_noise * noise.cx, c_noise * noise.cout };

  mz_prediction_apply (weights, x, output, next, self->n);
}

/* The first step of a run: a trial step, the output at its end, and the step anew with the mean of both.
 * diffusers takes the second try from a stride above where the trial went, which under linspace and trailing
 * need not be where it began. */
static gboolean
start (MzSampler *self, int i, const MzSamplerCalls *calls, const float *x, float *next, GError **error)
{
  double abar = mz_sampler_alpha_bar (self, i);
  double end = mz_sampler_alpha_bar (self, i + 1);
  int stride = self->steps->stride;

  transfer (self, abar, mz_sampler_alpha_bar_after (self, i), x, self->output, next);
  if (!evaluate (self, calls, i + 1, next, self->scratch, NULL, error))
    return FALSE;
  for (gsize k = 0; k < self->n; k++)
    self->scratch[k] = (self->scratch[k] + self->output[k]) / 2;
  if (stride > 0)
    abar = mz_noise_schedule_alpha_bar (self->noise, (double) self->steps->timesteps[i + 1] + stride);
  transfer (self, abar, end, x, self->scratch, next);
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
  const float *c;

  if (!evaluate (self, calls, i, x, self->output, x0, error))
    return FALSE;
  if (self->n_history == 0 && i + 1 < self->steps->n_steps)
    {
      if (!start (self, i, calls, x, next, error))
        return FALSE;
      memcpy (mz_sampler_push_history (self), self->output, self->n * sizeof (float));
      return TRUE;
    }

  memcpy (mz_sampler_push_history (self), self->output, self->n * sizeof (float));
  c = mz_sampler_adams_bashforth[self->n_history - 1];
  memset (self->scratch, 0, self->n * sizeof (float));
  for (int h = 0; h < self->n_history; h++)
    for (gsize k = 0; k < self->n; k++)
      self->scratch[k] += c[h] * self->history[h][k];
  transfer (self, mz_sampler_alpha_bar (self, i), mz_sampler_alpha_bar_after (self, i), x, self->scratch,
            next);
  return TRUE;
}

const MzSamplerClass mz_sampler_class_plms = {
  .n_history = MZ_MAX_HISTORY,
  .step = step,
};
