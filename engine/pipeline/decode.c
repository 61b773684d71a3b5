/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From a latent to pixels. */
#include <glib/gi18n-lib.h>

#include "pipeline/run.h"

MzPicture *
mz_decode_latent (MzModel *model, MzExec *exec, const float *latent, int height, int width, GError **error)
{
  int factor = model->info->latent_factor, picture_w = width * factor, picture_h = height * factor;
  g_autofree float *rgb
      = g_try_new (float, (gsize) model->config.vae.out_channels *(gsize) picture_w *(gsize) picture_h);

  if (rgb == NULL)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("There is not enough memory for a picture of %d×%d."),
                   picture_w, picture_h);
      return NULL;
    }
  mz_vae_decode (model->vae, exec, latent, height, width, rgb);
  if (!mz_exec_finish (exec, error))
    return NULL;
  return mz_picture_from_planes (rgb, picture_w, picture_h, error);
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
  if (kind == MZ_PREVIEW_LINEAR || !mz_run_can_preview (run))
    return mz_preview_linear (run->model->preview, step->denoised, step->latent_channels, step->latent_height,
                              step->latent_width, error);
  if (!mz_run_enter (run, MZ_PHASE_DECODE, error))
    return NULL;
  return mz_decode_latent (run->model, run->exec, step->denoised, run->latent_h, run->latent_w, error);
}
