/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Single files at full size, as headers over holes on the disk: architectures inferred, parts that are
 * missing or strange, other families named. */
#include <stdio.h>
#include <string.h>

#include "io-fixture.h"
#include "io/model-file.h"

static MzModelFile *
open_good (const char *path)
{
  g_autoptr (GError) error = NULL;
  MzModelFile *file = mz_model_file_open (path, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (file);
  return file;
}

/* Opens what must fail, and checks the error: its code, and that the message names the path and `message`. */
static void
assert_bad (const char *path, int code, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzModelFile) file = mz_model_file_open (path, NULL, &error);

  g_assert_null (file);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  fixture_assert_error (error, code, path, message);
}

/* Adds the tensors of a golden table to a file; `edit` may change name or shape, or clear the name to leave
 * it out. */
typedef void (*EditFunc) (GString *name, GString *shape);

static void
add_table (FixtureTensors *tensors, const char *table, const char *prefix, EditFunc edit)
{
  g_autofree char *path = fixture_golden (table), *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autofree char *last = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i] != NULL && lines[i][0] != 0; i++)
    {
      g_auto (GStrv) row = g_strsplit (lines[i], "\t", -1);
      g_autoptr (GString) name = g_string_new (row[0]), shape = g_string_new (row[2]);

      if (!g_str_has_prefix (row[0], prefix) || g_strcmp0 (row[0], last) == 0)
        continue; /* in_proj stands three times, for q, k and v */
      g_free (last);
      last = g_strdup (row[0]);
      if (edit != NULL)
        edit (name, shape);
      if (name->len > 0)
        fixture_tensors_add (tensors, name->str, "F16", shape->str);
    }
}

static void
test_sd1_inferred (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  FixtureTensors *tensors = fixture_tensors_new ();
  g_autofree char *path = NULL;
  g_autoptr (MzModelFile) file = NULL;
  MzUnetConfig *unet;
  MzVaeConfig *vae;
  MzClipConfig *clip;

  add_table (tensors, "names-sd1.txt", "", NULL);
  path = fixture_tensors_write (tensors, folder, "sd1.safetensors");
  file = open_good (path);
  unet = &file->config.unet;
  vae = &file->config.vae;
  clip = &file->config.clip;
  g_assert_cmpstr (file->family, ==, "Stable Diffusion 1.x");
  g_assert_cmpuint (file->n_params, ==, 1066235307);
  g_assert_cmpuint (file->n_tensors, ==, 1130);
  g_assert_null (file->tokenizer_dir);
  g_assert_cmpint (unet->n_levels, ==, 4);
  for (int i = 0; i < 4; i++)
    {
      g_assert_cmpint (unet->block_out_channels[i], ==, ((const int[]){ 320, 640, 1280, 1280 })[i]);
      g_assert_cmpint (unet->layers_per_block[i], ==, 2);
      g_assert_cmpint (unet->down_depth[i], ==, i < 3);
      g_assert_cmpint (unet->up_depth[i], ==, i < 3);
      g_assert_cmpint (unet->n_heads[i], ==, 8);
      g_assert_cmpint (vae->block_out_channels[i], ==, ((const int[]){ 128, 256, 512, 512 })[i]);
    }
  g_assert_cmpint (unet->mid_depth, ==, 1);
  g_assert_cmpint (unet->norm_num_groups, ==, 32);
  g_assert_cmpint (unet->sample_size, ==, 64);
  g_assert_false (unet->use_linear_projection);
  g_assert_cmpint (vae->n_levels, ==, 4);
  g_assert_cmpint (vae->layers_per_block, ==, 2);
  g_assert_cmpint (vae->latent_channels, ==, 4);
  g_assert_true (vae->mid_attention && vae->has_encoder && vae->has_quant_conv && vae->has_post_quant_conv);
  g_assert_cmpint (clip->vocab_size, ==, 49408);
  g_assert_cmpint (clip->num_hidden_layers, ==, 12);
  g_assert_cmpint (clip->num_attention_heads, ==, 12);
  g_assert_cmpint (clip->intermediate_size, ==, 3072);
  g_assert_cmpint (clip->hidden_act, ==, MZ_CLIP_QUICK_GELU);
  g_assert_cmpint (file->config.scheduler.prediction_type, ==, MZ_PREDICTION_EPSILON);
}

