/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A whole model in one .safetensors file, in the original (LDM) naming, and the small JSON file beside it
 * that may overrule what tensors do not tell. */
#include <glib/gi18n-lib.h>

#include "io/model-file-private.h"

#include <string.h>

#include "io/configs.h"
#include "io/family.h"
#include "io/infer.h"
#include "io/json-config.h"
#include "io/map-file.h"
#include "io/name-map.h"
#include "core/printable.h"

/* A tensor that is three one after the other: `name` has a '?' where each one's letter goes. */
static gboolean
add_qkv (MzModelBuilder *builder,
         const MzSafetensors *source,
         const MzSafetensor *tensor,
         const char *name,
         GError **error)
{
  const char *mark = strchr (name, '?');
  MzView view = tensor->view;

  if (view.n_dims < 1 || view.shape[0] % 3 != 0)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
                   _ ("“%s” cannot be used: the tensor “%s” should be three matrices on top of each other."),
                   source->path, tensor->name);
      return FALSE;
    }
  view.shape[0] /= 3;
  view.n_bytes /= 3;
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *one = g_strdup_printf ("%.*s%c%s", (int) (mark - name), name, "qkv"[i], mark + 1);

      view.data = (const char *) tensor->view.data + (gsize) i * view.n_bytes;
      if (!mz_model_builder_add (builder, source, tensor, one, &view, error))
        return FALSE;
    }
  return TRUE;
}

/* A tensor of no known name keeps its own, so that it can be reported as not needed; unless that would pass
 * for a canonical one. */
static void
add_unknown (MzModelBuilder *builder, const MzSafetensor *tensor)
{
  static const char *const taken[] = { "unet.", "vae.", "text_encoder." };
  gboolean clashes = tensor->foreign != NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (taken); i++)
    clashes = clashes || g_str_has_prefix (tensor->name, taken[i]);
  if (!clashes)
    mz_weights_add (builder->file->weights, tensor->name, &tensor->view);
}

static gboolean
add_tensors (MzModelBuilder *builder, const MzSafetensors *source, GError **error)
{
  g_autofree const char **names = g_new (const char *, source->n_tensors + 1);
  g_autoptr (MzLdmNames) ldm = NULL;

  for (guint i = 0; i < source->n_tensors; i++)
    names[i] = source->tensors[i].name;
  ldm = mz_ldm_names_new (names, source->n_tensors);
  for (guint i = 0; i < source->n_tensors; i++)
    {
      const MzSafetensor *tensor = &source->tensors[i];
      g_autofree char *canonical = NULL;
      gboolean sound = TRUE;

      switch (mz_ldm_names_map (ldm, tensor->name, &canonical))
        {
        case MZ_LDM_TENSOR:
          sound = mz_model_builder_add (builder, source, tensor, canonical, &tensor->view, error);
          break;
        case MZ_LDM_QKV:
          sound = add_qkv (builder, source, tensor, canonical, error);
          break;
        case MZ_LDM_IGNORED:
          break;
        case MZ_LDM_UNKNOWN:
          add_unknown (builder, tensor);
          break;
        }
      if (!sound)
        return FALSE;
    }
  return TRUE;
}

static gboolean
has_tensor (const MzSafetensors *source, const char *name)
{
  for (guint i = 0; i < source->n_tensors; i++)
    if (strcmp (source->tensors[i].name, name) == 0)
      return TRUE;
  return FALSE;
}

/* The noise schedule that the family is trained with, and which of the predictions the tensors hint at. */
static void
infer_scheduler (MzModelFile *file, const MzSafetensors *source)
{
  MzSchedulerConfig *scheduler = &file->config.scheduler;
  gboolean is_sd2 = file->config.unet.cross_attention_dim == 1024;

  mz_scheduler_config_init_sd1 (scheduler);
  if (has_tensor (source, "v_pred")) /* a mark that some trainers leave, and "ztsnr" with it */
    {
      scheduler->prediction_type = MZ_PREDICTION_V;
      scheduler->rescale_betas_zero_snr = has_tensor (source, "ztsnr");
      file->prediction_source = MZ_PREDICTION_FROM_WEIGHTS;
    }
  else if (is_sd2 && mz_infer_prediction (file->weights, &file->config.unet, &scheduler->prediction_type))
    file->prediction_source = MZ_PREDICTION_FROM_WEIGHTS;
}

/* The folder of a tokenizer, named relative to the model's own and not outside of it. */
static void
override_tokenizer (MzJsonConfig *json, MzModelFile *file)
{
  const char *relative = NULL;
  g_autofree char *folder = g_path_get_dirname (file->path);
  g_auto (GStrv) steps = NULL;

  mz_json_config_string (json, "tokenizer", &relative);
  if (relative == NULL)
    return;
  steps = g_strsplit (relative, "/", -1);
  if (relative[0] == 0 || g_path_is_absolute (relative) || !mz_is_printable (relative)
      || g_strv_contains ((const char *const *) steps, ".."))
    mz_json_config_fail (json, MZ_ERROR_FORMAT, "tokenizer", "must be a folder beside the model or below it");
  else
    file->tokenizer_dir = g_build_filename (folder, relative, NULL);
}

