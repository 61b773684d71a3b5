/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A model as diffusers saves it: a folder with model_index.json, and a folder for each part. */
#include <glib/gi18n-lib.h>

#include "io/model-file-private.h"

#include <string.h>

#include "io/configs.h"
#include "io/family.h"
#include "io/json-config.h"
#include "io/map-file.h"
#include "io/name-map.h"
#include "core/printable.h"
#include "io/shard-index.h"

/* One of the files that may hold a part's weights: `stem` + suffix. Full precision stands first. */
static const struct
{
  const char *suffix;
  gboolean is_index;
} candidates[] = {
  { ".safetensors", FALSE },
  { ".safetensors.index.json", TRUE },
  { ".fp16.safetensors", FALSE },
  { ".safetensors.index.fp16.json", TRUE },
  { ".fp16.safetensors.index.json", TRUE },
};

/* What other programs leave where ours would be; each is a pickle. */
static const char *const pickles[] = { ".bin", ".fp16.bin", ".bin.index.json" };

static const struct
{
  const char *component;
  const char *stem;
} parts[] = {
  { "unet", "diffusion_pytorch_model" },
  { "vae", "diffusion_pytorch_model" },
  { "text_encoder", "model" },
};

/* Adds all tensors of one weight file. Returns it, owned by the weights. */
static const MzSafetensors *
add_file (MzModelBuilder *builder, const char *component, const char *path, GError **error)
{
  const MzSafetensors *source = mz_model_builder_map (builder, path, error);

  if (source == NULL)
    return NULL;
  for (guint i = 0; i < source->n_tensors; i++)
    {
      const MzSafetensor *tensor = &source->tensors[i];
      g_autofree char *canonical = mz_diffusers_name_map (component, tensor->name);

      if (canonical != NULL
          && !mz_model_builder_add (builder, source, tensor, canonical, &tensor->view, error))
        return NULL;
    }
  return source;
}

/* Crosses off the index what a shard holds. */
static void
cross_off (GHashTable *weight_map, const MzSafetensors *source, const char *shard)
{
  for (guint i = 0; i < source->n_tensors; i++)
    if (g_strcmp0 (g_hash_table_lookup (weight_map, source->tensors[i].name), shard) == 0)
      g_hash_table_remove (weight_map, source->tensors[i].name);
}

/* Adds all shards of an index, and sees to it that every tensor is where the index says. */
static gboolean
add_index (MzModelBuilder *builder, const char *component, const char *path, GError **error)
{
  g_autoptr (MzShardIndex) index = mz_shard_index_open (path, error);
  g_autofree char *folder = g_path_get_dirname (path);
  GHashTableIter iter;
  gpointer name, shard;

  if (index == NULL)
    return FALSE;
  for (guint i = 0; i < index->shards->len; i++)
    {
      const char *file = g_ptr_array_index (index->shards, i);
      g_autofree char *shard_path = g_build_filename (folder, file, NULL);
      const MzSafetensors *source = add_file (builder, component, shard_path, error);

      if (source == NULL)
        return FALSE;
      cross_off (index->weight_map, source, file);
    }
  g_hash_table_iter_init (&iter, index->weight_map);
  if (g_hash_table_iter_next (&iter, &name, &shard))
    {
      g_autofree char *shown = mz_printable (name);

      g_set_error (error, MZ_ERROR, MZ_ERROR_MISSING,
                   _ ("“%s” says that the tensor “%s” is in “%s”, where it is not."), path, shown,
                   (const char *) shard);
      return FALSE;
    }
  return TRUE;
}

static void
set_no_weights (const char *folder, const char *stem, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pickles); i++)
    {
      g_autofree char *name = g_strconcat (stem, pickles[i], NULL);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (mz_is_file (path))
        {
          g_set_error (
              error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
              _ ("“%s” is a Python pickle, which can run code and is not opened here; save the model with "
                 "safe serialization (%s.safetensors)."),
              path, stem);
          return;
        }
    }
  g_set_error (error, MZ_ERROR, MZ_ERROR_MISSING, _ ("“%s” holds no weights: there is no %s.safetensors."),
               folder, stem);
}

