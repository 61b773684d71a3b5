/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Residual blocks, spatial transformers and resampling, as sequences of ops. */
#include "models/blocks.h"

/* torch.nn.LayerNorm's and diffusers' fixed epsilons inside a spatial transformer. */
#define LAYER_NORM_EPSILON 1e-5f
#define TRANSFORMER_NORM_EPSILON 1e-6f

static const char *const no_suffix[] = { "" };

/* ---- Residual block ---- */

void
mz_resnet_load (MzResnet *resnet,
                MzLoader *loader,
                MzWeightSet *set,
                const char *prefix,
                int in_channels,
                int out_channels,
                int n_groups,
                float epsilon)
{
  g_autofree char *norm1 = g_strconcat (prefix, ".norm1", NULL),
                  *conv1 = g_strconcat (prefix, ".conv1", NULL);
  g_autofree char *norm2 = g_strconcat (prefix, ".norm2", NULL),
                  *conv2 = g_strconcat (prefix, ".conv2", NULL);
  g_autofree char *shortcut = g_strconcat (prefix, ".conv_shortcut", NULL);

  *resnet = (MzResnet){ .out_channels = out_channels, .n_groups = n_groups, .epsilon = epsilon };
  resnet->norm1 = mz_load_norm (loader, set, norm1, in_channels);
  resnet->conv1 = mz_load_conv (loader, set, conv1, out_channels, in_channels, 3);
  resnet->norm2 = mz_load_norm (loader, set, norm2, out_channels);
  resnet->conv2 = mz_load_conv (loader, set, conv2, out_channels, out_channels, 3);
  if (in_channels != out_channels)
    resnet->shortcut = mz_load_linear (loader, set, MZ_MATRIX_LINEAR, shortcut, 1, no_suffix, out_channels,
                                       in_channels, TRUE);
}

MzTensor
mz_resnet_run (const MzResnet *resnet,
               MzExec *exec,
               const MzTensor *in,
               const MzTensor *in2,
               const MzTensor *shifts)
{
  int n = in->n, h = in->h, w = in->w, c = resnet->out_channels;
  MzTensor out = mz_take (exec, n, h, w, c);
  MzTensor normed = mz_take (exec, n, h, w, in->c + (in2 != NULL ? in2->c : 0));
  MzTensor shift;
  MzEpilogue add_shift = { 0 }, add_input = { .residual = in };

  if (shifts != NULL)
    {
      shift = mz_slice_channels (shifts, resnet->first_shift, c);
      add_shift.channel_add = &shift;
    }
  mz_op_group_norm (exec, &normed, in, in2, resnet->norm1, resnet->n_groups, resnet->epsilon,
                    MZ_ACTIVATION_SILU);
  mz_op_conv2d (exec, &out, &normed, NULL, resnet->conv1, &MZ_CONV_SAME, &add_shift);
  mz_give (exec, &normed);

  normed = mz_take (exec, n, h, w, c);
  mz_op_group_norm (exec, &normed, &out, NULL, resnet->norm2, resnet->n_groups, resnet->epsilon,
                    MZ_ACTIVATION_SILU);
  if (resnet->shortcut != NULL)
    { /* `out` was read by the norm, so the shortcut may stand in it until the convolution adds to it */
      mz_op_linear (exec, &out, in, in2, resnet->shortcut, NULL);
      add_input.residual = &out;
    }
  mz_op_conv2d (exec, &out, &normed, NULL, resnet->conv2, &MZ_CONV_SAME, &add_input);
  mz_give (exec, &normed);
  return out;
}

/* Norms in place: where there is a shortcut, it is computed before x is normed away. */
void
mz_resnet_replace (const MzResnet *resnet, MzExec *exec, MzTensor *x)
{
  int c = resnet->out_channels;
  MzTensor out, hidden, normed = *x;
  MzEpilogue add = { .residual = &out };

  if (resnet->shortcut != NULL)
    {
      out = mz_take (exec, x->n, x->h, x->w, c);
      mz_op_linear (exec, &out, x, NULL, resnet->shortcut, NULL);
    }
  else
    {
      out = *x;
      normed = mz_take (exec, x->n, x->h, x->w, c);
    }
  mz_op_group_norm (exec, &normed, x, NULL, resnet->norm1, resnet->n_groups, resnet->epsilon,
                    MZ_ACTIVATION_SILU);
  hidden = mz_take (exec, x->n, x->h, x->w, c);
  mz_op_conv2d (exec, &hidden, &normed, NULL, resnet->conv1, &MZ_CONV_SAME, NULL);
  mz_give (exec, &normed);
  mz_op_group_norm (exec, &hidden, &hidden, NULL, resnet->norm2, resnet->n_groups, resnet->epsilon,
                    MZ_ACTIVATION_SILU);
  mz_op_conv2d (exec, &out, &hidden, NULL, resnet->conv2, &MZ_CONV_SAME, &add);
  mz_give (exec, &hidden);
  *x = out;
}

