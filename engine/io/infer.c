/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The architecture of a model, read off the canonical names and the shapes of its tensors. */
#include <glib/gi18n-lib.h>

#include "io/infer.h"

#include <math.h>
#include <string.h>

/* Above any real model, so that a hostile file cannot make us describe millions of layers. */
#define MAX_LAYERS 16
#define MAX_DEPTH 32
#define MAX_TEXT_LAYERS 128
#define MAX_SIZE 65536

/* The tensors of a model with their names in order, so that a prefix is found quickly. */
typedef struct
{
  MzWeights *weights;
  const char **names; /* [n_names], sorted, owned */
  guint n_names;
} Tensors;

static Tensors
tensors_of (MzWeights *weights)
{
  Tensors tensors = { .weights = weights };

  tensors.names = mz_weights_names (weights, &tensors.n_names);
  return tensors;
}

static void
tensors_clear (Tensors *tensors)
{
  g_free (tensors->names);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Tensors, tensors_clear)

/* Does any name begin with `prefix`? If so, the first name that is not before it does. */
static gboolean
has_prefix (const Tensors *tensors, const char *prefix)
{
  guint low = 0, high = tensors->n_names;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (strcmp (tensors->names[middle], prefix) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low < tensors->n_names && g_str_has_prefix (tensors->names[low], prefix);
}

G_GNUC_PRINTF (2, 3)
static gboolean
has (const Tensors *tensors, const char *format, ...)
{
  g_autofree char *prefix = NULL;
  va_list args;

  va_start (args, format);
  prefix = g_strdup_vprintf (format, args);
  va_end (args);
  return has_prefix (tensors, prefix);
}

/* Dimension `dim` of the tensor; 0 when there is no such tensor or dimension, or it is beyond MAX_SIZE. */
G_GNUC_PRINTF (3, 4)
static int
size_of (const Tensors *tensors, int dim, const char *format, ...)
{
  g_autofree char *name = NULL;
  const MzView *view;
  va_list args;

  va_start (args, format);
  name = g_strdup_vprintf (format, args);
  va_end (args);
  view = mz_weights_lookup (tensors->weights, name);
  return view != NULL && dim < view->n_dims && view->shape[dim] <= MAX_SIZE ? (int) view->shape[dim] : 0;
}

/* How many of "PREFIX0.", "PREFIX1.", ... there are, at most `max`. */
static int
count (const Tensors *tensors, int max, const char *prefix)
{
  int n = 0;

  while (n < max && has (tensors, "%s%d.", prefix, n))
    n++;
  return n;
}

/* The greatest power of two up to 32 that divides every channel count. */
static int
guess_groups (const int *channels, int n)
{
  int groups = 32;

  for (int i = 0; i < n; i++)
    while (channels[i] % groups != 0)
      groups /= 2;
  return groups;
}

static gboolean
fail (const Tensors *tensors, GError **error, MzError code, const char *what)
{
  g_set_error (error, MZ_ERROR, code, _ ("“%s” cannot be used: %s."), mz_weights_origin (tensors->weights),
               what);
  return FALSE;
}

/* Channels that come out of a residual block. */
static int
resnet_channels (const Tensors *tensors, const char *resnet)
{
  static const char *const leaves[]
      = { "conv1.weight", "conv1.bias", "norm2.weight", "conv2.weight", "conv2.bias" };
  int n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (leaves) && n == 0; i++)
    n = size_of (tensors, 0, "%s.%s", resnet, leaves[i]);
  return n;
}

/* Transformer blocks in each attention of a block: 0 when it has none; -1 when its layers differ. */
static int
attention_depth (const Tensors *tensors, const char *block, int n_layers)
{
  int depth = 0;

  for (int i = 0; i < n_layers; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("%s.attentions.%d.transformer_blocks.", block, i);
      int n = count (tensors, MAX_DEPTH, prefix);

      if (i > 0 && n != depth)
        return -1;
      depth = n;
    }
  return depth;
}

