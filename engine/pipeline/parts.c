/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading networks into memory and letting go of them, under the engine's limit. */
#include <glib/gi18n-lib.h>

#include "pipeline/fallback.h"

/* In the order of giving up: the text encoder is read in a moment, the U-Net takes longest. */
static const MzParts order[] = { MZ_PART_TEXT, MZ_PART_VAE, MZ_PART_UNET, MZ_PART_LAYERS };
/* Of a card's memory, what the U-Net's layers may take beyond their weights: it is taken in pieces. */
#define LAYERS_MARGIN_BYTES ((guint64) 64 << 20)
/* Indices in `order`. */
enum
{
  UNET = 2,
  LAYERS = 3,
};

G_STATIC_ASSERT (G_N_ELEMENTS (order) == MZ_N_PARTS);

/* What reading takes for a moment. */
static guint64
reading_extra_bytes (const MzModel *model)
{
  return mz_engine_computes_on_card (model->engine) ? model->engine->device->preparing_bytes
                                                    : model->largest_tensor_bytes;
}

static gboolean
is_loaded (const MzModel *model, MzParts part)
{
  if (part == MZ_PART_TEXT)
    return model->clip != NULL;
  if (part == MZ_PART_VAE)
    return model->vae != NULL;
  return model->unet != NULL && mz_unet_is_by_layers (model->unet) == (part == MZ_PART_LAYERS);
}

static void
free_part (MzModel *model, MzParts part)
{
  if (part == MZ_PART_TEXT)
    g_clear_pointer (&model->clip, mz_clip_free);
  else if (part == MZ_PART_VAE)
    g_clear_pointer (&model->vae, mz_vae_free);
  else if (is_loaded (model, part))
    g_clear_pointer (&model->unet, mz_unet_free);
}

void
mz_model_release_parts (MzModel *model, MzParts parts)
{
  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    if (parts & order[i])
      free_part (model, order[i]);
}

void
mz_model_free_parts (MzModel *model)
{
  mz_model_release_parts (model, MZ_PARTS_ALL | MZ_PART_LAYERS);
}

/* Returns the bytes it takes. */
static gsize
build_part (MzModel *model, MzParts part, MzLoader *loader)
{
  gsize n_bytes;

  if (part == MZ_PART_TEXT)
    return mz_clip_get_bytes (model->clip = mz_clip_new (&model->config.clip, loader));
  if (part == MZ_PART_VAE)
    return mz_vae_get_bytes (model->vae = mz_vae_new (&model->config.vae, loader));
  if (part == MZ_PART_UNET)
    return mz_unet_get_bytes (model->unet = mz_unet_new (&model->config.unet, loader));
  n_bytes = mz_unet_get_bytes (model->unet
                               = mz_unet_new_by_layers (&model->config.unet, loader, model->layer_bytes));
  if (loader->error == NULL)
    model->layer_bytes = mz_unet_get_layer_bytes (model->unet);
  return n_bytes;
}

/* What reading layers takes beside their weights; on a card, something for the pieces that memory is taken
 * in, too. */
static guint64
layers_extra_bytes (const MzModel *model)
{
  return reading_extra_bytes (model) + (mz_engine_computes_on_card (model->engine) ? LAYERS_MARGIN_BYTES : 0);
}

/* By the file's shares, until a U-Net was in memory. */
static guint64
guess_layers (const MzModel *model)
{
  gsize n_least
      = mz_unet_get_least_file_bytes (model->outline_unet, mz_engine_computes_on_card (model->engine));
  double share = (double) n_least / (double) MAX (1, model->file->components[MZ_COMPONENT_UNET].n_bytes);

  return (guint64) ((double) model->part_bytes[UNET] * share) + layers_extra_bytes (model);
}

