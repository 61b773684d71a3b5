/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the U-Net and the VAE are built of: residual blocks, spatial transformers, down- and upsampling.
 *
 * Sources: Ho et al. 2020 (arXiv:2006.11239) for the residual block, Rombach et al. 2022 (arXiv:2112.10752)
 * for the spatial transformer; the exact order of operations is that of diffusers' ResnetBlock2D and
 * Transformer2DModel. */
#pragma once

#include "models/loader.h"

G_BEGIN_DECLS

/* h = conv1 (silu (norm1 (x))) + shift; out = conv2 (silu (norm2 (h))) + shortcut (x). The shift, a
 * projection of the time embedding, is made for all blocks of a U-Net at once. */
typedef struct
{
  const MzWeight *norm1, *conv1, *norm2, *conv2;
  const MzWeight *shortcut; /* NULL where in and out have as many channels */
  int out_channels;
  int first_shift; /* channel of all blocks' shifts where its own begin; a U-Net sets it */
  int n_groups;
  float epsilon;
} MzResnet;

/* `prefix` ends without a dot. */
void mz_resnet_load (MzResnet *resnet,
                     MzLoader *loader,
                     MzWeightSet *set,
                     const char *prefix,
                     int in_channels,
                     int out_channels,
                     int n_groups,
                     float epsilon);
/* in [N, H, W, C] (and in2 [N, H, W, C2], joined to it); shifts [1 or N, 1, 1, C] of all blocks, or
 * NULL (VAE). Returns a taken [N, H, W, out_channels]. */
MzTensor mz_resnet_run (const MzResnet *resnet,
                        MzExec *exec,
                        const MzTensor *in,
                        const MzTensor *in2,
                        const MzTensor *shifts);

/* The same without `in2` and time embedding, for wide pictures: x becomes the result, and a tensor less is in
 * memory at one time. */
void mz_resnet_replace (const MzResnet *resnet, MzExec *exec, MzTensor *x);

typedef struct
{
  const MzWeight *norm1, *self_qkv, *self_out;
  const MzWeight *norm2, *cross_q, *cross_kv, *cross_out;
  const MzWeight *norm3, *ff_in, *ff_out;
} MzTransformerBlock;

/* Group norm, projection, `depth` blocks of self attention, cross attention and GEGLU, projection, all added
 * to x. */
typedef struct
{
  const MzWeight *norm, *proj_in, *proj_out;
  MzTransformerBlock *blocks; /* [depth] */
  int depth;
  int channels;
  int n_heads;
  int n_groups;
} MzTransformer;

void mz_transformer_load (MzTransformer *transformer,
                          MzLoader *loader,
                          MzWeightSet *set,
                          const char *prefix,
                          int channels,
                          int depth,
                          int n_heads,
                          int context_width,
                          int n_groups);
void mz_transformer_clear (MzTransformer *transformer);
/* Keys and values of the text for each block: takes `depth` tensors [N, 1, T, 2 channels]. context [N, 1, T,
 * width]. */
void mz_transformer_take_kv (const MzTransformer *transformer,
                             MzExec *exec,
                             const MzTensor *context,
                             MzTensor *kv);
/* Changes x [N, H, W, channels] in place. kv: as made above. */
void
mz_transformer_run (const MzTransformer *transformer, MzExec *exec, const MzTensor *x, const MzTensor *kv);

/* 3x3 convolution, stride 2, one pixel of padding on all sides. */
MzTensor mz_downsample_run (const MzWeight *conv, MzExec *exec, const MzTensor *in);
/* Nearest neighbour to [2H, 2W], cut to [height, width] (2H or 2H - 1, 2W or 2W - 1), then a 3x3 convolution.
 */
MzTensor mz_upsample_run (const MzWeight *conv, MzExec *exec, const MzTensor *in, int height, int width);

G_END_DECLS
