/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From the tensor names of model files to the canonical ones, by the tables below.
 *
 * The original names are those of CompVis's latent-diffusion modules, the canonical ones diffusers'. */
#include "io/name-map.h"

#include <string.h>

#define UNET_PREFIX "model.diffusion_model."
#define VAE_PREFIX "first_stage_model."

/* The layers of a residual block. */
#define RESNET(from, to)                                                                                     \
  { from ".in_layers.0.*", to ".norm1.*" }, { from ".in_layers.2.*", to ".conv1.*" },                        \
      { from ".emb_layers.1.*", to ".time_emb_proj.*" }, { from ".out_layers.0.*", to ".norm2.*" },          \
      { from ".out_layers.3.*", to ".conv2.*" },                                                             \
  {                                                                                                          \
    from ".skip_connection.*", to ".conv_shortcut.*"                                                         \
  }

static const MzNameRule unet_rules[] = {
  { "time_embed.0.*", "time_embedding.linear_1.*" },
  { "time_embed.2.*", "time_embedding.linear_2.*" },
  { "input_blocks.0.0.*", "conv_in.*" },
  { "out.0.*", "conv_norm_out.*" },
  { "out.2.*", "conv_out.*" },
  RESNET ("middle_block.0", "mid_block.resnets.0"),
  { "middle_block.1.*", "mid_block.attentions.0.*" },
  RESNET ("middle_block.2", "mid_block.resnets.1"),
};

static const MzNameRule input_rules[] = {
  { "input_blocks.#.0.op.*", "down_blocks.@0.downsamplers.0.conv.*" },
  RESNET ("input_blocks.#.0", "down_blocks.@0.resnets.&0"),
  { "input_blocks.#.1.*", "down_blocks.@0.attentions.&0.*" },
};

static const MzNameRule output_rules[] = {
  { "output_blocks.#.1.conv.*", "up_blocks.@0.upsamplers.0.conv.*" },
  { "output_blocks.#.2.conv.*", "up_blocks.@0.upsamplers.0.conv.*" },
  RESNET ("output_blocks.#.0", "up_blocks.@0.resnets.&0"),
  { "output_blocks.#.1.*", "up_blocks.@0.attentions.&0.*" },
};

/* What the encoder and the decoder of the VAE have in common. */
#define VAE_MIDDLE(half)                                                                                     \
  { half ".mid.block_1.*", half ".mid_block.resnets.0.*" },                                                  \
      { half ".mid.block_2.*", half ".mid_block.resnets.1.*" },                                              \
      { half ".mid.attn_1.norm.*", half ".mid_block.attentions.0.group_norm.*" },                            \
      { half ".mid.attn_1.q.*", half ".mid_block.attentions.0.to_q.*" },                                     \
      { half ".mid.attn_1.k.*", half ".mid_block.attentions.0.to_k.*" },                                     \
      { half ".mid.attn_1.v.*", half ".mid_block.attentions.0.to_v.*" },                                     \
      { half ".mid.attn_1.proj_out.*", half ".mid_block.attentions.0.to_out.0.*" },                          \
      { half ".norm_out.*", half ".conv_norm_out.*" }, { half ".conv_in.*", half ".conv_in.*" },             \
  {                                                                                                          \
    half ".conv_out.*", half ".conv_out.*"                                                                   \
  }

static const MzNameRule vae_rules[] = {
  { "encoder.down.#.block.#.nin_shortcut.*", "encoder.down_blocks.$0.resnets.$1.conv_shortcut.*" },
  { "encoder.down.#.block.#.*", "encoder.down_blocks.$0.resnets.$1.*" },
  { "encoder.down.#.downsample.conv.*", "encoder.down_blocks.$0.downsamplers.0.conv.*" },
  { "decoder.up.#.block.#.nin_shortcut.*", "decoder.up_blocks.~0.resnets.$1.conv_shortcut.*" },
  { "decoder.up.#.block.#.*", "decoder.up_blocks.~0.resnets.$1.*" },
  { "decoder.up.#.upsample.conv.*", "decoder.up_blocks.~0.upsamplers.0.conv.*" },
  VAE_MIDDLE ("encoder"),
  VAE_MIDDLE ("decoder"),
  { "quant_conv.*", "quant_conv.*" },
  { "post_quant_conv.*", "post_quant_conv.*" },
};

