/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Diffusers folders: every way that weights may be stored, and every way that a folder may be broken. Each
 * case works on its own copy of tests/golden/tiny-diffusers. */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "io-fixture.h"
#include "io/model-file.h"

#define UNET_STEM "unet/diffusion_pytorch_model"
#define VAE_STEM "vae/diffusion_pytorch_model"
#define TEXT_STEM "text_encoder/model"

static FixtureFolder *
copy_model (void)
{
  g_autofree char *source = fixture_golden ("tiny-diffusers");
  FixtureFolder *folder = fixture_folder_new ();

  fixture_copy_tree (source, folder);
  return folder;
}

static MzModelFile *
open_good (const char *path)
{
  g_autoptr (GError) error = NULL;
  MzModelFile *file = mz_model_file_open (path, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (file->n_tensors, ==, 682);
  g_assert_cmpuint (file->n_params, ==, 496755);
  return file;
}

/* `name`, relative to the folder, must be in the message. */
static void
assert_bad (const char *folder, int code, const char *name, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzModelFile) file = mz_model_file_open (folder, NULL, &error);

  g_assert_null (file);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  fixture_assert_error (error, code, folder, name, message);
}

static void
rename_in (const char *folder, const char *from, const char *to)
{
  g_autofree char *source = fixture_path (folder, from), *target = fixture_path (folder, to);

  g_assert_cmpint (g_rename (source, target), ==, 0);
}

static void
write_in (const char *folder, const char *name, const char *text)
{
  g_free (fixture_write_text (folder, name, text));
}

static void
replace_in (const char *folder, const char *name, const char *from, const char *to)
{
  g_autofree char *path = fixture_path (folder, name);

  fixture_replace (path, from, to);
}

/* Weights with ".fp16." in their names, alone, in each form that diffusers has had. */
static void
test_variants (void)
{
  static const char *const index_names[]
      = { UNET_STEM ".safetensors.index.fp16.json", UNET_STEM ".fp16.safetensors.index.json" };

  for (gsize i = 0; i < G_N_ELEMENTS (index_names); i++)
    {
      g_autoptr (FixtureFolder) folder = copy_model ();
      g_autoptr (MzModelFile) file = NULL;

      rename_in (folder, UNET_STEM ".safetensors.index.json", index_names[i]);
      rename_in (folder, VAE_STEM ".safetensors", VAE_STEM ".fp16.safetensors");
      rename_in (folder, TEXT_STEM ".safetensors", TEXT_STEM ".fp16.safetensors");
      file = open_good (folder);
      g_assert_cmpuint (g_strv_length (file->files), ==, 4);
    }
}

/* Where both are there, full precision is taken, and the other is not even opened. */
static void
test_full_precision_first (void)
{
  g_autoptr (FixtureFolder) folder = copy_model ();
  g_autoptr (MzModelFile) file = NULL;

  write_in (folder, VAE_STEM ".fp16.safetensors", "broken");
  file = open_good (folder);
  g_assert_cmpuint (file->components[MZ_COMPONENT_VAE].dtypes, ==, 1u << MZ_DTYPE_F32);
}

/* Names of old and of new versions of the programs that write them. */
static void
test_other_names (void)
{
  g_autoptr (FixtureFolder) folder = copy_model ();
  g_autoptr (MzModelFile) file = NULL;

  replace_in (folder, VAE_STEM ".safetensors", "attentions.0.to_q", "attentions.0.query");
  replace_in (folder, VAE_STEM ".safetensors", "attentions.0.to_k", "attentions.0.key");
  replace_in (folder, VAE_STEM ".safetensors", "attentions.0.to_v", "attentions.0.value");
  replace_in (folder, VAE_STEM ".safetensors", "attentions.0.to_out.0", "attentions.0.proj_attn");
  replace_in (folder, TEXT_STEM ".safetensors", "\"text_model.", "\"");
  file = open_good (folder);
  g_assert_nonnull (mz_weights_lookup (file->weights, "vae.encoder.mid_block.attentions.0.to_out.0.weight"));
  g_assert_nonnull (mz_weights_lookup (file->weights, "text_encoder.text_model.final_layer_norm.weight"));
}