/* ---- Spatial transformer ---- */

static void
load_transformer_block (MzTransformerBlock *block,
                        MzLoader *loader,
                        MzWeightSet *set,
                        const char *prefix,
                        int c,
                        int context_width)
{
  static const char *const qkv[] = { "attn1.to_q", "attn1.to_k", "attn1.to_v" }, *const self_out[]
                                                                                 = { "attn1.to_out.0" };
  static const char *const q[] = { "attn2.to_q" }, *const kv[] = { "attn2.to_k", "attn2.to_v" };
  static const char *const cross_out[] = { "attn2.to_out.0" };
  static const char *const ff_in[] = { "ff.net.0.proj" }, *const ff_out[] = { "ff.net.2" };
  g_autofree char *norm1 = g_strconcat (prefix, "norm1", NULL), *norm2 = g_strconcat (prefix, "norm2", NULL);
  g_autofree char *norm3 = g_strconcat (prefix, "norm3", NULL);

  block->norm1 = mz_load_norm (loader, set, norm1, c);
  block->self_qkv = mz_load_linear (loader, set, MZ_MATRIX_LINEAR, prefix, 3, qkv, c, c, FALSE);
  block->self_out = mz_load_linear (loader, set, MZ_MATRIX_LINEAR, prefix, 1, self_out, c, c, TRUE);
  block->norm2 = mz_load_norm (loader, set, norm2, c);
  block->cross_q = mz_load_linear (loader, set, MZ_MATRIX_LINEAR, prefix, 1, q, c, c, FALSE);
  block->cross_kv = mz_load_linear (loader, set, MZ_MATRIX_LINEAR, prefix, 2, kv, c, context_width, FALSE);
  block->cross_out = mz_load_linear (loader, set, MZ_MATRIX_LINEAR, prefix, 1, cross_out, c, c, TRUE);
  block->norm3 = mz_load_norm (loader, set, norm3, c);
  block->ff_in = mz_load_linear (loader, set, MZ_MATRIX_GEGLU, prefix, 1, ff_in, 4 * c, c, TRUE);
  block->ff_out = mz_load_linear (loader, set, MZ_MATRIX_LINEAR, prefix, 1, ff_out, c, 4 * c, TRUE);
}

void
mz_transformer_load (MzTransformer *transformer,
                     MzLoader *loader,
                     MzWeightSet *set,
                     const char *prefix,
                     int channels,
                     int depth,
                     int n_heads,
                     int context_width,
                     int n_groups)
{
  static const char *const proj_in[] = { ".proj_in" }, *const proj_out[] = { ".proj_out" };
  g_autofree char *norm = g_strconcat (prefix, ".norm", NULL);

  *transformer
      = (MzTransformer){ .depth = depth, .channels = channels, .n_heads = n_heads, .n_groups = n_groups };
  transformer->blocks = g_new0 (MzTransformerBlock, (gsize) depth);
  transformer->norm = mz_load_norm (loader, set, norm, channels);
  transformer->proj_in
      = mz_load_linear (loader, set, MZ_MATRIX_LINEAR, prefix, 1, proj_in, channels, channels, TRUE);
  for (int i = 0; i < depth; i++)
    {
      g_autofree char *block = g_strdup_printf ("%s.transformer_blocks.%d.", prefix, i);
      load_transformer_block (&transformer->blocks[i], loader, set, block, channels, context_width);
    }
  transformer->proj_out
      = mz_load_linear (loader, set, MZ_MATRIX_LINEAR, prefix, 1, proj_out, channels, channels, TRUE);
}

void
mz_transformer_clear (MzTransformer *transformer)
{
  g_clear_pointer (&transformer->blocks, g_free);
}

void
mz_transformer_take_kv (const MzTransformer *transformer, MzExec *exec, const MzTensor *context, MzTensor *kv)
{
  for (int i = 0; i < transformer->depth; i++)
    {
      kv[i] = mz_take (exec, context->n, 1, context->w, 2 * transformer->channels);
      mz_op_linear (exec, &kv[i], context, NULL, transformer->blocks[i].cross_kv, NULL);
    }
}

/* a = what x looks up in the text. Samples in a row that look at the same text are one sample of more tokens.
 */
