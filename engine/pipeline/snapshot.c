/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where a picture stands after a step: taking it down, and looking at it. */
#include <glib/gi18n-lib.h>

#include "pipeline/snapshot.h"

#include <string.h>

#include "diffusion/noise-source.h"
#include "pipeline/run.h"

MzSnapshot *
mz_snapshot_new (int channels, int height, int width, int n_memory, GError **error)
{
  gsize n_bytes = (gsize) channels * (gsize) height * (gsize) width * (gsize) (2 + n_memory) * sizeof (float);
  float *latents = g_try_malloc (n_bytes);
  MzSnapshot *self;

  if (latents == NULL)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY,
                   _ ("There is not enough memory to keep a step (%zu bytes)."), n_bytes);
      return NULL;
    }
  self = g_new0 (MzSnapshot, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->channels = channels;
  self->height = height;
  self->width = width;
  self->n_memory = n_memory;
  self->latents = latents;
  return self;
}

gsize
mz_snapshot_n_latent (const MzSnapshot *snapshot)
{
  return (gsize) snapshot->channels * (gsize) snapshot->height * (gsize) snapshot->width;
}

MzSnapshot *
mz_snapshot_ref (MzSnapshot *snapshot)
{
  g_atomic_ref_count_inc (&snapshot->ref_count);
  return snapshot;
}

void
mz_snapshot_unref (MzSnapshot *snapshot)
{
  if (!g_atomic_ref_count_dec (&snapshot->ref_count))
    return;
  g_clear_pointer (&snapshot->base, mz_snapshot_unref);
  g_free (snapshot->latents);
  g_free (snapshot);
}

MzSnapshot *
mz_step_take_snapshot (const MzStep *step, GError **error)
{
  const MzRun *run = step->private_data;
  gsize n = run->n_latent, first = mz_run_picture_offset (run);
  MzSnapshot *self;

  if (step->denoised == NULL)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                           _ ("There is nothing to keep before the first step."));
      return NULL;
    }
  self = mz_snapshot_new (step->latent_channels, step->latent_height, step->latent_width,
                          mz_sampler_count_memory (run->sampler), error);
  if (self == NULL)
    return NULL;
  self->factor = run->model->info->latent_factor;
  self->step = step->step;
  self->steps = step->steps;
  self->picture = step->picture;
  self->seed = step->seed;
  self->sigma = mz_sampler_get_sigma (run->sampler, step->step);
  self->sigma_space = mz_sampler_kind_is_sigma_space (run->kind);
  self->overflow = run->overflow[first / n];
  self->n_draws = mz_noise_source_count_draws (run->noise);
  memcpy (self->request_print, run->request_print, MZ_PRINT_BYTES);
  memcpy (self->model_print, run->model_print, MZ_PRINT_BYTES);
  memcpy (self->latents, run->x + first, n * sizeof (float));
  memcpy (self->latents + n, run->denoised + first, n * sizeof (float));
  mz_sampler_save_memory (run->sampler, first, n, self->latents + 2 * n);
  self->base = run->base != NULL ? mz_snapshot_ref (run->base) : NULL;
  return self;
}

int
mz_snapshot_get_step (MzSnapshot *snapshot)
{
  return snapshot->step;
}

int
mz_snapshot_get_steps (MzSnapshot *snapshot)
{
  return snapshot->steps;
}

int
mz_snapshot_get_picture (MzSnapshot *snapshot)
{
  return snapshot->picture;
}

guint64
mz_snapshot_get_seed (MzSnapshot *snapshot)
{
  return snapshot->seed;
}

void
mz_snapshot_get_size (MzSnapshot *snapshot, int *width, int *height)
{
  *width = snapshot->width * snapshot->factor;
  *height = snapshot->height * snapshot->factor;
}

double
mz_snapshot_get_sigma (MzSnapshot *snapshot)
{
  return snapshot->sigma;
}

gsize
mz_snapshot_get_bytes (MzSnapshot *snapshot)
{
  gsize n_vectors = (gsize) (2 + snapshot->n_memory);

  return sizeof *snapshot + n_vectors * mz_snapshot_n_latent (snapshot) * sizeof (float);
}

static gboolean
check_latents (const MzSnapshot *snapshot, const MzModel *model, GError **error)
{
  if (snapshot->channels == model->info->latent_channels && snapshot->factor == model->info->latent_factor)
    return TRUE;
  g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
               _ ("The step was made by a model of another kind than “%s”, which cannot show it."),
               model->info->name);
  return FALSE;
}

MzPicture *
mz_snapshot_preview (MzSnapshot *snapshot, MzModel *model, GError **error)
{
  if (!check_latents (snapshot, model, error))
    return NULL;
  return mz_preview_linear (model->preview, snapshot->latents + mz_snapshot_n_latent (snapshot),
                            snapshot->channels, snapshot->height, snapshot->width, error);
}

static void
plan_decode (MzSnapshot *snapshot, MzModel *model, MzExec *exec)
{
  mz_exec_begin_plan (exec);
  mz_vae_set_band_bytes (model->outline_vae, MZ_VAE_BAND_BYTES);
  mz_vae_decode (model->outline_vae, exec, NULL, snapshot->height, snapshot->width, NULL);
}

/* The autoencoder in memory, and a block for it: others are let go of before the block is taken. */
static gboolean
prepare_decode (MzSnapshot *snapshot, MzModel *model, MzExec *exec, GError **error)
{
  gsize n_bytes;

  plan_decode (snapshot, model, exec);
  if (!mz_exec_end_estimate (exec, &n_bytes, error)
      || !mz_model_hold (model, MZ_PART_VAE, mz_model_program_bytes (model) + n_bytes, exec->cancel, error))
    return FALSE;
  mz_vae_set_band_bytes (model->vae, MZ_VAE_BAND_BYTES);
  plan_decode (snapshot, model, exec);
  return mz_exec_end_plan (exec, error);
}

MzPicture *
mz_snapshot_decode (MzSnapshot *snapshot, MzModel *model, MzCancel *cancel, GError **error)
{
  gboolean is_finished = snapshot->step == snapshot->steps;
  const float *latent = snapshot->latents + (is_finished ? 0 : mz_snapshot_n_latent (snapshot));
  MzExec *exec;
  MzPicture *picture = NULL;

  if (!check_latents (snapshot, model, error))
    return NULL;
  exec = mz_exec_new (model->engine->device);
  exec->cancel = cancel;
  if (prepare_decode (snapshot, model, exec, error))
    picture = mz_decode_latent (model, exec, latent, snapshot->height, snapshot->width, NULL, error);
  mz_exec_free (exec);
  return picture;
}
