/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A request from text to pixels: plan memory, encode the prompts once, then each picture's steps and its
 * decoding. */
#include <string.h>

#include "diffusion/guidance.h"
#include "diffusion/rng.h"
#include "diffusion/sampler.h"
#include "pipeline/private.h"

/* Weight of the newest step in the running mean that the estimate is made of. */
#define TIMING_WEIGHT 0.3

struct _MzResult
{
  gatomicrefcount ref_count;
  GPtrArray *pictures; /* MzPicture; empty when the caller took them one by one */
  GArray *seeds;       /* guint64 */
  char *cut_prompt;
  int n_cut_tokens;
  gsize activation_bytes;
};

/* Everything that one request needs while it runs. */
typedef struct
{
  MzModel *model;
  MzRequest *request;
  const MzCallbacks *callbacks;
  MzCancel *cancel;
  MzExec *exec;
  MzResult *result;
  MzUnetText *text;

  int n_samples; /* 2 when guided: unconditional, then conditional */
  int latent_h, latent_w;
  gsize n_latent;      /* elements of one latent */
  float *x, *denoised; /* [n_latent] */
  float *in, *out;     /* [n_samples, n_latent] */
  gint32 *ids;         /* [n_samples, max_positions] */

  double step_seconds, decode_seconds; /* running means; 0 while unknown */
  MzStep step;
} Run;

/* ---- Result ---- */

static MzResult *
result_new (void)
{
  MzResult *result = g_new0 (MzResult, 1);

  g_atomic_ref_count_init (&result->ref_count);
  result->pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) mz_picture_free);
  result->seeds = g_array_new (FALSE, FALSE, sizeof (guint64));
  return result;
}

void
mz_result_unref (MzResult *result)
{
  if (!g_atomic_ref_count_dec (&result->ref_count))
    return;
  g_ptr_array_unref (result->pictures);
  g_array_unref (result->seeds);
  g_free (result->cut_prompt);
  g_free (result);
}

int
mz_result_get_n_pictures (MzResult *result)
{
  return (int) result->seeds->len;
}

const MzPicture *
mz_result_get_picture (MzResult *result, int index)
{
  return index >= 0 && (guint) index < result->pictures->len ? g_ptr_array_index (result->pictures, index)
                                                             : NULL;
}

guint64
mz_result_get_seed (MzResult *result, int index)
{
  g_return_val_if_fail (index >= 0 && (guint) index < result->seeds->len, 0);
  return g_array_index (result->seeds, guint64, index);
}

const char *
mz_result_get_cut_prompt (MzResult *result, int *n_tokens)
{
  if (n_tokens != NULL)
    *n_tokens = result->n_cut_tokens;
  return result->cut_prompt;
}

gsize
mz_result_get_activation_bytes (MzResult *result)
{
  return result->activation_bytes;
}

/* ---- Progress ---- */

static double
estimate_seconds_left (const Run *run)
{
  const MzStep *step = &run->step;
  int pictures_after = step->count - step->picture - 1;
  int steps_left
      = (step->phase == MZ_PHASE_DECODE ? 0 : step->steps - step->step) + pictures_after * step->steps;

  if (run->step_seconds <= 0)
    return -1;
  return run->step_seconds * steps_left + run->decode_seconds * (pictures_after + 1);
}

static void
report (Run *run, MzPhase phase, int steps_done, gboolean has_latent)
{
  MzStep *step = &run->step;

  step->phase = phase;
  step->step = steps_done;
  step->latent = has_latent ? run->x : NULL;
  step->denoised = has_latent ? run->denoised : NULL;
  step->seconds_left = estimate_seconds_left (run);
  if (run->callbacks != NULL && run->callbacks->progress != NULL)
    run->callbacks->progress (run->callbacks->user, step);
}

static double
seconds_since (gint64 begin_us)
{
  return (double) (g_get_monotonic_time () - begin_us) * 1e-6;
}

static void
update_mean (double *mean, double seconds)
{
  *mean = *mean > 0 ? *mean + TIMING_WEIGHT * (seconds - *mean) : seconds;
}

/* ---- Memory and text ---- */