/* Reads one level going down, and the block of the same level going up. */
static gboolean
infer_level (const Tensors *tensors, MzUnetConfig *config, int level, GError **error)
{
  g_autofree char *down = g_strdup_printf ("unet.down_blocks.%d", level);
  g_autofree char *up = g_strdup_printf ("unet.up_blocks.%d", config->n_levels - 1 - level);
  g_autofree char *down_resnets = g_strconcat (down, ".resnets.", NULL);
  g_autofree char *up_resnets = g_strconcat (up, ".resnets.", NULL);
  g_autofree char *first = g_strconcat (down_resnets, "0", NULL);
  int n_layers = count (tensors, MAX_LAYERS, down_resnets);
  int n_up = count (tensors, MAX_LAYERS + 1, up_resnets);

  config->layers_per_block[level] = n_layers;
  config->block_out_channels[level] = resnet_channels (tensors, first);
  config->down_depth[level] = attention_depth (tensors, down, n_layers);
  config->up_depth[level] = attention_depth (tensors, up, n_up);
  if (config->block_out_channels[level] == 0)
    return fail (tensors, error, MZ_ERROR_MISSING, _ ("a level of its U-Net lacks its first residual block"));
  if (n_up != n_layers + 1)
    {
      g_autofree char *what
          = g_strdup_printf (_ ("level %d of its U-Net has %d residual blocks going down and %d going up,"
                                " where one more than down is expected"),
                             level, n_layers, n_up);
      return fail (tensors, error, MZ_ERROR_FORMAT, what);
    }
  if (config->down_depth[level] < 0 || config->up_depth[level] < 0)
    return fail (tensors, error, MZ_ERROR_UNSUPPORTED,
                 _ ("layers of one level of its U-Net have different depths"));
  return TRUE;
}

/* The width of the text states, and whether projections are linear, from any spatial transformer. */
static void
infer_attention (const Tensors *tensors, MzUnetConfig *config)
{
  for (guint i = 0; i < tensors->n_names; i++)
    {
      const char *name = tensors->names[i];
      const MzView *view;

      if (!g_str_has_prefix (name, "unet."))
        continue;
      view = mz_weights_lookup (tensors->weights, name);
      if (config->cross_attention_dim == 0 && g_str_has_suffix (name, ".attn2.to_k.weight")
          && view->n_dims == 2 && view->shape[1] <= MAX_SIZE)
        config->cross_attention_dim = (int) view->shape[1];
      if (g_str_has_suffix (name, ".proj_in.weight") && view->n_dims == 2)
        config->use_linear_projection = TRUE;
    }
}

/* SD 2 has 64 channels in each head, SD 1 has 8 heads whatever the channels. */
static void
guess_heads (MzUnetConfig *config)
{
  gboolean like_sd2 = config->cross_attention_dim == 1024 || config->use_linear_projection;

  for (int i = 0; i < config->n_levels; i++)
    {
      int channels = config->block_out_channels[i];

      if (like_sd2 && channels % 64 == 0)
        config->n_heads[i] = channels / 64;
      else
        config->n_heads[i] = channels % 8 == 0 ? 8 : 1;
    }
}

static gboolean
infer_middle (const Tensors *tensors, MzUnetConfig *config, GError **error)
{
  config->has_mid_block = has (tensors, "unet.mid_block.");
  config->mid_depth = attention_depth (tensors, "unet.mid_block", 1);
  if (config->mid_depth == 0 && has (tensors, "unet.mid_block.resnets.1."))
    return fail (tensors, error, MZ_ERROR_MISSING, _ ("the middle of its U-Net lacks its attention"));
  return TRUE;
}

