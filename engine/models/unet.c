/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The U-Net: time embedding, the way down with its skips, the middle, the way up. */
#include "models/unet.h"

#include <math.h>

#include "models/unet-layers.h"

/* Longest wavelength of the time embedding (Vaswani et al. 2017, arXiv:1706.03762). */
#define MAX_PERIOD 10000.0

/* One resolution on the way down or up; the last layer on it resamples. */
typedef struct
{
  int n_layers;
  MzUnetLayer *layers; /* among those of the U-Net */
} Level;

struct _MzUnet
{
  MzUnetConfig config;
  MzUnetLayers layers; /* in the order of an evaluation */
  MzWeightSet set;     /* what is always there */
  int temb_channels;
  const MzWeight *time1, *time2, *shifts, *conv_in, *norm_out, *conv_out;
  Level down[MZ_MAX_LEVELS], mid, up[MZ_MAX_LEVELS]; /* indexed by level, 0 = finest */
  int n_blocks;                                      /* transformer blocks in all */
  int n_skips;
  int n_shifts; /* channels of all residual blocks, which the time embedding shifts */
};

/* The projections of the time embedding, while the blocks are loaded. */
typedef struct
{
  GPtrArray *names;
  GArray *channels;
} Projections;

struct _MzUnetText
{
  MzExec *exec;
  int n_blocks;
  MzTensor *kv; /* [n_blocks], in the order of the evaluation */
};

/* ---- Building ---- */

static int
count_skips (const MzUnetConfig *config)
{
  int n = config->n_levels; /* conv_in and a downsampling between levels */

  for (int l = 0; l < config->n_levels; l++)
    n += config->layers_per_block[l];
  return n;
}

/* At most: a layer more on each level's way up, and two in the middle. */
static int
count_layers (const MzUnetConfig *config)
{
  int n = config->n_levels + 2;

  for (int l = 0; l < config->n_levels; l++)
    n += 2 * config->layers_per_block[l];
  return n;
}

static void
add_layer (MzUnet *unet, Level *level, MzLoader *loader, Projections *projections, MzUnetLayer what)
{
  MzUnetLayer *layer;

  what.first_shift = unet->n_shifts;
  layer = mz_unet_layers_add (&unet->layers, loader, &what);
  if (level->n_layers++ == 0)
    level->layers = layer;
  unet->n_shifts += what.channels;
  unet->n_blocks += what.depth;
  g_ptr_array_add (projections->names, g_strconcat (what.resnet_name, ".time_emb_proj", NULL));
  g_array_append_val (projections->channels, what.channels);
}

static void
load_level (MzUnet *unet,
            Level *level,
            MzLoader *loader,
            Projections *projections,
            const char *prefix,
            int n_layers,
            int index,
            int depth,
            const int *in_channels,
            const char *resample)
{
  const MzUnetConfig *config = &unet->config;

  for (int i = 0; i < n_layers; i++)
    add_layer (unet, level, loader, projections,
               (MzUnetLayer){
                   .resnet_name = g_strdup_printf ("%s.resnets.%d", prefix, i),
                   .attention_name = g_strdup_printf ("%s.attentions.%d", prefix, i),
                   .resample_name
                   = resample != NULL && i == n_layers - 1 ? g_strconcat (prefix, resample, NULL) : NULL,
                   .in_channels = in_channels[i],
                   .channels = config->block_out_channels[index],
                   .depth = depth,
                   .n_heads = config->n_heads[index],
               });
}

/* The middle: two residual blocks around a transformer, or one residual block (diffusers' UNetMidBlock2D). */
static void
load_mid (MzUnet *unet, MzLoader *loader, Projections *projections)
{
  const MzUnetConfig *config = &unet->config;
  int last = config->n_levels - 1, channels = config->block_out_channels[last];
  gboolean two
      = config->mid_depth > 0 || mz_weights_has_prefix (loader->weights, "unet.mid_block.resnets.1.");

  for (int i = 0; i < (two ? 2 : 1); i++)
    add_layer (unet, &unet->mid, loader, projections,
               (MzUnetLayer){
                   .resnet_name = g_strdup_printf ("unet.mid_block.resnets.%d", i),
                   .attention_name = g_strdup ("unet.mid_block.attentions.0"),
                   .in_channels = channels,
                   .channels = channels,
                   .depth = i == 0 ? config->mid_depth : 0,
                   .n_heads = config->n_heads[last],
               });
}

