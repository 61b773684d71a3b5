/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Networks on another device. They are read when they are needed, the text encoder for as long as it takes to
 * encode the prompts, and kept until the stand-in is freed. */
#include "pipeline/stand-in.h"

#include <string.h>

#include "core/finite.h"

struct _MzStandIn
{
  MzModel *model;   /* borrowed */
  MzDevice *device; /* borrowed */
  MzUnet *unet;
  MzVae *vae;
  float *context; /* of the prompts, [n_samples, width, positions]; NULL: they change, or were not encoded */
  float *encoded; /* of prompts that change, as the run's */
  MzUnetText *text; /* of the prompts at `text_step` */
  int text_step;
  MzExec *text_exec, *exec;
  int n_planned; /* samples of the network's evaluation that `exec` has room for */
};

MzStandIn *
mz_stand_in_new (MzModel *model, MzDevice *device)
{
  MzStandIn *self = g_new0 (MzStandIn, 1);

  self->model = model;
  self->device = device;
  self->text_exec = mz_exec_new (device);
  self->exec = mz_exec_new (device);
  return self;
}

void
mz_stand_in_free (MzStandIn *self)
{
  g_clear_pointer (&self->text, mz_unet_text_free);
  mz_exec_free (self->exec);
  mz_exec_free (self->text_exec);
  g_clear_pointer (&self->unet, mz_unet_free);
  g_clear_pointer (&self->vae, mz_vae_free);
  g_free (self->context);
  g_free (self->encoded);
  g_free (self);
}

gboolean
mz_stand_in_has_unet (const MzStandIn *self)
{
  return self->unet != NULL;
}

gboolean
mz_stand_in_has_vae (const MzStandIn *self)
{
  return self->vae != NULL;
}

/* ---- Reading networks ---- */

static void
begin_loading (MzStandIn *self, MzCancel *cancel, MzLoader *loader)
{
  *loader = (MzLoader){ .weights = self->model->file->weights, .device = self->device, .cancel = cancel };
  self->device->cancel = cancel;
}

static gboolean
end_loading (MzStandIn *self, MzLoader *loader, GError **error)
{
  self->device->cancel = NULL;
  if (loader->error == NULL)
    return TRUE;
  g_propagate_error (error, loader->error);
  return FALSE;
}

static gboolean
need_unet (MzStandIn *self, MzCancel *cancel, GError **error)
{
  MzLoader loader;

  if (self->unet != NULL)
    return TRUE;
  begin_loading (self, cancel, &loader);
  self->unet = mz_unet_new (&self->model->config.unet, &loader);
  if (end_loading (self, &loader, error))
    return TRUE;
  g_clear_pointer (&self->unet, mz_unet_free);
  return FALSE;
}

static gboolean
need_vae (MzStandIn *self, MzCancel *cancel, GError **error)
{
  MzLoader loader;

  if (self->vae != NULL)
    return TRUE;
  begin_loading (self, cancel, &loader);
  self->vae = mz_vae_new (&self->model->config.vae, &loader);
  if (end_loading (self, &loader, error))
    return TRUE;
  g_clear_pointer (&self->vae, mz_vae_free);
  return FALSE;
}

/* ---- The prompts ---- */

/* To the host, so that the U-Net is not in memory beside the text encoder. */
static void
encode (MzStandIn *self, const MzRun *run, MzClip *clip)
{
  MzTensor context;
  gsize n;

  g_clear_pointer (&self->encoded, g_free);
  context = mz_prompts_encode (run->prompts, clip, self->text_exec, run->request->clip_skip, &self->encoded);
  n = mz_tensor_elements (&context);
  if (self->encoded == NULL && self->context == NULL && (self->context = g_try_new0 (float, n)) == NULL)
    mz_exec_fail_memory (self->text_exec, n * sizeof (float));
  if (self->context != NULL)
    mz_op_download (self->text_exec, &context, self->context);
  mz_give (self->text_exec, &context);
}

static gboolean
need_context (MzStandIn *self, const MzRun *run, GError **error)
{
  MzLoader loader;
  MzClip *clip;
  gboolean ok;

  if (self->context != NULL || self->encoded != NULL)
    return TRUE;
  begin_loading (self, run->cancel, &loader);
  clip = mz_clip_new (&self->model->config.clip, &loader);
  ok = end_loading (self, &loader, error);
  if (ok)
    {
      mz_exec_begin_plan (self->text_exec);
      encode (self, run, clip);
      ok = mz_exec_end_plan (self->text_exec, error);
    }
  if (ok)
    {
      encode (self, run, clip);
      ok = mz_exec_finish (self->text_exec, error);
    }
  mz_clip_free (clip);
  if (!ok)
    {
      g_clear_pointer (&self->context, g_free);
      g_clear_pointer (&self->encoded, g_free);
    }
  return ok;
}