/* Models come as links into a cache of blobs. */
static void
test_links (void)
{
  g_autoptr (FixtureFolder) folder = copy_model ();
  g_autofree char *link_path = fixture_path (folder, VAE_STEM ".safetensors");
  g_autofree char *outer = g_strconcat (folder, "-link", NULL);
  g_autoptr (MzModelFile) file = NULL, through = NULL;

  rename_in (folder, VAE_STEM ".safetensors", "blob");
  g_assert_cmpint (symlink ("../blob", link_path), ==, 0);
  g_assert_cmpint (symlink (folder, outer), ==, 0);
  file = open_good (folder);
  through = open_good (outer);
  g_assert_cmpint (unlink (outer), ==, 0);
}

static void
test_optional_parts (void)
{
  g_autoptr (FixtureFolder) folder = copy_model ();
  g_autofree char *scheduler = fixture_path (folder, "scheduler/scheduler_config.json");
  g_autoptr (MzModelFile) file = NULL;

  write_in (folder, "preview.json",
            "{\"latent_rgb_factors\": [[1,2,3],[4,5,6],[7,8,9],[10,11,-12.5]], \"latent_rgb_bias\": [0.25, "
            "0, -1]}");
  rename_in (folder, "tokenizer", "other");
  g_assert_cmpint (g_remove (scheduler), ==, 0);
  file = open_good (folder);
  g_assert_null (file->tokenizer_dir);
  g_assert_cmpint (file->prediction_source, ==, MZ_PREDICTION_FROM_DEFAULT);
  g_assert_cmpint (file->config.scheduler.beta_schedule, ==, MZ_BETA_SCALED_LINEAR);
  g_assert_cmpint (file->config.scheduler.steps_offset, ==, 1);
  g_assert_nonnull (file->preview);
  g_assert_cmpfloat (file->preview->factors[1][2], ==, 6);
  g_assert_cmpfloat (file->preview->factors[3][2], ==, -12.5);
  g_assert_cmpfloat (file->preview->bias[0], ==, 0.25);
}

/* One text of one file replaced by another. */
static const struct
{
  const char *file, *from, *to;
  int code;
  const char *named; /* file to be named in the message; NULL: the one changed */
  const char *message;
} breakages[] = {
  { "model_index.json", "StableDiffusionPipeline", "StableDiffusionXLPipeline", MZ_ERROR_UNSUPPORTED, "",
    "is a Stable Diffusion XL model" },
  { "model_index.json", "StableDiffusionPipeline", "FluxPipeline", MZ_ERROR_UNSUPPORTED, "",
    "is a Flux model" },
  { "model_index.json", "StableDiffusionPipeline", "StableDiffusionInpaintPipeline", MZ_ERROR_UNSUPPORTED, "",
    "is an inpainting model" },
  { "model_index.json", "\"StableDiffusionPipeline\"", "1", MZ_ERROR_FORMAT, NULL,
    "“_class_name” must be a text" },
  { "model_index.json", "}", "", MZ_ERROR_FORMAT, NULL, "ends too early" },
  { "unet/config.json", "\"in_channels\": 4", "\"in_channels\": 9", MZ_ERROR_UNSUPPORTED, "",
    "an inpainting model" },
  { "unet/config.json", "\"in_channels\": 4", "\"in_channels\": 6", MZ_ERROR_UNSUPPORTED, "",
    "takes 6 channels" },
  { "unet/config.json", "\"out_channels\": 4", "\"out_channels\": 8", MZ_ERROR_UNSUPPORTED, "",
    "gives 8 channels" },
  { "vae/config.json", "\"out_channels\": 3", "\"out_channels\": 4", MZ_ERROR_UNSUPPORTED, "",
    "its VAE gives pictures of 4 channels" },
  { "vae/config.json", "\"in_channels\": 3", "\"in_channels\": 1", MZ_ERROR_UNSUPPORTED, "",
    "its VAE takes pictures of 1 channels" },
  { "unet/config.json", "\"cross_attention_dim\": 48", "\"cross_attention_dim\": 64", MZ_ERROR_FORMAT, "",
    "gives 48 numbers a token and its U-Net takes 64" },
  { "unet/config.json", "\"layers_per_block\": 2", "\"layers_per_block\": \"2\"", MZ_ERROR_FORMAT, NULL,
    "“layers_per_block” must be" },
  { UNET_STEM ".safetensors.index.json", "-00002-of", "-00003-of", MZ_ERROR_MISSING,
    "unet/diffusion_pytorch_model-00003-of-00002.safetensors", "No such file" },
  { UNET_STEM ".safetensors.index.json", "diffusion_pytorch_model-00002",
    "../vae/diffusion_pytorch_model-00002", MZ_ERROR_FORMAT, NULL,
    "is not a .safetensors file in the same folder" },
  { UNET_STEM ".safetensors.index.json", "diffusion_pytorch_model-00002",
    "/etc/diffusion_pytorch_model-00002", MZ_ERROR_FORMAT, NULL,
    "is not a .safetensors file in the same folder" },
  { UNET_STEM ".safetensors.index.json", "diffusion_pytorch_model-00002", "a\\u001b\\u0007-00002",
    MZ_ERROR_FORMAT, NULL, "is not a .safetensors file in the same folder" },
  { UNET_STEM ".safetensors.index.json", "\"conv_in.weight\"", "\"conv_in.\\u001b\\u0007\"", MZ_ERROR_MISSING,
    NULL, "is in “diffusion_pytorch_model-00001-of-00002.safetensors”, where it is not" },
  { UNET_STEM ".safetensors.index.json", "-of-00002.safetensors", "-of-00002.bin", MZ_ERROR_FORMAT, NULL,
    "is not a .safetensors file in the same folder" },
  { UNET_STEM ".safetensors.index.json", "\"weight_map\"", "\"weights\"", MZ_ERROR_FORMAT, NULL,
    "no “weight_map”" },
  { UNET_STEM ".safetensors.index.json", "\"metadata\"", "\"weight_map\"", MZ_ERROR_FORMAT, NULL,
    "no string" },
  { UNET_STEM ".safetensors.index.json", "\"conv_in.weight\"", "\"conv_in.bias\"", MZ_ERROR_FORMAT, NULL,
    "the tensor “conv_in.bias” twice" },
  { UNET_STEM ".safetensors.index.json", "\"conv_in.weight\"", "\"conv_in.other\"", MZ_ERROR_MISSING, NULL,
    "“conv_in.other” is in “diffusion_pytorch_model-00001-of-00002.safetensors”, where it is not" },
  { UNET_STEM ".safetensors.index.json", "}", "", MZ_ERROR_FORMAT, NULL, "ends too early" },
  { UNET_STEM "-00002-of-00002.safetensors", "\"up_blocks.1.resnets.0.norm1.bias\"", "\"conv_in.bias\"",
    MZ_ERROR_FORMAT, NULL, "“conv_in.bias” is there a second time" },
  { VAE_STEM ".safetensors", "\"F32\"", "\"I64\"", MZ_ERROR_FORMAT, NULL, "(I64 " },
  { TEXT_STEM ".safetensors", "\"BF16\"", "\"U16\"", MZ_ERROR_UNSUPPORTED, NULL, "numbers of the type U16" },
};

