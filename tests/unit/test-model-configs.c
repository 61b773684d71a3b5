/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The configs of diffusers folders: what each key means, what is assumed without it, and each kind of bad
 * value. */
#include <string.h>

#include "io-fixture.h"
#include "io/configs.h"

static void
test_unet_defaults (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = fixture_write_text (folder, "config.json", "{\"cross_attention_dim\": 768}");
  g_autoptr (GError) error = NULL;
  MzUnetConfig config;

  /* UNet2DConditionModel's defaults are SD 1's numbers, but for the width of the text. */
  g_assert_true (mz_read_unet_config (path, &config, &error));
  g_assert_no_error (error);
  g_assert_cmpint (config.n_levels, ==, 4);
  for (int i = 0; i < 4; i++)
    {
      g_assert_cmpint (config.block_out_channels[i], ==, ((const int[]){ 320, 640, 1280, 1280 })[i]);
      g_assert_cmpint (config.layers_per_block[i], ==, 2);
      g_assert_cmpint (config.down_depth[i], ==, i < 3);
      g_assert_cmpint (config.up_depth[i], ==, i < 3);
      g_assert_cmpint (config.n_heads[i], ==, 8);
    }
  g_assert_true (config.has_mid_block);
  g_assert_cmpint (config.mid_depth, ==, 1);
  g_assert_cmpint (config.cross_attention_dim, ==, 768);
  g_assert_cmpint (config.norm_num_groups, ==, 32);
  g_assert_true (config.flip_sin_to_cos);
  g_assert_cmpint (config.sample_size, ==, 0);
}

static void
test_unet_odd (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = fixture_write_text (
      folder, "config.json",
      "{\"_class_name\": \"UNet2DConditionModel\", \"block_out_channels\": [8, 12, 16], \"norm_num_groups\": "
      "4,"
      "\"down_block_types\": [\"DownBlock2D\", \"CrossAttnDownBlock2D\", \"CrossAttnDownBlock2D\"],"
      "\"up_block_types\": [\"UpBlock2D\", \"CrossAttnUpBlock2D\", \"UpBlock2D\"],"
      "\"layers_per_block\": [1, 2, 3], \"transformer_layers_per_block\": [1, 2, 5],"
      "\"reverse_transformer_layers_per_block\": [7, 6, 4], \"mid_block_type\": null,"
      "\"attention_head_dim\": 64, \"num_attention_heads\": [1, 3, 2], \"use_linear_projection\": true,"
      "\"upcast_attention\": true, \"sample_size\": [12, 10], \"freq_shift\": 1, \"flip_sin_to_cos\": false,"
      "\"in_channels\": 8, \"out_channels\": 8, \"norm_eps\": 2e-5, \"mid_block_scale_factor\": 1.0,"
      "\"resnet_out_scale_factor\": 1}");
  g_autoptr (GError) error = NULL;
  MzUnetConfig config;

  g_assert_true (mz_read_unet_config (path, &config, &error));
  g_assert_no_error (error);
  g_assert_cmpint (config.n_levels, ==, 3);
  for (int i = 0; i < 3; i++)
    {
      g_assert_cmpint (config.layers_per_block[i], ==, i + 1);
      g_assert_cmpint (config.down_depth[i], ==, ((const int[]){ 0, 2, 5 })[i]);
      g_assert_cmpint (config.up_depth[i], ==, ((const int[]){ 0, 6, 0 })[i]);
      g_assert_cmpint (config.n_heads[i], ==, ((const int[]){ 1, 3, 2 })[i]);
    }
  g_assert_false (config.has_mid_block);
  g_assert_cmpint (config.mid_depth, ==, 0);
  g_assert_true (config.use_linear_projection);
  g_assert_true (config.upcast_attention);
  g_assert_false (config.flip_sin_to_cos);
  g_assert_cmpint (config.sample_size, ==, 10);
  g_assert_cmpfloat (config.freq_shift, ==, 1);
  g_assert_cmpfloat_with_epsilon (config.norm_eps, 2e-5, 1e-10);
}

