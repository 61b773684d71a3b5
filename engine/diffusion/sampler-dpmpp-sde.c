/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* DPM-Solver++ for the reverse stochastic equation, singlestep, as k-diffusion's sample_dpmpp_sde with r =
 * 1/2: an ancestral step to the middle in log sigma, and from the beginning one to the end with what the
 * network says there. Both noises are increments of one Brownian path, so that they overlap as they should.
 */
#include "diffusion/sampler-private.h"

#include <math.h>

/* Where k-diffusion asks for the path. It goes over log sigma and back in single precision, which moves a
 * sigma by up to a millionth, and the path, which knows such distances, by a thousandth. */
static double
through_log (double sigma_log)
{
  return (double) (float) exp ((double) (float) sigma_log);
}

static double
through_log_middle (double from, double to)
{
  float begin = -(float) log (from), end = -(float) log (to);
  float middle = begin + (end - begin) * 0.5f;

  return through_log (-(double) middle);
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
  double middle = sqrt (from * to);
  MzAncestral first = mz_sampler_ancestral (from, middle, self->eta);
  MzAncestral second = mz_sampler_ancestral (from, to, self->eta);
  float to_middle = (float) (first.down / from), to_end = (float) (second.down / from);
  float *x0_middle = self->output;

  if (!mz_sampler_denoise (self, calls, i, x, x0, error))
    return FALSE;
  if (to == 0)
    {
      for (gsize k = 0; k < self->n; k++)
        next[k] = x0[k];
      return TRUE;
    }

  for (gsize k = 0; k < self->n; k++)
    next[k] = to_middle * x[k] + (1 - to_middle) * x0[k];
  if (first.up > 0)
    mz_sampler_add_noise_between (self, calls, through_log (log (from)), through_log_middle (from, to),
                                  first.up, next);
  if (!mz_sampler_denoise_at (self, calls, middle, next, x0_middle, error))
    return FALSE;
  for (gsize k = 0; k < self->n; k++)
    next[k] = to_end * x[k] + (1 - to_end) * x0_middle[k];
  if (second.up > 0)
    mz_sampler_add_noise_between (self, calls, through_log (log (from)), through_log (log (to)), second.up,
                                  next);
  return TRUE;
}

const MzSamplerClass mz_sampler_class_dpmpp_sde = {
  .sigma_space = TRUE,
  .step = step,
};
