/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* UniPC (Zhao et al. 2023, arXiv:2302.04867): a multistep predictor of second order and a corrector that
 * costs no evaluation, since it uses the one of the next step; data prediction, B(h) = exp (-h) - 1 ("bh2"),
 * as diffusers' UniPCMultistepScheduler. The last step is of first order.
 *
 * History holds x0 of the last steps, spare the corrected state that the last step went out from. */
#include "diffusion/sampler-private.h"

#include <math.h>
#include <string.h>

/* The first order transfer from sigma `from` to sigma `to`: state and x0 weights, and alpha B(h). */
typedef struct
{
  double state, clean, slope;
} Transfer;

static Transfer
transfer (double from, double to)
{
  double alpha = 1.0 / sqrt (1.0 + to * to);
  double shrink = 1.0 - to / from; /* -B(h) */

  return (Transfer){ to / from * alpha * sqrt (1.0 + from * from), alpha * shrink, alpha * shrink };
}

/* Weights of (m1 - m0) / r and of mt - m0 in the corrector of second order: eq. 9's system, r < 0 being where
 * m1 was taken in units of h. */
static void
solve_corrector (double h, double r, double *older, double *newer)
{
  double b = expm1 (-h);
  double phi2 = b / -h - 1.0;
  double phi3 = phi2 / -h - 0.5;
  double b1 = phi2 / b, b2 = 2.0 * phi3 / b;

  *older = (b1 - b2) / (1.0 - r);
  *newer = b1 - *older;
}

/* The state at step i anew, with x0 as the network sees it there. dst: [n] */
static void
correct (const MzSampler *self, int i, const float *x0, float *dst)
{
  const float *sigmas = self->steps->sigmas;
  Transfer t = transfer ((double) sigmas[i - 1], (double) sigmas[i]);
  double h = log ((double) sigmas[i - 1] / (double) sigmas[i]);
  double h_before = self->n_history > 1 ? log ((double) sigmas[i - 2] / (double) sigmas[i - 1]) : 0;
  double older = 0, newer = 0.5, r = 1;
  float c_state = (float) t.state, c_clean = (float) t.clean, c_older, c_newer;
  const float *m0 = self->history[0];
  const float *m1 = self->history[MIN (self->n_history, 2) - 1];

  if (h_before > 0 && h > 0)
    {
      r = -h_before / h;
      solve_corrector (h, r, &older, &newer);
    }
  c_older = (float) (t.slope * older / r);
  c_newer = (float) (t.slope * newer);
  for (gsize k = 0; k < self->n; k++)
    dst[k]
        = c_state * self->spare[k] + c_clean * m0[k] + c_older * (m1[k] - m0[k]) + c_newer * (x0[k] - m0[k]);
}

/* The state after step i from the corrected one at its beginning. */
static void
predict (const MzSampler *self, int i, const float *x, float *next)
{
  const float *sigmas = self->steps->sigmas;
  Transfer t = transfer ((double) sigmas[i], (double) sigmas[i + 1]);
  gboolean last = i == self->steps->n_steps - 1;
  double h = sigmas[i + 1] > 0 ? log ((double) sigmas[i] / (double) sigmas[i + 1]) : 0;
  double h_before = self->n_history > 1 ? log ((double) sigmas[i - 1] / (double) sigmas[i]) : 0;
  gboolean sloped = !last && h > 0 && h_before > 0;
  float c_state = (float) t.state, c_clean = (float) t.clean;
  float slope = sloped ? (float) (t.slope * 0.5 * h / h_before) : 0;
  const float *m0 = self->history[0], *m1 = self->history[1];

  for (gsize k = 0; k < self->n; k++)
    next[k] = c_state * x[k] + c_clean * m0[k];
  if (sloped)
    for (gsize k = 0; k < self->n; k++)
      next[k] += slope * (m0[k] - m1[k]);
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
  const float *begin = x;

  if (!mz_sampler_denoise (self, calls, i, x, x0, error))
    return FALSE;
  if (self->n_history > 0)
    {
      correct (self, i, x0, self->scratch);
      begin = self->scratch;
    }
  memcpy (mz_sampler_push_history (self), x0, self->n * sizeof (float));
  memcpy (self->spare, begin, self->n * sizeof (float));
  predict (self, i, self->spare, next);
  return TRUE;
}

const MzSamplerClass mz_sampler_class_unipc = {
  .n_history = 2,
  .has_spare = TRUE,
  .starts_from_sigma = TRUE,
  .step = step,
};