static gboolean
load_part (MzModel *model, gsize index, MzLoader *loader, GError **error)
{
  MzDevice *device = model->engine->device;
  gsize n_bytes;

  loader->weights = model->file->weights;
  loader->device = device;
  device->cancel = loader->cancel;
  device->prefers_8bit = model->unet_8bit && (order[index] & (MZ_PART_UNET | MZ_PART_LAYERS));
  n_bytes = build_part (model, order[index], loader);
  device->cancel = NULL;
  device->prefers_8bit = FALSE;
  if (loader->error == NULL)
    {
      model->part_bytes[index] = n_bytes + (index == LAYERS ? layers_extra_bytes (model) : 0);
      if (index == UNET)
        model->part_bytes[LAYERS]
            = mz_unet_get_least_bytes (model->unet, mz_engine_computes_on_card (model->engine))
              + layers_extra_bytes (model);
      return TRUE;
    }
  free_part (model, order[index]);
  g_propagate_error (error, g_steal_pointer (&loader->error));
  return FALSE;
}

/* ---- What fits ---- */

guint64
mz_model_parts_bytes (const MzModel *model, MzParts parts)
{
  guint64 n_bytes = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    if (parts & order[i])
      n_bytes += model->part_bytes[i];
  return n_bytes;
}

guint64
mz_model_program_bytes (const MzModel *model)
{
  return (mz_engine_computes_on_card (model->engine) ? 0 : MZ_PROGRAM_BYTES)
         + model->engine->device->scratch_bytes
         + (model->taesd != NULL ? mz_taesd_get_bytes (model->taesd) : 0);
}

guint64
mz_model_reading_bytes (const MzModel *model)
{
  return mz_model_program_bytes (model) + reading_extra_bytes (model);
}

MzParts
mz_model_choose_parts (const MzModel *model, MzParts needed, guint64 other_bytes, guint64 limit)
{
  MzParts parts = needed & MZ_PART_LAYERS ? (MZ_PARTS_ALL & ~MZ_PART_UNET) | MZ_PART_LAYERS : MZ_PARTS_ALL;

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    if (limit > 0 && (order[i] & needed) == 0 && mz_model_parts_bytes (model, parts) + other_bytes > limit)
      parts &= ~order[i];
  return parts;
}

MzParts
mz_model_choose_unet (const MzModel *model, guint64 other_bytes)
{
  guint64 limit = mz_engine_get_usable_bytes (model->engine);
  guint64 whole = mz_model_parts_bytes (model, MZ_PART_UNET);
  gboolean fits = limit == 0 || whole + MAX (other_bytes, mz_model_reading_bytes (model)) <= limit;

  return fits || whole <= mz_model_parts_bytes (model, MZ_PART_LAYERS) ? MZ_PART_UNET : MZ_PART_LAYERS;
}

static gboolean
check_fits (const MzModel *model, guint64 n_bytes, guint64 limit, GError **error)
{
  g_autofree char *needed = g_format_size (n_bytes), *allowed = g_format_size (limit);

  if (limit == 0 || n_bytes <= limit)
    return TRUE;
  if (mz_engine_computes_on_card (model->engine))
    g_set_error (
        error, MZ_ERROR, MZ_ERROR_MEMORY,
        _ ("The model “%s” needs %s of the graphics card’s memory at once, of which %s may be used."),
        model->info->name, needed, allowed);
  else
    g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY,
                 _ ("The model “%s” needs %s at once, and the memory limit is %s."), model->info->name,
                 needed, allowed);
  return FALSE;
}

static MzParts
find_missing (const MzModel *model, MzParts needed)
{
  MzParts missing = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    if ((needed & order[i]) && !is_loaded (model, order[i]))
      missing |= order[i];
  return missing;
}

