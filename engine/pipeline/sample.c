/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From noise to a latent. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/finite.h"
#include "diffusion/guidance.h"
#include "pipeline/fallback.h"

gsize
mz_run_picture_offset (const MzRun *run)
{
  return run->n_latent * (gsize) (run->step.picture - run->first);
}

/* in to out: all samples as one, or one after the other where memory is short; the results are the same. */
static void
run_network (MzRun *run, float timestep, gboolean half_sums)
{
  MzDevice *device = run->model->engine->device;
  int n_at_once = run->plan.n_at_once, n_pictures = run->n_pictures;
  guint first_key = half_sums ? (guint) run->n_samples : 0; /* recordings of both kinds may take turns */

  device->uses_half_sums = half_sums;
  for (int s = 0; s < run->n_samples; s += n_at_once)
    {
      MzUnetText *text = mz_unet_text_slice (run->text, s, n_at_once);
      gsize first = (gsize) (s * n_pictures) * run->n_latent;

      do
        {
          if (!run->plan.by_layers)
            mz_exec_begin_evaluation (run->exec, first_key + (guint) s);
          mz_unet_run (run->model->unet, run->exec, text, run->in + first, n_at_once * n_pictures,
                       run->latent_h, run->latent_w, timestep, run->out + first);
        }
      while (!run->plan.by_layers && mz_exec_end_evaluation (run->exec));
      mz_unet_text_free (text);
    }
  device->uses_half_sums = FALSE; /* an autoencoder's sums may be too large for it */
}

/* Brings `text` to what the prompts are at the step in work. Only keys and values are made anew. */
static gboolean
change_text (MzRun *run, GError **error)
{
  gsize n_bytes = (gsize) run->n_samples * sizeof (int);
  MzTensor context;

  if (memcmp (mz_prompts_texts_at (run->prompts, run->sampling_step),
              mz_prompts_texts_at (run->prompts, run->text_step), n_bytes)
      == 0)
    return TRUE;
  g_clear_pointer (&run->text, mz_unet_text_free);
  context = mz_prompts_context_at (run->prompts, run->encoded, run->text_exec,
                                   mz_clip_get_width (run->model->outline_clip), run->sampling_step);
  run->text = mz_unet_text_new (run->model->unet, run->text_exec, &context);
  run->text_step = run->sampling_step;
  mz_give (run->text_exec, &context);
  return mz_exec_finish (run->text_exec, error);
}

/* The network on the engine's device; if only its sums overflowed in halves, without those. */
static gboolean
evaluate (MzRun *run, float timestep, GError **error)
{
  gsize n = run->n_latent * (gsize) (run->n_samples * run->n_pictures);

  /* a preview may have had the autoencoder brought into memory */
  if (!mz_run_enter (run, MZ_PHASE_SAMPLE, error) || !change_text (run, error))
    return FALSE;
  run_network (run, timestep, run->half_sums);
  if (!mz_exec_finish (run->exec, error))
    return FALSE;
  if (!run->half_sums || mz_all_finite (run->out, n))
    return TRUE;
  run_network (run, timestep, FALSE);
  return mz_exec_finish (run->exec, error);
}

static void
note_repeat (MzRun *run, gboolean is_by_processor)
{
  int step = run->step.step + 1;

  if (run->has_noted_network[is_by_processor])
    return;
  run->has_noted_network[is_by_processor] = TRUE;
  if (is_by_processor)
    mz_run_note (
        run, g_strdup_printf (_ ("Step %d went beyond the half precision that the graphics card computes in. "
                                 "It was repeated on the processor in full precision, and so will be others "
                                 "like it."),
                              step));
  else
    mz_run_note (
        run, g_strdup_printf (_ ("Step %d went beyond the half precision that the graphics card computes in. "
                                 "It was repeated there with fewer digits and a wider range (bfloat16), and "
                                 "so are the steps after it."),
                              step));
}

/* Where the card's halves overflow, the network's answer is found otherwise. */
static gboolean
evaluate_safely (MzRun *run, float timestep, GError **error)
{
  MzOverflow before[MZ_MAX_AT_ONCE];
  gboolean is_by_processor, is_new = FALSE;

  if (!mz_engine_computes_on_card (run->model->engine))
    return evaluate (run, timestep, error);
  if (mz_fallback_needs_halves (run) && !evaluate (run, timestep, error))
    return FALSE;
  if (!mz_fallback_is_needed (run))
    return TRUE;
  memcpy (before, run->overflow, sizeof before);
  if (run->fallback == NULL)
    run->fallback = mz_fallback_new (run->model);
  if (!mz_fallback_evaluate (run->fallback, run, timestep, &is_by_processor, error))
    return FALSE;
  for (int i = 0; i < run->n_pictures; i++)
    is_new = is_new || run->overflow[i] != before[i];
  if (is_by_processor || is_new)
    note_repeat (run, is_by_processor);
  return TRUE;
}

