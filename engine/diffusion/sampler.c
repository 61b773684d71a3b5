/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of samplers, and the state machine around their steps. */
#include "diffusion/sampler.h"

#include "core/names.h"
#include "diffusion/sampler-private.h"

#include <math.h>
#include <string.h>

static const MzSamplerKind kinds[] = {
  {
      .id = "ddim",
      .label = "DDIM",
      .a1111 = "DDIM",
      .comfyui = "ddim",
      .sdcpp = NULL,
      .diffusers = "DDIMScheduler",
      .description = "Steady and repeatable; eta mixes fresh noise in.",
      .steps_min = 10,
      .steps_default = 30,
      .steps_max = 100,
      .evaluations_per_step = 1,
      .default_eta = 0,
      .takes_eta = TRUE,
      .adds_noise = TRUE,
      .default_schedule = "model",
      .step_rule = MZ_STEP_RULE_DISCRETE,
      .klass = &mz_sampler_class_ddim,
  },
  {
      .id = "plms",
      .label = "PLMS",
      .a1111 = "PLMS",
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = "PNDMScheduler",
      .description = "What Stable Diffusion 1 was released with; reuses the last four predictions.",
      .steps_min = 15,
      .steps_default = 30,
      .steps_max = 100,
      .evaluations_per_step = 1,
      .extra_evaluations = 1,
      .default_schedule = "model",
      .step_rule = MZ_STEP_RULE_DISCRETE,
      .klass = &mz_sampler_class_plms,
  },
  {
      .id = "euler",
      .label = "Euler",
      .a1111 = "Euler",
      .comfyui = "euler",
      .sdcpp = "euler",
      .diffusers = "EulerDiscreteScheduler",
      .description = "Simple and dependable; the picture settles as steps are added.",
      .steps_min = 10,
      .steps_default = 25,
      .steps_max = 60,
      .evaluations_per_step = 1,
      .default_schedule = "model",
      .step_rule = MZ_STEP_RULE_EULER,
      .klass = &mz_sampler_class_euler,
  },
  {
      .id = "euler_a",
      .label = "Euler a",
      .a1111 = "Euler a",
      .comfyui = "euler_ancestral",
      .sdcpp = "euler_a",
      .diffusers = "EulerAncestralDiscreteScheduler",
      .description = "Fresh noise at each step: lively, soft pictures that change with the number of steps.",
      .steps_min = 10,
      .steps_default = 25,
      .steps_max = 60,
      .evaluations_per_step = 1,
      .default_eta = 1,
      .takes_eta = TRUE,
      .adds_noise = TRUE,
      .default_schedule = "model",
      .step_rule = MZ_STEP_RULE_EULER,
      .klass = &mz_sampler_class_euler_a,
  },
  {
      .id = "dpmpp_2m",
      .label = "DPM++ 2M",
      .a1111 = "DPM++ 2M",
      .comfyui = "dpmpp_2m",
      .sdcpp = "dpm++2m",
      .diffusers = "DPMSolverMultistepScheduler",
      .description = "Detailed pictures in few steps; a good first choice.",
      .steps_min = 8,
      .steps_default = 20,
      .steps_max = 40,
      .evaluations_per_step = 1,
      .default_schedule = "karras",
      .step_rule = MZ_STEP_RULE_DPM,
      .klass = &mz_sampler_class_dpmpp_2m,
  },
  {
      .id = "ddpm",
      .label = "DDPM",
      .a1111 = "DDPM",
      .comfyui = "ddpm",
      .sdcpp = NULL,
      .diffusers = "DDPMScheduler",
      .description = "The original random walk back; wants many steps.",
      .steps_min = 25,
      .steps_default = 100,
      .steps_max = 1000,
      .evaluations_per_step = 1,
      .default_eta = 1,
      .adds_noise = TRUE,
      .default_schedule = "model",
      .step_rule = MZ_STEP_RULE_DISCRETE,
      .klass = &mz_sampler_class_ddpm,
  },
};

const MzSamplerKind *
mz_sampler_kinds (gsize *n_kinds)
{
  *n_kinds = G_N_ELEMENTS (kinds);
  return kinds;
}

const MzSamplerKind *
mz_sampler_find (const char *name, GError **error)
{
  const char *ids[G_N_ELEMENTS (kinds)];

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const MzSamplerKind *row = &kinds[i];
      const char *names[] = { row->id, row->label, row->a1111, row->comfyui, row->sdcpp, row->diffusers };

      if (mz_names_contain (names, G_N_ELEMENTS (names), name))
        return row;
      ids[i] = row->id;
    }
  mz_set_unknown_name_error (error, "sampler", name, ids, G_N_ELEMENTS (ids));
  return NULL;
}

int
mz_sampler_count_evaluations (const MzSamplerKind *kind, int n_steps)
{
  return n_steps * kind->evaluations_per_step + (n_steps > 1 ? kind->extra_evaluations : 0);
}

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
                 "There is not enough memory for the sampler “%s” (%" G_GSIZE_FORMAT " values a vector).",
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
         && (!mz_sampler_draws_noise (self) || take_vector (self, &self->drawn, error));
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
  g_autoptr (MzSampler) self = NULL;

  g_return_val_if_fail (n > 0, NULL);
  if (!(eta <= 1))
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                   "The eta of the sampler is %g, and should be from 0 to 1.", eta);
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
  self->steps = mz_steps_new (schedule, noise, kind->step_rule, n_steps, error);
  if (self->steps == NULL || !take_vectors (self, error))
    return NULL;
  return g_steal_pointer (&self);
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
  mz_steps_free (sampler->steps);
  g_free (sampler);
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

  if (klass->sigma_space)
    return sampler->steps->start_unit_variance ? unit : sigma;
  return klass->starts_from_sigma && sampler->steps->start_from_sigma ? sigma / unit : 1.0;
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
  for (gsize k = 0; k < self->n; k++)
    {
      if (isfinite (x[k]))
        continue;
      g_set_error (
          error, MZ_ERROR, MZ_ERROR_NONFINITE,
          "The picture turned into values that are not numbers at step %d of %d of the sampler “%s”.", i + 1,
          self->steps->n_steps, self->kind->label);
      return FALSE;
    }
  return TRUE;
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

gboolean
mz_sampler_evaluate (MzSampler *self,
                     const MzSamplerCalls *calls,
                     int i,
                     const float *x,
                     float *output,
                     GError **error)
{
  double sigma = (double) self->steps->sigmas[i];
  float divisor = (float) sqrt (sigma * sigma + 1.0);
  const float *input = x;

  if (self->kind->klass->sigma_space)
    {
      for (gsize k = 0; k < self->n; k++)
        self->scratch[k] = x[k] / divisor;
      input = self->scratch;
    }
  return calls->predict (calls->predict_data, input, self->steps->timesteps[i], output, error);
}

void
mz_sampler_predict_clean (const MzSampler *self, int i, const float *x, const float *output, float *x0)
{
  double sigma = (double) self->steps->sigmas[i];
  double scale = self->kind->klass->sigma_space ? sqrt (1.0 + sigma * sigma) : 1.0;

  mz_prediction_apply (mz_prediction_clean_weights (self->prediction, mz_sampler_alpha_bar (self, i), scale),
                       x, output, x0, self->n);
}

void
mz_sampler_clip (const MzSampler *self, float *x0)
{
  float range = self->noise->config.clip_sample_range;

  if (!self->noise->config.clip_sample)
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
