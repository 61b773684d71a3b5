/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a graphics card's half precision overflows at, once more: on the card itself with activations of a
 * wider range (bfloat16), and where that is not to be had, or overflows too, on the processor in single
 * precision. Networks are read when they are needed and kept to the end of the run, those on the card unless
 * their memory is wanted.
 *
 * Once a picture's network overflowed, its other evaluations go to the card's wider form at once: a snapshot
 * remembers that, so that a resumed picture is the same. Without the wider form they go to the card first, as
 * a try there costs nothing beside the processor's time. The next picture begins as if it were alone, and so
 * does every decoding: what is made of a seed depends on nothing that was made before it. */
#include "pipeline/fallback.h"

#include <math.h>
#include <string.h>

#include "core/finite.h"
#include "pipeline/stand-in.h"

/* What copies to and from the card take of it, planes of pictures aside. */
#define COPIES_BYTES ((guint64) 4 << 20)

struct _MzFallback
{
  MzModel *model;             /* borrowed */
  MzStandIn *wider;           /* on the engine's wider device; NULL: not open */
  MzDevice *processor_device; /* NULL: not open */
  MzStandIn *processor;
  MzOverflow decoder;
};

MzFallback *
mz_fallback_new (MzModel *model)
{
  MzFallback *fallback = g_new0 (MzFallback, 1);

  fallback->model = model;
  return fallback;
}

void
mz_fallback_free (MzFallback *fallback)
{
  mz_fallback_leave_card (fallback);
  g_clear_pointer (&fallback->processor, mz_stand_in_free);
  g_clear_pointer (&fallback->processor_device, mz_device_close);
  g_free (fallback);
}

void
mz_fallback_leave_card (MzFallback *fallback)
{
  MzEngine *engine = fallback->model->engine;

  if (fallback->wider == NULL)
    return;
  g_clear_pointer (&fallback->wider, mz_stand_in_free);
  g_clear_pointer (&engine->wider, mz_device_close);
  engine->wider_user = NULL;
}

static gboolean
need_processor (MzFallback *fallback, GError **error)
{
  if (fallback->processor != NULL)
    return TRUE;
  fallback->processor_device = mz_backend_cpu.open (&(MzDeviceOptions){ 0 }, error);
  if (fallback->processor_device == NULL)
    return FALSE;
  fallback->processor = mz_stand_in_new (fallback->model, fallback->processor_device);
  return TRUE;
}

/* ---- Room on the card ---- */

/* What the model's networks on the engine's own device take of it. */
static guint64
count_loaded_bytes (const MzModel *model)
{
  guint64 n_bytes = 0;

  for (MzParts part = MZ_PART_TEXT; part <= MZ_PART_LAYERS; part <<= 1)
    if (mz_model_has_parts (model, part))
      n_bytes += mz_model_parts_bytes (model, part);
  return n_bytes;
}

/* Room for so many bytes more: networks of the engine's own device are let go of for it, first the one that
 * is not needed any more, but none in vain. */
static gboolean
make_room (MzModel *model, guint64 n_bytes)
{
  static const MzParts order[] = { MZ_PART_UNET, MZ_PART_LAYERS, MZ_PART_TEXT, MZ_PART_VAE };
  const MzDevice *device = model->engine->device;
  guint64 usable = mz_engine_get_usable_bytes (model->engine);

  if (usable > 0
      && device->taken_bytes - MIN (device->taken_bytes, count_loaded_bytes (model)) + n_bytes > usable)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (order) && usable > 0 && device->taken_bytes + n_bytes > usable; i++)
    {
      mz_model_release_parts (model, order[i]);
      usable = mz_engine_get_usable_bytes (model->engine);
    }
  return usable == 0 || device->taken_bytes + n_bytes <= usable;
}

/* Opens the card's wider form, if there is one and room for so much of a network and its work. One fallback
 * uses it at a time. FALSE without an error: there is none, or no room. */