/* run->out to model_output, of all pictures. */
static void
guide (MzRun *run, float *model_output)
{
  gsize n = run->n_latent * (gsize) run->n_pictures;
  float *unguided = run->out, *cond = run->out + n;

  if (run->prompts->term_weights != NULL)
    mz_guidance_compose (run->prompts->term_weights, run->n_samples - 1, unguided, cond, n);
  mz_guidance_combine (cond, unguided, (float) run->request->guidance, model_output, n);
  for (gsize first = 0; first < n; first += run->n_latent)
    mz_guidance_rescale (cond + first, run->request->guidance_rescale, model_output + first, run->n_latent);
}

/* The network as samplers see it: guidance included. */
static gboolean
predict_cb (gpointer user, const float *x, float timestep, float *model_output, GError **error)
{
  MzRun *run = user;
  gsize n = run->n_latent * (gsize) run->n_pictures;

  for (int s = 0; s < run->n_samples; s++)
    memcpy (run->in + (gsize) s * n, x, n * sizeof *x);
  if (!evaluate_safely (run, timestep, error))
    return FALSE;
  if (run->n_samples == 1)
    memcpy (model_output, run->out, n * sizeof *model_output);
  else
    guide (run, model_output);
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
  memcpy (unguided, run->out, run->n_latent * (gsize) run->n_pictures * sizeof *unguided);
  return TRUE;
}

/* The noise of the pictures in work. */
static gboolean
renew_noise (MzRun *run, GError **error)
{
  const MzRequest *request = run->request;
  MzSeeds seeds = { .variation_strength = request->variation_strength,
                    .step_seed_delta = request->step_seed_delta,
                    .gpu_threads = (guint) request->gpu_threads };

  g_clear_pointer (&run->noise, mz_noise_source_free);
  for (int i = 0; i < run->n_pictures; i++)
    {
      MzNoiseSource *noise;

      mz_request_get_seeds (request, run->first + i, &seeds.seed, &seeds.variation_seed);
      noise = mz_noise_source_new (run->compatibility, &seeds, run->step.latent_channels, run->latent_h,
                                   run->latent_w, error);
      if (noise == NULL)
        return FALSE;
      if (run->noise == NULL)
        run->noise = noise;
      else
        mz_noise_source_append (run->noise, noise);
    }
  return TRUE;
}

/* Sampler and noise of the next pictures, in place of the last ones'. */
static gboolean
renew_sampler (MzRun *run, MzSamplerCalls *calls, GError **error)
{
  const MzRequest *request = run->request;
  const MzSchedule *schedule = mz_schedule_find (request->schedule, NULL); /* validated: it is there */

  g_clear_pointer (&run->sampler, mz_sampler_free);
  run->sampler = mz_sampler_new_as (run->kind, run->compatibility, run->levels, schedule, request->steps,
                                    run->n_latent * (gsize) run->n_pictures, request->eta, error);
  if (run->sampler == NULL)
    return FALSE;
  mz_sampler_set_threshold (run->sampler, request->threshold_ratio, request->threshold_limit, run->n_latent);
  return renew_noise (run, error)
         && mz_noise_source_connect (run->noise, mz_sampler_get_steps (run->sampler), 0, calls, error);
}

gboolean
mz_run_sample (MzRun *run, GError **error)
{
  MzSamplerCalls calls = { .predict = predict_cb, .predict_data = run, .predict_both = predict_both_cb };
  int first_step;

  if (!renew_sampler (run, &calls, error))
    return FALSE;
  /* a schedule may have fewer steps than were asked for */
  run->step.steps = mz_sampler_get_steps (run->sampler)->n_steps;
  if (!mz_run_begin_pictures (run, &first_step, error))
    return FALSE;
  mz_run_report_picture (run, 0, MZ_PHASE_SAMPLE, first_step, FALSE);
  for (int i = first_step; i < run->step.steps; i++)
    {
      gint64 begin_us = g_get_monotonic_time ();

      run->sampling_step = i;
      if (!mz_sampler_step (run->sampler, i, &calls, run->x, run->denoised, error))
        return FALSE;
      run->step.step_seconds = mz_seconds_since (begin_us);
      mz_run_update_mean (&run->step_seconds, run->step.step_seconds / run->n_pictures);
      for (int k = 0; k < run->n_pictures; k++)
        mz_run_report_picture (run, k, MZ_PHASE_SAMPLE, i + 1, TRUE);
      if (mz_cancel_set_error (run->cancel, error))
        return FALSE;
    }
  return TRUE;
}