/* Adds the weights of one part from the first of the files that is there. */
static gboolean
add_part (MzModelBuilder *builder,
          const char *folder,
          const char *component,
          const char *stem,
          GError **error)
{
  g_autofree char *part = g_build_filename (folder, component, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      g_autofree char *name = g_strconcat (stem, candidates[i].suffix, NULL);
      g_autofree char *path = g_build_filename (part, name, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        continue;
      if (candidates[i].is_index)
        return add_index (builder, component, path, error);
      return add_file (builder, component, path, error) != NULL;
    }
  set_no_weights (part, stem, error);
  return FALSE;
}

/* Is it a pipeline that can be run? */
static gboolean
check_model_index (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "model_index.json", NULL);
  g_autoptr (MzJsonConfig) json = NULL;
  const char *class_name = "";

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_MISSING,
                   _ ("“%s” is not a model in diffusers' layout: it has no model_index.json."), folder);
      return FALSE;
    }
  json = mz_json_config_open (path, error);
  if (json == NULL)
    return FALSE;
  mz_json_config_string (json, "_class_name", &class_name);
  return mz_json_config_finish (json, error) && mz_check_family_of_pipeline (class_name, folder, error);
}

static gboolean
read_configs (MzModelFile *file, const char *folder, GError **error)
{
  g_autofree char *unet = g_build_filename (folder, "unet", "config.json", NULL);
  g_autofree char *vae = g_build_filename (folder, "vae", "config.json", NULL);
  g_autofree char *clip = g_build_filename (folder, "text_encoder", "config.json", NULL);
  g_autofree char *scheduler = g_build_filename (folder, "scheduler", "scheduler_config.json", NULL);
  MzModelConfig *config = &file->config;

  if (!mz_read_unet_config (unet, &config->unet, error) || !mz_read_vae_config (vae, &config->vae, error)
      || !mz_read_clip_config (clip, &config->clip, error))
    return FALSE;
  if (!g_file_test (scheduler, G_FILE_TEST_EXISTS))
    {
      mz_scheduler_config_init_sd1 (&config->scheduler);
      return TRUE;
    }
  file->prediction_source = MZ_PREDICTION_FROM_CONFIG;
  return mz_read_scheduler_config (scheduler, &config->scheduler, error);
}

/* preview.json: {"latent_rgb_factors": [[r, g, b] for each latent channel], "latent_rgb_bias": [r, g, b]}. */
static gboolean
read_preview (MzModelFile *file, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "preview.json", NULL);
  g_autofree MzPreviewFactors *preview = NULL;
  g_autoptr (MzJsonConfig) json = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  json = mz_json_config_open (path, error);
  if (json == NULL)
    return FALSE;
  preview = g_new0 (MzPreviewFactors, 1);
  mz_json_config_floats (json, "latent_rgb_factors", file->config.vae.latent_channels, 3,
                         &preview->factors[0][0]);
  mz_json_config_floats (json, "latent_rgb_bias", 0, 3, preview->bias);
  if (mz_json_config_has (json, "latent_rgb_factors"))
    file->preview = g_steal_pointer (&preview);
  return mz_json_config_finish (json, error);
}

static gboolean
read_defaults (MzModelFile *file, const char *folder, GError **error)
{
  g_autoptr (GError) problem = NULL;

  file->defaults = mz_model_defaults_read (folder, &problem);
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

gboolean
mz_read_diffusers_folder (MzModelBuilder *builder, const char *folder, GError **error)
{
  MzModelFile *file = builder->file;
  g_autofree char *tokenizer = g_build_filename (folder, "tokenizer", NULL);

  file->kind = MZ_MODEL_FILE_DIFFUSERS;
  if (!check_model_index (folder, error) || !read_configs (file, folder, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (!add_part (builder, folder, parts[i].component, parts[i].stem, error))
      return FALSE;
  file->config.vae.has_encoder = mz_weights_has_prefix (file->weights, "vae.encoder.");
  if (g_file_test (tokenizer, G_FILE_TEST_IS_DIR))
    file->tokenizer_dir = g_steal_pointer (&tokenizer);
  return read_preview (file, folder, error) && read_defaults (file, folder, error);
}
