/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a graphics card's half precision overflows at, once more on the processor in single precision. The
 * network's answer depends on nothing but its input, so that the run goes on from there as if nothing had
 * happened. The processor's networks are read when they are needed, and kept to the end of the run. */
#include "pipeline/fallback.h"

#include <string.h>

#include "core/finite.h"

struct _MzFallback
{
  MzModel *model; /* borrowed */
  MzDevice *device;
  MzUnet *unet;
  MzVae *vae;
  MzUnetText *text; /* of the prompts at `text_step` */
  int text_step;
  float *encoded; /* of the other steps' prompts, as the run's */
  MzExec *text_exec, *exec;
};

MzFallback *
mz_fallback_new (MzModel *model, GError **error)
{
  MzFallback *fallback;
  MzDevice *device = mz_backend_cpu.open (&(MzDeviceOptions){ 0 }, error);

  if (device == NULL)
    return NULL;
  fallback = g_new0 (MzFallback, 1);
  fallback->model = model;
  fallback->device = device;
  fallback->text_exec = mz_exec_new (device);
  fallback->exec = mz_exec_new (device);
  return fallback;
}

void
mz_fallback_free (MzFallback *fallback)
{
  g_clear_pointer (&fallback->text, mz_unet_text_free);
  mz_exec_free (fallback->exec);
  mz_exec_free (fallback->text_exec);
  g_clear_pointer (&fallback->unet, mz_unet_free);
  g_clear_pointer (&fallback->vae, mz_vae_free);
  mz_device_close (fallback->device);
  g_free (fallback->encoded);
  g_free (fallback);
}

/* ---- Reading networks ---- */

static void
begin_loading (MzFallback *fallback, MzCancel *cancel, MzLoader *loader)
{
  *loader
      = (MzLoader){ .weights = fallback->model->file->weights, .device = fallback->device, .cancel = cancel };
  fallback->device->cancel = cancel;
}

static gboolean
end_loading (MzFallback *fallback, MzLoader *loader, GError **error)
{
  fallback->device->cancel = NULL;
  if (loader->error == NULL)
    return TRUE;
  g_propagate_error (error, loader->error);
  return FALSE;
}

static gboolean
need_unet (MzFallback *fallback, MzCancel *cancel, GError **error)
{
  MzLoader loader;

  if (fallback->unet != NULL)
    return TRUE;
  begin_loading (fallback, cancel, &loader);
  fallback->unet = mz_unet_new (&fallback->model->config.unet, &loader);
  if (end_loading (fallback, &loader, error))
    return TRUE;
  g_clear_pointer (&fallback->unet, mz_unet_free);
  return FALSE;
}

static gboolean
need_vae (MzFallback *fallback, MzCancel *cancel, GError **error)
{
  MzLoader loader;

  if (fallback->vae != NULL)
    return TRUE;
  begin_loading (fallback, cancel, &loader);
  fallback->vae = mz_vae_new (&fallback->model->config.vae, &loader);
  if (end_loading (fallback, &loader, error))
    return TRUE;
  g_clear_pointer (&fallback->vae, mz_vae_free);
  return FALSE;
}

/* ---- The network ---- */

static void
encode (MzFallback *fallback, const MzRun *run, MzClip *clip)
{
  MzTensor context;

  g_clear_pointer (&fallback->encoded, g_free);
  context = mz_prompts_encode (run->prompts, clip, fallback->text_exec, run->request->clip_skip,
                               &fallback->encoded);
  fallback->text_step = 0;
  fallback->text = mz_unet_text_new (fallback->unet, fallback->text_exec, &context);
  mz_give (fallback->text_exec, &context);
}