/* What SD 1.5's own config says: wrong begin and end, put right. */
static void
test_clip (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = fixture_write_text (
      folder, "config.json",
      "{\"architectures\": [\"CLIPTextModel\"], \"model_type\": \"clip_text_model\", \"hidden_size\": 768,"
      "\"intermediate_size\": 3072, \"num_attention_heads\": 12, \"vocab_size\": 49408, \"bos_token_id\": 0,"
      "\"eos_token_id\": 2, \"pad_token_id\": 1, \"hidden_act\": \"quick_gelu\", \"layer_norm_eps\": 1e-05}");
  g_autofree char *sd2
      = fixture_write_text (folder, "sd2.json",
                            "{\"hidden_size\": 1024, \"num_attention_heads\": 16, \"num_hidden_layers\": 23, "
                            "\"hidden_act\": \"gelu\","
                            "\"bos_token_id\": 49406, \"eos_token_id\": 49407, \"pad_token_id\": 0}");
  g_autoptr (GError) error = NULL;
  MzClipConfig config;

  g_assert_true (mz_read_clip_config (path, &config, &error));
  g_assert_no_error (error);
  g_assert_cmpint (config.hidden_size, ==, 768);
  g_assert_cmpint (config.num_hidden_layers, ==, 12);
  g_assert_cmpint (config.num_attention_heads, ==, 12);
  g_assert_cmpint (config.max_position_embeddings, ==, 77);
  g_assert_cmpint (config.bos_token_id, ==, 49406);
  g_assert_cmpint (config.eos_token_id, ==, 49407);
  g_assert_cmpint (config.pad_token_id, ==, 49407);
  g_assert_cmpint (config.hidden_act, ==, MZ_CLIP_QUICK_GELU);

  g_assert_true (mz_read_clip_config (sd2, &config, &error));
  g_assert_cmpint (config.hidden_act, ==, MZ_CLIP_GELU);
  g_assert_cmpint (config.num_hidden_layers, ==, 23);
  g_assert_cmpint (config.pad_token_id, ==, 0);
}

static void
test_vae (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = fixture_write_text (
      folder, "config.json",
      "{\"block_out_channels\": [16, 32], \"down_block_types\": [\"DownEncoderBlock2D\", "
      "\"DownEncoderBlock2D\"],"
      "\"up_block_types\": [\"UpDecoderBlock2D\", \"UpDecoderBlock2D\"], \"layers_per_block\": 3,"
      "\"norm_num_groups\": 8, \"scaling_factor\": 0.13025, \"shift_factor\": null, \"latent_channels\": 8,"
      "\"force_upcast\": false, \"use_quant_conv\": false, \"mid_block_add_attention\": false}");
  g_autoptr (GError) error = NULL;
  MzVaeConfig config;

  g_assert_true (mz_read_vae_config (path, &config, &error));
  g_assert_no_error (error);
  g_assert_cmpint (config.n_levels, ==, 2);
  g_assert_cmpint (config.block_out_channels[1], ==, 32);
  g_assert_cmpint (config.layers_per_block, ==, 3);
  g_assert_cmpint (config.latent_channels, ==, 8);
  g_assert_cmpfloat_with_epsilon (config.scaling_factor, 0.13025, 1e-7);
  g_assert_cmpfloat (config.shift_factor, ==, 0);
  g_assert_false (config.has_quant_conv);
  g_assert_true (config.has_post_quant_conv);
  g_assert_false (config.mid_attention);
  g_assert_false (config.force_upcast);
}

