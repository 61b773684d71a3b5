/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Telling the caller where the work is, and how long it will take. */
#include "pipeline/run.h"

/* Weight of the newest step in the running mean that the estimate is made of. */
#define TIMING_WEIGHT 0.3

static double
estimate_seconds_left (const MzRun *run)
{
  const MzStep *step = &run->step;
  gboolean is_decoding = step->phase == MZ_PHASE_DECODE;
  int pictures_after = step->count - run->first - run->n_pictures;
  int to_decode = step->count - (is_decoding ? step->picture : run->first);
  int steps_left
      = (is_decoding ? 0 : (step->steps - step->step) * run->n_pictures) + pictures_after * step->steps;

  if (run->step_seconds <= 0)
    return -1;
  return run->step_seconds * steps_left + run->decode_seconds * to_decode;
}

void
mz_run_note (MzRun *run, char *note)
{
  g_free (run->note);
  run->note = note;
}

void
mz_run_report (MzRun *run, MzPhase phase, int steps_done, gboolean has_latent)
{
  MzStep *step = &run->step;
  g_autofree char *note = g_steal_pointer (&run->note); /* the callback may lead to the next */

  step->phase = phase;
  step->step = steps_done;
  step->latent = has_latent ? run->x + mz_run_picture_offset (run) : NULL;
  step->denoised = has_latent ? run->denoised + mz_run_picture_offset (run) : NULL;
  step->seconds_left = estimate_seconds_left (run);
  step->note = note;
  if (run->callbacks != NULL && run->callbacks->progress != NULL)
    run->callbacks->progress (run->callbacks->user, step);
  step->note = NULL;
}

void
mz_run_report_picture (MzRun *run, int i, MzPhase phase, int steps_done, gboolean has_latent)
{
  run->step.picture = run->first + i;
  mz_request_get_seeds (run->request, run->step.picture, &run->step.seed, NULL);
  mz_run_report (run, phase, steps_done, has_latent);
}

double
mz_seconds_since (gint64 begin_us)
{
  return (double) (g_get_monotonic_time () - begin_us) * 1e-6;
}

void
mz_run_update_mean (double *mean, double seconds)
{
  *mean = *mean > 0 ? *mean + TIMING_WEIGHT * (seconds - *mean) : seconds;
}