static gboolean
need_wider (MzFallback *fallback, guint64 n_bytes, GError **error)
{
  MzEngine *engine = fallback->model->engine;
  const MzDevice *device = engine->device;

  if (device->wider == NULL)
    return FALSE;
  if (engine->wider_user != NULL && engine->wider_user != fallback)
    mz_fallback_leave_card (engine->wider_user);
  n_bytes += device->preparing_bytes + COPIES_BYTES;
  /* What it has there from before goes where both are too much: it must not make a difference. */
  if (fallback->wider != NULL && !make_room (fallback->model, n_bytes))
    mz_fallback_leave_card (fallback);
  if (fallback->wider == NULL && !make_room (fallback->model, n_bytes + device->scratch_bytes))
    return FALSE;
  if (fallback->wider != NULL)
    return TRUE;
  engine->wider = device->wider->open (&(MzDeviceOptions){ 0 }, error);
  if (engine->wider == NULL)
    return FALSE;
  engine->wider_user = fallback;
  fallback->wider = mz_stand_in_new (fallback->model, engine->wider);
  return TRUE;
}

/* After a failure there: TRUE when the processor may take its place. */
static gboolean
may_go_on (MzFallback *fallback, GError *problem, GError **error)
{
  mz_fallback_leave_card (fallback);
  if (g_error_matches (problem, MZ_ERROR, MZ_ERROR_CANCELLED))
    {
      g_propagate_error (error, problem);
      return FALSE;
    }
  g_debug ("the card’s wider form cannot be used: %s",
           problem != NULL ? problem->message : "there is no room");
  g_clear_error (&problem);
  return TRUE;
}

/* ---- The network ---- */

static gboolean
evaluate_wider (MzFallback *fallback, MzRun *run, float timestep, GError **error)
{
  const guint64 *blocks = run->plan.block_bytes;
  MzModel *model = fallback->model;
  guint64 weights
      = MAX (mz_model_parts_bytes (model, MZ_PART_TEXT), mz_model_parts_bytes (model, MZ_PART_UNET));

  if (run->plan.by_layers) /* two of them at a time would be slow, and there is no room for the whole */
    return FALSE;
  if ((fallback->wider == NULL || !mz_stand_in_has_unet (fallback->wider))
      && !need_wider (fallback, weights + blocks[MZ_PHASE_TEXT] + blocks[MZ_PHASE_SAMPLE], error))
    return FALSE;
  return mz_stand_in_evaluate (fallback->wider, run, run->plan.n_at_once, timestep, error);
}

/* Of picture `i`, a sample's numbers in run->in and run->out begin here. */
static gsize
sample_offset (const MzRun *run, int sample, int i)
{
  return run->n_latent * (gsize) (sample * run->n_pictures + i);
}

static gboolean
is_finite (const MzRun *run, const float *numbers, int i)
{
  for (int s = 0; s < run->n_samples; s++)
    if (!mz_all_finite (numbers + sample_offset (run, s, i), run->n_latent))
      return FALSE;
  return TRUE;
}

/* Did picture `i` overflow in what stands in run->out? What was not finite before is no overflow. */
static gboolean
has_overflowed (const MzRun *run, int i)
{
  return !is_finite (run, run->out, i) && is_finite (run, run->in, i);
}

static void
fill_out (MzRun *run, int i, float value)
{
  for (int s = 0; s < run->n_samples; s++)
    for (gsize k = 0; k < run->n_latent; k++)
      run->out[sample_offset (run, s, i) + k] = value;
}

gboolean
mz_fallback_needs_halves (const MzRun *run)
{
  for (int i = 0; i < run->n_pictures; i++)
    if (run->overflow[i] != MZ_OVERFLOW_TO_WIDER)
      return TRUE;
  return FALSE;
}

gboolean
mz_fallback_is_needed (const MzRun *run)
{
  for (int i = 0; i < run->n_pictures; i++)
    if (run->overflow[i] == MZ_OVERFLOW_TO_WIDER || has_overflowed (run, i))
      return TRUE;
  return FALSE;
}

/* The pictures of `is_wanted`, all samples, so that those of a guided evaluation are of one precision, and no
 * others; where that fails, run->out is as it was. */