/* SD 2's U-Net has SD 1's names, a wider text, and linear projections. */
static void
widen_text (GString *name, GString *shape)
{
  if (strstr (name->str, ".attn2.to_k.") != NULL || strstr (name->str, ".attn2.to_v.") != NULL)
    g_string_replace (shape, "768]", "1024]", 1);
  if (g_str_has_prefix (name->str, "model.")
      && (strstr (name->str, ".proj_in.weight") != NULL || strstr (name->str, ".proj_out.weight") != NULL))
    g_string_replace (shape, ", 1, 1]", "]", 1);
}

static char *
write_sd2 (const char *folder)
{
  FixtureTensors *tensors = fixture_tensors_new ();

  add_table (tensors, "names-sd1.txt", "model.", widen_text);
  add_table (tensors, "names-sd1.txt", "first_stage_model.", NULL);
  add_table (tensors, "names-sd2-text.txt", "", NULL);
  fixture_tensors_add (tensors, "cond_stage_model.model.text_projection", "F16", "[1024, 1024]");
  return fixture_tensors_write (tensors, folder, "sd2.safetensors");
}

static void
test_sd2_inferred (void)
{
  static const char layer[] = "text_encoder.text_model.encoder.layers.7.self_attn.";
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = write_sd2 (folder);
  g_autoptr (MzModelFile) file = open_good (path);
  const char *data[3];

  g_assert_cmpstr (file->family, ==, "Stable Diffusion 2.x");
  for (int i = 0; i < 4; i++)
    g_assert_cmpint (file->config.unet.n_heads[i], ==, ((const int[]){ 5, 10, 20, 20 })[i]);
  g_assert_true (file->config.unet.use_linear_projection);
  g_assert_true (file->config.unet.upcast_attention);
  g_assert_cmpint (file->config.unet.cross_attention_dim, ==, 1024);
  g_assert_cmpint (file->config.clip.num_hidden_layers, ==, 23);
  g_assert_cmpint (file->config.clip.num_attention_heads, ==, 16);
  g_assert_cmpint (file->config.clip.hidden_act, ==, MZ_CLIP_GELU);
  g_assert_cmpint (file->config.clip.pad_token_id, ==, 0);
  g_assert_false (
      mz_weights_has_prefix (file->weights, "cond_stage_model.")); /* neither block 24 nor projection */
  /* That bias is zero here: no deviation, so epsilon, trained on 512 pixels. */
  g_assert_cmpint (file->config.scheduler.prediction_type, ==, MZ_PREDICTION_EPSILON);
  g_assert_cmpint (file->prediction_source, ==, MZ_PREDICTION_FROM_WEIGHTS);
  g_assert_cmpint (file->config.unet.sample_size, ==, 64);
  /* q, k and v are thirds of one tensor. */
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s%c_proj.weight", layer, "qkv"[i]);
      const MzView *view = mz_weights_lookup (file->weights, name);

      g_assert_cmpint (view->shape[0], ==, 1024);
      g_assert_cmpint (view->shape[1], ==, 1024);
      g_assert_cmpuint (view->n_bytes, ==, 2 * 1024 * 1024);
      data[i] = view->data;
    }
  g_assert_cmpint (data[1] - data[0], ==, 2 * 1024 * 1024);
  g_assert_cmpint (data[2] - data[1], ==, 2 * 1024 * 1024);
}

/* Writes alternating +x and -x into the bias that tells v from epsilon. */
static void
write_bias (const char *path, guint64 offset, guint n, guint16 x)
{
  FILE *file = fopen (path, "r+b");
  guint64 prefix;

  g_assert_nonnull (file);
  g_assert_cmpint (fread (&prefix, 8, 1, file), ==, 1);
  g_assert_cmpint (fseeko (file, (off_t) (8 + GUINT64_FROM_LE (prefix) + offset), SEEK_SET), ==, 0);
  for (guint i = 0; i < n; i++)
    {
      guint16 bits = GUINT16_TO_LE (i % 2 == 0 ? x : x | 0x8000);

      g_assert_cmpint (fwrite (&bits, 2, 1, file), ==, 1);
    }
  g_assert_cmpint (fclose (file), ==, 0);
}

