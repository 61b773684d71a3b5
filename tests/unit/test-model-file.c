/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Whole models of both layouts: the same numbers, what is told of them, the file beside a single one. */
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

static float *
read_all (const MzView *view)
{
  gsize n = mz_view_elements (view);
  float *values = g_new (float, n);

  mz_view_read_f32 (view, 0, n, values);
  return values;
}

/* The LDM file (F16) and the folder (U-Net F16 in shards, VAE F32, text BF16) hold the same numbers. */
static void
test_same_numbers (void)
{
  g_autofree char *single_path = fixture_golden ("tiny-ldm.safetensors"),
                  *folder = fixture_golden ("tiny-diffusers");
  g_autoptr (MzModelFile) single = open_good (single_path), other = open_good (folder);
  guint n_single, n_other;
  g_autofree const char **names = mz_weights_names (single->weights, &n_single);
  g_autofree const char **other_names = mz_weights_names (other->weights, &n_other);

  g_assert_cmpuint (n_single, ==, n_other);
  for (guint i = 0; i < n_single; i++)
    {
      const MzView *a = mz_weights_lookup (single->weights, names[i]);
      const MzView *b = mz_weights_lookup (other->weights, names[i]);
      g_autofree float *x = NULL, *y = NULL;

      g_assert_cmpstr (names[i], ==, other_names[i]);
      g_assert_cmpuint (mz_view_elements (a), ==, mz_view_elements (b));
      x = read_all (a);
      y = read_all (b);
      g_assert_cmpmem (x, mz_view_elements (a) * sizeof *x, y, mz_view_elements (b) * sizeof *y);
    }
}

/* What was inferred (with the JSON file beside the LDM file) is what the configs say. */
static void
test_same_config (void)
{
  g_autofree char *single_path = fixture_golden ("tiny-ldm.safetensors"),
                  *folder = fixture_golden ("tiny-diffusers");
  g_autofree char *index = fixture_golden ("tiny-diffusers/model_index.json");
  g_autofree char *tokenizer = fixture_golden ("tiny-diffusers/tokenizer");
  g_autoptr (MzModelFile) single = open_good (single_path), other = open_good (folder),
                          again = open_good (index);
  MzModelConfig *a = &single->config, *b = &other->config;

  g_assert_cmpint (b->unet.sample_size, ==, 16); /* leaves no trace in tensors */
  b->unet.sample_size = a->unet.sample_size;
  g_assert_cmpmem (&a->unet, sizeof a->unet, &b->unet, sizeof b->unet);
  g_assert_cmpmem (&a->vae, sizeof a->vae, &b->vae, sizeof b->vae);
  g_assert_cmpmem (&a->clip, sizeof a->clip, &b->clip, sizeof b->clip);
  g_assert_cmpmem (&a->scheduler, sizeof a->scheduler, &b->scheduler, sizeof b->scheduler);
  g_assert_cmpint (a->unet.n_levels, ==, 3);
  g_assert_cmpint (a->unet.cross_attention_dim, ==, 48);
  g_assert_cmpint (a->clip.num_attention_heads, ==, 4);
  g_assert_cmpint (a->scheduler.steps_offset, ==, 1);
  g_assert_cmpmem (&again->config.vae, sizeof a->vae, &b->vae, sizeof b->vae);
  g_assert_cmpstr (single->tokenizer_dir, ==, tokenizer);
  g_assert_cmpstr (other->tokenizer_dir, ==, tokenizer);
  g_assert_cmpint (single->prediction_source, ==, MZ_PREDICTION_FROM_DEFAULT);
  g_assert_cmpint (other->prediction_source, ==, MZ_PREDICTION_FROM_CONFIG);
}

