/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Steps over the model's whole range of noise, as k-diffusion, A1111 and ComfyUI have them. */
#include "diffusion/steps-private.h"

#include <math.h>

#define KARRAS_RHO 7.0 /* Karras et al. 2022 (arXiv:2206.00364), table 1 */
#define BETA 0.6       /* both parameters, Lee et al. 2024 (arXiv:2407.12173) */

static double
sigma_max (const MzNoiseSchedule *noise)
{
  return (double) noise->sigmas[noise->n - 1];
}

static double
sigma_min (const MzNoiseSchedule *noise)
{
  return (double) noise->sigmas[0];
}

/* Sets step i by its sigma, or by its timestep. */
static void
set_sigma (const MzNoiseSchedule *noise, MzSteps *steps, int i, double sigma)
{
  steps->sigmas[i] = (float) sigma;
  steps->timesteps[i] = (float) mz_noise_schedule_timestep (noise, sigma);
}

static void
set_timestep (const MzNoiseSchedule *noise, MzSteps *steps, int i, double t)
{
  steps->timesteps[i] = (float) t;
  steps->sigmas[i] = (float) mz_noise_schedule_sigma (noise, t);
}

/* k-diffusion's get_sigmas: timesteps even from the last to 0, sigma log-linear between whole ones. */
void
mz_steps_build_uniform (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  for (int i = 0; i < steps->n_steps; i++)
    {
      double t = mz_steps_linspace (noise->n - 1, 0, steps->n_steps, i);

      set_timestep (noise, steps, i, t);
    }
  steps->start_from_sigma = TRUE;
}

void
mz_steps_fill_karras (const MzNoiseSchedule *noise,
                      double sigma_max,
                      double sigma_min,
                      double (*whole) (double),
                      MzSteps *steps)
{
  double from = pow (sigma_max, 1 / KARRAS_RHO);
  double to = pow (sigma_min, 1 / KARRAS_RHO);

  for (int i = 0; i < steps->n_steps; i++)
    {
      double sigma = pow (from + mz_steps_linspace (0, 1, steps->n_steps, i) * (to - from), KARRAS_RHO);
      double t = mz_noise_schedule_timestep (noise, sigma);

      steps->sigmas[i] = (float) sigma;
      steps->timesteps[i] = (float) (whole != NULL ? whole (t) : t);
    }
}

void
mz_steps_build_karras (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  mz_steps_fill_karras (noise, (double) noise->sigmas[noise->n - 1], (double) noise->sigmas[0], NULL, steps);
  steps->start_from_sigma = TRUE;
}

/* Even in log sigma. */
void
mz_steps_build_exponential (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  double from = log (sigma_max (noise)), to = log (sigma_min (noise));

  for (int i = 0; i < steps->n_steps; i++)
    set_sigma (noise, steps, i, exp (mz_steps_linspace (from, to, steps->n_steps, i)));
  steps->start_from_sigma = TRUE;
}

/* The ramp from 1 to 0 is taken to a power before it scales log sigma; the power, rho, is 1 in k-diffusion
 * and by default in A1111. */
void
mz_steps_build_polyexponential (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  const double rho = 1.0;
  double from = log (sigma_max (noise)), to = log (sigma_min (noise));

  for (int i = 0; i < steps->n_steps; i++)
    set_sigma (noise, steps, i,
               exp (to + pow (mz_steps_linspace (1, 0, steps->n_steps, i), rho) * (from - to)));
  steps->start_from_sigma = TRUE;
}

/* As uniform over one step more, of which the last, at timestep 0, is not taken. */
void
mz_steps_build_sgm_uniform (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  for (int i = 0; i < steps->n_steps; i++)
    set_timestep (noise, steps, i, mz_steps_linspace (noise->n - 1, 0, steps->n_steps + 1, i));
  steps->start_from_sigma = TRUE;
}

void
mz_steps_build_simple (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  double stride = (double) noise->n / steps->n_steps;

  for (int i = 0; i < steps->n_steps; i++)
    set_timestep (noise, steps, i, noise->n - 1 - (int) (i * stride));
  steps->start_from_sigma = TRUE;
}

/* Timesteps 1, 1 + stride, ...: as many as there are in A1111 and ComfyUI, which is more than were asked for
 * where the stride does not divide evenly; else the lowest n, which is CompVis' and diffusers' choice. */
