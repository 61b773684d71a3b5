/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The state machine around the samplers' steps, and what they share. */
#include <glib/gi18n-lib.h>

#include "diffusion/sampler.h"

#include "core/finite.h"
#include "diffusion/guidance.h"
#include "diffusion/sampler-private.h"

#include <math.h>
#include <string.h>

gboolean
mz_sampler_draws_noise (const MzSampler *sampler)
{
  return sampler->kind->adds_noise && sampler->eta > 0;
}

/* Takes memory for a vector of n; FALSE with error set when there is none. */
static gboolean
take_vector (MzSampler *self, float **vector, GError **error)
{
  *vector = g_try_malloc_n (self->n, sizeof (float));
  if (*vector == NULL)
    g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY,
                 _ ("There is not enough memory for the sampler “%s” (%zu values a vector)."),
                 self->kind->label, self->n);
  return *vector != NULL;
}

static gboolean
take_vectors (MzSampler *self, GError **error)
{
  for (int k = 0; k < self->kind->klass->n_history; k++)
    if (!take_vector (self, &self->history[k], error))
      return FALSE;
  return take_vector (self, &self->output, error) && take_vector (self, &self->scratch, error)
         && take_vector (self, &self->next, error) && take_vector (self, &self->clean, error)
         && (!self->kind->klass->has_spare || take_vector (self, &self->spare, error))
         && (!mz_sampler_draws_noise (self) || take_vector (self, &self->drawn, error));
}