/* What the schedulers of diffusers take when a key is left out (their constructors' defaults). */
static void
test_scheduler_defaults (void)
{
  static const struct
  {
    const char *json;
    MzTimestepSpacing spacing;
    gboolean set_alpha_to_one, clip_sample;
    double beta_start, beta_end;
    MzBetaSchedule beta_schedule;
  } rows[] = {
    { "{\"_class_name\": \"PNDMScheduler\"}", MZ_SPACING_LEADING, FALSE, FALSE, 1e-4, 0.02, MZ_BETA_LINEAR },
    { "{\"_class_name\": \"DDIMScheduler\"}", MZ_SPACING_LEADING, TRUE, TRUE, 1e-4, 0.02, MZ_BETA_LINEAR },
    { "{\"_class_name\": \"EulerDiscreteScheduler\"}", MZ_SPACING_LINSPACE, TRUE, FALSE, 1e-4, 0.02,
      MZ_BETA_LINEAR },
    { "{\"_class_name\": \"LCMScheduler\"}", MZ_SPACING_LEADING, TRUE, FALSE, 8.5e-4, 0.012,
      MZ_BETA_SCALED_LINEAR },
    { "{\"_class_name\": \"HeunDiscreteScheduler\"}", MZ_SPACING_LINSPACE, TRUE, FALSE, 8.5e-4, 0.012,
      MZ_BETA_LINEAR },
    { "{\"_class_name\": \"DPMSolverMultistepScheduler\", \"beta_schedule\": \"squaredcos_cap_v2\","
      "\"timestep_spacing\": \"trailing\", \"clip_sample\": true}",
      MZ_SPACING_TRAILING, TRUE, TRUE, 1e-4, 0.02, MZ_BETA_SQUARED_COSINE },
  };
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = fixture_write_text (folder, "scheduler_config.json", rows[i].json);
      g_autoptr (GError) error = NULL;
      MzSchedulerConfig config;

      g_assert_true (mz_read_scheduler_config (path, &config, &error));
      g_assert_no_error (error);
      g_assert_cmpint (config.num_train_timesteps, ==, 1000);
      g_assert_cmpint (config.timestep_spacing, ==, rows[i].spacing);
      g_assert_cmpint (config.set_alpha_to_one, ==, rows[i].set_alpha_to_one);
      g_assert_cmpint (config.clip_sample, ==, rows[i].clip_sample);
      g_assert_cmpfloat_with_epsilon (config.beta_start, rows[i].beta_start, 1e-9);
      g_assert_cmpfloat_with_epsilon (config.beta_end, rows[i].beta_end, 1e-9);
      g_assert_cmpint (config.beta_schedule, ==, rows[i].beta_schedule);
      g_assert_cmpint (config.prediction_type, ==, MZ_PREDICTION_EPSILON);
      g_assert_cmpint (config.steps_offset, ==, 0);
    }
}

typedef enum
{
  UNET,
  VAE,
  CLIP,
  SCHEDULER
} Which;

static gboolean
read_any (Which which, const char *path, GError **error)
{
  MzModelConfig config;

  switch (which)
    {
    case UNET:
      return mz_read_unet_config (path, &config.unet, error);
    case VAE:
      return mz_read_vae_config (path, &config.vae, error);
    case CLIP:
      return mz_read_clip_config (path, &config.clip, error);
    default:
      return mz_read_scheduler_config (path, &config.scheduler, error);
    }
}

