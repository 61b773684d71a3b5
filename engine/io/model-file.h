/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The one entry to people's model files: a path in, a described and mapped model out.
 *
 *   g_autoptr (MzModelFile) file = mz_model_file_open ("v1-5.safetensors", NULL, &error);
 *   if (file == NULL)
 *     return FALSE;
 *   ... mz_unet_new (&file->config.unet, file->weights, ...) ...
 *
 * Two layouts are read: a single .safetensors file in the original (LDM) naming, and a diffusers folder
 * (or its model_index.json). The content decides, never the name. Opening maps the files and reads headers
 * and configs only, so it takes milliseconds whatever the size; no tensor data is touched, but for one small
 * bias vector that tells epsilon from v prediction in SD 2 single files.
 *
 * What a single file does not say is assumed: 8 attention heads (64 channels a head where the context width
 * is 1024 or the projections are linear, as in SD 2), text heads of 64 channels, 32 groups in group norm (or
 * the greatest power of two that divides every channel count), the SD 1.x noise schedule, VAE factor 0.18215.
 * A small JSON file of the same name beside it (model.safetensors -> model.json) may overrule that; every key
 * is optional: { "num_attention_heads": 8 or [8, ...] for each level, "norm_num_groups": 32,
 * "text_num_attention_heads": 1, "vae_norm_num_groups": 32, "vae_scaling_factor": 0.18215, "prediction_type":
 * "epsilon" | "v_prediction" | "sample", "sample_size": 64 (of the latent), "tokenizer": "folder beside the
 * file with vocab.json and merges.txt" } Other programs put their own notes in files of that name: unknown
 * keys are passed over, and so is a file that is no object, damaged or over 1 MiB.
 *
 * The files stay mapped as long as the MzWeights lives. Somebody who shortens a mapped file in place takes
 * the pages away (SIGBUS), as with every program that maps files; replacing it by rename is safe. */
#pragma once

#include "core/cancel.h"
#include "core/config.h"
#include "core/weights.h"
#include "io/model-defaults.h"

G_BEGIN_DECLS

typedef enum
{
  MZ_MODEL_FILE_SINGLE,    /* one .safetensors with everything, LDM naming */
  MZ_MODEL_FILE_DIFFUSERS, /* a folder with model_index.json */
} MzModelFileKind;

/* Where config.scheduler.prediction_type comes from. */
typedef enum
{
  MZ_PREDICTION_FROM_DEFAULT,  /* nothing says otherwise: epsilon */
  MZ_PREDICTION_FROM_CONFIG,   /* scheduler_config.json */
  MZ_PREDICTION_FROM_WEIGHTS,  /* a bias's standard deviation (single SD 2 files): a good guess, to be
                                  overruled */
  MZ_PREDICTION_FROM_OVERRIDE, /* the JSON file beside a single file */
} MzPredictionSource;

typedef enum
{
  MZ_COMPONENT_UNET,
  MZ_COMPONENT_VAE,
  MZ_COMPONENT_TEXT_ENCODER,
  MZ_N_COMPONENTS,
} MzComponentKind;

typedef struct
{
  const char *name; /* "unet", "vae", "text_encoder": the first part of its canonical tensor names */
  guint n_tensors;
  guint64 n_params;
  guint64 n_bytes;
  guint dtypes; /* set of 1u << MzDType */
} MzModelComponent;

/* A linear picture of a latent: rgb[c] = bias[c] + sum over k of latent[k] * factors[k][c], where the latent
 * is scaled as the U-Net sees it; c is red, green, blue; -1 is black and 1 is white. */
typedef struct
{
  float factors[MZ_MAX_LATENT_CHANNELS][3]; /* as many rows as the VAE has latent channels */
  float bias[3];
} MzPreviewFactors;

/* Read only for the caller; everything belongs to it. No function here changes it after opening, so any
 * thread may read it; taking tensors from `weights` follows the rules of MzWeights. */
typedef struct
{
  char *path; /* as given */
  MzModelFileKind kind;
  const char *family; /* "Stable Diffusion 1.x", "Stable Diffusion 2.x", or "Stable Diffusion family" */
  MzModelConfig config;
  MzPredictionSource prediction_source;
  MzWeights *weights;  /* canonical names */
  char *tokenizer_dir; /* folder with vocab.json and merges.txt; NULL: CLIP's own table */
  char **files;        /* the weight files mapped, NULL-terminated */

  MzModelComponent components[MZ_N_COMPONENTS];
  guint n_tensors; /* sums over the components */
  guint64 n_params;
  guint64 n_bytes;
  guint dtypes;

  MzPreviewFactors *preview; /* from the folder's preview.json; NULL: none */
  MzModelDefaults *defaults; /* from the folder's defaults.json; NULL: none */
} MzModelFile;

/* Opens a model. `cancel` may be NULL. Never blocks on pipes or devices; refuses JSON files above 1 MiB
 * (an index of shards: 64 MiB) and tensor headers above 100 MB.
 *
 * Of a component with and without `.fp16.` in its file name the one without is taken: full precision loses
 * nothing.
 *
 * Errors, each naming the path and the tensor, key or value: MZ_ERROR_IO (cannot be opened), MZ_ERROR_FORMAT
 * (damaged, or not what its name says), MZ_ERROR_UNSUPPORTED (another kind of model: the message says which),
 * MZ_ERROR_MISSING (a file or a whole component is not there), MZ_ERROR_CANCELLED.
 * That every single tensor is there and fits is checked by models/ when it takes them from `weights`. */
MzModelFile *mz_model_file_open (const char *path, MzCancel *cancel, GError **error);
void mz_model_file_free (MzModelFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzModelFile, mz_model_file_free)

G_END_DECLS