/* Channels of every skip in the order they are made; returns how many. */
static int
list_skips (const MzUnetConfig *config, int *skips)
{
  int n = 0;

  skips[n++] = config->block_out_channels[0];
  for (int l = 0; l < config->n_levels; l++)
    for (int i = 0; i < config->layers_per_block[l] + (l < config->n_levels - 1); i++)
      skips[n++] = config->block_out_channels[l];
  return n;
}

static void
load_levels (MzUnet *unet, MzLoader *loader, Projections *projections)
{
  const MzUnetConfig *config = &unet->config;
  int n_levels = config->n_levels, x = config->block_out_channels[0];
  int n_skips = unet->n_skips = count_skips (config);
  g_autofree int *skips = g_new (int, (gsize) MAX (n_skips, 1)),
                 *in_channels = g_new (int, (gsize) MAX (n_skips, 1) + 1);

  list_skips (config, skips);
  for (int l = 0; l < n_levels; l++)
    {
      g_autofree char *prefix = g_strdup_printf ("unet.down_blocks.%d", l);

      for (int i = 0; i < config->layers_per_block[l]; i++, x = config->block_out_channels[l])
        in_channels[i] = x;
      load_level (unet, &unet->down[l], loader, projections, prefix, config->layers_per_block[l], l,
                  config->down_depth[l], in_channels, l < n_levels - 1 ? ".downsamplers.0.conv" : NULL);
    }
  if (config->has_mid_block)
    load_mid (unet, loader, projections);
  for (int l = n_levels - 1; l >= 0; l--)
    {
      g_autofree char *prefix = g_strdup_printf ("unet.up_blocks.%d", n_levels - 1 - l);

      for (int i = 0; i < config->layers_per_block[l] + 1; i++, x = config->block_out_channels[l])
        in_channels[i] = x + skips[--n_skips];
      load_level (unet, &unet->up[l], loader, projections, prefix, config->layers_per_block[l] + 1, l,
                  config->up_depth[l], in_channels, l > 0 ? ".upsamplers.0.conv" : NULL);
    }
}

/* Layers that come and go are read, once or not at all, before what stays: whatever of them is in memory then
 * is gone by the time when that is taken. */
static MzUnet *
new_unet (const MzUnetConfig *config, MzLoader *loader, gboolean by_layers, gsize layer_bytes)
{
  static const char *const linear1[] = { "linear_1" }, *const linear2[] = { "linear_2" };
  MzUnet *unet = g_new0 (MzUnet, 1);
  Projections projections
      = { g_ptr_array_new_with_free_func (g_free), g_array_new (FALSE, FALSE, sizeof (int)) };
  int c0 = config->block_out_channels[0];

  unet->config = *config;
  unet->temb_channels = 4 * c0;
  mz_weight_set_init (&unet->set, loader->device);
  mz_unet_layers_init (&unet->layers, &unet->config, &unet->set, count_layers (config));
  if (by_layers)
    mz_unet_layers_let_go (&unet->layers, loader, layer_bytes);
  load_levels (unet, loader, &projections);
  unet->time1 = mz_load_linear (loader, &unet->set, MZ_MATRIX_LINEAR, "unet.time_embedding.", 1, linear1,
                                unet->temb_channels, c0, TRUE);
  unet->time2 = mz_load_linear (loader, &unet->set, MZ_MATRIX_LINEAR, "unet.time_embedding.", 1, linear2,
                                unet->temb_channels, unet->temb_channels, TRUE);
  unet->conv_in = mz_load_conv (loader, &unet->set, "unet.conv_in", c0, config->in_channels, 3);
  unet->shifts = mz_load_linears (loader, &unet->set, (int) projections.names->len,
                                  (const char *const *) projections.names->pdata,
                                  (const int *) (gpointer) projections.channels->data, unet->temb_channels);
  g_ptr_array_free (projections.names, TRUE);
  g_array_free (projections.channels, TRUE);
  unet->norm_out = mz_load_norm (loader, &unet->set, "unet.conv_norm_out", c0);
  unet->conv_out = mz_load_conv (loader, &unet->set, "unet.conv_out", config->out_channels, c0, 3);
  mz_weight_set_finish (&unet->set, loader);
  return unet;
}

MzUnet *
mz_unet_new (const MzUnetConfig *config, MzLoader *loader)
{
  return new_unet (config, loader, FALSE, 0);
}

MzUnet *
mz_unet_new_by_layers (const MzUnetConfig *config, MzLoader *loader, gsize layer_bytes)
{
  return new_unet (config, loader, TRUE, layer_bytes);
}

