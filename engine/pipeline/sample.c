/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From noise to a latent. */
#include <string.h>

#include "diffusion/guidance.h"
#include "diffusion/rng.h"
#include "diffusion/sampler.h"
#include "pipeline/run.h"

/* The network as samplers see it: guidance included. */
static gboolean
predict_cb (gpointer user, const float *x, float timestep, float *model_output, GError **error)
{
  MzRun *run = user;
  gsize n = run->n_latent;

  for (int s = 0; s < run->n_samples; s++)
    memcpy (run->in + (gsize) s * n, x, n * sizeof *x);
  mz_unet_run (run->model->unet, run->exec, run->text, run->in, run->n_samples, run->latent_h, run->latent_w,
               timestep, run->out);
  if (!mz_exec_finish (run->exec, error))
    return FALSE;
  if (run->n_samples == 1)
    memcpy (model_output, run->out, n * sizeof *model_output);
  else
    mz_guidance_combine (run->out + n, run->out, (float) run->request->guidance, model_output, n);
  return TRUE;
}

/* The same, and what the network says to the negative prompt alone. */
static gboolean
predict_both_cb (gpointer user,
                 const float *x,
                 float timestep,
                 float *model_output,
                 float *unguided,
                 GError **error)
{
  MzRun *run = user;

  if (!predict_cb (user, x, timestep, model_output, error))
    return FALSE;
  memcpy (unguided, run->out, run->n_latent * sizeof *unguided);
  return TRUE;
}

static void
noise_cb (gpointer user, float *dst, gsize n)
{
  mz_rng_fill_normal (user, dst, n);
}

gboolean
mz_run_sample (MzRun *run, guint64 seed, GError **error)
{
  const MzRequest *request = run->request;
  const MzSamplerKind *kind = mz_sampler_find (request->sampler, NULL); /* validated: both are there */
  const MzSchedule *schedule = mz_schedule_find (request->schedule, NULL);
  g_autoptr (MzRng) rng = mz_rng_new (NULL, seed);
  g_autoptr (MzSampler) sampler = NULL;
  const MzSamplerCalls calls = { .predict = predict_cb,
                                 .predict_data = run,
                                 .noise = noise_cb,
                                 .noise_data = rng,
                                 .predict_both = predict_both_cb };

  sampler = mz_sampler_new (kind, run->model->noise, schedule, request->steps, run->n_latent, request->eta,
                            error);
  if (sampler == NULL)
    return FALSE;
  mz_rng_fill_normal (rng, run->x, run->n_latent);
  mz_sampler_start (sampler, 0, NULL, run->x, run->x);
  run->step.seed = seed;
  /* a schedule may have fewer steps than were asked for */
  run->step.steps = mz_sampler_get_steps (sampler)->n_steps;
  mz_run_report (run, MZ_PHASE_SAMPLE, 0, FALSE);
  for (int i = 0; i < run->step.steps; i++)
    {
      gint64 begin_us = g_get_monotonic_time ();

      if (!mz_sampler_step (sampler, i, &calls, run->x, run->denoised, error))
        return FALSE;
      run->step.step_seconds = mz_seconds_since (begin_us);
      mz_run_update_mean (&run->step_seconds, run->step.step_seconds);
      mz_run_report (run, MZ_PHASE_SAMPLE, i + 1, TRUE);
      if (mz_cancel_set_error (run->cancel, error))
        return FALSE;
    }
  return TRUE;
}
