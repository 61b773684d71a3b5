/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From a latent to pixels. */
#include "pipeline/run.h"

MzPicture *
mz_run_decode (MzRun *run, const float *latent, GError **error)
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
  MzRun *run = step->private_data;

  if (step->denoised == NULL)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                           "There is nothing to preview before the first step.");
      return NULL;
    }
  if (kind == MZ_PREVIEW_LINEAR)
    return mz_preview_linear (run->model->preview, step->denoised, step->latent_channels, step->latent_height,
                              step->latent_width, error);
  return mz_run_decode (run, step->denoised, error);
}