static void
test_description (void)
{
  g_autofree char *single_path = fixture_golden ("tiny-ldm.safetensors"),
                  *folder = fixture_golden ("tiny-diffusers");
  g_autoptr (MzModelFile) single = open_good (single_path), other = open_good (folder);

  g_assert_cmpint (single->kind, ==, MZ_MODEL_FILE_SINGLE);
  g_assert_cmpint (other->kind, ==, MZ_MODEL_FILE_DIFFUSERS);
  g_assert_cmpstr (single->family, ==, "Stable Diffusion family");
  g_assert_cmpuint (single->n_tensors, ==, 682);
  g_assert_cmpuint (single->n_params, ==, 496755);
  g_assert_cmpuint (single->n_bytes, ==, 2 * 496755);
  g_assert_cmpuint (single->dtypes, ==, 1u << MZ_DTYPE_F16);
  g_assert_null (mz_weights_lookup (single->weights, "alphas_cumprod"));
  g_assert_cmpuint (g_strv_length (single->files), ==, 1);

  g_assert_cmpuint (g_strv_length (other->files), ==, 4);
  g_assert_cmpstr (other->components[MZ_COMPONENT_VAE].name, ==, "vae");
  g_assert_cmpuint (other->components[MZ_COMPONENT_UNET].dtypes, ==, 1u << MZ_DTYPE_F16);
  g_assert_cmpuint (other->components[MZ_COMPONENT_VAE].dtypes, ==, 1u << MZ_DTYPE_F32);
  g_assert_cmpuint (other->components[MZ_COMPONENT_TEXT_ENCODER].dtypes, ==, 1u << MZ_DTYPE_BF16);
  g_assert_cmpuint (other->components[MZ_COMPONENT_VAE].n_bytes, ==,
                    4 * other->components[MZ_COMPONENT_VAE].n_params);
  g_assert_cmpuint (other->n_params, ==, 496755);
  g_assert_null (other->preview);
}

static void
test_foreign_type (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *source = fixture_golden ("tiny-ldm.safetensors"), *bytes = NULL;
  g_autofree char *path = fixture_path (folder, "x.safetensors");
  gsize n_bytes;

  g_assert_true (g_file_get_contents (source, &bytes, &n_bytes, NULL));
  g_assert_true (g_file_set_contents (path, bytes, (gssize) n_bytes, NULL));
  fixture_replace (path, "\"model_ema.decay\":{\"dtype\":\"F32\"", "\"model_ema.decay\":{\"dtype\":\"U32\"");
  {
    g_autoptr (MzModelFile) file = open_good (path); /* nobody needs that one */

    g_assert_cmpuint (file->n_tensors, ==, 682);
  }
  fixture_replace (path, "\"first_stage_model.quant_conv.bias\":{\"dtype\":\"F16\"",
                   "\"first_stage_model.quant_conv.bias\":{\"dtype\":\"I16\"");
  assert_bad (path, MZ_ERROR_UNSUPPORTED, "“first_stage_model.quant_conv.bias” has numbers of the type I16");
}

static void
test_override (void)
{
  static const struct
  {
    const char *json;
    int code;
    const char *message;
  } rows[] = {
    { "{\"norm_num_groups\": 3}", MZ_ERROR_FORMAT, "“norm_num_groups” does not divide the 16 channels" },
    { "{\"num_attention_heads\": [8, 8]}", MZ_ERROR_FORMAT, "“num_attention_heads” must be" },
    { "{\"num_attention_heads\": 5}", MZ_ERROR_FORMAT,
      "“num_attention_heads” does not divide the 16 channels" },
    { "{\"vae_norm_num_groups\": 16}", MZ_ERROR_FORMAT,
      "“vae_norm_num_groups” does not divide the 8 channels" },
    { "{\"text_num_attention_heads\": 5}", MZ_ERROR_FORMAT, "“text_num_attention_heads” does not divide" },
    { "{\"prediction_type\": \"x\"}", MZ_ERROR_UNSUPPORTED, "“prediction_type” is “x”" },
    { "{\"tokenizer\": \"../tokenizer\"}", MZ_ERROR_FORMAT, "“tokenizer” must be a folder beside" },
    { "{\"tokenizer\": \"a/../../b\"}", MZ_ERROR_FORMAT, "“tokenizer” must be a folder beside" },
    { "{\"tokenizer\": \"/etc\"}", MZ_ERROR_FORMAT, "“tokenizer” must be a folder beside" },
    { "{\"sample_size\": 0}", MZ_ERROR_FORMAT, "“sample_size” must be" },
    { "{\"tokenizer\": 3}", MZ_ERROR_FORMAT, "“tokenizer” must be a text" },
    { "{\"tokenizer\": \"a\\u001bb\"}", MZ_ERROR_FORMAT, "“tokenizer” must be a folder beside" },
  };
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *source = fixture_golden ("tiny-ldm.safetensors"), *bytes = NULL;
  g_autofree char *path = fixture_path (folder, "x.SafeTensors"), *json = fixture_path (folder, "x.json");
  gsize n_bytes;

  g_assert_true (g_file_get_contents (source, &bytes, &n_bytes, NULL));
  g_assert_true (g_file_set_contents (path, bytes, (gssize) n_bytes, NULL));
  {
    g_autoptr (MzModelFile) file = open_good (path);

    g_assert_cmpint (file->config.unet.norm_num_groups, ==, 16);
    g_assert_cmpint (file->config.unet.n_heads[2], ==, 8);
    g_assert_cmpint (file->config.clip.num_attention_heads, ==, 8);
    g_assert_null (file->tokenizer_dir);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (json, rows[i].json, -1, NULL));
      g_assert_null (mz_model_file_open (path, NULL, &error));
      fixture_assert_error (error, rows[i].code, json, rows[i].message);
    }
  g_assert_true (g_file_set_contents (
      json,
      "{\"description\": [\"notes of other programs\"], \"num_attention_heads\": [1, 2, 4],"
      "\"vae_scaling_factor\": 0.5, \"prediction_type\": \"v_prediction\", \"sample_size\": 24}",
      -1, NULL));
  {
    g_autoptr (MzModelFile) file = open_good (path);

    g_assert_cmpint (file->config.unet.n_heads[0], ==, 1);
    g_assert_cmpint (file->config.unet.n_heads[2], ==, 4);
    g_assert_cmpfloat (file->config.vae.scaling_factor, ==, 0.5);
    g_assert_cmpint (file->config.scheduler.prediction_type, ==, MZ_PREDICTION_V);
    g_assert_cmpint (file->config.unet.sample_size, ==, 24);
  }
}

