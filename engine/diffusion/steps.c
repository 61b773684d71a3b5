/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of schedules, and making the steps of one. */
#include <glib/gi18n-lib.h>

#include "diffusion/steps.h"

#include "core/names.h"
#include "diffusion/steps-private.h"

double
mz_steps_linspace (double first, double last, int n, int i)
{
  if (n == 1)
    return first;
  return i == n - 1 ? last : first + i * ((last - first) / (n - 1));
}

static const MzSchedule schedules[] = {
  {
      .id = "model",
      .label = N_ ("Model’s own"),
      .a1111 = NULL,
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = NULL,
      .description = N_ ("The spacing that the model’s own files ask for."),
      .build = mz_steps_build_model,
  },
  {
      .id = "leading",
      .label = "Leading",
      .a1111 = NULL,
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = "leading",
      .description
      = N_ ("Even steps from a little below full noise; what Stable Diffusion 1 was released with."),
      .build = mz_steps_build_leading,
  },
  {
      .id = "linspace",
      .label = "Linspace",
      .a1111 = NULL,
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = "linspace",
      .description = N_ ("Even steps over all timesteps, both ends included."),
      .build = mz_steps_build_linspace,
  },
  {
      .id = "trailing",
      .label = "Trailing",
      .a1111 = NULL,
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = "trailing",
      .description
      = N_ ("Even steps that always begin at full noise; good for few steps and zero terminal SNR."),
      .build = mz_steps_build_trailing,
  },
  {
      .id = "uniform",
      .label = "Uniform",
      .a1111 = "Uniform",
      .comfyui = "normal",
      .sdcpp = "discrete",
      .diffusers = NULL,
      .description
      = N_ ("Even steps over the model’s full range of noise, as other programs’ normal schedule."),
      .build = mz_steps_build_uniform,
  },
  {
      .id = "karras",
      .label = "Karras",
      .a1111 = "Karras",
      .comfyui = "karras",
      .sdcpp = "karras",
      .diffusers = NULL,
      .description = N_ ("Longer strides at high noise and finer ones at low; sharp pictures in few steps."),
      .build = mz_steps_build_karras,
  },
  {
      .id = "karras_spaced",
      .label = "Karras, diffusers",
      .a1111 = NULL,
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = "use_karras_sigmas",
      .description = N_ ("Karras as diffusers computes it, to make its pictures again."),
      .build = mz_steps_build_karras_spaced,
  },
  {
      .id = "exponential",
      .label = "Exponential",
      .a1111 = "Exponential",
      .comfyui = "exponential",
      .sdcpp = "exponential",
      .diffusers = NULL,
      .description = N_ ("Even ratios between noise levels; for samplers that add noise."),
      .build = mz_steps_build_exponential,
  },
  {
      .id = "polyexponential",
      .label = "Polyexponential",
      .a1111 = "Polyexponential",
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = NULL,
      .description = N_ ("Exponential bent by a power, which is 1 everywhere: the same as Exponential."),
      .build = mz_steps_build_polyexponential,
  },
  {
      .id = "sgm_uniform",
      .label = "SGM Uniform",
      .a1111 = "SGM Uniform",
      .comfyui = "sgm_uniform",
      .sdcpp = "sgm_uniform",
      .diffusers = NULL,
      .description
      = N_ ("Even steps from full noise that stop one stride above none; for Lightning and Turbo models."),
      .build = mz_steps_build_sgm_uniform,
  },
  {
      .id = "simple",
      .label = "Simple",
      .a1111 = "Simple",
      .comfyui = "simple",
      .sdcpp = "simple",
      .diffusers = NULL,
      .description = N_ ("Every so many of the model’s own noise levels, from the highest."),
      .build = mz_steps_build_simple,
  },
  {
      .id = "ddim",
      .label = "DDIM",
      .a1111 = "DDIM",
      .comfyui = "ddim_uniform",
      .sdcpp = NULL,
      .diffusers = NULL,
      .description = N_ ("Every so many of the model’s own noise levels, from the lowest but one."),
      .build = mz_steps_build_ddim,
  },
  {
      .id = "beta",
      .label = "Beta",
      .a1111 = "Beta",
      .comfyui = "beta",
      .sdcpp = "beta",
      .diffusers = NULL,
      .description = N_ ("More steps at both ends, fewer between; follows ComfyUI, or A1111 where so set."),
      .build = mz_steps_build_beta,
  },
  {
      .id = "kl_optimal",
      .label = "KL Optimal",
      .a1111 = "KL Optimal",
      .comfyui = "kl_optimal",
      .sdcpp = "kl_optimal",
      .diffusers = NULL,
      .description = N_ ("Even angles between noise levels; follows ComfyUI, or A1111 where so set."),
      .build = mz_steps_build_kl_optimal,
  },
  {
      .id = "ays",
      .label = "Align Your Steps",
      .a1111 = "Align Your Steps",
      .comfyui = "AlignYourStepsScheduler",
      .sdcpp = "ays",
      .diffusers = NULL,
      .description = N_ ("Levels measured to be best for ten steps of Stable Diffusion 1."),
      .build = mz_steps_build_ays,
  },
  {
      .id = "ays_sdxl",
      .label = "Align Your Steps, SDXL",
      .a1111 = NULL,
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = NULL,
      .description = N_ ("Levels measured to be best for ten steps of SDXL."),
      .build = mz_steps_build_ays_sdxl,
  },
  {
      .id = "gits",
      .label = "GITS",
      .a1111 = "Align Your Steps GITS",
      .comfyui = NULL,
      .sdcpp = "gits",
      .diffusers = NULL,
      .description = N_ ("Levels measured along the curve of sampling, for ten steps of Stable Diffusion 1."),
      .build = mz_steps_build_gits,
  },
  {
      .id = "gits_sdxl",
      .label = "GITS, SDXL",
      .a1111 = NULL,
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = NULL,
      .description = N_ ("Levels measured along the curve of sampling, for ten steps of SDXL."),
      .build = mz_steps_build_gits_sdxl,
  },
  {
      .id = "turbo",
      .label = "Turbo",
      .a1111 = "Turbo",
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = NULL,
      .description = N_ ("Even steps from full noise, whole timesteps, for Turbo models; almost Trailing."),
      .build = mz_steps_build_turbo,
  },
  {
      .id = "lcm",
      .label = "LCM",
      .a1111 = NULL,
      .comfyui = NULL,
      .sdcpp = "lcm",
      .diffusers = "LCMScheduler",
      .description = N_ ("The timesteps that latent consistency models are distilled at."),
      .build = mz_steps_build_lcm,
  },
};