/* By what is planned, and by what is there: blocks may be larger than a phase's own. */
gboolean
mz_model_is_crowded (const MzModel *model, MzParts needed, guint64 other_bytes)
{
  const MzEngine *engine = model->engine;
  guint64 limit, more = mz_model_parts_bytes (model, find_missing (model, needed));

  if (engine->wider == NULL)
    return FALSE;
  limit = mz_engine_get_usable_bytes (model->engine);
  more += more > 0 ? reading_extra_bytes (model) : 0;
  return limit > 0
         && MAX (mz_model_parts_bytes (model, needed) + MAX (other_bytes, mz_model_reading_bytes (model)),
                 engine->device->taken_bytes + more)
                > limit;
}

/* mz_model_hold() with a loader that may tell its progress. */
static gboolean
hold (MzModel *model, MzParts needed, guint64 other_bytes, MzLoader *loader, GError **error)
{
  MzParts missing = find_missing (model, needed), kept;
  guint64 limit;

  if (mz_model_is_crowded (model, needed, other_bytes))
    mz_fallback_leave_card (model->engine->wider_user);
  limit = mz_engine_get_usable_bytes (model->engine);
  if (missing != 0)
    other_bytes = MAX (other_bytes, mz_model_reading_bytes (model));
  kept = mz_model_choose_parts (model, needed, other_bytes, limit);
  if (!check_fits (model, mz_model_parts_bytes (model, kept) + other_bytes, limit, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    if ((kept & order[i]) == 0)
      free_part (model, order[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    if ((missing & order[i]) && !load_part (model, i, loader, error))
      return FALSE;
  return TRUE;
}

gboolean
mz_model_has_parts (const MzModel *model, MzParts parts)
{
  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    if ((parts & order[i]) && !is_loaded (model, order[i]))
      return FALSE;
  return TRUE;
}

gboolean
mz_model_hold (MzModel *model, MzParts needed, guint64 other_bytes, MzCancel *cancel, GError **error)
{
  MzLoader loader = { .cancel = cancel };

  return hold (model, needed, other_bytes, &loader, error);
}

/* ---- At first ---- */

/* Turns bytes prepared into a fraction for the caller. */
typedef struct
{
  MzLoadFunc func;
  gpointer user;
  double done, total;
} Progress;

static void
progress_cb (gpointer user, gsize n_bytes)
{
  Progress *progress = user;

  progress->done += (double) n_bytes;
  if (progress->func != NULL)
    progress->func (progress->user, MIN (1.0, progress->done / MAX (1.0, progress->total)));
}

/* What the file says, until a part was in memory and the device has said it. */
static void
guess_bytes (MzModel *model)
{
  static const MzComponentKind kinds[] = { MZ_COMPONENT_TEXT_ENCODER, MZ_COMPONENT_VAE, MZ_COMPONENT_UNET };
  guint n_names;
  g_autofree const char **names = mz_weights_names (model->file->weights, &n_names);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    model->part_bytes[i] = model->engine->device->backend->activation_dtype == MZ_DTYPE_F16
                               ? 2 * model->file->components[kinds[i]].n_params
                               : model->file->components[kinds[i]].n_bytes;
  /* Half, and something for the small matrices and the norms, which stay as they are. */
  if (mz_model_has_8bit_weights ((MzModel *) model))
    model->part_bytes[UNET] = model->part_bytes[UNET] / 16 * 9;
  for (guint i = 0; i < n_names; i++)
    model->largest_tensor_bytes
        = MAX (model->largest_tensor_bytes, mz_weights_lookup (model->file->weights, names[i])->n_bytes);
  model->part_bytes[LAYERS] = guess_layers (model);
}

gboolean
mz_model_load_parts (MzModel *model, MzCancel *cancel, MzLoadFunc progress, gpointer user, GError **error)
{
  Progress told = { progress, user, 0, (double) model->file->n_bytes };
  MzLoader loader = { .cancel = cancel, .progress = progress_cb, .user = &told };

  guess_bytes (model);
  return hold (model, MZ_PART_TEXT, 0, &loader, error) && hold (model, MZ_PART_VAE, 0, &loader, error)
         && hold (model, mz_model_choose_unet (model, 0), 0, &loader, error);
}