gboolean
mz_infer_unet (MzWeights *weights, MzUnetConfig *config, GError **error)
{
  g_auto (Tensors) all = tensors_of (weights);
  const Tensors *tensors = &all;
  *config = (MzUnetConfig){ .norm_eps = 1e-5f, .flip_sin_to_cos = TRUE };
  config->in_channels = size_of (tensors, 1, "unet.conv_in.weight");
  config->out_channels = size_of (tensors, 0, "unet.conv_out.weight");
  config->n_levels = count (tensors, MZ_MAX_LEVELS + 1, "unet.down_blocks.");
  if (config->n_levels == 0 || config->in_channels == 0 || config->out_channels == 0)
    return fail (tensors, error, MZ_ERROR_MISSING, _ ("its U-Net lacks its first or last layers"));
  if (config->n_levels > MZ_MAX_LEVELS)
    return fail (tensors, error, MZ_ERROR_UNSUPPORTED, _ ("its U-Net has too many levels"));
  if (count (tensors, MZ_MAX_LEVELS + 1, "unet.up_blocks.") != config->n_levels)
    return fail (tensors, error, MZ_ERROR_FORMAT,
                 _ ("its U-Net has not as many levels going up as going down"));
  for (int i = 0; i < config->n_levels; i++)
    if (!infer_level (tensors, config, i, error))
      return FALSE;
  if (!infer_middle (tensors, config, error))
    return FALSE;
  infer_attention (tensors, config);
  if (config->cross_attention_dim == 0)
    return fail (tensors, error, MZ_ERROR_UNSUPPORTED,
                 _ ("its U-Net takes no text (it has no cross attention)"));
  guess_heads (config);
  config->norm_num_groups = guess_groups (config->block_out_channels, config->n_levels);
  config->upcast_attention = config->cross_attention_dim == 1024; /* SD 2.1 overflows in half precision */
  return TRUE;
}

gboolean
mz_infer_vae (MzWeights *weights, MzVaeConfig *config, GError **error)
{
  g_auto (Tensors) all = tensors_of (weights);
  const Tensors *tensors = &all;
  int n_layers = count (tensors, MAX_LAYERS + 1, "vae.decoder.up_blocks.0.resnets.");

  *config = (MzVaeConfig){ .scaling_factor = 0.18215f, .in_channels = 3, .force_upcast = TRUE };
  config->n_levels = count (tensors, MZ_MAX_LEVELS + 1, "vae.decoder.up_blocks.");
  config->latent_channels = size_of (tensors, 1, "vae.decoder.conv_in.weight");
  config->out_channels = size_of (tensors, 0, "vae.decoder.conv_out.weight");
  config->layers_per_block = n_layers - 1;
  if (config->n_levels == 0 || n_layers < 1 || config->latent_channels == 0 || config->out_channels == 0)
    return fail (tensors, error, MZ_ERROR_MISSING,
                 _ ("the decoder of its VAE lacks its first or last layers"));
  if (config->n_levels > MZ_MAX_LEVELS)
    return fail (tensors, error, MZ_ERROR_UNSUPPORTED, _ ("its VAE has too many levels"));
  if (config->latent_channels > MZ_MAX_LATENT_CHANNELS)
    return fail (tensors, error, MZ_ERROR_UNSUPPORTED, _ ("its VAE takes too many channels"));
  for (int i = 0; i < config->n_levels; i++)
    {
      g_autofree char *first
          = g_strdup_printf ("vae.decoder.up_blocks.%d.resnets.0", config->n_levels - 1 - i);

      config->block_out_channels[i] = resnet_channels (tensors, first);
      if (config->block_out_channels[i] == 0)
        return fail (tensors, error, MZ_ERROR_MISSING,
                     _ ("a level of its VAE lacks its first residual block"));
    }
  config->norm_num_groups = guess_groups (config->block_out_channels, config->n_levels);
  config->mid_attention = has (tensors, "vae.decoder.mid_block.attentions.");
  config->has_encoder = has (tensors, "vae.encoder.");
  config->has_quant_conv = has (tensors, "vae.quant_conv.");
  config->has_post_quant_conv = has (tensors, "vae.post_quant_conv.");
  if (config->has_encoder)
    config->in_channels = size_of (tensors, 1, "vae.encoder.conv_in.weight");
  if (config->in_channels == 0)
    return fail (tensors, error, MZ_ERROR_MISSING, _ ("the encoder of its VAE lacks its first layer"));
  return TRUE;
}

