/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* unet/config.json: diffusers' UNet2DConditionModel. */
#include "io/configs.h"

#include <string.h>

#include "io/json-config.h"

#define MAX_CHANNELS 16384

/* Settings that the engine computes in one way only, and that way as a JSON literal. */
static const char *const required[][2] = {
  { "_class_name", "\"UNet2DConditionModel\"" },
  { "act_fn", "\"silu\"" },
  { "addition_embed_type", "null" },
  { "attention_type", "\"default\"" },
  { "center_input_sample", "false" },
  { "class_embed_type", "null" },
  { "conv_in_kernel", "3" },
  { "conv_out_kernel", "3" },
  { "cross_attention_norm", "null" },
  { "downsample_padding", "1" },
  { "dual_cross_attention", "false" },
  { "encoder_hid_dim", "null" },
  { "encoder_hid_dim_type", "null" },
  { "mid_block_scale_factor", "1" },
  { "num_class_embeds", "null" },
  { "only_cross_attention", "false" },
  { "resnet_out_scale_factor", "1" },
  { "resnet_skip_time_act", "false" },
  { "resnet_time_scale_shift", "\"default\"" },
  { "time_cond_proj_dim", "null" },
  { "time_embedding_act_fn", "null" },
  { "time_embedding_dim", "null" },
  { "time_embedding_type", "\"positional\"" },
  { "timestep_post_act", "null" },
};

static const char *const down_types[] = { "DownBlock2D", "CrossAttnDownBlock2D" };
static const char *const up_types[] = { "UpBlock2D", "CrossAttnUpBlock2D" };
static const char *const mid_types[] = { "UNetMidBlock2D", "UNetMidBlock2DCrossAttn" };

/* Channels of every level, and what other numbers are where the config does not say. */
static void
read_levels (MzJsonConfig *json, MzUnetConfig *config)
{
  const int channels[] = { 320, 640, 1280, 1280 };

  config->n_levels = G_N_ELEMENTS (channels);
  memcpy (config->block_out_channels, channels, sizeof channels);
  mz_json_config_ints (json, "block_out_channels", 1, MAX_CHANNELS, MZ_MAX_LEVELS, 0,
                       config->block_out_channels, &config->n_levels);
  for (int i = 0; i < MZ_MAX_LEVELS; i++)
    {
      config->layers_per_block[i] = i < config->n_levels ? 2 : 0;
      config->n_heads[i] = i < config->n_levels ? 8 : 0;
      if (i >= config->n_levels)
        config->block_out_channels[i] = 0;
    }
}

/* Reads a number for each level, as one number or as a list. */
static void
read_per_level (MzJsonConfig *json, const MzUnetConfig *config, const char *key, int max, int *values)
{
  int n = config->n_levels;

  mz_json_config_ints (json, key, 1, max, MZ_MAX_LEVELS, config->n_levels, values, &n);
}

/* Which levels have attention. `defaults` stands for diffusers' default of four levels. */
static void
read_block_types (MzJsonConfig *json,
                  const MzUnetConfig *config,
                  const char *key,
                  const char *const *types,
                  const int *defaults,
                  int *has_attention)
{
  int n = 4;

  for (int i = 0; i < MZ_MAX_LEVELS; i++)
    has_attention[i] = i < n ? defaults[i] : 0;
  mz_json_config_choices (json, key, types, 2, MZ_MAX_LEVELS, has_attention, &n);
  if (n != config->n_levels)
    mz_json_config_fail (json, MZ_ERROR_FORMAT, key, "has %d entries where “block_out_channels” has %d", n,
                         config->n_levels);
}

/* Where spatial transformers are, and how deep. */
static void
read_attention (MzJsonConfig *json, MzUnetConfig *config)
{
  const int down_defaults[] = { 1, 1, 1, 0 }, up_defaults[] = { 0, 1, 1, 1 };
  int down[MZ_MAX_LEVELS], up[MZ_MAX_LEVELS], depth[MZ_MAX_LEVELS], up_depth[MZ_MAX_LEVELS];
  int middle = 1, n = config->n_levels;

  for (int i = 0; i < MZ_MAX_LEVELS; i++)
    depth[i] = 1;
  read_per_level (json, config, "transformer_layers_per_block", 32, depth);
  for (int i = 0; i < n; i++)
    up_depth[i] = depth[n - 1 - i]; /* up blocks stand from coarse to fine */
  read_per_level (json, config, "reverse_transformer_layers_per_block", 32, up_depth);
  read_block_types (json, config, "down_block_types", down_types, down_defaults, down);
  read_block_types (json, config, "up_block_types", up_types, up_defaults, up);
  for (int i = 0; i < n; i++)
    {
      config->down_depth[i] = down[i] ? depth[i] : 0;
      config->up_depth[i] = up[n - 1 - i] ? up_depth[n - 1 - i] : 0;
    }
  mz_json_config_choice (json, "mid_block_type", mid_types, 2, &middle);
  config->mid_depth = middle ? depth[n - 1] : 0;
  /* In diffusers num_attention_heads wins; where it is null, attention_head_dim holds the number of heads,
   * for the sake of SD 1.x's configs, in spite of its name. */
  read_per_level (json, config, "attention_head_dim", 1024, config->n_heads);
  read_per_level (json, config, "num_attention_heads", 1024, config->n_heads);
}

