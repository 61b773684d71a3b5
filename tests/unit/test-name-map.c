/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Names of tensors: every name of SD 1.5 and of SD 2's text encoder against diffusers' own converter. */
#include <string.h>

#include "io-fixture.h"
#include "io/name-map.h"

/* The lines of a golden table, split at tabs: GPtrArray of GStrv. */
static GPtrArray *
read_table (const char *name)
{
  g_autofree char *path = fixture_golden (name), *text = NULL;
  g_auto (GStrv) lines = NULL;
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != 0)
      g_ptr_array_add (rows, g_strsplit (lines[i], "\t", -1));
  return rows;
}

static MzLdmNames *
names_of_table (GPtrArray *rows)
{
  g_autofree const char **names = g_new (const char *, rows->len);

  for (guint i = 0; i < rows->len; i++)
    names[i] = ((char **) g_ptr_array_index (rows, i))[0];
  return mz_ldm_names_new (names, rows->len);
}

static void
test_sd1 (void)
{
  g_autoptr (GPtrArray) rows = read_table ("names-sd1.txt");
  g_autoptr (MzLdmNames) ldm = names_of_table (rows);

  g_assert_cmpuint (rows->len, ==, 1130); /* 686 of the U-Net, 248 of the VAE, 196 of the text encoder */
  for (guint i = 0; i < rows->len; i++)
    {
      char **row = g_ptr_array_index (rows, i);
      g_autofree char *canonical = NULL;

      g_assert_cmpint (mz_ldm_names_map (ldm, row[0], &canonical), ==, MZ_LDM_TENSOR);
      g_assert_cmpstr (canonical, ==, row[1]);
    }
}

/* Some files lack the "text_model." in the middle. */
static void
test_sd1_without_text_model (void)
{
  g_autoptr (GPtrArray) rows = read_table ("names-sd1.txt");
  g_autoptr (MzLdmNames) ldm = names_of_table (rows);
  guint n = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      char **row = g_ptr_array_index (rows, i);
      g_autoptr (GString) name = g_string_new (row[0]);
      g_autofree char *canonical = NULL;

      if (g_string_replace (name, ".text_model.", ".", 1) == 0)
        continue;
      g_assert_cmpint (mz_ldm_names_map (ldm, name->str, &canonical), ==, MZ_LDM_TENSOR);
      g_assert_cmpstr (canonical, ==, row[1]);
      n++;
    }
  g_assert_cmpuint (n, ==, 196);
}

/* OpenCLIP: q, k and v in one tensor, and a last block that nobody uses. */
static void
test_sd2_text (void)
{
  g_autoptr (GPtrArray) rows = read_table ("names-sd2-text.txt");
  g_autoptr (MzLdmNames) ldm = names_of_table (rows);
  guint n_split = 0, n_ignored = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      char **row = g_ptr_array_index (rows, i);
      g_autofree char *canonical = NULL;
      MzLdmKind kind = mz_ldm_names_map (ldm, row[0], &canonical);

      if (strcmp (row[1], "-") == 0)
        {
          g_assert_cmpint (kind, ==, MZ_LDM_IGNORED);
          n_ignored++;
        }
      else if (strstr (row[0], "in_proj") != NULL)
        {
          int part = (int) (g_ascii_strtoll (row[3], NULL, 10) / g_ascii_strtoll (row[4], NULL, 10));

          g_assert_cmpint (kind, ==, MZ_LDM_QKV);
          *strchr (canonical, '?') = "qkv"[part];
          g_assert_cmpstr (canonical, ==, row[1]);
          n_split++;
        }
      else
        {
          g_assert_cmpint (kind, ==, MZ_LDM_TENSOR);
          g_assert_cmpstr (canonical, ==, row[1]);
        }
    }
  g_assert_cmpuint (n_split, ==, 23 * 6);
  g_assert_cmpuint (n_ignored, ==, 12);
}

static void
test_others (void)
{
  static const struct
  {
    const char *name;
    MzLdmKind kind;
  } rows[] = {
    { "model_ema.diffusion_modelout2weight", MZ_LDM_IGNORED },
    { "alphas_cumprod_prev", MZ_LDM_IGNORED },
    { "sqrt_one_minus_alphas_cumprod", MZ_LDM_IGNORED },
    { "posterior_variance", MZ_LDM_IGNORED },
    { "cond_stage_model.transformer.text_model.embeddings.position_ids", MZ_LDM_IGNORED },
    { "cond_stage_model.model.logit_scale", MZ_LDM_IGNORED },
    { "cond_stage_model.model.text_projection", MZ_LDM_IGNORED },
    { "first_stage_model.loss.discriminator.main.0.weight", MZ_LDM_IGNORED },
    { "embedding_manager.embedder.weight", MZ_LDM_IGNORED },
    { "model.diffusion_model.input_blocks.999.0.op.weight", MZ_LDM_UNKNOWN },
    { "model.diffusion_model.input_blocks.01.0.op.weight", MZ_LDM_UNKNOWN },
    { "model.diffusion_model.input_blocks.77.0.op.weight", MZ_LDM_UNKNOWN },
    { "model.diffusion_model.input_blocks..0.op.weight", MZ_LDM_UNKNOWN },
    { "model.diffusion_model.out.2.", MZ_LDM_UNKNOWN },
    { "model.diffusion_model.label_emb.weight", MZ_LDM_UNKNOWN },
    { "first_stage_model.decoder.up.200.block.0.conv1.weight", MZ_LDM_UNKNOWN },
    { "first_stage_model.decoder.?", MZ_LDM_UNKNOWN },
    { "cond_stage_model.other.weight", MZ_LDM_UNKNOWN },
    { "weight", MZ_LDM_UNKNOWN },
    { "", MZ_LDM_UNKNOWN },
  };
  g_autoptr (GPtrArray) table = read_table ("names-sd1.txt");
  g_autoptr (MzLdmNames) ldm = names_of_table (table);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *canonical = NULL;

      g_test_message ("%s", rows[i].name);
      g_assert_cmpint (mz_ldm_names_map (ldm, rows[i].name, &canonical), ==, rows[i].kind);
      g_assert_null (canonical);
    }
}