/* Runs every network once without computing, so that the block is large enough for all of it. */
static gboolean
plan_memory (Run *run, GError **error)
{
  MzModel *model = run->model;
  const MzClipConfig *clip = &model->config.clip;
  MzTensor context;
  MzUnetText *text;

  mz_exec_begin_plan (run->exec);
  context = mz_take (run->exec, run->n_samples, 1, clip->max_position_embeddings, clip->hidden_size);
  mz_clip_encode (model->clip, run->exec, run->ids, run->request->clip_skip, &context);
  text = mz_unet_text_new (model->unet, run->exec, &context);
  mz_give (run->exec, &context);
  mz_unet_run (model->unet, run->exec, text, NULL, run->n_samples, run->latent_h, run->latent_w, 0, NULL);
  mz_vae_decode (model->vae, run->exec, NULL, run->latent_h, run->latent_w, NULL);
  mz_unet_text_free (text);
  if (!mz_exec_end_plan (run->exec, error))
    return FALSE;
  run->result->activation_bytes = mz_exec_block_bytes (run->exec);
  return TRUE;
}

/* Token ids of one prompt; notes what did not fit when it is the prompt itself. */
static gboolean
tokenize (Run *run, const char *text, gint32 *ids, gboolean note_cut, GError **error)
{
  MzModel *model = run->model;
  int n = model->config.clip.max_position_embeddings;
  g_autofree guint32 *unsigned_ids = g_new (guint32, (gsize) n);
  MzTokenCount count;

  if (text == NULL)
    text = "";
  if (!mz_tokenizer_encode (model->tokenizer, text, -1, MZ_TEXT_DEFAULT, (guint) n, unsigned_ids, &count,
                            error))
    return FALSE;
  for (int i = 0; i < n; i++)
    ids[i] = i < (int) count.n_kept + 2 ? (gint32) unsigned_ids[i] : model->pad_id;
  if (note_cut && count.truncated)
    {
      run->result->n_cut_tokens = (int) (count.n_tokens - count.n_kept);
      run->result->cut_prompt = g_strstrip (g_strdup (text + count.cut_at));
    }
  return TRUE;
}

/* Prompts to keys and values, once for all pictures. */
static gboolean
encode_text (Run *run, GError **error)
{
  MzModel *model = run->model;
  const MzClipConfig *clip = &model->config.clip;
  MzTensor context;

  report (run, MZ_PHASE_TEXT, 0, FALSE);
  context = mz_take (run->exec, run->n_samples, 1, clip->max_position_embeddings, clip->hidden_size);
  mz_clip_encode (model->clip, run->exec, run->ids, run->request->clip_skip, &context);
  run->text = mz_unet_text_new (model->unet, run->exec, &context);
  mz_give (run->exec, &context);
  return mz_exec_finish (run->exec, error);
}

/* ---- Sampling ---- */

/* The network as samplers see it: guidance included. */
static gboolean
predict_cb (gpointer user, const float *x, float timestep, float *model_output, GError **error)
{
  Run *run = user;
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
  Run *run = user;

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

/* Noise to latent in run->x. */
static gboolean
sample (Run *run, guint64 seed, GError **error)
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
  report (run, MZ_PHASE_SAMPLE, 0, FALSE);
  for (int i = 0; i < run->step.steps; i++)
    {
      gint64 begin_us = g_get_monotonic_time ();

      if (!mz_sampler_step (sampler, i, &calls, run->x, run->denoised, error))
        return FALSE;
      run->step.step_seconds = seconds_since (begin_us);
      update_mean (&run->step_seconds, run->step.step_seconds);
      report (run, MZ_PHASE_SAMPLE, i + 1, TRUE);
      if (mz_cancel_set_error (run->cancel, error))
        return FALSE;
    }
  return TRUE;
}

/* `latent` to a picture of the request's size. */
static MzPicture *
decode (Run *run, const float *latent, GError **error)
{
  MzModel *model = run->model;
  int factor = model->info->latent_factor, width = run->latent_w * factor, height = run->latent_h * factor;
  g_autofree float *rgb
      = g_try_new (float, (gsize) model->config.vae.out_channels *(gsize) width *(gsize) height);

  if (rgb == NULL)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, "There is not enough memory for a picture of %d×%d.",
                   width, height);
      return NULL;
    }
  mz_vae_decode (model->vae, run->exec, latent, run->latent_h, run->latent_w, rgb);
  if (!mz_exec_finish (run->exec, error))
    return NULL;
  return mz_picture_from_planes (rgb, width, height, error);
}

