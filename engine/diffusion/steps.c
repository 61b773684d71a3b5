/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of schedules, and the steps each makes. */
#include "diffusion/steps.h"

#include "core/names.h"

#include <math.h>

#define KARRAS_RHO 7.0 /* Karras et al. 2022 (arXiv:2206.00364), table 1 */

/* numpy.linspace (first, last, n)[i]. */
static double
linspace (double first, double last, int n, int i)
{
  if (n == 1)
    return first;
  return i == n - 1 ? last : first + i * ((last - first) / (n - 1));
}

/* Fills sigmas [n_steps] from timesteps, linearly between whole ones as numpy.interp does it for diffusers.
 */
static void
sigmas_from_timesteps (const MzNoiseSchedule *noise, MzSteps *steps)
{
  for (int i = 0; i < steps->n_steps; i++)
    {
      double t = (double) steps->timesteps[i];
      int low = MIN ((int) t, noise->n - 1);
      double from = (double) noise->sigmas[low];

      steps->sigmas[i] = noise->sigmas[low];
      if (t > low && low + 1 < noise->n)
        steps->sigmas[i] = (float) (from + (t - low) * ((double) noise->sigmas[low + 1] - from));
    }
}

/* Sets how diffusers starts and strides under its spacings. */
static void
finish_spacing (const MzNoiseSchedule *noise, MzStepRule rule, MzSteps *steps)
{
  sigmas_from_timesteps (noise, steps);
  steps->stride = rule == MZ_STEP_RULE_DISCRETE ? noise->n / steps->n_steps : 0;
}

/* Multiples of a whole ratio, shifted up by the model's steps_offset. With as many steps as timesteps the
 * offset would lead beyond the last timestep (diffusers fails or repeats it there); it is taken as small as
 * it must be. */
static void
build_leading (const MzNoiseSchedule *noise, MzStepRule rule, MzSteps *steps)
{
  int n = steps->n_steps;
  int spaced = rule == MZ_STEP_RULE_DPM ? n + 1 : n;
  int ratio = MAX (noise->n / spaced, 1);
  int offset = MIN (noise->config.steps_offset, noise->n - 1 - (spaced - 1) * ratio);

  for (int i = 0; i < n; i++)
    steps->timesteps[i] = (float) ((spaced - 1 - i) * ratio + offset);
  steps->start_unit_variance = TRUE;
  finish_spacing (noise, rule, steps);
}

/* From the last timestep to 0, both included (DPM: 0 left out). Halves round to even as numpy's do. */
static void
build_linspace (const MzNoiseSchedule *noise, MzStepRule rule, MzSteps *steps)
{
  int n = steps->n_steps;
  int spaced = rule == MZ_STEP_RULE_DPM ? n + 1 : n;

  for (int i = 0; i < n; i++)
    {
      double t = linspace (0, noise->n - 1, spaced, spaced - 1 - i);

      steps->timesteps[i] = (float) (rule == MZ_STEP_RULE_EULER ? t : rint (t));
    }
  finish_spacing (noise, rule, steps);
}

/* From the last timestep down by a fractional ratio, one below each multiple. */
static void
build_trailing (const MzNoiseSchedule *noise, MzStepRule rule, MzSteps *steps)
{
  double ratio = (double) noise->n / steps->n_steps;
  double step = (noise->n - ratio) - noise->n; /* numpy.arange's, with its rounding */

  for (int i = 0; i < steps->n_steps; i++)
    steps->timesteps[i] = (float) MAX (rint (noise->n + i * step) - 1, 0);
  finish_spacing (noise, rule, steps);
}

static void
build_model (const MzNoiseSchedule *noise, MzStepRule rule, MzSteps *steps)
{
  switch (noise->config.timestep_spacing)
    {
    case MZ_SPACING_LINSPACE:
      build_linspace (noise, rule, steps);
      break;
    case MZ_SPACING_TRAILING:
      build_trailing (noise, rule, steps);
      break;
    case MZ_SPACING_LEADING:
    default:
      build_leading (noise, rule, steps);
      break;
    }
}

/* k-diffusion's get_sigmas: timesteps even from the last to 0, sigma log-linear between whole ones. */
static void
build_uniform (const MzNoiseSchedule *noise, MzStepRule rule, MzSteps *steps)
{
  for (int i = 0; i < steps->n_steps; i++)
    {
      double t = linspace (noise->n - 1, 0, steps->n_steps, i);

      steps->timesteps[i] = (float) t;
      steps->sigmas[i] = (float) mz_noise_schedule_sigma (noise, t);
    }
  steps->start_from_sigma = TRUE;
}