void
mz_unet_free (MzUnet *unet)
{
  mz_unet_layers_clear (&unet->layers);
  mz_weight_set_clear (&unet->set);
  g_free (unet);
}

gsize
mz_unet_get_bytes (const MzUnet *unet)
{
  return unet->set.n_bytes + unet->layers.n_bytes;
}

gsize
mz_unet_get_layer_bytes (const MzUnet *unet)
{
  return unet->layers.n_bytes;
}

gsize
mz_unet_get_least_bytes (const MzUnet *unet, gboolean two_layers)
{
  return mz_unet_layers_find_least (&unet->layers, unet->set.n_bytes, G_STRUCT_OFFSET (MzUnetLayer, n_bytes),
                                    two_layers);
}

gsize
mz_unet_get_least_file_bytes (const MzUnet *unet, gboolean two_layers)
{
  return mz_unet_layers_find_least (&unet->layers, unet->set.n_file_bytes,
                                    G_STRUCT_OFFSET (MzUnetLayer, n_file_bytes), two_layers);
}

gboolean
mz_unet_is_by_layers (const MzUnet *unet)
{
  return unet->layers.come_and_go;
}

/* ---- Text ---- */

MzUnetText *
mz_unet_text_new (MzUnet *unet, MzExec *exec, const MzTensor *context)
{
  MzUnetText *text = g_new0 (MzUnetText, 1);

  text->exec = exec;
  text->kv = g_new0 (MzTensor, (gsize) MAX (unet->n_blocks, 1));
  for (int i = 0; i < unet->layers.n; i++)
    {
      const MzUnetLayer *layer = &unet->layers.list[i];

      if (layer->depth == 0)
        continue;
      mz_unet_layers_need (&unet->layers, exec, layer);
      mz_transformer_take_kv (&layer->transformer, exec, context, text->kv + text->n_blocks);
      text->n_blocks += layer->depth;
    }
  return text;
}

void
mz_unet_text_free (MzUnetText *text)
{
  for (int i = 0; i < text->n_blocks && text->exec != NULL; i++)
    mz_give (text->exec, &text->kv[i]);
  g_free (text->kv);
  g_free (text);
}

MzUnetText *
mz_unet_text_slice (const MzUnetText *text, int first, int n)
{
  MzUnetText *slice = g_new0 (MzUnetText, 1);

  slice->n_blocks = text->n_blocks;
  slice->kv = g_new0 (MzTensor, (gsize) MAX (text->n_blocks, 1));
  for (int i = 0; i < text->n_blocks; i++)
    slice->kv[i] = mz_slice_samples (&text->kv[i], first, n);
  return slice;
}

/* ---- One evaluation ---- */

/* What flows through an evaluation. */
typedef struct
{
  MzUnet *unet;
  MzExec *exec;
  MzTensor shifts;    /* [1, 1, 1, n_shifts]: all samples are at the same timestep */
  const MzTensor *kv; /* of the next transformer */
  MzTensor x;
  gboolean owns_x; /* FALSE while x is also the last skip */
  MzTensor *skips; /* a stack */
  int n_skips;
} Flow;

/* Every block's projection of silu (linear_2 (silu (linear_1 (sinusoid (t))))). */
static void
embed_time (MzUnet *unet, Flow *flow, float timestep)
{
  const MzUnetConfig *config = &unet->config;
  int c0 = config->block_out_channels[0], half = c0 / 2;
  g_autofree float *host = g_new0 (float, (gsize) c0);
  MzTensor wave = mz_take (flow->exec, 1, 1, 1, c0), hidden, temb;
  MzEpilogue silu = { .activation = MZ_ACTIVATION_SILU };

  for (int i = 0; i < half; i++)
    {
      /* in single precision, step by step as PyTorch does it: an angle of 999 shows the last bit of its
       * frequency */
      float exponent = (float) -log (MAX_PERIOD) * (float) i;
      float angle = timestep * expf (exponent / ((float) half - config->freq_shift));

      host[i] = config->flip_sin_to_cos ? cosf (angle) : sinf (angle);
      host[half + i] = config->flip_sin_to_cos ? sinf (angle) : cosf (angle);
    }
  mz_op_upload (flow->exec, &wave, host);
  hidden = mz_take (flow->exec, 1, 1, 1, unet->temb_channels);
  mz_op_linear (flow->exec, &hidden, &wave, NULL, unet->time1, &silu);
  temb = mz_take (flow->exec, 1, 1, 1, unet->temb_channels);
  mz_op_linear (flow->exec, &temb, &hidden, NULL, unet->time2, &silu);
  mz_op_linear (flow->exec, &flow->shifts, &temb, NULL, unet->shifts, NULL);
  mz_give (flow->exec, &temb);
  mz_give (flow->exec, &hidden);
  mz_give (flow->exec, &wave);
}

