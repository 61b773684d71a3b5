/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From a latent to pixels. */
#include <glib/gi18n-lib.h>

#include "core/finite.h"
#include "io/taesd-file.h"
#include "pipeline/fallback.h"

/* The card's halves hold no more than 65504, which some autoencoders pass. n: numbers of the picture. */
static gboolean
decode_again (MzModel *model,
              MzCancel *cancel,
              const float *latent,
              int height,
              int width,
              float *rgb,
              gsize n,
              MzFallback **kept,
              GError **error)
{
  MzFallback *fallback = kept != NULL && *kept != NULL ? *kept : mz_fallback_new (model);
  gboolean ok = mz_fallback_decode (fallback, latent, height, width, rgb, n, cancel, error);

  if (kept != NULL)
    *kept = fallback;
  else
    mz_fallback_free (fallback);
  return ok;
}

static float *
take_planes (int channels, int width, int height, GError **error)
{
  float *planes = g_try_new (float, (gsize) channels *(gsize) width *(gsize) height);

  if (planes == NULL)
    g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("There is not enough memory for a picture of %d×%d."),
                 width, height);
  return planes;
}

MzPicture *
mz_decode_latent (MzModel *model,
                  MzExec *exec,
                  const float *latent,
                  int height,
                  int width,
                  MzFallback **fallback,
                  GError **error)
{
  int factor = model->info->latent_factor, picture_w = width * factor, picture_h = height * factor;
  gsize n = (gsize) model->config.vae.out_channels * (gsize) picture_w * (gsize) picture_h;
  g_autofree float *rgb = take_planes (model->config.vae.out_channels, picture_w, picture_h, error);

  if (rgb == NULL)
    return NULL;
  mz_vae_decode (model->vae, exec, latent, height, width, rgb);
  if (!mz_exec_finish (exec, error))
    return NULL;
  if (mz_engine_computes_on_card (model->engine) && !mz_all_finite (rgb, n)
      && !decode_again (model, exec->cancel, latent, height, width, rgb, n, fallback, error))
    return NULL;
  return mz_picture_from_planes (rgb, picture_w, picture_h, error);
}

/* ---- Previews ---- */

void
mz_model_find_small_decoder (MzModel *model, gboolean own_only, MzCancel *cancel)
{
  MzWeights *weights = mz_taesd_file_find (model->file->path, own_only, cancel);
  MzLoader loader = { .weights = weights, .cancel = cancel, .device = model->outline_device };
  int channels = model->info->latent_channels, factor = model->info->latent_factor;

  if (weights == NULL)
    return;
  model->outline_taesd = mz_taesd_new (&loader, channels, factor);
  if (loader.error == NULL && mz_weights_check (weights, &loader.error))
    {
      loader.device = model->engine->device;
      model->taesd = mz_taesd_new (&loader, channels, factor);
    }
  if (loader.error != NULL)
    {
      g_debug ("no small decoder for previews: %s", loader.error->message);
      g_clear_error (&loader.error);
      g_clear_pointer (&model->taesd, mz_taesd_free);
      g_clear_pointer (&model->outline_taesd, mz_taesd_free);
    }
  mz_weights_unref (weights);
}

/* Has the block of the steps room for it? Without a memory limit always, as the autoencoder's is part of it.
 */
static gboolean
has_room_for_small_decoder (MzRun *run)
{
  g_autoptr (MzExec) exec = mz_exec_new (run->model->outline_device);
  gsize n_bytes = 0;

  mz_exec_begin_plan (exec);
  mz_taesd_decode (run->model->outline_taesd, exec, NULL, run->latent_h, run->latent_w, NULL);
  return mz_exec_end_estimate (exec, &n_bytes, NULL) && n_bytes <= mz_exec_block_bytes (run->exec);
}

static MzPicture *
preview_small (MzRun *run, const float *latent, GError **error)
{
  int factor = run->model->info->latent_factor, width = run->latent_w * factor,
      height = run->latent_h * factor;
  g_autofree float *rgb = take_planes (3, width, height, error);

  if (rgb == NULL)
    return NULL;
  mz_taesd_decode (run->model->taesd, run->exec, latent, run->latent_h, run->latent_w, rgb);
  if (!mz_exec_finish (run->exec, error))
    return NULL;
  return mz_picture_from_planes (rgb, width, height, error);
}

static void
note_decoder (MzRun *run, gboolean is_by_processor)
{
  if (run->has_noted_decoder[is_by_processor])
    return;
  run->has_noted_decoder[is_by_processor] = TRUE;
  if (is_by_processor)
    mz_run_note (
        run,
        g_strdup (_ ("The autoencoder went beyond the half precision that the graphics card computes in. "
                     "The picture was decoded on the processor in full precision.")));
  else
    mz_run_note (
        run,
        g_strdup (_ ("The autoencoder went beyond the half precision that the graphics card computes in. "
                     "The picture was decoded there with fewer digits and a wider range (bfloat16).")));
}

MzPicture *
mz_run_decode (MzRun *run, const float *latent, GError **error)
{
  MzPicture *picture
      = mz_decode_latent (run->model, run->exec, latent, run->latent_h, run->latent_w, &run->fallback, error);
  MzOverflow again = run->fallback != NULL ? mz_fallback_take_decoder (run->fallback) : MZ_OVERFLOW_NONE;

  if (again != MZ_OVERFLOW_NONE)
    note_decoder (run, again == MZ_OVERFLOW_TO_PROCESSOR);
  return picture;
}

MzPicture *
mz_step_preview (const MzStep *step, MzPreviewKind kind, GError **error)
{
  MzRun *run = step->private_data;

  if (step->denoised == NULL)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                           _ ("There is nothing to preview before the first step."));
      return NULL;
    }
  if (kind == MZ_PREVIEW_QUICK && run->model->taesd != NULL && has_room_for_small_decoder (run))
    return preview_small (run, step->denoised, error);
  if (kind != MZ_PREVIEW_VAE || !mz_run_can_preview (run))
    return mz_preview_linear (run->model->preview, step->denoised, step->latent_channels, step->latent_height,
                              step->latent_width, error);
  if (!mz_run_enter (run, MZ_PHASE_DECODE, error))
    return NULL;
  return mz_run_decode (run, step->denoised, error);
}
