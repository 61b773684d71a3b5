/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* text_encoder/config.json: transformers' CLIPTextModel. */
#include "io/configs.h"

#include "io/json-config.h"

#define MAX_VOCABULARY (1 << 20)

static const char *const model_types[] = { "clip_text_model", "clip" };
static const char *const activations[] = { "quick_gelu", "gelu" };

/* Begin, end and padding; out-of-range or legacy ones are derived from the vocabulary. */
static void
read_special_tokens (MzJsonConfig *json, MzClipConfig *config)
{
  int bos = 49406, eos = 49407, pad = 1;

  mz_json_config_int (json, "bos_token_id", 0, MAX_VOCABULARY, &bos);
  mz_json_config_int (json, "eos_token_id", 0, MAX_VOCABULARY, &eos);
  mz_json_config_int (json, "pad_token_id", 0, MAX_VOCABULARY, &pad);
  if (eos == 2 || eos >= config->vocab_size || bos >= config->vocab_size)
    {
      bos = config->vocab_size - 2;
      eos = config->vocab_size - 1;
      pad = eos;
    }
  else if (pad == 1 || pad >= config->vocab_size)
    pad = eos; /* 1 is transformers' default, which no tokenizer of CLIP's pads with */
  config->bos_token_id = bos;
  config->eos_token_id = eos;
  config->pad_token_id = pad;
}

gboolean
mz_read_clip_config (const char *path, MzClipConfig *config, GError **error)
{
  g_autoptr (MzJsonConfig) json = mz_json_config_open (path, error);
  int model_type = 0, activation = 0;

  if (json == NULL)
    return FALSE;
  *config = (MzClipConfig){
    .vocab_size = 49408,
    .hidden_size = 512,
    .intermediate_size = 2048,
    .num_hidden_layers = 12,
    .num_attention_heads = 8,
    .max_position_embeddings = 77,
    .layer_norm_eps = 1e-5f,
  };
  mz_json_config_choice (json, "model_type", model_types, G_N_ELEMENTS (model_types), &model_type);
  mz_json_config_int (json, "vocab_size", 2, MAX_VOCABULARY, &config->vocab_size);
  mz_json_config_int (json, "hidden_size", 1, 16384, &config->hidden_size);
  mz_json_config_int (json, "intermediate_size", 1, 65536, &config->intermediate_size);
  mz_json_config_int (json, "num_hidden_layers", 1, 128, &config->num_hidden_layers);
  mz_json_config_int (json, "num_attention_heads", 1, 1024, &config->num_attention_heads);
  mz_json_config_int (json, "max_position_embeddings", MZ_MIN_POSITIONS, MZ_MAX_POSITIONS,
                      &config->max_position_embeddings);
  mz_json_config_float (json, "layer_norm_eps", 1e-12, 1, &config->layer_norm_eps);
  mz_json_config_choice (json, "hidden_act", activations, G_N_ELEMENTS (activations), &activation);
  config->hidden_act = activation == 0 ? MZ_CLIP_QUICK_GELU : MZ_CLIP_GELU;
  read_special_tokens (json, config);
  if (mz_json_config_is_sound (json) && config->hidden_size % config->num_attention_heads != 0)
    mz_json_config_fail (json, MZ_ERROR_FORMAT, "num_attention_heads",
                         "is %d, which does not divide %d channels", config->num_attention_heads,
                         config->hidden_size);
  return mz_json_config_finish (json, error);
}