static void
test_breakages (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (breakages); i++)
    {
      g_autoptr (FixtureFolder) folder = copy_model ();
      const char *named = breakages[i].named != NULL ? breakages[i].named : breakages[i].file;

      replace_in (folder, breakages[i].file, breakages[i].from, breakages[i].to);
      assert_bad (folder, breakages[i].code, named, breakages[i].message);
    }
}

/* Each file that must be there, taken away. */
static void
test_missing_files (void)
{
  static const struct
  {
    const char *name, *message;
  } rows[] = {
    { "model_index.json", "no model_index.json" },
    { "unet/config.json", "No such file" },
    { "vae/config.json", "No such file" },
    { "text_encoder/config.json", "No such file" },
    { UNET_STEM "-00001-of-00002.safetensors", "No such file" },
    { UNET_STEM ".safetensors.index.json", "there is no diffusion_pytorch_model.safetensors" },
    { VAE_STEM ".safetensors", "there is no diffusion_pytorch_model.safetensors" },
    { TEXT_STEM ".safetensors", "there is no model.safetensors" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (FixtureFolder) folder = copy_model ();
      g_autofree char *path = fixture_path (folder, rows[i].name);

      g_assert_cmpint (g_remove (path), ==, 0);
      assert_bad (folder, MZ_ERROR_MISSING, "", rows[i].message);
    }
}

static void
test_pickles (void)
{
  g_autoptr (FixtureFolder) folder = copy_model ();

  rename_in (folder, VAE_STEM ".safetensors", VAE_STEM ".bin");
  assert_bad (folder, MZ_ERROR_UNSUPPORTED, VAE_STEM ".bin", "is a Python pickle");
}

static void
test_defaults (void)
{
  g_autoptr (FixtureFolder) folder = copy_model ();
  g_autoptr (MzModelFile) file = NULL;

  write_in (folder, "defaults.json",
            "{\"sampler\": \"euler_a\", \"steps\": 12, \"guidance_scale\": 4.5, \"note\": 1}");
  file = open_good (folder);
  g_assert_nonnull (file->defaults);
  g_assert_cmpstr (file->defaults->sampler, ==, "euler_a");
  g_assert_null (file->defaults->schedule);
  g_assert_cmpint (file->defaults->steps, ==, 12);
  g_assert_cmpfloat (file->defaults->guidance_scale, ==, 4.5f);
}

static void
test_bad_defaults (void)
{
  static const char *const texts[] = { "{\"steps\": 0}", "{\"sampler\": 3}", "{\"sampler\": \"\\u001b\"}",
                                       "{\"guidance_scale\": -1}", "[]" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (FixtureFolder) folder = copy_model ();

      write_in (folder, "defaults.json", texts[i]);
      assert_bad (folder, MZ_ERROR_FORMAT, "defaults.json", "");
    }
}

static void
test_bad_preview (void)
{
  static const char *const texts[] = {
    "{\"latent_rgb_factors\": [[1,2,3],[4,5,6],[7,8,9]]}",
    "{\"latent_rgb_factors\": [[1,2,3],[4,5,6],[7,8,9],[1,2]]}",
    "{\"latent_rgb_factors\": [[1,2,3],[4,5,6],[7,8,9],[1,2,\"3\"]]}",
    "{\"latent_rgb_factors\": [[1,2,3],[4,5,6],[7,8,9],[1,2,3],[4,5,6]]}",
    "{\"latent_rgb_factors\": 1}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (FixtureFolder) folder = copy_model ();

      write_in (folder, "preview.json", texts[i]);
      assert_bad (folder, MZ_ERROR_FORMAT, "preview.json",
                  "“latent_rgb_factors” must be a list of 4 lists of 3");
    }
}

/* As many rows as the latent has channels, be they four or not. */
static void
test_wide_preview (void)
{
  g_autoptr (FixtureFolder) folder = copy_model ();
  g_autoptr (MzModelFile) file = NULL;

  replace_in (folder, "vae/config.json", "\"latent_channels\": 4", "\"latent_channels\": 5");
  replace_in (folder, "unet/config.json", "\"in_channels\": 4", "\"in_channels\": 5");
  replace_in (folder, "unet/config.json", "\"out_channels\": 4", "\"out_channels\": 5");
  write_in (folder, "preview.json", "{\"latent_rgb_factors\": [[1,2,3],[4,5,6],[7,8,9],[1,2,3],[4,5,6.5]]}");
  file = open_good (folder);
  g_assert_cmpfloat (file->preview->factors[4][2], ==, 6.5);
  write_in (folder, "preview.json", "{\"latent_rgb_factors\": [[1,2,3],[4,5,6],[7,8,9],[1,2,3]]}");
  assert_bad (folder, MZ_ERROR_FORMAT, "preview.json", "“latent_rgb_factors” must be a list of 5 lists of 3");
}

/* The native size of a model that does not tell it: 512 pixels. */
static void
test_no_sample_size (void)
{
  g_autoptr (FixtureFolder) folder = copy_model ();
  g_autoptr (MzModelFile) file = NULL;

  replace_in (folder, "unet/config.json", "\"sample_size\"", "\"other_size\"");
  file = open_good (folder);
  g_assert_cmpint (file->config.unet.sample_size << (file->config.vae.n_levels - 1), ==, 512);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diffusers-folder/variants", test_variants);
  g_test_add_func ("/diffusers-folder/full-precision-first", test_full_precision_first);
  g_test_add_func ("/diffusers-folder/other-names", test_other_names);
  g_test_add_func ("/diffusers-folder/links", test_links);
  g_test_add_func ("/diffusers-folder/optional-parts", test_optional_parts);
  g_test_add_func ("/diffusers-folder/breakages", test_breakages);
  g_test_add_func ("/diffusers-folder/missing-files", test_missing_files);
  g_test_add_func ("/diffusers-folder/pickles", test_pickles);
  g_test_add_func ("/diffusers-folder/bad-preview", test_bad_preview);
  g_test_add_func ("/diffusers-folder/wide-preview", test_wide_preview);
  g_test_add_func ("/diffusers-folder/no-sample-size", test_no_sample_size);
  g_test_add_func ("/diffusers-folder/defaults", test_defaults);
  g_test_add_func ("/diffusers-folder/bad-defaults", test_bad_defaults);
  return g_test_run ();
}
