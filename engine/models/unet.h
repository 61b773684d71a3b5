/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The denoising network: UNet2DConditionModel of any size (Rombach et al. 2022, arXiv:2112.10752). */
#pragma once

#include "core/config.h"
#include "models/loader.h"

G_BEGIN_DECLS

typedef struct _MzUnet MzUnet;
typedef struct _MzUnetText MzUnetText;

/* Takes "unet." tensors. Never NULL; failures are in loader->error and loader->weights' problems. */
MzUnet *mz_unet_new (const MzUnetConfig *config, MzLoader *loader);
void mz_unet_free (MzUnet *unet);
/* What its weights take on the device, bytes. */
gsize mz_unet_get_bytes (const MzUnet *unet);

/* Keys and values of the text for every cross attention: computed once a picture, kept in the exec's memory
 * until mz_unet_text_free(). context [N, 1, T, cross_attention_dim]. */
MzUnetText *mz_unet_text_new (MzUnet *unet, MzExec *exec, const MzTensor *context);
void mz_unet_text_free (MzUnetText *text);
/* Samples first..first+n of a text, which must live as long; freed likewise. */
MzUnetText *mz_unet_text_slice (const MzUnetText *text, int first, int n);

/* One evaluation of N samples at one timestep (fractions are legal). The text's samples are as many, or fewer
 * that N is a multiple of: then N / theirs samples in a row look at each.
 * latent: host [N, in_channels, H, W], scaled to unit variance; output: host [N, out_channels, H, W]; they
 * may be the same. H, W >= 1: odd sizes are halved upwards, as diffusers does. Nothing is read or written
 * while planning. */
void mz_unet_run (MzUnet *unet,
                  MzExec *exec,
                  MzUnetText *text,
                  const float *latent,
                  int n,
                  int height,
                  int width,
                  float timestep,
                  float *output);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzUnet, mz_unet_free)

G_END_DECLS
