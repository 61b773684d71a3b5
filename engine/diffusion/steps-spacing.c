/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Steps as diffusers spaces them, which its scheduler classes do a little differently, and CompVis before. */
#include "diffusion/steps-private.h"

#include <math.h>

#define LCM_TIMESTEPS 50 /* that latent consistency models are distilled at */

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
void
mz_steps_build_leading (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  int n = steps->n_steps;
  int spaced = request->rule == MZ_STEP_RULE_DPM ? n + 1 : n;
  int ratio = MAX (noise->n / spaced, 1);
  int offset = MIN (noise->config.steps_offset, noise->n - 1 - (spaced - 1) * ratio);

  for (int i = 0; i < n; i++)
    steps->timesteps[i] = (float) ((spaced - 1 - i) * ratio + offset);
  steps->start_unit_variance = TRUE;
  finish_spacing (noise, request->rule, steps);
}

/* From the last timestep to 0, both included (DPM: 0 left out). Halves round to even as numpy's do. */
void
mz_steps_build_linspace (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  int n = steps->n_steps;
  int spaced = request->rule == MZ_STEP_RULE_DPM ? n + 1 : n;

  for (int i = 0; i < n; i++)
    {
      double t = mz_steps_linspace (0, noise->n - 1, spaced, spaced - 1 - i);

      steps->timesteps[i] = (float) (request->rule == MZ_STEP_RULE_EULER ? t : rint (t));
    }
  finish_spacing (noise, request->rule, steps);
}

/* From the last timestep down by a fractional ratio, one below each multiple. */
void
mz_steps_build_trailing (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  double ratio = (double) noise->n / steps->n_steps;
  double step = (noise->n - ratio) - noise->n; /* numpy.arange's, with its rounding */

  for (int i = 0; i < steps->n_steps; i++)
    steps->timesteps[i] = (float) MAX (rint (noise->n + i * step) - 1, 0);
  finish_spacing (noise, request->rule, steps);
}

void
mz_steps_build_model (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  switch (noise->config.timestep_spacing)
    {
    case MZ_SPACING_LINSPACE:
      mz_steps_build_linspace (noise, request, steps);
      break;
    case MZ_SPACING_TRAILING:
      mz_steps_build_trailing (noise, request, steps);
      break;
    case MZ_SPACING_LEADING:
    default:
      mz_steps_build_leading (noise, request, steps);
      break;
    }
}

/* diffusers' use_karras_sigmas: Euler goes between the ends of the model's own spacing; DPM-Solver between
 * the model's full ends, but tells the network whole timesteps, rounded, or cut off under the squared cosine.
 */
void
mz_steps_build_karras_spaced (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  gboolean cut = noise->config.beta_schedule == MZ_BETA_SQUARED_COSINE;

  mz_steps_build_model (noise, request, steps);
  steps->stride = 0;
  if (request->rule == MZ_STEP_RULE_DPM)
    mz_steps_fill_karras (noise, (double) noise->sigmas[noise->n - 1], (double) noise->sigmas[0],
                          cut ? trunc : rint, steps);
  else
    mz_steps_fill_karras (noise, (double) steps->sigmas[0], (double) steps->sigmas[steps->n_steps - 1], NULL,
                          steps);
}

/* diffusers' LCMScheduler: n of the fifty timesteps that such models are distilled at, from the highest; more
 * than fifty steps, which diffusers refuses, are taken over all timesteps. */
void
mz_steps_build_lcm (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  int n = steps->n_steps;
  int levels = n <= LCM_TIMESTEPS && noise->n >= LCM_TIMESTEPS ? LCM_TIMESTEPS : noise->n;
  int ratio = noise->n / levels;

  for (int i = 0; i < n; i++)
    steps->timesteps[i] = (float) MAX ((levels - (int) ((gint64) i * levels / n)) * ratio - 1, 0);
  sigmas_from_timesteps (noise, steps);
}

void
mz_steps_build_compvis (const MzNoiseSchedule *noise, MzSteps *steps)
{
  int stride = MAX (noise->n / steps->n_steps, 1);
  int count = (noise->n + stride - 1) / stride;

  /* Timesteps 1, 1 + stride, ... rising; the lowest is where the last step leads. One step is the least. */
  steps->n_steps = MAX (count - 1, 1);
  for (int i = 0; i < steps->n_steps; i++)
    steps->timesteps[i] = (float) MIN ((steps->n_steps - i) * stride + 1, noise->n - 1);
  finish_spacing (noise, MZ_STEP_RULE_DISCRETE, steps);
  steps->stride = stride;
}