/* CLIP as transformers names it, with and without the "text_model." in front. */
static const MzNameRule clip_rules[] = {
  { "text_model.*", "text_model.*" },
  { "embeddings.*", "text_model.embeddings.*" },
  { "encoder.*", "text_model.encoder.*" },
  { "final_layer_norm.*", "text_model.final_layer_norm.*" },
};

#define RESBLOCK "transformer.resblocks.#."
#define LAYER "text_model.encoder.layers.$0."

static const MzNameRule open_clip_rules[] = {
  { "token_embedding.*", "text_model.embeddings.token_embedding.*" },
  { "positional_embedding", "text_model.embeddings.position_embedding.weight" },
  { "ln_final.*", "text_model.final_layer_norm.*" },
  { RESBLOCK "attn.in_proj_weight", LAYER "self_attn.?_proj.weight" },
  { RESBLOCK "attn.in_proj_bias", LAYER "self_attn.?_proj.bias" },
  { RESBLOCK "attn.out_proj.*", LAYER "self_attn.out_proj.*" },
  { RESBLOCK "ln_1.*", LAYER "layer_norm1.*" },
  { RESBLOCK "ln_2.*", LAYER "layer_norm2.*" },
  { RESBLOCK "mlp.c_fc.*", LAYER "mlp.fc1.*" },
  { RESBLOCK "mlp.c_proj.*", LAYER "mlp.fc2.*" },
};

#define OLD_ATTENTION(half)                                                                                  \
  { half ".mid_block.attentions.0.query.*", half ".mid_block.attentions.0.to_q.*" },                         \
      { half ".mid_block.attentions.0.key.*", half ".mid_block.attentions.0.to_k.*" },                       \
      { half ".mid_block.attentions.0.value.*", half ".mid_block.attentions.0.to_v.*" },                     \
  {                                                                                                          \
    half ".mid_block.attentions.0.proj_attn.*", half ".mid_block.attentions.0.to_out.0.*"                    \
  }

/* The VAE of a diffusers folder: in old ones its attention has other names. */
static const MzNameRule diffusers_vae_rules[] = {
  OLD_ATTENTION ("encoder"),
  OLD_ATTENTION ("decoder"),
  { "*", "*" },
};

static const MzNameRule same_rules[] = { { "*", "*" } };

/* A part of a single file: names that begin with `prefix` become `component` + what a rule makes of the rest.
 */
typedef struct
{
  const char *prefix;
  const char *component;
  const MzNameRule *rules;
  gsize n_rules;
  enum
  {
    NO_CONTEXT,
    INPUT,
    OUTPUT,
    VAE
  } context;
} Part;

#define RULES(rules) rules, G_N_ELEMENTS (rules)

static const Part ldm_parts[] = {
  { UNET_PREFIX, "unet.", RULES (unet_rules), NO_CONTEXT },
  { UNET_PREFIX, "unet.", RULES (input_rules), INPUT },
  { UNET_PREFIX, "unet.", RULES (output_rules), OUTPUT },
  { VAE_PREFIX, "vae.", RULES (vae_rules), VAE },
  { "cond_stage_model.transformer.", "text_encoder.", RULES (clip_rules), NO_CONTEXT },
  { "cond_stage_model.model.", "text_encoder.", RULES (open_clip_rules), NO_CONTEXT },
};

static const Part diffusers_parts[] = {
  { "unet", "unet.", RULES (same_rules), NO_CONTEXT },
  { "vae", "vae.", RULES (diffusers_vae_rules), NO_CONTEXT },
  { "text_encoder", "text_encoder.", RULES (clip_rules), NO_CONTEXT },
};

/* What no picture needs: EMA copies, the constants of the training schedule, losses, logs. SD 2 takes the
 * text states before the last of OpenCLIP's 24 blocks, so that block is not used. */
static const char *const ignored_prefixes[] = {
  "model_ema.",
  "betas",
  "alphas_cumprod",
  "sqrt_",
  "log_one_minus_",
  "posterior_",
  "lvlb_weights",
  "logvar",
  "loss.",
  "first_stage_model.loss.",
  "embedding_manager.",
  "denoiser.",
  "optimizer",
  "scale_factor",
  "safety_checker.",
  "v_pred",
  "ztsnr",
  "global_step",
  "cond_stage_model.model.transformer.resblocks.23.",
};
static const char *const ignored_suffixes[] = {
  "position_ids", "logit_scale", "text_projection", "text_projection.weight", "attn_mask",
};

struct _MzLdmNames
{
  MzNameContext input, output, vae;
};