static void
check_override (MzJsonConfig *json, const MzModelConfig *config)
{
  for (int i = 0; i < config->unet.n_levels; i++)
    {
      if (config->unet.block_out_channels[i] % config->unet.norm_num_groups != 0)
        mz_json_config_fail (json, MZ_ERROR_FORMAT, "norm_num_groups",
                             "does not divide the %d channels of level %d",
                             config->unet.block_out_channels[i], i);
      if (config->unet.block_out_channels[i] % config->unet.n_heads[i] != 0)
        mz_json_config_fail (json, MZ_ERROR_FORMAT, "num_attention_heads",
                             "does not divide the %d channels of level %d",
                             config->unet.block_out_channels[i], i);
    }
  for (int i = 0; i < config->vae.n_levels; i++)
    if (config->vae.block_out_channels[i] % config->vae.norm_num_groups != 0)
      mz_json_config_fail (json, MZ_ERROR_FORMAT, "vae_norm_num_groups",
                           "does not divide the %d channels of level %d", config->vae.block_out_channels[i],
                           i);
  if (config->clip.hidden_size % config->clip.num_attention_heads != 0)
    mz_json_config_fail (json, MZ_ERROR_FORMAT, "text_num_attention_heads", "does not divide the %d channels",
                         config->clip.hidden_size);
}

/* "model.safetensors" -> "model.json". */
static char *
override_path (const char *path)
{
  static const char suffix[] = ".safetensors";
  gsize n = strlen (path), n_suffix = strlen (suffix);

  if (n > n_suffix && g_ascii_strcasecmp (path + n - n_suffix, suffix) == 0)
    n -= n_suffix;
  return g_strdup_printf ("%.*s.json", (int) n, path);
}

/* The file beside it. Those of other programs may hold anything, and are passed over. */
static gboolean
apply_override (MzModelFile *file, GError **error)
{
  g_autofree char *path = override_path (file->path);
  g_autoptr (MzJsonConfig) json = NULL;
  g_autoptr (GError) problem = NULL;
  MzModelConfig *config = &file->config;
  int n = config->unet.n_levels, prediction = config->scheduler.prediction_type;

  if (!mz_is_file (path))
    return TRUE;
  json = mz_json_config_open (path, &problem);
  if (json == NULL)
    {
      g_debug ("%s", problem->message);
      return TRUE;
    }
  mz_json_config_ints (json, "num_attention_heads", 1, 1024, MZ_MAX_LEVELS, n, config->unet.n_heads, &n);
  mz_json_config_int (json, "norm_num_groups", 1, 16384, &config->unet.norm_num_groups);
  mz_json_config_int (json, "vae_norm_num_groups", 1, 16384, &config->vae.norm_num_groups);
  mz_json_config_float (json, "vae_scaling_factor", 1e-6, 1e6, &config->vae.scaling_factor);
  mz_json_config_int (json, "text_num_attention_heads", 1, 1024, &config->clip.num_attention_heads);
  mz_json_config_choice (json, "prediction_type", mz_prediction_names, G_N_ELEMENTS (mz_prediction_names),
                         &prediction);
  mz_json_config_int (json, "sample_size", 1, MZ_MAX_SAMPLE_SIZE, &config->unet.sample_size);
  override_tokenizer (json, file);
  if (mz_json_config_is_sound (json))
    check_override (json, config);
  if (mz_json_config_has (json, "prediction_type"))
    file->prediction_source = MZ_PREDICTION_FROM_OVERRIDE;
  config->scheduler.prediction_type = (MzPredictionType) prediction;
  return mz_json_config_finish (json, error);
}

gboolean
mz_read_single_file (MzModelBuilder *builder, GError **error)
{
  MzModelFile *file = builder->file;
  const MzSafetensors *source = mz_model_builder_map (builder, file->path, error);
  gboolean is_open_clip;

  file->kind = MZ_MODEL_FILE_SINGLE;
  if (source == NULL || !mz_check_family_of_file (source, error) || !add_tensors (builder, source, error))
    return FALSE;
  is_open_clip = has_tensor (source, "cond_stage_model.model.positional_embedding");
  if (!mz_infer_unet (file->weights, &file->config.unet, error)
      || !mz_infer_vae (file->weights, &file->config.vae, error)
      || !mz_infer_clip (file->weights, is_open_clip, &file->config.clip, error))
    return FALSE;
  infer_scheduler (file, source);
  return apply_override (file, error);
}