/* Other programs' files of that name, whatever is in them, do not keep a sound model from loading. */
static void
test_foreign_override (void)
{
  static const char *const texts[] = { "not json", "", "[1, 2]", "{\"a\": 1", "3", "{\"a\": 1, \"a\": 2}" };
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *source = fixture_golden ("tiny-ldm.safetensors"), *bytes = NULL;
  g_autofree char *path = fixture_path (folder, "x.safetensors"), *json = fixture_path (folder, "x.json");
  g_autofree char *big = g_strnfill (2 * 1024 * 1024, ' ');
  gsize n_bytes;

  g_assert_true (g_file_get_contents (source, &bytes, &n_bytes, NULL));
  fixture_write_bytes (path, bytes, n_bytes);
  for (gsize i = 0; i <= G_N_ELEMENTS (texts); i++)
    {
      const char *text = i < G_N_ELEMENTS (texts) ? texts[i] : big;
      g_autoptr (MzModelFile) file = NULL;

      fixture_write_bytes (json, text, strlen (text));
      file = open_good (path);
      g_assert_cmpint (file->config.unet.norm_num_groups, ==, 16);
    }
}

static void
test_cancel (void)
{
  g_autofree char *single_path = fixture_golden ("tiny-ldm.safetensors"),
                  *folder = fixture_golden ("tiny-diffusers");
  const char *const paths[] = { single_path, folder };
  g_autoptr (MzCancel) cancel = mz_cancel_new ();

  mz_cancel_trigger (cancel);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (mz_model_file_open (paths[i], cancel, &error));
      g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
    }
}

/* The weights keep the files mapped when the description is gone. */
static void
test_weights_outlive_file (void)
{
  g_autofree char *path = fixture_golden ("tiny-ldm.safetensors");
  MzModelFile *file = open_good (path);
  g_autoptr (MzWeights) weights = mz_weights_ref (file->weights);
  g_autofree float *values = NULL;

  mz_model_file_free (file);
  values = read_all (mz_weights_lookup (weights, "unet.conv_in.weight"));
  g_assert_cmpfloat (values[0], !=, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model-file/same-numbers", test_same_numbers);
  g_test_add_func ("/model-file/same-config", test_same_config);
  g_test_add_func ("/model-file/description", test_description);
  g_test_add_func ("/model-file/foreign-type", test_foreign_type);
  g_test_add_func ("/model-file/override", test_override);
  g_test_add_func ("/model-file/foreign-override", test_foreign_override);
  g_test_add_func ("/model-file/cancel", test_cancel);
  g_test_add_func ("/model-file/weights-outlive-file", test_weights_outlive_file);
  return g_test_run ();
}
