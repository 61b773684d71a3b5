/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Opening a model of either layout: what they share, and the checks and sums that come last. */
#include <glib/gi18n-lib.h>

#include "io/model-file.h"

#include <stdlib.h>
#include <string.h>

#include "io/family.h"
#include "io/model-file-private.h"

static const char *const component_names[MZ_N_COMPONENTS] = { "unet", "vae", "text_encoder" };

const MzSafetensors *
mz_model_builder_map (MzModelBuilder *builder, const char *path, GError **error)
{
  MzSafetensors *source;

  if (mz_cancel_set_error (builder->cancel, error))
    return NULL;
  source = mz_safetensors_open (path, builder->cancel, error);
  if (source == NULL)
    return NULL;
  mz_weights_add_owner (builder->file->weights, source, (GDestroyNotify) mz_safetensors_free);
  g_ptr_array_add (builder->files, g_strdup (path));
  return source;
}

gboolean
mz_model_builder_add (MzModelBuilder *builder,
                      const MzSafetensors *source,
                      const MzSafetensor *tensor,
                      const char *canonical,
                      const MzView *view,
                      GError **error)
{
  if (!mz_safetensors_check_readable (source, tensor, error))
    return FALSE;
  if (mz_weights_add (builder->file->weights, canonical, view))
    return TRUE;
  g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
               _ ("“%s” cannot be used: “%s” is there a second time, as “%s”."), source->path, tensor->name,
               canonical);
  return FALSE;
}

/* The folder when `path` is one, or is the model_index.json in it; NULL when it is neither. */
static char *
diffusers_folder (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_strdup (path);
  return strcmp (name, "model_index.json") == 0 ? g_path_get_dirname (path) : NULL;
}

/* Do the parts work together? */
static gboolean
check_parts (const MzModelFile *file, GError **error)
{
  const MzModelConfig *config = &file->config;

  if (!mz_check_unet_input (config->unet.in_channels, config->vae.latent_channels, file->path, error))
    return FALSE;
  if (config->unet.out_channels != config->vae.latent_channels)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                   _ ("“%s” cannot be used: its U-Net gives %d channels and its VAE takes %d."), file->path,
                   config->unet.out_channels, config->vae.latent_channels);
      return FALSE;
    }
  if (config->unet.cross_attention_dim != config->clip.hidden_size)
    {
      g_set_error (
          error, MZ_ERROR, MZ_ERROR_FORMAT,
          _ ("“%s” cannot be used: its text encoder gives %d numbers a token and its U-Net takes %d."),
          file->path, config->clip.hidden_size, config->unet.cross_attention_dim);
      return FALSE;
    }
  return TRUE;
}

/* What becomes a picture of anything but red, green and blue is no picture here. */
static gboolean
check_picture (const MzModelFile *file, GError **error)
{
  const MzVaeConfig *vae = &file->config.vae;

  if (vae->out_channels != 3)
    g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                 _ ("“%s” cannot be used: its VAE gives pictures of %d channels; only 3 are supported."),
                 file->path, vae->out_channels);
  else if (vae->has_encoder && vae->in_channels != 3)
    g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                 _ ("“%s” cannot be used: its VAE takes pictures of %d channels; only 3 are supported."),
                 file->path, vae->in_channels);
  else
    return TRUE;
  return FALSE;
}

/* SD 1 and 2 were trained on 512 pixels, SD 2 with v prediction on 768: what is taken for the native size of
 * a model that does not say. */
static void
fill_sample_size (MzModelConfig *config)
{
  gboolean is_large
      = config->unet.cross_attention_dim == 1024 && config->scheduler.prediction_type == MZ_PREDICTION_V;
  int factor = 1 << (config->vae.n_levels - 1);

  if (config->unet.sample_size == 0)
    config->unet.sample_size = (is_large ? 768 : 512) / factor;
}

static const char *
family_name (const MzModelConfig *config)
{
  const gboolean is_full_size = config->unet.block_out_channels[0] == 320;

  if (is_full_size && config->unet.cross_attention_dim == 768)
    return "Stable Diffusion 1.x";
  if (is_full_size && config->unet.cross_attention_dim == 1024)
    return "Stable Diffusion 2.x";
  return "Stable Diffusion family";
}

static void
add_up (MzModelFile *file)
{
  guint n_names;
  g_autofree const char **names = mz_weights_names (file->weights, &n_names);

  for (guint i = 0; i < n_names; i++)
    {
      const MzView *view = mz_weights_lookup (file->weights, names[i]);
      gsize length = strcspn (names[i], ".");

      for (int c = 0; c < MZ_N_COMPONENTS; c++)
        {
          MzModelComponent *component = &file->components[c];

          if (strlen (component->name) != length || strncmp (names[i], component->name, length) != 0)
            continue;
          component->n_tensors++;
          component->n_params += mz_view_elements (view);
          component->n_bytes += view->n_bytes;
          component->dtypes |= 1u << view->dtype;
        }
    }
  for (int c = 0; c < MZ_N_COMPONENTS; c++)
    {
      file->n_tensors += file->components[c].n_tensors;
      file->n_params += file->components[c].n_params;
      file->n_bytes += file->components[c].n_bytes;
      file->dtypes |= file->components[c].dtypes;
    }
}

/* The strings of the array, which is freed, as a NULL-terminated one. */
static char **
to_strv (GPtrArray *array)
{
  g_ptr_array_add (array, NULL);
  return (char **) g_ptr_array_free (array, FALSE);
}

static gboolean
read_model (MzModelBuilder *builder, GError **error)
{
  g_autofree char *folder = diffusers_folder (builder->file->path);

  if (folder != NULL ? !mz_read_diffusers_folder (builder, folder, error)
                     : !mz_read_single_file (builder, error))
    return FALSE;
  if (!check_parts (builder->file, error) || !check_picture (builder->file, error))
    return FALSE;
  fill_sample_size (&builder->file->config);
  return TRUE;
}

MzModelFile *
mz_model_file_open (const char *path, MzCancel *cancel, GError **error)
{
  g_autoptr (MzModelFile) file = g_new0 (MzModelFile, 1);
  MzModelBuilder builder = { .file = file, .cancel = cancel };
  gboolean sound;

  file->path = g_strdup (path);
  file->weights = mz_weights_new (path);
  mz_weights_set_mapped (file->weights);
  for (int i = 0; i < MZ_N_COMPONENTS; i++)
    file->components[i].name = component_names[i];
  builder.files = g_ptr_array_new_with_free_func (g_free);

  sound = read_model (&builder, error);
  file->files = to_strv (builder.files);
  if (!sound)
    return NULL;
  file->family = family_name (&file->config);
  add_up (file);
  return g_steal_pointer (&file);
}

void
mz_model_file_free (MzModelFile *file)
{
  g_clear_pointer (&file->weights, mz_weights_unref);
  g_strfreev (file->files);
  g_clear_pointer (&file->defaults, mz_model_defaults_free);
  g_free (file->preview);
  g_free (file->tokenizer_dir);
  g_free (file->path);
  g_free (file);
}
