/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Token ids to context: embedding, pre-norm transformer layers with a causal mask, final norm. */
#include "models/clip.h"

typedef struct
{
  const MzWeight *norm1, *qkv, *out, *norm2, *fc1, *fc2;
} Layer;

struct _MzClip
{
  MzClipConfig config;
  MzWeightSet set;
  const MzWeight *embedding, *final_norm;
  Layer *layers; /* [num_hidden_layers] */
};

#define TEXT_MODEL "text_encoder.text_model."

static void
load_layer (Layer *layer, const MzClipConfig *config, MzLoader *loader, MzWeightSet *set, int index)
{
  static const char *const qkv[] = { "q_proj", "k_proj", "v_proj" };
  static const char *const out[] = { "out_proj" }, *const fc1[] = { "fc1" }, *const fc2[] = { "fc2" };
  int c = config->hidden_size;
  g_autofree char *attention = g_strdup_printf (TEXT_MODEL "encoder.layers.%d.self_attn.", index);
  g_autofree char *mlp = g_strdup_printf (TEXT_MODEL "encoder.layers.%d.mlp.", index);
  g_autofree char *norm1 = g_strdup_printf (TEXT_MODEL "encoder.layers.%d.layer_norm1", index);
  g_autofree char *norm2 = g_strdup_printf (TEXT_MODEL "encoder.layers.%d.layer_norm2", index);

  layer->norm1 = mz_load_norm (loader, set, norm1, c);
  layer->qkv = mz_load_linear (loader, set, MZ_MATRIX_LINEAR, attention, 3, qkv, c, c, TRUE);
  layer->out = mz_load_linear (loader, set, MZ_MATRIX_LINEAR, attention, 1, out, c, c, TRUE);
  layer->norm2 = mz_load_norm (loader, set, norm2, c);
  layer->fc1
      = mz_load_linear (loader, set, MZ_MATRIX_LINEAR, mlp, 1, fc1, config->intermediate_size, c, TRUE);
  layer->fc2
      = mz_load_linear (loader, set, MZ_MATRIX_LINEAR, mlp, 1, fc2, c, config->intermediate_size, TRUE);
}

MzClip *
mz_clip_new (const MzClipConfig *config, MzLoader *loader)
{
  MzClip *clip = g_new0 (MzClip, 1);

  clip->config = *config;
  clip->layers = g_new0 (Layer, (gsize) config->num_hidden_layers);
  mz_weight_set_init (&clip->set, loader->device);
  clip->embedding = mz_load_embedding (loader, &clip->set, TEXT_MODEL "embeddings.token_embedding.weight",
                                       TEXT_MODEL "embeddings.position_embedding.weight", config->vocab_size,
                                       config->max_position_embeddings, config->hidden_size);
  for (int i = 0; i < config->num_hidden_layers; i++)
    load_layer (&clip->layers[i], config, loader, &clip->set, i);
  clip->final_norm = mz_load_norm (loader, &clip->set, TEXT_MODEL "final_layer_norm", config->hidden_size);
  mz_weight_set_finish (&clip->set, loader);
  return clip;
}

void
mz_clip_free (MzClip *clip)
{
  mz_weight_set_clear (&clip->set);
  g_free (clip->layers);
  g_free (clip);
}

gsize
mz_clip_get_bytes (const MzClip *clip)
{
  return clip->set.n_bytes;
}

int
mz_clip_get_width (const MzClip *clip)
{
  return clip->config.hidden_size;
}

/* x += attention (norm1 (x)); x += mlp (norm2 (x)); both in place. `a` is scratch of x's shape. */
static void
run_layer (const MzClip *clip, MzExec *exec, const Layer *layer, const MzTensor *x, const MzTensor *a)
{
  const MzClipConfig *config = &clip->config;
  int c = config->hidden_size;
  MzEpilogue add = { .residual = x };
  MzEpilogue activate = { .activation = config->hidden_act == MZ_CLIP_QUICK_GELU ? MZ_ACTIVATION_QUICK_GELU
                                                                                 : MZ_ACTIVATION_GELU };
  MzTensor qkv = mz_take (exec, x->n, 1, x->w, 3 * c);
  MzTensor q = mz_slice_channels (&qkv, 0, c), k = mz_slice_channels (&qkv, c, c),
           v = mz_slice_channels (&qkv, 2 * c, c);
  MzTensor hidden;

  mz_op_layer_norm (exec, a, x, layer->norm1, config->layer_norm_eps);
  mz_op_linear (exec, &qkv, a, NULL, layer->qkv, NULL);
  mz_op_attention (exec, a, &q, &k, &v, config->num_attention_heads, TRUE);
  mz_give (exec, &qkv);
  mz_op_linear (exec, x, a, NULL, layer->out, &add);

  hidden = mz_take (exec, x->n, 1, x->w, config->intermediate_size);
  mz_op_layer_norm (exec, a, x, layer->norm2, config->layer_norm_eps);
  mz_op_linear (exec, &hidden, a, NULL, layer->fc1, &activate);
  mz_op_linear (exec, x, &hidden, NULL, layer->fc2, &add);
  mz_give (exec, &hidden);
}

void
mz_clip_encode (MzClip *clip, MzExec *exec, const gint32 *ids, int clip_skip, const MzTensor *context)
{
  int n_layers = clip->config.num_hidden_layers - (clip_skip - 1);
  MzTensor x, a;

  g_return_if_fail (clip_skip >= 1 && n_layers >= 0);
  x = mz_take (exec, context->n, 1, context->w, context->c);
  a = mz_take (exec, context->n, 1, context->w, context->c);
  mz_op_embed (exec, &x, ids, clip->embedding);
  for (int i = 0; i < n_layers; i++)
    run_layer (clip, exec, &clip->layers[i], &x, &a);
  mz_op_layer_norm (exec, context, &x, clip->final_norm, clip->config.layer_norm_eps);
  mz_give (exec, &a);
  mz_give (exec, &x);
}
