/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A request from text to pixels: plan memory, encode the prompts once, then each picture's steps and its
 * decoding. */
#include <glib/gi18n-lib.h>

#include "pipeline/fallback.h"

/* Gives it to the caller, or keeps it in the result; takes it. */
static gboolean
hand_over (MzRun *run, MzPicture *finished, GError **error)
{
  g_autoptr (MzPicture) picture = finished;

  if (run->callbacks != NULL && run->callbacks->picture != NULL)
    {
      g_autoptr (GError) problem = NULL;

      if (!run->callbacks->picture (run->callbacks->user, run->step.picture, run->step.seed, picture,
                                    &problem))
        {
          if (problem == NULL)
            g_set_error_literal (&problem, MZ_ERROR, MZ_ERROR_CANCELLED, _ ("Stopped."));
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
    }
  else
    g_ptr_array_add (run->result->pictures, g_steal_pointer (&picture));
  g_array_append_val (run->result->seeds, run->step.seed);
  return TRUE;
}

/* Picture `i` of those in work, from its latent. */
static gboolean
finish_picture (MzRun *run, int i, GError **error)
{
  MzPicture *picture;
  gint64 begin_us;

  mz_run_report_picture (run, i, MZ_PHASE_DECODE, run->step.steps, TRUE);
  begin_us = g_get_monotonic_time ();
  if (!mz_run_enter (run, MZ_PHASE_DECODE, error))
    return FALSE;
  picture = mz_run_decode (run, run->x + mz_run_picture_offset (run), error);
  if (picture == NULL)
    return FALSE;
  if (run->note != NULL)
    mz_run_report (run, MZ_PHASE_DECODE, run->step.steps, TRUE);
  mz_run_update_mean (&run->decode_seconds, mz_seconds_since (begin_us));
  return hand_over (run, picture, error);
}

/* How many of them go through their steps together is run->n_pictures. */
static gboolean
make_pictures (MzRun *run, int first, GError **error)
{
  run->first = run->step.first = run->step.picture = first;
  run->n_pictures = mz_run_count_alike (run, first, MIN (run->plan.n_pictures, run->request->count - first));
  run->step.together = run->n_pictures;
  run->step.step_seconds = 0;
  if (!mz_run_sample (run, error))
    return FALSE;
  for (int i = 0; i < run->n_pictures; i++)
    if (!finish_picture (run, i, error))
      return FALSE;
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

static const MzPromptStyle *
find_style (const MzRequest *request)
{
  return mz_prompt_style_find (mz_request_get_prompt_style (request), NULL); /* validated: it is there */
}

int
mz_request_n_terms (const MzRequest *request)
{
  g_autoptr (GArray) terms = mz_prompts_split (find_style (request), request->prompt);

  return (int) terms->len;
}

int
mz_request_n_samples (const MzRequest *request)
{
  const MzSamplerKind *kind = mz_sampler_find (request->sampler, NULL); /* validated: it is there */
  int n_terms = mz_request_n_terms (request);

  return request->guidance == 1.0 && !kind->wants_unguided && n_terms == 1 ? 1 : 1 + n_terms;
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

  run->half_sums = mz_model_has_half_sums (model);
  run->text_exec = mz_exec_new (model->engine->device);
  run->exec = mz_exec_new (model->engine->device);
  run->text_exec->cancel = run->exec->cancel = run->cancel;
  run->result = mz_result_new ();
  run->kind = mz_sampler_find (request->sampler, NULL); /* validated: it is there */
  run->compatibility = mz_compatibility_find (request->compatibility, NULL);
  run->n_samples = mz_request_n_samples (request);
  run->latent_h = request->height / factor;
  run->latent_w = request->width / factor;
  run->n_latent = (gsize) channels * (gsize) run->latent_h * (gsize) run->latent_w;
  mz_request_print (request, run->request_print);
  mz_model_print (model, run->model_print);
  if (request->start != NULL)
    run->base = request->start_kind == MZ_START_BRANCH ? request->start : request->start->base;
  run->first = first_picture (request);
  run->n_pictures = 1;
  run->step = (MzStep){ .count = request->count,
                        .picture = run->first,
                        .first = run->first,
                        .together = 1,
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
  g_clear_pointer (&run->fallback, mz_fallback_free);
  g_clear_pointer (&run->note, g_free);
  g_clear_pointer (&run->text, mz_unet_text_free);
  g_clear_pointer (&run->prompts, mz_prompts_free);
  g_clear_pointer (&run->exec, mz_exec_free);
  g_clear_pointer (&run->text_exec, mz_exec_free);
  g_clear_pointer (&run->result, mz_result_unref);
  g_free (run->x);
  g_free (run->denoised);
  g_free (run->in);
  g_free (run->out);
  g_free (run->encoded);
}

MzPrompts *
mz_request_cut_prompts (const MzRequest *request,
                        MzModel *model,
                        MzPromptCut *report,
                        MzCancel *cancel,
                        GError **error)
{
  const char *negative = request->negative_prompt != NULL ? request->negative_prompt : "";

  return mz_prompts_new (model, find_style (request), request->steps,
                         mz_request_n_samples (request) > 1 ? negative : NULL, request->prompt, report,
                         cancel, error);
}

/* Notes what of the prompt does not fit. */
static gboolean
cut_prompts (MzRun *run, GError **error)
{
  MzPromptCut report;

  run->prompts = mz_request_cut_prompts (run->request, run->model, &report, run->cancel, error);
  if (run->prompts == NULL)
    return FALSE;
  run->result->n_cut_tokens = report.n_tokens;
  run->result->cut_prompt = report.text;
  return TRUE;
}

/* Once for all pictures. Text encoder and U-Net work one after the other. */
static gboolean
encode_text (MzRun *run, GError **error)
{
  MzTensor context;

  mz_run_report (run, MZ_PHASE_TEXT, 0, FALSE);
  if (!mz_run_enter (run, MZ_PHASE_TEXT, error))
    return FALSE;
  context = mz_prompts_encode (run->prompts, run->model->clip, run->text_exec, run->request->clip_skip,
                               &run->encoded);
  if (!mz_exec_finish (run->text_exec, error) || !mz_run_enter (run, MZ_PHASE_SAMPLE, error))
    return FALSE;
  run->text = mz_unet_text_new (run->model->unet, run->text_exec, &context);
  mz_give (run->text_exec, &context);
  return mz_exec_finish (run->text_exec, error);
}

static gboolean
run_request (MzRun *run, GError **error)
{
  const MzRequest *request = run->request;

  if (!choose_levels (run, error) || !cut_prompts (run, error) || !mz_run_plan_memory (run, error)
      || !mz_run_take_latents (run, error) || !encode_text (run, error))
    return FALSE;
  for (int i = first_picture (request); i < request->count; i += run->n_pictures)
    if (!make_pictures (run, i, error))
      return FALSE;
  return TRUE;
}

/* A graphics card that is full has taken more than was planned, or somebody else has: all of it is given
 * back, so that the next run finds what there is, and the error says what would fit now. */
static void
give_back (MzRun *run, GError **error)
{
  MzModel *model = run->model;
  MzMemoryPlan plan;
  MzPrompts *prompts;
  g_autoptr (GError) advice = NULL;
  MzPromptCut report = { 0 };

  if (!g_error_matches (*error, MZ_ERROR, MZ_ERROR_MEMORY) || !mz_engine_computes_on_card (model->engine))
    return;
  mz_model_free_parts (model);
  prompts = mz_request_cut_prompts (run->request, model, &report, NULL, NULL);
  g_free (report.text);
  if (prompts == NULL)
    return;
  if (!mz_memory_plan_make (model, run->request, prompts, 0, &plan, &advice)
      && g_error_matches (advice, MZ_ERROR, MZ_ERROR_MEMORY))
    {
      g_clear_error (error);
      *error = g_steal_pointer (&advice);
    }
  mz_prompts_free (prompts);
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
  GError *local = NULL;

  if (!mz_request_validate (checked, model, NULL, error))
    return NULL;
  begin_run (&run);
  if (run_request (&run, &local))
    result = g_steal_pointer (&run.result);
  end_run (&run);
  if (result == NULL)
    {
      give_back (&run, &local);
      g_propagate_error (error, local);
    }
  return result;
}