static void
test_sd2_prediction (void)
{
  static const char name[] = "unet.up_blocks.3.attentions.2.transformer_blocks.0.norm1.bias";
  static const char first[]
      = "unet.time_embedding.linear_1.bias"; /* of the table's first line that is the U-Net's */
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = write_sd2 (folder), *json = NULL;
  guint64 offset;

  {
    g_autoptr (MzModelFile) file = open_good (path);
    const char *bias = mz_weights_lookup (file->weights, name)->data, *base = NULL;
    guint n;
    g_autofree const char **names = mz_weights_names (file->weights, &n);

    for (guint i = 0; i < n; i++)
      {
        const char *data = mz_weights_lookup (file->weights, names[i])->data;

        base = base == NULL || data < base ? data : base;
      }
    g_assert_nonnull (mz_weights_lookup (file->weights, first));
    offset = (guint64) (bias - base);
  }
  write_bias (path, offset, 320, 0x2c00); /* 0.0625 */
  {
    g_autoptr (MzModelFile) file = open_good (path);

    g_assert_cmpint (file->config.scheduler.prediction_type, ==, MZ_PREDICTION_EPSILON);
  }
  write_bias (path, offset, 320, 0x2e00); /* 0.09375 */
  {
    g_autoptr (MzModelFile) file = open_good (path);

    g_assert_cmpint (file->config.scheduler.prediction_type, ==, MZ_PREDICTION_V);
    g_assert_cmpint (file->config.unet.sample_size, ==, 96);
  }
  json = fixture_write_text (folder, "sd2.json", "{\"prediction_type\": \"epsilon\"}");
  {
    g_autoptr (MzModelFile) file = open_good (path);

    g_assert_cmpint (file->config.scheduler.prediction_type, ==, MZ_PREDICTION_EPSILON);
    g_assert_cmpint (file->prediction_source, ==, MZ_PREDICTION_FROM_OVERRIDE);
    g_assert_cmpint (file->config.unet.sample_size, ==, 64);
  }
}

static void
drop_middle (GString *name, GString *shape)
{
  if (strstr (name->str, ".middle_block.") != NULL)
    g_string_truncate (name, 0);
}

static void
drop_here_and_there (GString *name, GString *shape)
{
  static const char *const dropped[] = {
    "model.diffusion_model.input_blocks.1.0.in_layers.2.weight",
    "model.diffusion_model.input_blocks.3.0.op.weight",
    "first_stage_model.decoder.up.3.block.0.conv1.weight",
    "cond_stage_model.transformer.text_model.final_layer_norm.bias",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (dropped); i++)
    if (strcmp (name->str, dropped[i]) == 0)
      g_string_truncate (name, 0);
}

static void
drop_text_model (GString *name, GString *shape)
{
  g_string_replace (name, ".text_model.", ".", 1);
}

/* A model without middle block; one that lacks a few tensors (which models/ will name); one of the older text
 * names. */
static void
test_missing_tensors (void)
{
  static const struct
  {
    EditFunc edit;
    guint n_tensors;
    gboolean has_mid_block;
  } rows[] = {
    { drop_middle, 1130 - 46, FALSE },
    { drop_here_and_there, 1130 - 4, TRUE },
    { drop_text_model, 1130, TRUE },
  };
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      FixtureTensors *tensors = fixture_tensors_new ();
      g_autofree char *path = NULL;
      g_autoptr (MzModelFile) file = NULL;

      add_table (tensors, "names-sd1.txt", "", rows[i].edit);
      path = fixture_tensors_write (tensors, folder, "x.safetensors");
      file = open_good (path);
      g_assert_cmpuint (file->n_tensors, ==, rows[i].n_tensors);
      g_assert_cmpint (file->config.unet.has_mid_block, ==, rows[i].has_mid_block);
      g_assert_cmpint (file->config.unet.mid_depth, ==, rows[i].has_mid_block);
      g_assert_cmpint (file->config.unet.layers_per_block[0], ==, 2);
      g_assert_cmpint (file->config.vae.block_out_channels[3], ==, 512);
      g_assert_cmpint (file->config.clip.num_hidden_layers, ==, 12);
    }
}

