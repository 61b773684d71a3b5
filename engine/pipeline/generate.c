/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A request from text to pixels: plan memory, encode the prompts once, then each picture's steps and its
 * decoding. */
#include "pipeline/run.h"

static gboolean
make_picture (MzRun *run, int index, GError **error)
{
  g_autoptr (MzPicture) picture = NULL;
  gint64 begin_us;

  run->step.picture = index;
  run->step.step_seconds = 0;
  if (!mz_run_sample (run, error))
    return FALSE;
  mz_run_report (run, MZ_PHASE_DECODE, run->step.steps, TRUE);
  begin_us = g_get_monotonic_time ();
  picture = mz_decode_latent (run->model, run->exec, run->x, run->latent_h, run->latent_w, error);
  if (picture == NULL)
    return FALSE;
  mz_run_update_mean (&run->decode_seconds, mz_seconds_since (begin_us));
  if (run->callbacks != NULL && run->callbacks->picture != NULL)
    {
      g_autoptr (GError) problem = NULL;

      if (!run->callbacks->picture (run->callbacks->user, index, run->step.seed, picture, &problem))
        {
          if (problem == NULL)
            g_set_error_literal (&problem, MZ_ERROR, MZ_ERROR_CANCELLED, "Stopped.");
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
    }
  else
    g_ptr_array_add (run->result->pictures, g_steal_pointer (&picture));
  g_array_append_val (run->result->seeds, run->step.seed);
  return TRUE;
}

/* The model's noise levels, or what request and compatibility make of them. */
static gboolean
choose_levels (MzRun *run, GError **error)
{
  const MzSchedulerConfig *config = &run->model->config.scheduler;
  double last = run->compatibility->last_alpha_bar;
  gboolean is_model_s = config->rescale_betas_zero_snr ? last == 0 : !run->request->zero_snr;

  run->levels = run->model->noise;
  if (is_model_s)
    return TRUE;
  run->rescaled_levels = mz_noise_schedule_new_zero_snr (config, last, error);
  run->levels = run->rescaled_levels;
  return run->levels != NULL;
}

/* Those before it were made before the run was interrupted. */
static int
first_picture (const MzRequest *request)
{
  return request->start != NULL && request->start_kind == MZ_START_RESUME ? request->start->picture : 0;
}

static void
begin_run (MzRun *run)
{
  MzModel *model = run->model;
  const MzRequest *request = run->request;
  int factor = model->info->latent_factor, channels = model->info->latent_channels;

  run->exec = mz_exec_new (model->engine->device);
  run->exec->cancel = run->cancel;
  run->result = mz_result_new ();
  run->kind = mz_sampler_find (request->sampler, NULL); /* validated: it is there */
  run->compatibility = mz_compatibility_find (request->compatibility, NULL);
  run->n_samples = request->guidance == 1.0 && !run->kind->wants_unguided ? 1 : 2;
  run->latent_h = request->height / factor;
  run->latent_w = request->width / factor;
  run->n_latent = (gsize) channels * (gsize) run->latent_h * (gsize) run->latent_w;
  run->ids = g_new0 (gint32, (gsize) run->n_samples * (gsize) model->config.clip.max_position_embeddings);
  mz_request_print (request, run->request_print);
  mz_model_print (model, run->model_print);
  if (request->start != NULL)
    run->base = request->start_kind == MZ_START_BRANCH ? request->start : request->start->base;
  run->step = (MzStep){ .count = request->count,
                        .picture = first_picture (request),
                        .steps = request->steps,
                        .latent_channels = channels,
                        .latent_height = run->latent_h,
                        .latent_width = run->latent_w,
                        .seconds_left = -1,
                        .seed = request->seed,
                        .private_data = run };
}

static void
end_run (MzRun *run)
{
  g_clear_pointer (&run->sampler, mz_sampler_free);
  g_clear_pointer (&run->noise, mz_noise_source_free);
  g_clear_pointer (&run->rescaled_levels, mz_noise_schedule_free);
  g_clear_pointer (&run->text, mz_unet_text_free);
  g_clear_pointer (&run->exec, mz_exec_free);
  g_clear_pointer (&run->result, mz_result_unref);
  g_free (run->x);
  g_free (run->denoised);
  g_free (run->in);
  g_free (run->out);
  g_free (run->ids);
}

static gboolean
run_request (MzRun *run, GError **error)
{
  const MzRequest *request = run->request;
  gint32 *cond_ids = run->ids + (run->n_samples - 1) * run->model->config.clip.max_position_embeddings;

  if (!choose_levels (run, error))
    return FALSE;
  if (run->n_samples == 2 && !mz_run_tokenize (run, request->negative_prompt, run->ids, FALSE, error))
    return FALSE;
  if (!mz_run_tokenize (run, request->prompt, cond_ids, TRUE, error) || !mz_run_plan_memory (run, error)
      || !mz_run_take_latents (run, error) || !mz_run_encode_text (run, error))
    return FALSE;
  for (int i = first_picture (request); i < request->count; i++)
    if (!make_picture (run, i, error))
      return FALSE;
  return TRUE;
}

MzResult *
mz_generate (MzModel *model,
             const MzRequest *request,
             const MzCallbacks *callbacks,
             MzCancel *cancel,
             GError **error)
{
  g_autoptr (MzRequest) checked = mz_request_copy (request);
  MzRun run = { .model = model, .request = checked, .callbacks = callbacks, .cancel = cancel };
  MzResult *result = NULL;

  if (!mz_request_validate (checked, model, NULL, error))
    return NULL;
  begin_run (&run);
  if (run_request (&run, error))
    result = g_steal_pointer (&run.result);
  end_run (&run);
  return result;
}
