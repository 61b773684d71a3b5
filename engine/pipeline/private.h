/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the pipeline's files share. */
#pragma once

#include "diffusion/noise-schedule.h"
#include "engine.h"
#include "io/model-file.h"
#include "models/clip.h"
#include "models/taesd.h"
#include "models/unet.h"
#include "models/vae.h"
#include "ops/ops.h"
#include "text/tokenizer.h"

G_BEGIN_DECLS

typedef struct _MzFallback MzFallback; /* see fallback.h */

struct _MzEngine
{
  gatomicrefcount ref_count;
  MzDevice *device;
  MzDevice *wider;        /* the device's wider form (MzDevice.wider), while a fallback uses it; else NULL */
  MzFallback *wider_user; /* that fallback; borrowed */
  guint64 memory_limit;   /* bytes; 0: none */
  guint64 card_limit;     /* of a device's own memory; 0: what it has */
  gboolean unet_8bit;     /* of models loaded from now on */
  gboolean half_sums;     /* in U-Nets */
};

/* Text encoder, autoencoder, U-Net, U-Net by layers: see parts.h. */
#define MZ_N_PARTS 4

struct _MzModel
{
  gatomicrefcount ref_count;
  MzEngine *engine;
  MzModelInfo *info;
  MzModelConfig config;
  MzPreviewFactors *preview; /* NULL: none fit this latent */
  MzTaesd *taesd,
      *outline_taesd; /* a small decoder for previews, and for planning; both NULL: there is none */
  MzTokenizer *tokenizer;
  gint32 pad_id; /* behind the end of a prompt; single files have it from their architecture */
  MzNoiseSchedule *noise;
  MzModelFile *file; /* stays mapped, so that a network can be read again */

  gboolean unet_8bit; /* as the engine was asked for when the model was loaded */

  /* Each NULL while it is not in memory: mz_model_hold() in parts.h brings it there. */
  MzClip *clip;
  MzUnet *unet;
  MzVae *vae;
  guint64 part_bytes[MZ_N_PARTS];
  gsize layer_bytes;            /* mz_unet_get_layer_bytes(), once it is known; 0 before */
  guint64 largest_tensor_bytes; /* in the file */

  /* The same without numbers, for planning; never NULL. */
  MzDevice *outline_device;
  MzClip *outline_clip;
  MzUnet *outline_unet;
  MzVae *outline_vae;
  char *hash;
};

/* decode.c: reads the small decoder beside the model; that there is none is no failure. */
void mz_model_find_small_decoder (MzModel *model, gboolean own_only, MzCancel *cancel);

/* Reads everything but tensor data, and fills in what is missing and what is unused by building the models
 * without a device. Returns NULL when the file cannot be read at all. */
MzModelInfo *mz_model_info_new (MzModelFile *file, gboolean is_builtin);

/* Fills in what suits the model: `defaults` is what its maker recommends, or NULL. */
void mz_model_info_set_defaults (MzModelInfo *info, const MzModelDefaults *defaults, int n_train_timesteps);

/* Builds the three models; with a `loader->device` NULL only checks. Each is never NULL. */
void mz_build_models (MzModelFile *file, MzLoader *loader, MzClip **clip, MzUnet **unet, MzVae **vae);

/* ids: [max_position_embeddings], filled; text: UTF-8, NULL is "". Too long a text is no error: see `count`.
 */
gboolean
mz_model_tokenize (MzModel *model, const char *text, gint32 *ids, MzTokenCount *count, GError **error);

/* [n_channels, height, width] to one RGB pixel a cell. factors NULL: the first channels are shown as red,
 * green and blue, so that shapes can be seen where nobody knows the colours. NULL with MZ_ERROR_MEMORY. */
MzPicture *mz_preview_linear (const MzPreviewFactors *factors,
                              const float *latent,
                              int n_channels,
                              int height,
                              int width,
                              GError **error);
/* [3, height, width] floats, -1..1, to 8 bits, rounded to nearest even as numpy does. MZ_ERROR_NONFINITE when
 * a value is not a number. */
MzPicture *mz_picture_from_planes (const float *rgb, int width, int height, GError **error);
/* Its pixels are not set. NULL with MZ_ERROR_MEMORY. */
MzPicture *mz_picture_new (int width, int height, GError **error);

G_END_DECLS