/* Tensors that nobody knows are kept under their own names, to be reported. */
static void
test_unknown_tensors (void)
{
  static const char label[] = "model.diffusion_model.strange.weight";
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  FixtureTensors *tensors = fixture_tensors_new ();
  g_autofree char *path = NULL;
  g_autoptr (MzModelFile) file = NULL;

  add_table (tensors, "names-sd1.txt", "", NULL);
  fixture_tensors_add (tensors, label, "F32", "[2]");
  fixture_tensors_add (tensors, "unet.conv_in.bias", "F32", "[320]"); /* must not pass for a canonical name */
  path = fixture_tensors_write (tensors, folder, "x.safetensors");
  file = open_good (path);
  g_assert_nonnull (mz_weights_lookup (file->weights, label));
  g_assert_cmpuint (file->n_tensors, ==, 1130);
  g_assert_cmpint (mz_weights_lookup (file->weights, "unet.conv_in.bias")->dtype, ==, MZ_DTYPE_F16);
}

static void
nine_channels (GString *name, GString *shape)
{
  if (strcmp (name->str, "model.diffusion_model.input_blocks.0.0.weight") == 0)
    g_string_assign (shape, "[320, 9, 3, 3]");
}

static void
eight_channels (GString *name, GString *shape)
{
  if (strcmp (name->str, "model.diffusion_model.input_blocks.0.0.weight") == 0)
    g_string_assign (shape, "[320, 8, 3, 3]");
}

static void
grey_picture (GString *name, GString *shape)
{
  if (strcmp (name->str, "first_stage_model.decoder.conv_out.weight") == 0)
    g_string_assign (shape, "[1, 128, 3, 3]");
}

static void
grey_input (GString *name, GString *shape)
{
  if (strcmp (name->str, "first_stage_model.encoder.conv_in.weight") == 0)
    g_string_assign (shape, "[128, 1, 3, 3]");
}

static void
two_positions (GString *name, GString *shape)
{
  if (g_str_has_suffix (name->str, ".position_embedding.weight"))
    g_string_assign (shape, "[2, 768]");
}

static void
narrow_text (GString *name, GString *shape)
{
  if (strstr (name->str, ".attn2.to_") != NULL)
    g_string_replace (shape, "768]", "512]", 1);
}

static void
drop_last_up (GString *name, GString *shape)
{
  if (strstr (name->str, ".output_blocks.11.") != NULL)
    g_string_truncate (name, 0);
}

static void
odd_rows (GString *name, GString *shape)
{
  if (g_str_has_suffix (name->str, "resblocks.3.attn.in_proj_weight"))
    g_string_assign (shape, "[1000, 1024]");
}

static void
test_bad_models (void)
{
  static const struct
  {
    const char *text_table;
    EditFunc edit;
    int code;
    const char *message;
  } rows[] = {
    { "names-sd1.txt", nine_channels, MZ_ERROR_UNSUPPORTED, "an inpainting model" },
    { "names-sd1.txt", eight_channels, MZ_ERROR_UNSUPPORTED, "an InstructPix2Pix model" },
    { "names-sd1.txt", grey_picture, MZ_ERROR_UNSUPPORTED, "its VAE gives pictures of 1 channels" },
    { "names-sd1.txt", grey_input, MZ_ERROR_UNSUPPORTED, "its VAE takes pictures of 1 channels" },
    { "names-sd1.txt", two_positions, MZ_ERROR_FORMAT, "has 2 positions; there must be 3 to 4096" },
    { "names-sd1.txt", narrow_text, MZ_ERROR_FORMAT, "gives 768 numbers a token and its U-Net takes 512" },
    { "names-sd1.txt", drop_last_up, MZ_ERROR_FORMAT,
      "level 0 of its U-Net has 2 residual blocks going down and 2" },
    { "names-sd2-text.txt", odd_rows, MZ_ERROR_FORMAT,
      "“cond_stage_model.model.transformer.resblocks.3.attn.in_proj" },
  };
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      FixtureTensors *tensors = fixture_tensors_new ();
      g_autofree char *path = NULL;

      add_table (tensors, "names-sd1.txt", "model.", rows[i].edit);
      add_table (tensors, "names-sd1.txt", "first_stage_model.", rows[i].edit);
      add_table (tensors, rows[i].text_table, "cond_stage_model.", rows[i].edit);
      path = fixture_tensors_write (tensors, folder, "x.safetensors");
      assert_bad (path, rows[i].code, rows[i].message);
    }
}