static const struct
{
  Which which;
  const char *json;
  int code;
  const char *message;
} bad_values[] = {
  { UNET, "{\"block_out_channels\": 320}", MZ_ERROR_FORMAT,
    "“block_out_channels” must be a list of 1 to 8 whole numbers from 1 to 16384" },
  { UNET, "{\"block_out_channels\": []}", MZ_ERROR_FORMAT, "“block_out_channels” must be a list" },
  { UNET, "{\"block_out_channels\": [1,1,1,1,1,1,1,1,1]}", MZ_ERROR_FORMAT,
    "“block_out_channels” must be a list" },
  { UNET, "{\"block_out_channels\": [320,\"a\"]}", MZ_ERROR_FORMAT, "“block_out_channels” must be a list" },
  { UNET, "{\"block_out_channels\": [320,-1]}", MZ_ERROR_FORMAT, "“block_out_channels” must be a list" },
  { UNET, "{\"block_out_channels\": [320,640.5]}", MZ_ERROR_FORMAT, "“block_out_channels” must be a list" },
  { UNET, "{\"block_out_channels\": [320,99999999999999999999]}", MZ_ERROR_FORMAT,
    "“block_out_channels” must be" },
  { UNET, "{\"block_out_channels\": [320,640]}", MZ_ERROR_FORMAT, "“down_block_types” has 4 entries where" },
  { UNET, "{\"block_out_channels\": [320,640,1280,1290]}", MZ_ERROR_FORMAT,
    "“norm_num_groups” is 32, which does not" },
  { UNET, "{\"attention_head_dim\": 7}", MZ_ERROR_FORMAT, "“attention_head_dim” gives level 0 7 heads" },
  { UNET, "{\"num_attention_heads\": 7}", MZ_ERROR_FORMAT, "“num_attention_heads” gives level 0 7 heads" },
  { UNET, "{\"attention_head_dim\": [8,8]}", MZ_ERROR_FORMAT,
    "“attention_head_dim” must be a whole number from 1" },
  { UNET, "{\"attention_head_dim\": 0}", MZ_ERROR_FORMAT, "“attention_head_dim” must be" },
  { UNET, "{\"in_channels\": true}", MZ_ERROR_FORMAT, "“in_channels” must be a whole number" },
  { UNET, "{\"norm_eps\": -1}", MZ_ERROR_FORMAT, "“norm_eps” must be a number from" },
  { UNET, "{\"norm_eps\": \"x\"}", MZ_ERROR_FORMAT, "“norm_eps” must be a number" },
  { UNET, "{\"norm_num_groups\": null}", MZ_ERROR_UNSUPPORTED, "“norm_num_groups” is null" },
  { UNET, "{\"flip_sin_to_cos\": 1}", MZ_ERROR_FORMAT, "“flip_sin_to_cos” must be true or false" },
  { UNET, "{\"down_block_types\": \"DownBlock2D\"}", MZ_ERROR_FORMAT, "“down_block_types” must be a list" },
  { UNET, "{\"down_block_types\": [\"AttnDownBlock2D\"]}", MZ_ERROR_UNSUPPORTED,
    "“down_block_types” is “AttnDownBlock2D”, which is not supported; it can be “DownBlock2D” or" },
  { UNET, "{\"mid_block_type\": \"UNetMidBlock2DSimpleCrossAttn\"}", MZ_ERROR_UNSUPPORTED,
    "“mid_block_type” is" },
  { UNET, "{\"cross_attention_dim\": [768]}", MZ_ERROR_FORMAT, "“cross_attention_dim” must be" },
  { UNET, "{\"addition_embed_type\": \"text_time\"}", MZ_ERROR_UNSUPPORTED,
    "“addition_embed_type” is \"text_time\"" },
  { UNET, "{\"time_cond_proj_dim\": 256}", MZ_ERROR_UNSUPPORTED, "“time_cond_proj_dim” is 256" },
  { UNET, "{\"only_cross_attention\": true}", MZ_ERROR_UNSUPPORTED, "“only_cross_attention” is true" },
  { UNET, "{\"_class_name\": \"UNet3DConditionModel\"}", MZ_ERROR_UNSUPPORTED, "“_class_name” is \"UNet3D" },
  { UNET, "{\"transformer_layers_per_block\": [[1]]}", MZ_ERROR_FORMAT,
    "“transformer_layers_per_block” must be" },
  { UNET, "{\"act_fn\": \"\\u001b[2J\"}", MZ_ERROR_UNSUPPORTED, "“act_fn” is" },
  { VAE, "{\"_class_name\": \"AutoencoderTiny\"}", MZ_ERROR_UNSUPPORTED,
    "“_class_name” is \"AutoencoderTiny\"" },
  { VAE, "{\"scaling_factor\": 0}", MZ_ERROR_FORMAT, "“scaling_factor” must be" },
  { VAE, "{\"scaling_factor\": 1e999}", MZ_ERROR_FORMAT, "“scaling_factor”" },
  { VAE, "{\"latents_mean\": [0]}", MZ_ERROR_UNSUPPORTED, "“latents_mean” is [0]" },
  { VAE, "{\"block_out_channels\": [48]}", MZ_ERROR_FORMAT,
    "“norm_num_groups” is 32, which does not divide 48" },
  { CLIP, "{\"model_type\": \"t5\"}", MZ_ERROR_UNSUPPORTED, "“model_type” is “t5”" },
  { CLIP, "{\"model_type\": 5}", MZ_ERROR_FORMAT, "“model_type” must be" },
  { CLIP, "{\"hidden_act\": \"relu\"}", MZ_ERROR_UNSUPPORTED, "“hidden_act” is “relu”" },
  { CLIP, "{\"num_attention_heads\": 7}", MZ_ERROR_FORMAT,
    "“num_attention_heads” is 7, which does not divide 512" },
  { CLIP, "{\"vocab_size\": 99999999}", MZ_ERROR_FORMAT, "“vocab_size” must be" },
  { CLIP, "{\"max_position_embeddings\": 2}", MZ_ERROR_FORMAT, "“max_position_embeddings” must be" },
  { SCHEDULER, "{\"_class_name\": \"FlowMatchEulerDiscreteScheduler\"}", MZ_ERROR_UNSUPPORTED,
    "“_class_name” is “FlowMatchEulerDiscreteScheduler”, whose kind of noise" },
  { SCHEDULER, "{\"beta_schedule\": \"sigmoid\"}", MZ_ERROR_UNSUPPORTED, "“beta_schedule” is “sigmoid”" },
  { SCHEDULER, "{\"prediction_type\": \"flow\"}", MZ_ERROR_UNSUPPORTED, "“prediction_type” is “flow”" },
  { SCHEDULER, "{\"beta_start\": 0.1, \"beta_end\": 0.01}", MZ_ERROR_FORMAT, "“beta_end” is below" },
  { SCHEDULER, "{\"trained_betas\": [0.5]}", MZ_ERROR_UNSUPPORTED, "“trained_betas” is [0.5]" },
  { SCHEDULER, "{\"num_train_timesteps\": 0}", MZ_ERROR_FORMAT, "“num_train_timesteps” must be" },
  { SCHEDULER, "{\"num_train_timesteps\": 1}", MZ_ERROR_FORMAT, "“num_train_timesteps” must be" },
  { CLIP, "{\"max_position_embeddings\": 2}", MZ_ERROR_FORMAT, "“max_position_embeddings” must be" },
  { CLIP, "{\"max_position_embeddings\": 4097}", MZ_ERROR_FORMAT, "from 3 to 4096" },
  { VAE, "{\"latent_channels\": 65}", MZ_ERROR_FORMAT, "“latent_channels” must be" },
  { UNET,
    "{\"block_out_channels\": [4], \"norm_num_groups\": 4, \"attention_head_dim\": 1, \"freq_shift\": 2,"
    "\"down_block_types\": [\"DownBlock2D\"], \"up_block_types\": [\"UpBlock2D\"]}",
    MZ_ERROR_FORMAT, "“freq_shift” is 2, which is not below half of the first level's 4 channels" },
  /* the file as a whole */
  { UNET, "", MZ_ERROR_FORMAT, "is empty" },
  { UNET, "[]", MZ_ERROR_FORMAT, "does not hold one JSON object" },
  { UNET, "{", MZ_ERROR_FORMAT, "ends too early" },
  { UNET, "{\"a\":1,\"a\":1}", MZ_ERROR_FORMAT, "the key “a” twice" },
  { UNET, "{\"a\":\"\xff\"}", MZ_ERROR_FORMAT, "UTF-8" },
};