static double
keep (double t)
{
  return t;
}

/* Karras et al. 2022 eq. 5 between two sigmas. whole: how timesteps are rounded. */
static void
fill_karras (const MzNoiseSchedule *noise,
             double sigma_max,
             double sigma_min,
             double (*whole) (double),
             MzSteps *steps)
{
  double from = pow (sigma_max, 1 / KARRAS_RHO);
  double to = pow (sigma_min, 1 / KARRAS_RHO);

  for (int i = 0; i < steps->n_steps; i++)
    {
      double sigma = pow (from + linspace (0, 1, steps->n_steps, i) * (to - from), KARRAS_RHO);

      steps->sigmas[i] = (float) sigma;
      steps->timesteps[i] = (float) whole (mz_noise_schedule_timestep (noise, sigma));
    }
}

static void
build_karras (const MzNoiseSchedule *noise, MzStepRule rule, MzSteps *steps)
{
  fill_karras (noise, (double) noise->sigmas[noise->n - 1], (double) noise->sigmas[0], keep, steps);
  steps->start_from_sigma = TRUE;
}

/* diffusers' use_karras_sigmas: Euler goes between the ends of the model's own spacing; DPM-Solver between
 * the model's full ends, but tells the network whole timesteps, rounded, or cut off under the squared cosine.
 */
static void
build_karras_spaced (const MzNoiseSchedule *noise, MzStepRule rule, MzSteps *steps)
{
  gboolean cut = noise->config.beta_schedule == MZ_BETA_SQUARED_COSINE;

  build_model (noise, rule, steps);
  steps->stride = 0;
  if (rule == MZ_STEP_RULE_DPM)
    fill_karras (noise, (double) noise->sigmas[noise->n - 1], (double) noise->sigmas[0], cut ? trunc : rint,
                 steps);
  else
    fill_karras (noise, (double) steps->sigmas[0], (double) steps->sigmas[steps->n_steps - 1], keep, steps);
}

static const MzSchedule schedules[] = {
  {
      .id = "model",
      .label = "Model’s own",
      .a1111 = NULL,
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = NULL,
      .description = "The spacing that the model’s own files ask for.",
      .build = build_model,
  },
  {
      .id = "leading",
      .label = "Leading",
      .a1111 = NULL,
      .comfyui = "ddim_uniform",
      .sdcpp = NULL,
      .diffusers = "leading",
      .description = "Even steps from a little below full noise; what Stable Diffusion 1 was released with.",
      .build = build_leading,
  },
  {
      .id = "linspace",
      .label = "Linspace",
      .a1111 = NULL,
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = "linspace",
      .description = "Even steps over all timesteps, both ends included.",
      .build = build_linspace,
  },
  {
      .id = "trailing",
      .label = "Trailing",
      .a1111 = NULL,
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = "trailing",
      .description = "Even steps that always begin at full noise; good for few steps and zero terminal SNR.",
      .build = build_trailing,
  },
  {
      .id = "uniform",
      .label = "Uniform",
      .a1111 = "Uniform",
      .comfyui = "normal",
      .sdcpp = "discrete",
      .diffusers = NULL,
      .description = "Even steps over the model’s full range of noise, as other programs’ normal schedule.",
      .build = build_uniform,
  },
  {
      .id = "karras",
      .label = "Karras",
      .a1111 = "Karras",
      .comfyui = "karras",
      .sdcpp = "karras",
      .diffusers = NULL,
      .description = "Longer strides at high noise and finer ones at low; sharp pictures in few steps.",
      .build = build_karras,
  },
  {
      .id = "karras_spaced",
      .label = "Karras, diffusers",
      .a1111 = NULL,
      .comfyui = NULL,
      .sdcpp = NULL,
      .diffusers = "use_karras_sigmas",
      .description = "Karras as diffusers computes it, to make its pictures again.",
      .build = build_karras_spaced,
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
  mz_set_unknown_name_error (error, "schedule", name, ids, G_N_ELEMENTS (ids));
  return NULL;
}

MzSteps *
mz_steps_new (const MzSchedule *schedule,
              const MzNoiseSchedule *noise,
              MzStepRule rule,
              int n_steps,
              GError **error)
{
  MzSteps *steps;

  if (n_steps < 1 || n_steps > noise->n)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                   "The number of steps is %d, and should be from 1 to %d.", n_steps, noise->n);
      return NULL;
    }
  steps = g_new0 (MzSteps, 1);
  steps->n_steps = n_steps;
  steps->timesteps = g_new0 (float, n_steps);
  steps->sigmas = g_new0 (float, n_steps + 1);
  schedule->build (noise, rule, steps);
  return steps;
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