/* What is in the numbered blocks of one half of a U-Net. */
typedef struct
{
  gboolean present[MZ_MAX_PLACES];
  gboolean resamples[MZ_MAX_PLACES]; /* has a down- or up-sampler */
} Blocks;

static void
note_block (Blocks *blocks, const char *prefix, const char *name)
{
  const char *p;
  guint64 number;
  char *end;

  if (!g_str_has_prefix (name, prefix))
    return;
  p = name + strlen (prefix);
  number = g_ascii_strtoull (p, &end, 10);
  if (!g_ascii_isdigit (*p) || *end != '.' || number >= MZ_MAX_PLACES)
    return;
  blocks->present[number] = TRUE;
  if (g_str_has_prefix (end, ".0.op.") || g_str_has_prefix (end, ".1.conv.")
      || g_str_has_prefix (end, ".2.conv."))
    blocks->resamples[number] = TRUE;
}

/* Going down, a level ends with a block that is nothing but a down-sampler; going up, with the residual block
 * that has the up-sampler. Numbers may be left out, as in distilled models. */
static void
lay_out (MzNameContext *context, const Blocks *blocks, int first, gboolean going_up)
{
  int block = 0, layer = 0;

  for (int i = 0; i < MZ_MAX_PLACES; i++)
    {
      context->places[i] = (MzPlace){ -1, 0 };
      if (i < first || !blocks->present[i])
        continue;
      context->places[i] = (MzPlace){ block, layer };
      if (going_up || !blocks->resamples[i])
        layer++;
      if (blocks->resamples[i])
        {
          block++;
          layer = 0;
        }
    }
}

MzLdmNames *
mz_ldm_names_new (const char *const *names, guint n_names)
{
  MzLdmNames *ldm = g_new0 (MzLdmNames, 1);
  g_autofree Blocks *input = g_new0 (Blocks, 1), *output = g_new0 (Blocks, 1), *vae = g_new0 (Blocks, 1);

  for (guint i = 0; i < n_names; i++)
    {
      note_block (input, UNET_PREFIX "input_blocks.", names[i]);
      note_block (output, UNET_PREFIX "output_blocks.", names[i]);
      note_block (vae, VAE_PREFIX "decoder.up.", names[i]);
    }
  lay_out (&ldm->input, input, 1, FALSE);
  lay_out (&ldm->output, output, 0, TRUE);
  for (int i = 0; i < MZ_MAX_PLACES; i++)
    if (vae->present[i])
      ldm->vae.n_levels = i + 1;
  return ldm;
}

void
mz_ldm_names_free (MzLdmNames *ldm)
{
  g_free (ldm);
}

static gboolean
is_ignored (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ignored_prefixes); i++)
    if (g_str_has_prefix (name, ignored_prefixes[i]))
      return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (ignored_suffixes); i++)
    if (g_str_has_suffix (name, ignored_suffixes[i]))
      return TRUE;
  return FALSE;
}

MzLdmKind
mz_ldm_names_map (const MzLdmNames *ldm, const char *name, char **canonical)
{
  const MzNameContext *const contexts[] = { NULL, &ldm->input, &ldm->output, &ldm->vae };

  *canonical = NULL;
  if (is_ignored (name))
    return MZ_LDM_IGNORED;
  if (strchr (name, '?') != NULL) /* our own mark; no real name has it */
    return MZ_LDM_UNKNOWN;
  for (gsize i = 0; i < G_N_ELEMENTS (ldm_parts); i++)
    {
      const Part *part = &ldm_parts[i];
      g_autofree char *mapped = NULL;

      if (!g_str_has_prefix (name, part->prefix))
        continue;
      mapped = mz_name_rules_apply (part->rules, part->n_rules, contexts[part->context],
                                    name + strlen (part->prefix));
      if (mapped == NULL)
        continue;
      *canonical = g_strconcat (part->component, mapped, NULL);
      return strchr (*canonical, '?') != NULL ? MZ_LDM_QKV : MZ_LDM_TENSOR;
    }
  return MZ_LDM_UNKNOWN;
}

char *
mz_diffusers_name_map (const char *component, const char *name)
{
  if (is_ignored (name))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (diffusers_parts); i++)
    {
      const Part *part = &diffusers_parts[i];
      g_autofree char *mapped = NULL;

      if (strcmp (part->prefix, component) != 0)
        continue;
      mapped = mz_name_rules_apply (part->rules, part->n_rules, NULL, name);
      return g_strconcat (part->component, mapped != NULL ? mapped : name, NULL);
    }
  return NULL;
}
