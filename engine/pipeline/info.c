/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a model is, in words and numbers, from its headers alone. */
#include <glib/gstdio.h>
#include <string.h>

#include "pipeline/private.h"

#define BUILTIN_NAME "Proof"

static void
append_list (GString *s, const int *values, int n)
{
  for (int i = 0; i < n; i++)
    g_string_append_printf (s, "%s%d", i > 0 ? " " : "", values[i]);
}

static char *
describe_dtypes (guint dtypes)
{
  g_autoptr (GString) s = g_string_new (NULL);

  for (guint d = 0; d <= MZ_DTYPE_U8; d++)
    if (dtypes & (1u << d))
      g_string_append_printf (s, "%s%s", s->len > 0 ? ", " : "", mz_dtype_name (d));
  return g_string_free (g_steal_pointer (&s), FALSE);
}

static GString *
begin_component (const MzModelComponent *component, const char *label)
{
  GString *s = g_string_new (label);
  g_autofree char *dtypes = describe_dtypes (component->dtypes);

  g_string_append_printf (s, ": %.1f M parameters, %s", (double) component->n_params * 1e-6, dtypes);
  return s;
}

static char *
describe_unet (const MzModelFile *file)
{
  const MzUnetConfig *unet = &file->config.unet;
  GString *s = begin_component (&file->components[MZ_COMPONENT_UNET], "U-Net");

  g_string_append (s, "; channels ");
  append_list (s, unet->block_out_channels, unet->n_levels);
  g_string_append (s, "; layers ");
  append_list (s, unet->layers_per_block, unet->n_levels);
  g_string_append (s, "; heads ");
  append_list (s, unet->n_heads, unet->n_levels);
  g_string_append (s, "; transformer depth ");
  append_list (s, unet->down_depth, unet->n_levels);
  g_string_append_printf (s, "; context width %d", unet->cross_attention_dim);
  return g_string_free (s, FALSE);
}

static char *
describe_vae (const MzModelFile *file)
{
  const MzVaeConfig *vae = &file->config.vae;
  GString *s = begin_component (&file->components[MZ_COMPONENT_VAE], "Autoencoder");

  g_string_append (s, "; channels ");
  append_list (s, vae->block_out_channels, vae->n_levels);
  g_string_append_printf (s, "; factor %d; %d latent channels; scaling %g%s", mz_vae_factor (vae),
                          vae->latent_channels, (double) vae->scaling_factor,
                          vae->has_encoder ? "" : "; no encoder");
  return g_string_free (s, FALSE);
}

static char *
describe_clip (const MzModelFile *file)
{
  const MzClipConfig *clip = &file->config.clip;
  GString *s = begin_component (&file->components[MZ_COMPONENT_TEXT_ENCODER], "Text encoder");

  g_string_append_printf (s, "; width %d; %d layers; %d heads; %d positions; vocabulary of %d",
                          clip->hidden_size, clip->num_hidden_layers, clip->num_attention_heads,
                          clip->max_position_embeddings, clip->vocab_size);
  return g_string_free (s, FALSE);
}

static char *
name_of (const char *path)
{
  g_autofree char *canonical = g_canonicalize_filename (path, NULL);
  g_autofree char *name = g_path_get_basename (canonical);

  if (g_str_equal (name, "model_index.json"))
    {
      g_autofree char *folder = g_path_get_dirname (canonical);
      return g_path_get_basename (folder);
    }
  if (g_str_has_suffix (name, ".safetensors"))
    name[strlen (name) - strlen (".safetensors")] = '\0';
  return g_steal_pointer (&name);
}

/* The file that holds most: the whole of a single-file model, the U-Net's of a folder. */
static char *
find_largest_file (MzModelFile *file)
{
  const char *largest = NULL;
  guint64 largest_size = 0;

  for (char **path = file->files; path != NULL && *path != NULL; path++)
    {
      GStatBuf info;
      guint64 size = g_stat (*path, &info) == 0 ? (guint64) info.st_size : 0;

      if (largest == NULL || size > largest_size)
        largest = *path;
      largest_size = MAX (largest_size, size);
    }
  return g_strdup (largest);
}

/* Builds the models without a device, so that the table learns what is missing and what nobody takes. */
static void
check_tensors (MzModelFile *file, MzModelInfo *info)
{
  MzLoader loader = { .weights = file->weights };
  MzClip *clip;
  MzUnet *unet;
  MzVae *vae;
  guint n_problems;
  const char *const *problems;
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();

  mz_build_models (file, &loader, &clip, &unet, &vae);
  mz_clip_free (clip);
  mz_unet_free (unet);
  mz_vae_free (vae);
  problems = mz_weights_problems (file->weights, &n_problems);
  for (guint i = 0; i < n_problems; i++)
    g_ptr_array_add (missing, g_strdup (problems[i]));
  g_ptr_array_add (missing, NULL);
  info->missing = (GStrv) g_ptr_array_steal (missing, NULL);
  info->unused = mz_weights_unused (file->weights);
}

MzModelInfo *
mz_model_info_new (MzModelFile *file, gboolean is_builtin)
{
  MzModelInfo *info = g_new0 (MzModelInfo, 1);
  const MzModelConfig *config = &file->config;
  int factor = mz_vae_factor (&config->vae), size = config->unet.sample_size * factor;

  info->path = g_strdup (file->path);
  info->hashed_file = find_largest_file (file);
  info->name = is_builtin ? g_strdup (BUILTIN_NAME) : name_of (file->path);
  info->layout = g_strdup (file->kind == MZ_MODEL_FILE_SINGLE ? "single file" : "diffusers folder");
  info->family = g_strdup (file->family);
  info->prediction_type = g_strdup (mz_prediction_names[config->scheduler.prediction_type]);
  info->dtypes = describe_dtypes (file->dtypes);
  info->n_parameters = file->n_params;
  info->n_bytes = file->n_bytes;
  info->native_width = info->native_height = CLAMP (size, MZ_MIN_SIZE_PX, MZ_MAX_SIZE_PX);
  info->size_multiple = factor;
  info->max_tokens = config->clip.max_position_embeddings;
  info->max_clip_skip = config->clip.num_hidden_layers + 1;
  info->latent_channels = config->vae.latent_channels;
  info->latent_factor = factor;
  info->components = g_new0 (char *, 4);
  info->components[0] = describe_unet (file);
  info->components[1] = describe_vae (file);
  info->components[2] = describe_clip (file);
  mz_model_info_set_defaults (info, file->defaults, config->scheduler.num_train_timesteps);
  check_tensors (file, info);
  return info;
}

MzModelInfo *
mz_model_inspect (const char *path, GError **error)
{
  gboolean is_builtin = path == NULL;
  g_autoptr (MzModelFile) file = NULL;

  if (is_builtin && (path = mz_builtin_model_path (error)) == NULL)
    return NULL;
  file = mz_model_file_open (path, NULL, error);
  return file != NULL ? mz_model_info_new (file, is_builtin) : NULL;
}

void
mz_model_info_free (MzModelInfo *info)
{
  g_free (info->path);
  g_free (info->hashed_file);
  g_free (info->name);
  g_free (info->layout);
  g_free (info->family);
  g_free (info->prediction_type);
  g_free (info->dtypes);
  g_strfreev (info->components);
  g_strfreev (info->missing);
  g_strfreev (info->unused);
  g_free (info);
}