MzSampler *
mz_sampler_new_as (const MzSamplerKind *kind,
                   const MzCompatibility *compatibility,
                   const MzNoiseSchedule *noise,
                   const MzSchedule *schedule,
                   int n_steps,
                   gsize n,
                   double eta,
                   GError **error)
{
  g_autoptr (MzSampler) self = NULL;
  MzDialect dialect = MZ_DIALECT_DIFFUSERS;

  g_return_val_if_fail (n > 0, NULL);
  if (!(eta <= 1))
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                   _ ("The eta of the sampler is %g, and should be from 0 to 1."), eta);
      return NULL;
    }
  if (schedule == NULL)
    schedule = mz_schedule_find (kind->default_schedule, error);
  if (schedule == NULL)
    return NULL;

  self = g_new0 (MzSampler, 1);
  self->kind = kind;
  self->noise = noise;
  self->prediction = noise->config.prediction_type;
  self->n = n;
  self->eta = kind->takes_eta && eta >= 0 ? eta : kind->default_eta;
  if (compatibility != NULL)
    {
      dialect = compatibility->dialect;
      self->start_scale = compatibility->start_scale;
    }
  self->steps = mz_steps_new_as (schedule, noise, kind->step_rule, n_steps, dialect,
                                 (kind->drops_sigma_as & (1U << dialect)) != 0, error);
  if (self->steps == NULL || !take_vectors (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

MzSampler *
mz_sampler_new (const MzSamplerKind *kind,
                const MzNoiseSchedule *noise,
                const MzSchedule *schedule,
                int n_steps,
                gsize n,
                double eta,
                GError **error)
{
  return mz_sampler_new_as (kind, NULL, noise, schedule, n_steps, n, eta, error);
}

void
mz_sampler_free (MzSampler *sampler)
{
  if (sampler == NULL)
    return;
  for (int k = 0; k < MZ_MAX_HISTORY; k++)
    g_free (sampler->history[k]);
  g_free (sampler->output);
  g_free (sampler->scratch);
  g_free (sampler->drawn);
  g_free (sampler->next);
  g_free (sampler->clean);
  g_free (sampler->spare);
  mz_steps_free (sampler->steps);
  g_free (sampler);
}

void
mz_sampler_set_threshold (MzSampler *sampler, double ratio, double most, gsize n_picture)
{
  g_return_if_fail (n_picture > 0 && sampler->n % n_picture == 0);

  sampler->n_picture = n_picture;
  sampler->threshold_ratio = ratio;
  sampler->threshold_most = most;
}

const MzSteps *
mz_sampler_get_steps (const MzSampler *sampler)
{
  return sampler->steps;
}

double
mz_sampler_get_start_scale (const MzSampler *sampler, int i)
{
  const MzSamplerClass *klass = sampler->kind->klass;
  double sigma = (double) sampler->steps->sigmas[i];
  double unit = sqrt (1.0 + sigma * sigma);

  gboolean from_sigma;

  if (sampler->start_scale != MZ_START_AS_SCHEDULE)
    from_sigma = sampler->start_scale == MZ_START_SIGMA;
  else
    from_sigma = klass->sigma_space ? !sampler->steps->start_unit_variance : sampler->steps->start_from_sigma;
  if (klass->sigma_space)
    return from_sigma ? sigma : unit;
  return klass->starts_from_sigma && from_sigma ? sigma / unit : 1.0;
}

void
mz_sampler_start (MzSampler *sampler, int i, const float *clean, const float *noise, float *x)
{
  float weight = (float) mz_sampler_get_start_scale (sampler, i);
  double abar = mz_sampler_alpha_bar (sampler, i);
  MzPredictionWeights forward = { sqrt (abar), sqrt (1.0 - abar) };

  sampler->expected_step = i;
  sampler->n_history = 0;
  if (sampler->kind->klass->sigma_space)
    forward = (MzPredictionWeights){ 1.0, (double) sampler->steps->sigmas[i] };
  if (clean != NULL)
    mz_prediction_apply (forward, clean, noise, x, sampler->n);
  else
    for (gsize k = 0; k < sampler->n; k++)
      x[k] = weight * noise[k];
}

static gboolean
check_finite (const MzSampler *self, int i, const float *x, GError **error)
{
  if (mz_all_finite (x, self->n))
    return TRUE;
  g_set_error (
      error, MZ_ERROR, MZ_ERROR_NONFINITE,
      _ ("The picture turned into values that are not numbers at step %d of %d of the sampler “%s”."), i + 1,
      self->steps->n_steps, self->kind->label);
  return FALSE;
}

gboolean
mz_sampler_step (MzSampler *sampler, int i, const MzSamplerCalls *calls, float *x, float *x0, GError **error)
{
  float *clean = x0 != NULL ? x0 : sampler->clean;
  gboolean done;

  g_return_val_if_fail (i >= 0 && i < sampler->steps->n_steps, FALSE);
  if (i != sampler->expected_step)
    sampler->n_history = 0;
  done = sampler->kind->klass->step (sampler, i, calls, x, sampler->next, clean, error)
         && check_finite (sampler, i, sampler->next, error);
  sampler->expected_step = done ? i + 1 : -1;
  if (done)
    memcpy (x, sampler->next, sampler->n * sizeof (float));
  return done;
}

double
mz_sampler_alpha_bar (const MzSampler *self, int i)
{
  double sigma = (double) self->steps->sigmas[i];

  if (self->steps->stride > 0)
    return (double) self->noise->alphas_cumprod[(int) self->steps->timesteps[i]];
  return 1.0 / (1.0 + sigma * sigma);
}

double
mz_sampler_alpha_bar_after (const MzSampler *self, int i)
{
  int t;

  if (self->steps->stride == 0)
    return mz_sampler_alpha_bar (self, i + 1);
  t = (int) self->steps->timesteps[i] - self->steps->stride;
  if (t < 0)
    return self->noise->config.set_alpha_to_one ? 1.0 : (double) self->noise->alphas_cumprod[0];
  return (double) self->noise->alphas_cumprod[t];
}

MzAncestral
mz_sampler_ancestral (double from, double to, double eta)
{
  double up = MIN (to, eta * sqrt (to * to * MAX (from * from - to * to, 0.0) / (from * from)));

  return (MzAncestral){ sqrt (to * to - up * up), up };
}

/* What the network is to see of the state x at sigma: x itself, or in scratch x scaled. */
static const float *
network_input (MzSampler *self, double sigma, const float *x)
{
  float divisor = (float) sqrt (sigma * sigma + 1.0);

  if (!self->kind->klass->sigma_space)
    return x;
  for (gsize k = 0; k < self->n; k++)
    self->scratch[k] = x[k] / divisor;
  return self->scratch;
}

gboolean
mz_sampler_evaluate (MzSampler *self,
                     const MzSamplerCalls *calls,
                     int i,
                     const float *x,
                     float *output,
                     GError **error)
{
  return calls->predict (calls->predict_data, network_input (self, (double) self->steps->sigmas[i], x),
                         self->steps->timesteps[i], output, error);
}

gboolean
mz_sampler_evaluate_both (MzSampler *self,
                          const MzSamplerCalls *calls,
                          int i,
                          const float *x,
                          float *output,
                          float *unguided,
                          GError **error)
{
  if (calls->predict_both != NULL)
    return calls->predict_both (calls->predict_data, network_input (self, (double) self->steps->sigmas[i], x),
                                self->steps->timesteps[i], output, unguided, error);
  if (!mz_sampler_evaluate (self, calls, i, x, output, error))
    return FALSE;
  memcpy (unguided, output, self->n * sizeof (float));
  return TRUE;
}

/* x0 [n] from x, which is k (sqrt(abar) x0 + sqrt(1-abar) eps); see prediction.h. */
static void
predict_clean_at (const MzSampler *self,
                  double abar,
                  double scale,
                  const float *x,
                  const float *output,
                  float *x0)
{
  mz_prediction_apply (mz_prediction_clean_weights (self->prediction, abar, scale), x, output, x0, self->n);
  for (gsize first = 0; self->threshold_ratio > 0 && first < self->n; first += self->n_picture)
    mz_guidance_threshold (self->threshold_ratio, self->threshold_most, x0 + first, self->n_picture);
}

gboolean
mz_sampler_denoise_at (MzSampler *self,
                       const MzSamplerCalls *calls,
                       double sigma,
                       const float *x,
                       float *x0,
                       GError **error)
{
  double abar = 1.0 / (1.0 + sigma * sigma);
  float timestep = (float) mz_noise_schedule_timestep (self->noise, sigma);
  const float *input = network_input (self, sigma, x);

  if (!calls->predict (calls->predict_data, input, timestep, self->output, error))
    return FALSE;
  predict_clean_at (self, abar, sqrt (1.0 + sigma * sigma), x, self->output, x0);
  return TRUE;
}

gboolean
mz_sampler_denoise (MzSampler *self,
                    const MzSamplerCalls *calls,
                    int i,
                    const float *x,
                    float *x0,
                    GError **error)
{
  if (i == self->steps->n_steps)
    return mz_sampler_denoise_at (self, calls, (double) self->steps->sigmas[i], x, x0, error);
  if (!mz_sampler_evaluate (self, calls, i, x, self->output, error))
    return FALSE;
  mz_sampler_predict_clean (self, i, x, self->output, x0);
  return TRUE;
}

void
mz_sampler_predict_clean (const MzSampler *self, int i, const float *x, const float *output, float *x0)
{
  double sigma = (double) self->steps->sigmas[i];
  double scale = self->kind->klass->sigma_space ? sqrt (1.0 + sigma * sigma) : 1.0;

  predict_clean_at (self, mz_sampler_alpha_bar (self, i), scale, x, output, x0);
}

void
mz_sampler_clip (const MzSampler *self, float *x0)
{
  float range = self->noise->config.clip_sample_range;

  if (!self->noise->config.clip_sample || self->threshold_ratio > 0)
    return;
  for (gsize k = 0; k < self->n; k++)
    x0[k] = CLAMP (x0[k], -range, range);
}

void
mz_sampler_add_noise (MzSampler *self, const MzSamplerCalls *calls, double weight, float *next)
{
  float w = (float) weight;

  calls->noise (calls->noise_data, self->drawn, self->n);
  for (gsize k = 0; k < self->n; k++)
    next[k] += w * self->drawn[k];
}

void
mz_sampler_add_noise_between (MzSampler *self,
                              const MzSamplerCalls *calls,
                              double from,
                              double to,
                              double weight,
                              float *next)
{
  float w = (float) weight;

  if (calls->noise_between == NULL)
    {
      mz_sampler_add_noise (self, calls, weight, next);
      return;
    }
  calls->noise_between (calls->noise_between_data, from, to, self->drawn, self->n);
  for (gsize k = 0; k < self->n; k++)
    next[k] += w * self->drawn[k];
}

float *
mz_sampler_push_history (MzSampler *self)
{
  int n = self->kind->klass->n_history;
  float *newest = self->history[n - 1];

  memmove (&self->history[1], &self->history[0], (gsize) (n - 1) * sizeof self->history[0]);
  self->history[0] = newest;
  self->n_history = MIN (self->n_history + 1, n);
  return newest;
}