static void
test_bad_values (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (bad_values); i++)
    {
      g_autofree char *path = fixture_write_text (folder, "config.json", bad_values[i].json);
      g_autoptr (GError) error = NULL;

      g_assert_false (read_any (bad_values[i].which, path, &error));
      g_test_message ("%s", error->message);
      fixture_assert_error (error, bad_values[i].code, path, bad_values[i].message);
      g_assert_null (error);
    }
}

static void
test_bad_files (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *spaces = g_strnfill (1024 * 1024, ' '), *brackets = g_strnfill (10000, '[');
  g_autofree char *large = g_strconcat (spaces, "{}", NULL), *deep = g_strconcat ("{\"a\":", brackets, NULL);
  g_autofree char *missing = fixture_path (folder, "missing.json");
  g_autofree char *large_path = fixture_write_text (folder, "large.json", large);
  g_autofree char *deep_path = fixture_write_text (folder, "deep.json", deep);
  g_autoptr (GError) error = NULL;

  g_assert_false (read_any (UNET, missing, &error));
  fixture_assert_error (error, MZ_ERROR_MISSING, missing);
  g_assert_false (read_any (VAE, large_path, &error));
  fixture_assert_error (error, MZ_ERROR_FORMAT, large_path, "at most 1.0");
  g_assert_false (read_any (CLIP, deep_path, &error));
  fixture_assert_error (error, MZ_ERROR_FORMAT, deep_path, "nested too deep");
  g_assert_false (read_any (SCHEDULER, folder, &error));
  fixture_assert_error (error, MZ_ERROR_FORMAT, folder, "folder");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model-configs/unet-defaults", test_unet_defaults);
  g_test_add_func ("/model-configs/unet-odd", test_unet_odd);
  g_test_add_func ("/model-configs/clip", test_clip);
  g_test_add_func ("/model-configs/vae", test_vae);
  g_test_add_func ("/model-configs/scheduler-defaults", test_scheduler_defaults);
  g_test_add_func ("/model-configs/bad-values", test_bad_values);
  g_test_add_func ("/model-configs/bad-files", test_bad_files);
  return g_test_run ();
}
