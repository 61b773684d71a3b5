/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* DPM-Solver++(2M) for the reverse stochastic equation (Lu et al. 2022, arXiv:2211.01095, SDE form of
 * algorithm 2), as k-diffusion's sample_dpmpp_2m_sde and diffusers' DPMSolverMultistepScheduler with
 * algorithm_type sde-dpmsolver++, each with solver_type midpoint or heun, which weigh the slope of x0
 * differently. The first step is of first order, the last goes to the clean picture. eta scales the noise;
 * with 0 it is DPM++ 2M. */
#include "diffusion/sampler-private.h"

#include <math.h>
#include <string.h>

/* Share of the slope of x0 that the step takes, in units of alpha h: midpoint reckons with its middle value,
 * Heun integrates it. g: (1 + eta) h */
typedef double (*SlopeFunc) (double g);

static double
midpoint (double g)
{
  return -0.5 * expm1 (-g);
}

static double
heun (double g)
{
  return expm1 (-g) / g + 1.0;
}

static gboolean
step_with (MzSampler *self,
           int i,
           const MzSamplerCalls *calls,
           const float *x,
           float *next,
           float *x0,
           SlopeFunc slope_of,
           GError **error)
{
  const float *sigmas = self->steps->sigmas;
  double from = (double) sigmas[i], to = (double) sigmas[i + 1];
  double alpha = 1.0 / sqrt (1.0 + to * to);
  double h = to > 0 ? log (from / to) : 0;
  double h_before = self->n_history > 0 ? log ((double) sigmas[i - 1] / from) : 0;
  double kept = to > 0 ? exp (-(1.0 + self->eta) * h) : 0; /* of x, in sigma space */
  float c_state = (float) (kept * alpha * sqrt (1.0 + from * from));
  float c_clean = (float) (alpha * (1.0 - kept));
  double deviation = to > 0 ? alpha * to * sqrt (-expm1 (-2.0 * self->eta * h)) : 0;
  gboolean sloped = h > 0 && h_before > 0;
  float slope = sloped ? (float) (alpha * slope_of ((1.0 + self->eta) * h) * h / h_before) : 0;
  const float *x0_before = self->history[0];

  if (!mz_sampler_denoise (self, calls, i, x, x0, error))
    return FALSE;
  if (sloped)
    for (gsize k = 0; k < self->n; k++)
      next[k] = c_state * x[k] + c_clean * x0[k] + slope * (x0[k] - x0_before[k]);
  else
    for (gsize k = 0; k < self->n; k++)
      next[k] = c_state * x[k] + c_clean * x0[k];
  if (deviation > 0)
    mz_sampler_add_noise_between (self, calls, from, to, deviation, next);
  memcpy (mz_sampler_push_history (self), x0, self->n * sizeof (float));
  return TRUE;
}

static gboolean
step_midpoint (MzSampler *self,
               int i,
               const MzSamplerCalls *calls,
               const float *x,
               float *next,
               float *x0,
               GError **error)
{
  return step_with (self, i, calls, x, next, x0, midpoint, error);
}

static gboolean
step_heun (MzSampler *self,
           int i,
           const MzSamplerCalls *calls,
           const float *x,
           float *next,
           float *x0,
           GError **error)
{
  return step_with (self, i, calls, x, next, x0, heun, error);
}

const MzSamplerClass mz_sampler_class_dpmpp_2m_sde = {
  .n_history = 1,
  .starts_from_sigma = TRUE,
  .step = step_midpoint,
};

const MzSamplerClass mz_sampler_class_dpmpp_2m_sde_heun = {
  .n_history = 1,
  .starts_from_sigma = TRUE,
  .step = step_heun,
};