/* OpenAI's and OpenCLIP's text encoders have 64 channels in each head. */
static int
guess_text_heads (int hidden_size)
{
  if (hidden_size % 64 == 0)
    return hidden_size / 64;
  return hidden_size % 8 == 0 ? 8 : 1;
}

gboolean
mz_infer_clip (MzWeights *weights, gboolean is_open_clip, MzClipConfig *config, GError **error)
{
  g_auto (Tensors) all = tensors_of (weights);
  const Tensors *tensors = &all;
  static const char tokens[] = "text_encoder.text_model.embeddings.token_embedding.weight";
  const MzView *table = mz_weights_lookup (tensors->weights, tokens);

  if (table == NULL || table->n_dims != 2 || table->shape[0] < 2 || table->shape[0] > 1 << 20)
    return fail (tensors, error, MZ_ERROR_MISSING, _ ("its text encoder lacks its table of tokens"));
  *config = (MzClipConfig){
    .vocab_size = (int) table->shape[0],
    .hidden_size = size_of (tensors, 1, tokens),
    .intermediate_size = size_of (tensors, 0, "text_encoder.text_model.encoder.layers.0.mlp.fc1.weight"),
    .num_hidden_layers = count (tensors, MAX_TEXT_LAYERS, "text_encoder.text_model.encoder.layers."),
    .max_position_embeddings
    = size_of (tensors, 0, "text_encoder.text_model.embeddings.position_embedding.weight"),
    .layer_norm_eps = 1e-5f,
    .hidden_act = is_open_clip ? MZ_CLIP_GELU : MZ_CLIP_QUICK_GELU,
  };
  config->bos_token_id = config->vocab_size - 2;
  config->eos_token_id = config->vocab_size - 1;
  config->pad_token_id = is_open_clip ? 0 : config->eos_token_id;
  if (config->hidden_size == 0 || config->num_hidden_layers == 0 || config->intermediate_size == 0
      || config->max_position_embeddings == 0)
    return fail (tensors, error, MZ_ERROR_MISSING, _ ("its text encoder lacks its first layers"));
  if (config->max_position_embeddings < MZ_MIN_POSITIONS
      || config->max_position_embeddings > MZ_MAX_POSITIONS)
    {
      g_autofree char *what
          = g_strdup_printf (_ ("its text encoder has %d positions; there must be %d to %d"),
                             config->max_position_embeddings, MZ_MIN_POSITIONS, MZ_MAX_POSITIONS);
      return fail (tensors, error, MZ_ERROR_FORMAT, what);
    }
  config->num_attention_heads = guess_text_heads (config->hidden_size);
  return TRUE;
}

/* The sample standard deviation of up to 64 K numbers. */
static double
deviation (const MzView *view)
{
  gsize n = MIN (mz_view_elements (view), 65536);
  g_autofree float *values = g_new (float, n);
  double mean = 0, squares = 0;

  mz_view_read_f32 (view, 0, n, values);
  for (gsize i = 0; i < n; i++)
    mean += values[i] / (double) n;
  for (gsize i = 0; i < n; i++)
    squares += (values[i] - mean) * (values[i] - mean);
  return n > 1 ? sqrt (squares / (double) (n - 1)) : 0;
}

gboolean
mz_infer_prediction (MzWeights *weights, const MzUnetConfig *config, MzPredictionType *type)
{
  g_autofree char *name = g_strdup_printf ("unet.up_blocks.%d.attentions.%d.transformer_blocks.0.norm1.bias",
                                           config->n_levels - 1, config->layers_per_block[0]);
  const MzView *bias = mz_weights_lookup (weights, name);

  if (bias == NULL)
    return FALSE;
  *type = deviation (bias) > 0.09 ? MZ_PREDICTION_V : MZ_PREDICTION_EPSILON;
  return TRUE;
}