static gboolean
try_wider (MzFallback *fallback, MzRun *run, const gboolean *is_wanted, float timestep, GError **error)
{
  gsize n = run->n_latent * (gsize) (run->n_samples * run->n_pictures);
  g_autofree float *known = g_memdup2 (run->out, n * sizeof *known);
  GError *problem = NULL;
  gboolean ok;

  for (int i = 0; i < run->n_pictures; i++)
    fill_out (run, i, is_wanted[i] ? NAN : 0.0f);
  ok = evaluate_wider (fallback, run, timestep, &problem);
  for (int i = 0; i < run->n_pictures; i++)
    {
      if (is_wanted[i])
        run->overflow[i] = ok ? MZ_OVERFLOW_TO_WIDER : MZ_OVERFLOW_TO_PROCESSOR;
      for (int s = 0; s < run->n_samples && !(ok && is_wanted[i]); s++)
        memcpy (run->out + sample_offset (run, s, i), known + sample_offset (run, s, i),
                run->n_latent * sizeof *known);
    }
  return ok || may_go_on (fallback, problem, error);
}

gboolean
mz_fallback_evaluate (MzFallback *fallback,
                      MzRun *run,
                      float timestep,
                      gboolean *is_by_processor,
                      GError **error)
{
  gboolean is_wanted[MZ_MAX_AT_ONCE], any = FALSE;

  *is_by_processor = FALSE;
  for (int i = 0; i < run->n_pictures; i++)
    {
      if (run->overflow[i] == MZ_OVERFLOW_TO_WIDER)
        fill_out (run, i, NAN); /* what stands there is no answer of the picture's */
      is_wanted[i] = run->overflow[i] != MZ_OVERFLOW_TO_PROCESSOR && has_overflowed (run, i);
      any = any || is_wanted[i];
    }
  if (any && !try_wider (fallback, run, is_wanted, timestep, error))
    return FALSE;
  for (int i = 0; i < run->n_pictures; i++)
    *is_by_processor = *is_by_processor || has_overflowed (run, i);
  if (!*is_by_processor)
    return TRUE;
  return need_processor (fallback, error)
         && mz_stand_in_evaluate (fallback->processor, run, run->n_samples, timestep, error);
}

/* ---- The decoder ---- */

static gboolean
decode_wider (MzFallback *fallback,
              const float *latent,
              int height,
              int width,
              float *rgb,
              gsize n,
              MzCancel *cancel,
              GError **error)
{
  MzModel *model = fallback->model;
  g_autoptr (MzExec) outline = mz_exec_new (model->outline_device);
  gsize block_bytes;

  mz_exec_begin_plan (outline);
  mz_vae_set_band_bytes (model->outline_vae, MZ_VAE_BAND_BYTES);
  mz_vae_decode (model->outline_vae, outline, NULL, height, width, NULL);
  if (!mz_exec_end_estimate (outline, &block_bytes, error))
    return FALSE;
  if ((fallback->wider == NULL || !mz_stand_in_has_vae (fallback->wider))
      && !need_wider (fallback, mz_model_parts_bytes (model, MZ_PART_VAE) + block_bytes + n * sizeof (float),
                      error))
    return FALSE;
  return mz_stand_in_decode (fallback->wider, latent, height, width, rgb, cancel, error);
}

gboolean
mz_fallback_decode (MzFallback *fallback,
                    const float *latent,
                    int height,
                    int width,
                    float *rgb,
                    gsize n,
                    MzCancel *cancel,
                    GError **error)
{
  GError *problem = NULL;
  gboolean ok = decode_wider (fallback, latent, height, width, rgb, n, cancel, &problem);

  fallback->decoder = MZ_OVERFLOW_TO_WIDER;
  if (!ok && !may_go_on (fallback, problem, error))
    return FALSE;
  if (ok && mz_all_finite (rgb, n))
    return TRUE;
  fallback->decoder = MZ_OVERFLOW_TO_PROCESSOR;
  return need_processor (fallback, error)
         && mz_stand_in_decode (fallback->processor, latent, height, width, rgb, cancel, error);
}

MzOverflow
mz_fallback_take_decoder (MzFallback *fallback)
{
  MzOverflow decoder = fallback->decoder;

  fallback->decoder = MZ_OVERFLOW_NONE;
  return decoder;
}