const MzSchedule *
mz_schedules (gsize *n_schedules)
{
  *n_schedules = G_N_ELEMENTS (schedules);
  return schedules;
}

const MzSchedule *
mz_schedule_find (const char *name, GError **error)
{
  const char *ids[G_N_ELEMENTS (schedules)];

  for (gsize i = 0; i < G_N_ELEMENTS (schedules); i++)
    {
      const MzSchedule *row = &schedules[i];
      const char *names[] = { row->id, row->label, row->a1111, row->comfyui, row->sdcpp, row->diffusers };

      if (mz_names_contain (names, G_N_ELEMENTS (names), name))
        return row;
      ids[i] = row->id;
    }
  mz_set_unknown_name_error (error, _ ("schedule"), name, ids, G_N_ELEMENTS (ids));
  return NULL;
}

MzSteps *
mz_steps_new_as (const MzSchedule *schedule,
                 const MzNoiseSchedule *noise,
                 MzStepRule rule,
                 int n_steps,
                 MzDialect dialect,
                 gboolean drop_next_to_last,
                 GError **error)
{
  const MzStepRequest request = { rule, dialect };
  gboolean drop = drop_next_to_last && n_steps < noise->n;
  MzSteps *steps;

  if (n_steps < 1 || n_steps > noise->n)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                   _ ("The number of steps is %d, and should be from 1 to %d."), n_steps, noise->n);
      return NULL;
    }
  steps = g_new0 (MzSteps, 1);
  steps->n_steps = drop ? n_steps + 1 : n_steps;
  steps->timesteps = g_new0 (float, (gsize) noise->n + 2);
  steps->sigmas = g_new0 (float, (gsize) noise->n + 2);
  if (dialect == MZ_DIALECT_A1111 && rule == MZ_STEP_RULE_DISCRETE && !g_str_equal (schedule->id, "lcm"))
    mz_steps_build_compvis (noise, steps);
  else
    schedule->build (noise, &request, steps);
  if (drop && steps->n_steps > 1)
    {
      steps->n_steps--;
      steps->sigmas[steps->n_steps] = steps->sigmas[steps->n_steps + 1];
    }
  return steps;
}

MzSteps *
mz_steps_new (const MzSchedule *schedule,
              const MzNoiseSchedule *noise,
              MzStepRule rule,
              int n_steps,
              GError **error)
{
  return mz_steps_new_as (schedule, noise, rule, n_steps, MZ_DIALECT_DIFFUSERS, FALSE, error);
}

void
mz_steps_free (MzSteps *steps)
{
  if (steps == NULL)
    return;
  g_free (steps->timesteps);
  g_free (steps->sigmas);
  g_free (steps);
}
