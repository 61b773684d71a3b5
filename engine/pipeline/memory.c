/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The memory of a request: the block of activations, and the latents on the host. */
#include "pipeline/run.h"

gboolean
mz_run_plan_memory (MzRun *run, GError **error)
{
  MzModel *model = run->model;
  MzUnetText *text;

  mz_exec_begin_plan (run->exec);
  text = mz_prompts_encode (run->prompts, model, run->exec, run->request->clip_skip);
  mz_unet_run (model->unet, run->exec, text, NULL, run->n_samples, run->latent_h, run->latent_w, 0, NULL);
  mz_vae_decode (model->vae, run->exec, NULL, run->latent_h, run->latent_w, NULL);
  mz_unet_text_free (text);
  if (!mz_exec_end_plan (run->exec, error))
    return FALSE;
  run->result->activation_bytes = mz_exec_block_bytes (run->exec);
  return TRUE;
}

gboolean
mz_run_take_latents (MzRun *run, GError **error)
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
