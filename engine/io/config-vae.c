/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* vae/config.json: diffusers' AutoencoderKL. */
#include "io/configs.h"

#include "io/json-config.h"

static const char *const required[][2] = {
  { "_class_name", "\"AutoencoderKL\"" },
  { "act_fn", "\"silu\"" },
  { "latents_mean", "null" },
  { "latents_std", "null" },
};

static const char *const down_types[] = { "DownEncoderBlock2D" };
static const char *const up_types[] = { "UpDecoderBlock2D" };

static void
read_blocks (MzJsonConfig *json, MzVaeConfig *config)
{
  static const char *const keys[] = { "down_block_types", "up_block_types" };
  static const char *const *const types[] = { down_types, up_types };

  config->n_levels = 1;
  config->block_out_channels[0] = 64;
  mz_json_config_ints (json, "block_out_channels", 1, 16384, MZ_MAX_LEVELS, 0, config->block_out_channels,
                       &config->n_levels);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      int unused[MZ_MAX_LEVELS], n = 1;

      mz_json_config_choices (json, keys[i], types[i], 1, MZ_MAX_LEVELS, unused, &n);
      if (n != config->n_levels)
        mz_json_config_fail (json, MZ_ERROR_FORMAT, keys[i],
                             "has %d entries where “block_out_channels” has %d", n, config->n_levels);
    }
}

gboolean
mz_read_vae_config (const char *path, MzVaeConfig *config, GError **error)
{
  g_autoptr (MzJsonConfig) json = mz_json_config_open (path, error);

  if (json == NULL)
    return FALSE;
  *config = (MzVaeConfig){
    .in_channels = 3,
    .out_channels = 3,
    .latent_channels = 4,
    .layers_per_block = 1,
    .norm_num_groups = 32,
    .mid_attention = TRUE,
    .has_quant_conv = TRUE,
    .has_post_quant_conv = TRUE,
    .scaling_factor = 0.18215f,
    .force_upcast = TRUE,
  };
  for (gsize i = 0; i < G_N_ELEMENTS (required); i++)
    mz_json_config_require (json, required[i][0], required[i][1]);
  read_blocks (json, config);
  mz_json_config_int (json, "in_channels", 1, 64, &config->in_channels);
  mz_json_config_int (json, "out_channels", 1, 64, &config->out_channels);
  mz_json_config_int (json, "latent_channels", 1, MZ_MAX_LATENT_CHANNELS, &config->latent_channels);
  mz_json_config_int (json, "layers_per_block", 1, 16, &config->layers_per_block);
  mz_json_config_int (json, "norm_num_groups", 1, 16384, &config->norm_num_groups);
  mz_json_config_bool (json, "mid_block_add_attention", &config->mid_attention);
  mz_json_config_bool (json, "use_quant_conv", &config->has_quant_conv);
  mz_json_config_bool (json, "use_post_quant_conv", &config->has_post_quant_conv);
  mz_json_config_float (json, "scaling_factor", 1e-6, 1e6, &config->scaling_factor);
  mz_json_config_float (json, "shift_factor", -1e6, 1e6, &config->shift_factor);
  mz_json_config_bool (json, "force_upcast", &config->force_upcast);
  for (int i = 0; mz_json_config_is_sound (json) && i < config->n_levels; i++)
    if (config->block_out_channels[i] % config->norm_num_groups != 0)
      mz_json_config_fail (json, MZ_ERROR_FORMAT, "norm_num_groups",
                           "is %d, which does not divide %d channels", config->norm_num_groups,
                           config->block_out_channels[i]);
  return mz_json_config_finish (json, error);
}