/* Any number of layers a level, levels without attention, and numbers left out. */
static void
test_layouts (void)
{
#define IN "model.diffusion_model.input_blocks."
#define OUT "model.diffusion_model.output_blocks."
  static const struct
  {
    const char *name;
    const char *canonical;
  } rows[] = {
    { IN "1.0.in_layers.0.weight", "unet.down_blocks.0.resnets.0.norm1.weight" },
    { IN "2.0.op.bias", "unet.down_blocks.0.downsamplers.0.conv.bias" },
    { IN "3.0.out_layers.3.weight", "unet.down_blocks.1.resnets.0.conv2.weight" },
    { IN "5.0.emb_layers.1.weight", "unet.down_blocks.1.resnets.1.time_emb_proj.weight" },
    { IN "5.1.proj_in.weight", "unet.down_blocks.1.attentions.1.proj_in.weight" },
    { OUT "0.0.in_layers.2.weight", "unet.up_blocks.0.resnets.0.conv1.weight" },
    { OUT "1.0.skip_connection.weight", "unet.up_blocks.0.resnets.1.conv_shortcut.weight" },
    { OUT "2.0.out_layers.0.bias", "unet.up_blocks.0.resnets.2.norm2.bias" },
    { OUT "2.1.norm.bias", "unet.up_blocks.0.attentions.2.norm.bias" },
    { OUT "2.2.conv.bias", "unet.up_blocks.0.upsamplers.0.conv.bias" },
    { OUT "4.0.in_layers.0.weight", "unet.up_blocks.1.resnets.0.norm1.weight" },
    { OUT "5.0.in_layers.0.weight", "unet.up_blocks.1.resnets.1.norm1.weight" },
    { OUT "5.1.conv.weight", "unet.up_blocks.1.upsamplers.0.conv.weight" },
    { OUT "6.0.in_layers.0.weight", "unet.up_blocks.2.resnets.0.norm1.weight" },
  };
  const char *names[G_N_ELEMENTS (rows)];
  g_autoptr (MzLdmNames) ldm = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    names[i] = rows[i].name;
  ldm = mz_ldm_names_new (names, G_N_ELEMENTS (names));
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *canonical = NULL;

      g_assert_cmpint (mz_ldm_names_map (ldm, rows[i].name, &canonical), ==, MZ_LDM_TENSOR);
      g_assert_cmpstr (canonical, ==, rows[i].canonical);
    }
}

static void
test_diffusers (void)
{
  static const char *const rows[][3] = {
    { "unet", "conv_in.weight", "unet.conv_in.weight" },
    { "vae", "decoder.mid_block.attentions.0.query.weight",
      "vae.decoder.mid_block.attentions.0.to_q.weight" },
    { "vae", "encoder.mid_block.attentions.0.key.bias", "vae.encoder.mid_block.attentions.0.to_k.bias" },
    { "vae", "encoder.mid_block.attentions.0.value.bias", "vae.encoder.mid_block.attentions.0.to_v.bias" },
    { "vae", "decoder.mid_block.attentions.0.proj_attn.bias",
      "vae.decoder.mid_block.attentions.0.to_out.0.bias" },
    { "vae", "decoder.mid_block.attentions.0.to_q.weight", "vae.decoder.mid_block.attentions.0.to_q.weight" },
    { "text_encoder", "text_model.final_layer_norm.bias", "text_encoder.text_model.final_layer_norm.bias" },
    { "text_encoder", "final_layer_norm.bias", "text_encoder.text_model.final_layer_norm.bias" },
    { "text_encoder", "embeddings.token_embedding.weight",
      "text_encoder.text_model.embeddings.token_embedding.weight" },
    { "text_encoder", "text_model.embeddings.position_ids", NULL },
    { "text_encoder", "text_projection.weight", NULL },
    { "text_encoder", "other", "text_encoder.other" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *canonical = mz_diffusers_name_map (rows[i][0], rows[i][1]);

      g_assert_cmpstr (canonical, ==, rows[i][2]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/name-map/sd1", test_sd1);
  g_test_add_func ("/name-map/sd1-without-text-model", test_sd1_without_text_model);
  g_test_add_func ("/name-map/sd2-text", test_sd2_text);
  g_test_add_func ("/name-map/others", test_others);
  g_test_add_func ("/name-map/layouts", test_layouts);
  g_test_add_func ("/name-map/diffusers", test_diffusers);
  return g_test_run ();
}