static void
replace_x (Flow *flow, MzTensor x)
{
  if (flow->owns_x)
    mz_give (flow->exec, &flow->x);
  flow->x = x;
  flow->owns_x = TRUE;
}

static void
push_skip (Flow *flow)
{
  flow->skips[flow->n_skips++] = flow->x;
  flow->owns_x = FALSE;
}

/* Residual block i of a level with its transformer; joins `skip` to the input when there is one. */
static void
run_layer (Flow *flow, const Level *level, int i, const MzTensor *skip)
{
  const MzUnetLayer *layer = &level->layers[i];

  mz_unet_layers_need (&flow->unet->layers, flow->exec, layer);
  replace_x (flow, mz_resnet_run (&layer->resnet, flow->exec, &flow->x, skip, &flow->shifts));
  if (layer->depth == 0)
    return;
  mz_transformer_run (&layer->transformer, flow->exec, &flow->x, flow->kv);
  flow->kv += layer->depth;
}

/* NULL: the level has none, as only a damaged model's may. */
static const MzUnetLayer *
get_last (const Level *level)
{
  return level->n_layers > 0 ? &level->layers[level->n_layers - 1] : NULL;
}

static void
run_down (Flow *flow, const Level *level)
{
  const MzUnetLayer *last = get_last (level);

  for (int i = 0; i < level->n_layers; i++)
    {
      run_layer (flow, level, i, NULL);
      push_skip (flow);
    }
  if (last == NULL || last->resample_name == NULL)
    return;
  replace_x (flow, mz_downsample_run (last->resample, flow->exec, &flow->x));
  push_skip (flow);
}

static void
run_up (Flow *flow, const Level *level)
{
  const MzUnetLayer *last = get_last (level);

  for (int i = 0; i < level->n_layers; i++)
    {
      MzTensor skip = flow->skips[--flow->n_skips];

      run_layer (flow, level, i, &skip);
      mz_give (flow->exec, &skip);
    }
  if (last != NULL && last->resample_name != NULL)
    {
      const MzTensor *next = &flow->skips[flow->n_skips - 1];

      replace_x (flow, mz_upsample_run (last->resample, flow->exec, &flow->x, next->h, next->w));
    }
}

void
mz_unet_run (MzUnet *unet,
             MzExec *exec,
             MzUnetText *text,
             const float *latent,
             int n,
             int height,
             int width,
             float timestep,
             float *output)
{
  const MzUnetConfig *config = &unet->config;
  int c0 = config->block_out_channels[0];
  g_autofree MzTensor *skips = g_new0 (MzTensor, (gsize) unet->n_skips);
  Flow flow = { .unet = unet, .exec = exec, .kv = text->kv, .skips = skips };
  MzTensor in, out, normed;

  flow.shifts = mz_take (exec, 1, 1, 1, unet->n_shifts);
  embed_time (unet, &flow, timestep);

  in = mz_take (exec, n, height, width, config->in_channels);
  mz_op_upload (exec, &in, latent);
  flow.x = mz_take (exec, n, height, width, c0);
  mz_op_conv2d (exec, &flow.x, &in, NULL, unet->conv_in, &MZ_CONV_SAME, NULL);
  mz_give (exec, &in);
  push_skip (&flow);

  for (int l = 0; l < config->n_levels; l++)
    run_down (&flow, &unet->down[l]);
  for (int i = 0; i < unet->mid.n_layers; i++)
    run_layer (&flow, &unet->mid, i, NULL);
  for (int l = config->n_levels - 1; l >= 0; l--)
    run_up (&flow, &unet->up[l]);

  normed = mz_take (exec, n, height, width, c0);
  mz_op_group_norm (exec, &normed, &flow.x, NULL, unet->norm_out, config->norm_num_groups, config->norm_eps,
                    MZ_ACTIVATION_SILU);
  out = mz_take (exec, n, height, width, config->out_channels);
  mz_op_conv2d (exec, &out, &normed, NULL, unet->conv_out, &MZ_CONV_SAME, NULL);
  mz_op_download (exec, &out, output);
  mz_give (exec, &out);
  mz_give (exec, &normed);
  mz_give (exec, &flow.x);
  mz_give (exec, &flow.shifts);
}