static void
run_cross_attention (const MzTransformer *transformer,
                     const MzTransformerBlock *block,
                     MzExec *exec,
                     const MzTensor *x,
                     const MzTensor *a,
                     const MzTensor *kv)
{
  int c = transformer->channels, n_texts = kv->n, n_tokens = x->n / n_texts * x->w;
  MzTensor q = mz_take (exec, x->n, 1, x->w, c), joined_q = mz_reshape (&q, n_texts, 1, n_tokens);
  MzTensor out = mz_reshape (a, n_texts, 1, n_tokens);
  MzTensor k = mz_slice_channels (kv, 0, c), v = mz_slice_channels (kv, c, c);

  mz_op_layer_norm (exec, a, x, block->norm2, LAYER_NORM_EPSILON);
  mz_op_linear (exec, &q, a, NULL, block->cross_q, NULL);
  mz_op_attention (exec, &out, &joined_q, &k, &v, transformer->n_heads, FALSE);
  mz_give (exec, &q);
}

/* Self attention, cross attention and feed-forward, each on a normed copy and added to x [N, 1, T, C]. */
static void
run_transformer_block (const MzTransformer *transformer,
                       const MzTransformerBlock *block,
                       MzExec *exec,
                       const MzTensor *x,
                       const MzTensor *a,
                       const MzTensor *kv)
{
  int c = transformer->channels, n_heads = transformer->n_heads;
  MzEpilogue add = { .residual = x };
  MzTensor wide = mz_take (exec, x->n, 1, x->w, 3 * c);
  MzTensor q = mz_slice_channels (&wide, 0, c), k = mz_slice_channels (&wide, c, c),
           v = mz_slice_channels (&wide, 2 * c, c);

  mz_op_layer_norm (exec, a, x, block->norm1, LAYER_NORM_EPSILON);
  mz_op_linear (exec, &wide, a, NULL, block->self_qkv, NULL);
  mz_op_attention (exec, a, &q, &k, &v, n_heads, FALSE);
  mz_give (exec, &wide);
  mz_op_linear (exec, x, a, NULL, block->self_out, &add);

  run_cross_attention (transformer, block, exec, x, a, kv);
  mz_op_linear (exec, x, a, NULL, block->cross_out, &add);

  wide = mz_take (exec, x->n, 1, x->w, 4 * c);
  mz_op_layer_norm (exec, a, x, block->norm3, LAYER_NORM_EPSILON);
  mz_op_linear (exec, &wide, a, NULL, block->ff_in, NULL);
  mz_op_linear (exec, x, &wide, NULL, block->ff_out, &add);
  mz_give (exec, &wide);
}

void
mz_transformer_run (const MzTransformer *transformer, MzExec *exec, const MzTensor *x, const MzTensor *kv)
{
  int n = x->n, n_tokens = x->h * x->w;
  MzTensor tokens = mz_reshape (x, n, 1, n_tokens);
  MzTensor a = mz_take (exec, n, 1, n_tokens, x->c);
  MzTensor normed = mz_reshape (&a, n, x->h, x->w);
  MzTensor y = mz_take (exec, n, 1, n_tokens, x->c);
  MzEpilogue add = { .residual = &tokens };

  mz_op_group_norm (exec, &normed, x, NULL, transformer->norm, transformer->n_groups,
                    TRANSFORMER_NORM_EPSILON, MZ_ACTIVATION_NONE);
  mz_op_linear (exec, &y, &a, NULL, transformer->proj_in, NULL);
  for (int i = 0; i < transformer->depth; i++)
    run_transformer_block (transformer, &transformer->blocks[i], exec, &y, &a, &kv[i]);
  mz_op_linear (exec, &tokens, &y, NULL, transformer->proj_out, &add);
  mz_give (exec, &y);
  mz_give (exec, &a);
}

/* ---- Resampling ---- */

MzTensor
mz_downsample_run (const MzWeight *conv, MzExec *exec, const MzTensor *in)
{
  MzConvGeometry geometry
      = { .stride = 2, .upsample = 1, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1 };
  MzTensor out = mz_take (exec, in->n, mz_conv_out_height (&geometry, in->h, 3),
                          mz_conv_out_width (&geometry, in->w, 3), in->c);

  mz_op_conv2d (exec, &out, in, NULL, conv, &geometry, NULL);
  return out;
}

MzTensor
mz_upsample_run (const MzWeight *conv, MzExec *exec, const MzTensor *in, int height, int width)
{
  MzConvGeometry geometry = MZ_CONV_SAME;
  MzTensor out = mz_take (exec, in->n, height, width, in->c);

  geometry.upsample = 2;
  geometry.crop_bottom = 2 * in->h - height;
  geometry.crop_right = 2 * in->w - width;
  mz_op_conv2d (exec, &out, in, NULL, conv, &geometry, NULL);
  return out;
}