/* Keys and values of the prompts; the text encoder is not needed any more then. */
static gboolean
need_text (MzFallback *fallback, const MzRun *run, GError **error)
{
  MzLoader loader;
  MzClip *clip;
  gboolean ok;

  if (fallback->text != NULL)
    return TRUE;
  begin_loading (fallback, run->cancel, &loader);
  clip = mz_clip_new (&fallback->model->config.clip, &loader);
  ok = end_loading (fallback, &loader, error);
  if (ok)
    {
      mz_exec_begin_plan (fallback->text_exec);
      encode (fallback, run, clip);
      g_clear_pointer (&fallback->text, mz_unet_text_free);
      ok = mz_exec_end_plan (fallback->text_exec, error);
    }
  if (ok)
    {
      encode (fallback, run, clip);
      ok = mz_exec_finish (fallback->text_exec, error);
    }
  mz_clip_free (clip);
  if (!ok)
    g_clear_pointer (&fallback->text, mz_unet_text_free);
  return ok;
}

/* Brings the text to what the prompts are at the step in work. */
static gboolean
change_text (MzFallback *fallback, const MzRun *run, GError **error)
{
  gsize n_bytes = (gsize) run->n_samples * sizeof (int);
  MzTensor context;

  if (memcmp (mz_prompts_texts_at (run->prompts, run->sampling_step),
              mz_prompts_texts_at (run->prompts, fallback->text_step), n_bytes)
      == 0)
    return TRUE;
  g_clear_pointer (&fallback->text, mz_unet_text_free);
  context = mz_prompts_context_at (run->prompts, fallback->encoded, fallback->text_exec,
                                   mz_clip_get_width (run->model->outline_clip), run->sampling_step);
  fallback->text = mz_unet_text_new (fallback->unet, fallback->text_exec, &context);
  fallback->text_step = run->sampling_step;
  mz_give (fallback->text_exec, &context);
  return mz_exec_finish (fallback->text_exec, error);
}

/* One picture's samples as one, or, so that memory is that of one, each sample of several pictures alone. */
static void
evaluate (MzFallback *fallback, MzRun *run, float timestep, gboolean is_plan)
{
  int n_texts = run->n_pictures == 1 ? run->n_samples : 1;

  for (int i = 0; i < (is_plan ? 1 : run->n_samples * run->n_pictures); i += n_texts)
    {
      MzUnetText *text = mz_unet_text_slice (fallback->text, i / run->n_pictures, n_texts);
      gsize first = (gsize) i * run->n_latent;

      if (!is_plan && mz_all_finite (run->out + first, (gsize) n_texts * run->n_latent))
        {
          mz_unet_text_free (text);
          continue; /* it did not overflow */
        }
      mz_unet_run (fallback->unet, fallback->exec, text, run->in + first, n_texts, run->latent_h,
                   run->latent_w, timestep, run->out + first);
      mz_unet_text_free (text);
    }
}

gboolean
mz_fallback_evaluate (MzFallback *fallback, MzRun *run, float timestep, GError **error)
{
  fallback->text_exec->cancel = fallback->exec->cancel = run->cancel;
  if (!need_unet (fallback, run->cancel, error) || !need_text (fallback, run, error)
      || !change_text (fallback, run, error))
    return FALSE;
  mz_exec_begin_plan (fallback->exec);
  evaluate (fallback, run, timestep, TRUE);
  if (!mz_exec_end_plan (fallback->exec, error))
    return FALSE;
  evaluate (fallback, run, timestep, FALSE);
  return mz_exec_finish (fallback->exec, error);
}

/* ---- The decoder ---- */

gboolean
mz_fallback_decode (MzFallback *fallback,
                    const float *latent,
                    int height,
                    int width,
                    float *rgb,
                    MzCancel *cancel,
                    GError **error)
{
  fallback->exec->cancel = cancel;
  if (!need_vae (fallback, cancel, error))
    return FALSE;
  mz_exec_begin_plan (fallback->exec);
  mz_vae_decode (fallback->vae, fallback->exec, NULL, height, width, NULL);
  if (!mz_exec_end_plan (fallback->exec, error))
    return FALSE;
  mz_vae_decode (fallback->vae, fallback->exec, latent, height, width, rgb);
  return mz_exec_finish (fallback->exec, error);
}

gboolean
mz_fallback_has_decoded (const MzFallback *fallback)
{
  return fallback->vae != NULL;
}
