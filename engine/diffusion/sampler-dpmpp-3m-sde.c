/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* DPM-Solver++(3M) for the reverse stochastic equation, as k-diffusion's sample_dpmpp_3m_sde: a multistep
 * exponential integrator over three x0 in log sigma, after steps with one and two; the last goes to the clean
 * picture. eta scales the noise; with 0 it is deterministic. Its quadratic term is half of what third order
 * asks for, as in diffusers' DPM-Solver++(3M) too; so it is of second order, with a small constant. */
#include "diffusion/sampler-private.h"

#include <math.h>
#include <string.h>

/* next += sum of weights times x0 of this step, the last and the one before. */
typedef struct
{
  double now, last, before;
} Correction;

/* The linear and quadratic terms of the exponential integrator over g = (1 + eta) h; r: the spans of the
 * last two steps in units of this one's, 0 where there is none. */
static Correction
correction (double g, double r_last, double r_before)
{
  double phi2 = expm1 (-g) / g + 1.0;
  double phi3 = phi2 / g - 0.5;
  /* Slopes of x0, each as weights: over the last step, over the one before. */
  Correction a = { 1.0 / r_last, -1.0 / r_last, 0 };
  Correction b = { 0, r_before > 0 ? 1.0 / r_before : 0, r_before > 0 ? -1.0 / r_before : 0 };
  double bend = r_before > 0 ? 1.0 / (r_last + r_before) : 0;
  double ca = phi2 * (1.0 + r_last * bend) - phi3 * bend;
  double cb = -phi2 * r_last * bend + phi3 * bend;

  return (Correction){ ca * a.now + cb * b.now, ca * a.last + cb * b.last, ca * a.before + cb * b.before };
}

static void
add_correction (const MzSampler *self, int i, double h, const float *x0, float *next)
{
  const float *sigmas = self->steps->sigmas;
  double h_last = self->n_history > 0 ? log ((double) sigmas[i - 1] / (double) sigmas[i]) : 0;
  double h_before = self->n_history > 1 ? log ((double) sigmas[i - 2] / (double) sigmas[i - 1]) : 0;
  Correction c;

  /* Where two levels are the same (more steps than the spacing has room for) there is no slope. */
  if (h_last <= 0 || h <= 0)
    return;
  c = correction ((1.0 + self->eta) * h, h_last / h, h_before / h);
  for (gsize k = 0; k < self->n; k++)
    next[k] += (float) c.now * x0[k] + (float) c.last * self->history[0][k];
  if (h_before > 0)
    for (gsize k = 0; k < self->n; k++)
      next[k] += (float) c.before * self->history[1][k];
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
  double from = (double) self->steps->sigmas[i], to = (double) self->steps->sigmas[i + 1];
  double h = to > 0 ? log (from / to) : 0;
  float kept = to > 0 ? (float) exp (-(1.0 + self->eta) * h) : 0;
  double deviation = to > 0 ? to * sqrt (-expm1 (-2.0 * self->eta * h)) : 0;

  if (!mz_sampler_denoise (self, calls, i, x, x0, error))
    return FALSE;
  for (gsize k = 0; k < self->n; k++)
    next[k] = kept * x[k] + (1 - kept) * x0[k];
  if (to > 0)
    add_correction (self, i, h, x0, next);
  if (deviation > 0)
    mz_sampler_add_noise_between (self, calls, from, to, deviation, next);
  memcpy (mz_sampler_push_history (self), x0, self->n * sizeof (float));
  return TRUE;
}

const MzSamplerClass mz_sampler_class_dpmpp_3m_sde = {
  .n_history = 2,
  .sigma_space = TRUE,
  .step = step,
};