/* Numbers that must divide each other. */
static void
check_divisors (MzJsonConfig *json, const MzUnetConfig *config)
{
  const char *heads_key
      = mz_json_config_has (json, "num_attention_heads") ? "num_attention_heads" : "attention_head_dim";

  for (int i = 0; i < config->n_levels; i++)
    {
      int channels = config->block_out_channels[i];
      gboolean attends = config->down_depth[i] > 0 || config->up_depth[i] > 0
                         || (i == config->n_levels - 1 && config->mid_depth > 0);

      if (channels % config->norm_num_groups != 0)
        mz_json_config_fail (json, MZ_ERROR_FORMAT, "norm_num_groups",
                             "is %d, which does not divide %d channels", config->norm_num_groups, channels);
      if (attends && channels % config->n_heads[i] != 0)
        mz_json_config_fail (json, MZ_ERROR_FORMAT, heads_key,
                             "gives level %d %d heads, which do not divide its %d channels", i,
                             config->n_heads[i], channels);
    }
}

/* The frequencies of the time embedding are spread over half of the first level's channels less the shift. */
static void
check_freq_shift (MzJsonConfig *json, const MzUnetConfig *config)
{
  int half = config->block_out_channels[0] / 2;

  if (config->freq_shift > 0 && config->freq_shift >= (float) half)
    mz_json_config_fail (json, MZ_ERROR_FORMAT, "freq_shift",
                         "is %g, which is not below half of the first level's %d channels",
                         (double) config->freq_shift, config->block_out_channels[0]);
}

/* `sample_size` may be one number or [height, width]; a native size is a square. */
static void
read_sample_size (MzJsonConfig *json, MzUnetConfig *config)
{
  int sizes[2] = { 0, 0 }, n = 0;

  mz_json_config_ints (json, "sample_size", 1, MZ_MAX_SAMPLE_SIZE, 2, 2, sizes, &n);
  config->sample_size = MIN (sizes[0], sizes[1]);
}

gboolean
mz_read_unet_config (const char *path, MzUnetConfig *config, GError **error)
{
  g_autoptr (MzJsonConfig) json = mz_json_config_open (path, error);

  if (json == NULL)
    return FALSE;
  *config = (MzUnetConfig){
    .in_channels = 4,
    .out_channels = 4,
    .cross_attention_dim = 1280,
    .norm_num_groups = 32,
    .norm_eps = 1e-5f,
    .flip_sin_to_cos = TRUE,
  };
  for (gsize i = 0; i < G_N_ELEMENTS (required); i++)
    mz_json_config_require (json, required[i][0], required[i][1]);
  mz_json_config_int (json, "in_channels", 1, 64, &config->in_channels);
  mz_json_config_int (json, "out_channels", 1, 64, &config->out_channels);
  read_levels (json, config);
  read_per_level (json, config, "layers_per_block", 16, config->layers_per_block);
  read_attention (json, config);
  /* Absent, it means the usual one; null, none. */
  config->has_mid_block = !mz_json_config_is_null (json, "mid_block_type");
  if (!config->has_mid_block)
    config->mid_depth = 0;
  mz_json_config_int (json, "cross_attention_dim", 1, MAX_CHANNELS, &config->cross_attention_dim);
  if (mz_json_config_is_null (json, "norm_num_groups"))
    mz_json_config_fail (json, MZ_ERROR_UNSUPPORTED, "norm_num_groups",
                         "is null; a U-Net without norms is not supported");
  mz_json_config_int (json, "norm_num_groups", 1, MAX_CHANNELS, &config->norm_num_groups);
  mz_json_config_float (json, "norm_eps", 1e-12, 1, &config->norm_eps);
  mz_json_config_bool (json, "flip_sin_to_cos", &config->flip_sin_to_cos);
  mz_json_config_float (json, "freq_shift", 0, 16, &config->freq_shift);
  mz_json_config_bool (json, "use_linear_projection", &config->use_linear_projection);
  mz_json_config_bool (json, "upcast_attention", &config->upcast_attention);
  read_sample_size (json, config);
  if (mz_json_config_is_sound (json))
    check_divisors (json, config);
  if (mz_json_config_is_sound (json))
    check_freq_shift (json, config);
  return mz_json_config_finish (json, error);
}