/* Other kinds of model, by the name of one of their tensors. */
static void
test_families (void)
{
  static const struct
  {
    const char *tensor;
    int code;
    const char *message;
  } rows[] = {
    { "lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight", MZ_ERROR_UNSUPPORTED, "is a LoRA" },
    { "unet.down_blocks.0.attentions.0.to_q.lora_A.weight", MZ_ERROR_UNSUPPORTED, "is a LoRA" },
    { "control_model.input_blocks.0.0.weight", MZ_ERROR_UNSUPPORTED, "is a ControlNet" },
    { "controlnet_cond_embedding.conv_in.weight", MZ_ERROR_UNSUPPORTED, "is a ControlNet" },
    { "emb_params", MZ_ERROR_UNSUPPORTED, "is a textual inversion" },
    { "clip_g", MZ_ERROR_UNSUPPORTED, "is a textual inversion" },
    { "model.diffusion_model.joint_blocks.0.x_block.mlp.fc1.weight", MZ_ERROR_UNSUPPORTED,
      "a Stable Diffusion 3 model" },
    { "double_blocks.0.img_attn.qkv.weight", MZ_ERROR_UNSUPPORTED, "a Flux model" },
    { "model.diffusion_model.double_blocks.0.img_attn.qkv.weight", MZ_ERROR_UNSUPPORTED, "a Flux model" },
    { "conditioner.embedders.1.model.ln_final.weight", MZ_ERROR_UNSUPPORTED, "a Stable Diffusion XL model" },
    { "conditioner.embedders.0.model.ln_final.weight", MZ_ERROR_UNSUPPORTED,
      "a Stable Diffusion XL refiner" },
    { "model.diffusion_model.label_emb.0.0.weight", MZ_ERROR_UNSUPPORTED, "a Stable Diffusion XL model" },
    { "edm_mean", MZ_ERROR_UNSUPPORTED, "a Playground 2.5 model" },
    { "down_blocks.0.motion_modules.0.norm.weight", MZ_ERROR_UNSUPPORTED, "an AnimateDiff motion module" },
    { "encoder.block.0.layer.0.SelfAttention.q.weight", MZ_ERROR_UNSUPPORTED, "a T5 text encoder" },
    { "down_blocks.0.resnets.0.conv1.weight", MZ_ERROR_MISSING, "only the U-Net of a model" },
    { "decoder.up.0.block.0.conv1.weight", MZ_ERROR_MISSING, "only the VAE of a model" },
    { "decoder.up_blocks.0.resnets.0.conv1.weight", MZ_ERROR_MISSING, "only the VAE of a model" },
    { "text_model.final_layer_norm.weight", MZ_ERROR_MISSING, "only the text encoder of a model" },
    { "first_stage_model.decoder.conv_in.weight", MZ_ERROR_MISSING,
      "VAE (first_stage_model.…) without U-Net (model.diffusion_model.…) and text encoder "
      "(cond_stage_model.…)" },
    { "model.diffusion_model.out.2.weight", MZ_ERROR_MISSING, "U-Net (model.diffusion_model.…) without VAE" },
    { "fc.weight", MZ_ERROR_UNSUPPORTED, "none of its 1 tensors is known (one is “fc.weight”)" },
  };
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *empty = fixture_write_safetensors (folder, "empty.safetensors", "{}", 0);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      FixtureTensors *tensors = fixture_tensors_new ();
      g_autofree char *path = NULL;

      fixture_tensors_add (tensors, rows[i].tensor, "F16", "[2, 2]");
      path = fixture_tensors_write (tensors, folder, "x.safetensors");
      assert_bad (path, rows[i].code, rows[i].message);
    }
  assert_bad (empty, MZ_ERROR_FORMAT, "holds no tensor at all");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model-families/sd1-inferred", test_sd1_inferred);
  g_test_add_func ("/model-families/sd2-inferred", test_sd2_inferred);
  g_test_add_func ("/model-families/sd2-prediction", test_sd2_prediction);
  g_test_add_func ("/model-families/missing-tensors", test_missing_tensors);
  g_test_add_func ("/model-families/unknown-tensors", test_unknown_tensors);
  g_test_add_func ("/model-families/bad-models", test_bad_models);
  g_test_add_func ("/model-families/families", test_families);
  return g_test_run ();
}