MzPicture *
mz_step_preview (const MzStep *step, MzPreviewKind kind, GError **error)
{
  Run *run = step->private_data;

  if (step->denoised == NULL)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                           "There is nothing to preview before the first step.");
      return NULL;
    }
  if (kind == MZ_PREVIEW_LINEAR)
    return mz_preview_linear (run->model->preview, step->denoised, step->latent_channels, step->latent_height,
                              step->latent_width, error);
  return decode (run, step->denoised, error);
}

static gboolean
make_picture (Run *run, int index, GError **error)
{
  guint64 seed = run->request->seed + (guint64) index;
  g_autoptr (MzPicture) picture = NULL;
  gint64 begin_us;

  run->step.picture = index;
  run->step.step_seconds = 0;
  if (!sample (run, seed, error))
    return FALSE;
  report (run, MZ_PHASE_DECODE, run->step.steps, TRUE);
  begin_us = g_get_monotonic_time ();
  picture = decode (run, run->x, error);
  if (picture == NULL)
    return FALSE;
  update_mean (&run->decode_seconds, seconds_since (begin_us));
  if (run->callbacks != NULL && run->callbacks->picture != NULL)
    {
      g_autoptr (GError) problem = NULL;

      if (!run->callbacks->picture (run->callbacks->user, index, seed, picture, &problem))
        {
          if (problem == NULL)
            g_set_error_literal (&problem, MZ_ERROR, MZ_ERROR_CANCELLED, "Stopped.");
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
    }
  else
    g_ptr_array_add (run->result->pictures, g_steal_pointer (&picture));
  g_array_append_val (run->result->seeds, seed);
  return TRUE;
}

/* ---- The whole request ---- */

static void
begin_run (Run *run)
{
  MzModel *model = run->model;
  const MzRequest *request = run->request;
  const MzSamplerKind *kind = mz_sampler_find (request->sampler, NULL); /* validated: it is there */
  int factor = model->info->latent_factor, channels = model->info->latent_channels;

  run->exec = mz_exec_new (model->engine->device);
  run->exec->cancel = run->cancel;
  run->result = result_new ();
  run->n_samples = request->guidance == 1.0 && !kind->wants_unguided ? 1 : 2;
  run->latent_h = request->height / factor;
  run->latent_w = request->width / factor;
  run->n_latent = (gsize) channels * (gsize) run->latent_h * (gsize) run->latent_w;
  run->ids = g_new0 (gint32, (gsize) run->n_samples * (gsize) model->config.clip.max_position_embeddings);
  run->step = (MzStep){ .count = request->count,
                        .steps = request->steps,
                        .latent_channels = channels,
                        .latent_height = run->latent_h,
                        .latent_width = run->latent_w,
                        .seconds_left = -1,
                        .seed = request->seed,
                        .private_data = run };
}

/* The latents on the host: after the plan, whose failure says more. */
static gboolean
take_latents (Run *run, GError **error)
{
  gsize n_samples = (gsize) run->n_samples;

  run->x = g_try_new0 (float, run->n_latent);
  run->denoised = g_try_new0 (float, run->n_latent);
  run->in = g_try_new0 (float, run->n_latent *n_samples);
  run->out = g_try_new0 (float, run->n_latent *n_samples);
  if (run->x != NULL && run->denoised != NULL && run->in != NULL && run->out != NULL)
    return TRUE;
  mz_exec_fail_memory (run->exec, 2 * run->n_latent * (1 + n_samples) * sizeof (float));
  return mz_exec_finish (run->exec, error);
}

static void
end_run (Run *run)
{
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
run_request (Run *run, GError **error)
{
  const MzRequest *request = run->request;
  gint32 *cond_ids = run->ids + (run->n_samples - 1) * run->model->config.clip.max_position_embeddings;

  if (run->n_samples == 2 && !tokenize (run, request->negative_prompt, run->ids, FALSE, error))
    return FALSE;
  if (!tokenize (run, request->prompt, cond_ids, TRUE, error) || !plan_memory (run, error)
      || !take_latents (run, error) || !encode_text (run, error))
    return FALSE;
  for (int i = 0; i < request->count; i++)
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
  Run run = { .model = model, .request = checked, .callbacks = callbacks, .cancel = cancel };
  MzResult *result = NULL;

  if (!mz_request_validate (checked, model, NULL, error))
    return NULL;
  begin_run (&run);
  if (run_request (&run, error))
    result = g_steal_pointer (&run.result);
  end_run (&run);
  return result;
}
