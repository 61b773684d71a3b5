/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Loading a model: file, check of every tensor, outlines for planning, then the weights onto the device. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/digest.h"
#include "core/paths.h"
#include "pipeline/parts.h"

#define BUILTIN_MODEL "models/proof"
#define CLIP_MERGES "clip/merges.txt"

/* Rows: latent channel; columns: red, green, blue. For SD 1.x latents, as ComfyUI publishes them. */
static const MzPreviewFactors sd1_preview = { {
                                                  { 0.3512f, 0.2297f, 0.3227f },
                                                  { 0.3250f, 0.4974f, 0.2350f },
                                                  { -0.2829f, 0.1762f, 0.2721f },
                                                  { -0.2120f, -0.2616f, -0.7177f },
                                              },
                                              { 0, 0, 0 } };

void
mz_build_models (MzModelFile *file, MzLoader *loader, MzClip **clip, MzUnet **unet, MzVae **vae)
{
  *clip = mz_clip_new (&file->config.clip, loader);
  *unet = mz_unet_new (&file->config.unet, loader);
  *vae = mz_vae_new (&file->config.vae, loader);
}

const char *
mz_builtin_model_path (GError **error)
{
  static char *path = NULL;
  static GMutex lock;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (path == NULL)
    path = mz_find_data (BUILTIN_MODEL, error);
  return path;
}

static MzTokenizer *
open_tokenizer (MzModelFile *file, GError **error)
{
  g_autoptr (MzTokenizer) tokenizer = NULL;
  g_autofree char *merges = NULL;

  if (file->tokenizer_dir != NULL)
    tokenizer = mz_tokenizer_new_from_dir (file->tokenizer_dir, error);
  else if ((merges = mz_find_data (CLIP_MERGES, error)) != NULL)
    tokenizer = mz_tokenizer_new_clip (merges, error);
  if (tokenizer == NULL)
    return NULL;
  if ((int) mz_tokenizer_get_vocab_size (tokenizer) > file->config.clip.vocab_size)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
                   _ ("The tokenizer of “%s” has %u tokens, but its text encoder knows only %d."), file->path,
                   mz_tokenizer_get_vocab_size (tokenizer), file->config.clip.vocab_size);
      return NULL;
    }
  return g_steal_pointer (&tokenizer);
}

/* SD 1 and SD 2 share an autoencoder; another one's latents have other colours. */
static gboolean
has_sd1_latent (const MzModelFile *file)
{
  return file->config.vae.latent_channels == 4
         && (g_str_has_prefix (file->family, "Stable Diffusion 1")
             || g_str_has_prefix (file->family, "Stable Diffusion 2"));
}

/* What can be known without reading numbers. Takes the file. */
static gboolean
describe_model (MzModel *model, MzModelFile *file, GError **error)
{
  MzLoader loader = { .weights = file->weights };

  model->file = file;
  model->config = file->config;
  if (file->preview != NULL)
    model->preview = g_memdup2 (file->preview, sizeof *file->preview);
  else if (has_sd1_latent (file))
    model->preview = g_memdup2 (&sd1_preview, sizeof sd1_preview);
  if (!mz_weights_check (file->weights, error))
    return FALSE;
  if ((model->tokenizer = open_tokenizer (file, error)) == NULL)
    return FALSE;
  model->pad_id = file->tokenizer_dir != NULL ? (gint32) mz_tokenizer_get_pad_id (model->tokenizer)
                                              : (gint32) file->config.clip.pad_token_id;
  if ((model->noise = mz_noise_schedule_new (&file->config.scheduler, error)) == NULL)
    return FALSE;
  loader.device = model->outline_device = mz_device_new_outline (model->engine->device->backend);
  mz_build_models (file, &loader, &model->outline_clip, &model->outline_unet, &model->outline_vae);
  if (loader.error == NULL)
    return TRUE;
  g_propagate_error (error, loader.error);
  return FALSE;
}

MzModel *
mz_model_load (MzEngine *engine,
               const char *path,
               MzCancel *cancel,
               MzLoadFunc progress,
               gpointer user,
               GError **error)
{
  g_autoptr (MzModel) model = NULL;
  MzModelFile *file;
  gboolean is_builtin = path == NULL;

  if (is_builtin && (path = mz_builtin_model_path (error)) == NULL)
    return NULL;
  if (progress != NULL)
    progress (user, 0);
  file = mz_model_file_open (path, cancel, error);
  if (file == NULL)
    return NULL;
  model = g_new0 (MzModel, 1);
  g_atomic_ref_count_init (&model->ref_count);
  model->engine = mz_engine_ref (engine);
  model->unet_8bit = engine->unet_8bit;
  model->info = mz_model_info_new (file, is_builtin);
  if (!describe_model (model, file, error))
    return NULL;
  if (mz_taesd_has_factor (model->info->latent_factor))
    mz_model_find_small_decoder (model, !has_sd1_latent (file), cancel);
  if (!mz_model_load_parts (model, cancel, progress, user, error))
    return NULL;
  if (progress != NULL)
    progress (user, 1);
  return g_steal_pointer (&model);
}

MzModel *
mz_model_ref (MzModel *model)
{
  g_atomic_ref_count_inc (&model->ref_count);
  return model;
}

void
mz_model_unref (MzModel *model)
{
  if (!g_atomic_ref_count_dec (&model->ref_count))
    return;
  mz_model_free_parts (model);
  g_clear_pointer (&model->taesd, mz_taesd_free);
  g_clear_pointer (&model->outline_taesd, mz_taesd_free);
  g_clear_pointer (&model->outline_clip, mz_clip_free);
  g_clear_pointer (&model->outline_unet, mz_unet_free);
  g_clear_pointer (&model->outline_vae, mz_vae_free);
  g_clear_pointer (&model->outline_device, mz_device_close);
  g_clear_pointer (&model->file, mz_model_file_free);
  g_clear_pointer (&model->tokenizer, mz_tokenizer_unref);
  g_clear_pointer (&model->noise, mz_noise_schedule_free);
  g_clear_pointer (&model->info, mz_model_info_free);
  g_clear_pointer (&model->engine, mz_engine_unref);
  g_free (model->preview);
  g_free (model->hash);
  g_free (model);
}

const MzModelInfo *
mz_model_get_info (MzModel *model)
{
  return model->info;
}

gboolean
mz_model_has_half_sums (MzModel *model)
{
  return model->engine->half_sums && model->engine->device->backend->has_half_sums;
}

gboolean
mz_model_has_8bit_weights (MzModel *model)
{
  return model->unet_8bit && model->engine->device->backend->has_8bit;
}

const char *
mz_model_get_hash (MzModel *model, MzCancel *cancel, GError **error)
{
  if (model->hash == NULL)
    model->hash = mz_digest_file (model->info->hashed_file, cancel, error);
  return model->hash;
}

char *
mz_hash_file (const char *path, MzCancel *cancel, GError **error)
{
  return mz_digest_file (path, cancel, error);
}

const char *
mz_model_get_hashed_file (MzModel *model)
{
  return model->info->hashed_file;
}