static void
make_text (MzStandIn *self, const MzRun *run)
{
  int width = mz_clip_get_width (run->model->outline_clip);
  MzTensor context;

  if (self->encoded != NULL)
    context = mz_prompts_context_at (run->prompts, self->encoded, self->text_exec, width, run->sampling_step);
  else
    {
      context = mz_prompts_take_context (run->prompts, self->text_exec, run->n_samples, width);
      mz_op_upload (self->text_exec, &context, self->context);
    }
  self->text_step = run->sampling_step;
  self->text = mz_unet_text_new (self->unet, self->text_exec, &context);
  mz_give (self->text_exec, &context);
}

/* Keys and values of what the prompts are at the step in work. */
static gboolean
need_text (MzStandIn *self, const MzRun *run, GError **error)
{
  gsize n_bytes = (gsize) run->n_samples * sizeof (int);

  if (self->text != NULL
      && memcmp (mz_prompts_texts_at (run->prompts, run->sampling_step),
                 mz_prompts_texts_at (run->prompts, self->text_step), n_bytes)
             == 0)
    return TRUE;
  g_clear_pointer (&self->text, mz_unet_text_free);
  mz_exec_begin_plan (self->text_exec);
  make_text (self, run);
  g_clear_pointer (&self->text, mz_unet_text_free);
  if (!mz_exec_end_plan (self->text_exec, error))
    return FALSE;
  make_text (self, run);
  if (mz_exec_finish (self->text_exec, error))
    return TRUE;
  g_clear_pointer (&self->text, mz_unet_text_free);
  return FALSE;
}

/* ---- The network ---- */

/* Samples of text first / n_pictures and the next, from latent `first` on. */
static void
run_unet (MzStandIn *self, MzRun *run, int first, int n, float timestep)
{
  int text = first / run->n_pictures;
  MzUnetText *slice = mz_unet_text_slice (self->text, text, n);
  gsize at = (gsize) first * run->n_latent;

  do
    {
      mz_exec_begin_evaluation (self->exec, (guint) text);
      mz_unet_run (self->unet, self->exec, slice, run->in + at, n, run->latent_h, run->latent_w, timestep,
                   run->out + at);
    }
  while (mz_exec_end_evaluation (self->exec));
  mz_unet_text_free (slice);
}

/* One picture's samples together, or, so that memory is that of one, each sample of several pictures alone.
 */
gboolean
mz_stand_in_evaluate (MzStandIn *self, MzRun *run, int n_at_once, float timestep, GError **error)
{
  int n = run->n_pictures == 1 ? n_at_once : 1;

  self->text_exec->cancel = self->exec->cancel = run->cancel;
  if (!need_context (self, run, error) || !need_unet (self, run->cancel, error)
      || !need_text (self, run, error))
    return FALSE;
  if (n != self->n_planned)
    {
      mz_exec_begin_plan (self->exec);
      run_unet (self, run, 0, n, timestep);
      if (!mz_exec_end_plan (self->exec, error))
        return FALSE;
      self->n_planned = n;
    }
  for (int i = 0; i < run->n_samples * run->n_pictures; i += n)
    if (!mz_all_finite (run->out + (gsize) i * run->n_latent, (gsize) n * run->n_latent))
      run_unet (self, run, i, n, timestep);
  return mz_exec_finish (self->exec, error);
}

/* ---- The decoder ---- */

gboolean
mz_stand_in_decode (MzStandIn *self,
                    const float *latent,
                    int height,
                    int width,
                    float *rgb,
                    MzCancel *cancel,
                    GError **error)
{
  self->exec->cancel = cancel;
  if (!need_vae (self, cancel, error))
    return FALSE;
  mz_exec_begin_plan (self->exec);
  mz_vae_decode (self->vae, self->exec, NULL, height, width, NULL);
  if (!mz_exec_end_plan (self->exec, error))
    return FALSE;
  mz_vae_decode (self->vae, self->exec, latent, height, width, rgb);
  return mz_exec_finish (self->exec, error);
}