void
mz_steps_build_ddim (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  int stride = MAX (noise->n / steps->n_steps, 1);
  int lowest = MIN (1, noise->n - 1 - (steps->n_steps - 1) * stride);

  if (request->dialect != MZ_DIALECT_DIFFUSERS)
    {
      lowest = 1;
      steps->n_steps = (noise->n - 1 + stride - 1) / stride;
    }
  for (int i = 0; i < steps->n_steps; i++)
    set_timestep (noise, steps, i, lowest + (steps->n_steps - 1 - i) * stride);
  steps->start_from_sigma = TRUE;
}

/* Forge's, for SD Turbo: one below each multiple of a fractional stride, rounded. */
void
mz_steps_build_turbo (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  double stride = (double) noise->n / steps->n_steps;

  for (int i = 0; i < steps->n_steps; i++)
    set_timestep (noise, steps, i, CLAMP (rint ((steps->n_steps - i) * stride - 1), 0, noise->n - 1));
  steps->start_from_sigma = TRUE;
}

/* Even in arctan sigma (Sabour et al. 2024, arXiv:2404.14507, section 3.1). A1111 spreads the ends over one
 * step more and ends at the lowest sigma, leaving that much noise in the picture. */
void
mz_steps_build_kl_optimal (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  double from = atan (sigma_max (noise)), to = atan (sigma_min (noise));
  gboolean to_lowest = request->dialect == MZ_DIALECT_A1111;
  int count = to_lowest ? steps->n_steps + 1 : steps->n_steps;

  for (int i = 0; i < steps->n_steps; i++)
    set_sigma (noise, steps, i, tan (mz_steps_linspace (from, to, count, i)));
  if (to_lowest)
    steps->sigmas[steps->n_steps] = noise->sigmas[0];
  steps->start_from_sigma = TRUE;
}

/* The regularized incomplete beta function with both parameters BETA, for x in 0..1/2, by its power series
 * around 0; derivative: out. */
static double
beta_cdf (double x, double *derivative)
{
  double norm = exp (lgamma (2 * BETA) - 2 * lgamma (BETA));
  double power = pow (x, BETA), term = 1, sum = 1 / BETA;

  for (int k = 1; k < 100 && term > 1e-17; k++)
    {
      term *= (k - BETA) / k * x;
      sum += term / (BETA + k);
    }
  *derivative = norm * power / x * pow (1 - x, BETA - 1);
  return norm * power * sum;
}

/* Its inverse, for p in 0..1. By Newton's method from the first term of the series, above the root: the
 * function is concave there, so that after one step it is approached from below. */
static double
beta_ppf (double p)
{
  double norm = exp (lgamma (2 * BETA) - 2 * lgamma (BETA));
  double x;

  if (p > 0.5)
    return 1 - beta_ppf (1 - p);
  if (p <= 0)
    return 0;
  x = MIN (pow (p * BETA / norm, 1 / BETA), 0.5);
  for (int k = 0; k < 50; k++)
    {
      double derivative, change = (beta_cdf (x, &derivative) - p) / derivative;

      x = CLAMP (x - change, x / 2, 0.5);
      if (fabs (change) < 1e-14 * x)
        break;
    }
  return x;
}

/* ComfyUI's timesteps are whole, and repeated ones (from about fifty steps) are dropped; where all steps must
 * be there, fractions are kept instead. */
static void
fill_beta_timesteps (const MzNoiseSchedule *noise, gboolean drop_repeated, MzSteps *steps)
{
  int n = steps->n_steps, count = 0;
  gboolean repeated = FALSE;

  for (int i = 0; i < n; i++)
    {
      double t = rint (beta_ppf (1 - (double) i / n) * (noise->n - 1));

      if (count > 0 && t == (double) steps->timesteps[count - 1])
        repeated = TRUE;
      else
        set_timestep (noise, steps, count++, t);
    }
  if (drop_repeated)
    steps->n_steps = count;
  else if (repeated)
    for (int i = 0; i < n; i++)
      set_timestep (noise, steps, i, beta_ppf (1 - (double) i / n) * (noise->n - 1));
  for (int i = steps->n_steps; i < n; i++)
    steps->sigmas[i] = 0;
}

void
mz_steps_build_beta (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  double low = sigma_min (noise), span = sigma_max (noise) - low;

  if (request->dialect == MZ_DIALECT_A1111)
    for (int i = 0; i < steps->n_steps; i++)
      set_sigma (noise, steps, i, low + beta_ppf (mz_steps_linspace (1, 0, steps->n_steps, i)) * span);
  else
    fill_beta_timesteps (noise, request->dialect == MZ_DIALECT_COMFYUI, steps);
  steps->start_from_sigma = TRUE;
}
