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
/* The same where there is no room for all of it: its layers are read when their turn comes, at each
 * evaluation, and let go of after it. layer_bytes: what those that are there at one time take, as
 * mz_unet_get_layer_bytes() told it before; 0: unknown, and each is read once. loader->weights must stay
 * readable. */
MzUnet *mz_unet_new_by_layers (const MzUnetConfig *config, MzLoader *loader, gsize layer_bytes);
void mz_unet_free (MzUnet *unet);
/* What its weights take on the device at one time, bytes; and the part of it that comes and goes. */
gsize mz_unet_get_bytes (const MzUnet *unet);
gsize mz_unet_get_layer_bytes (const MzUnet *unet);
/* Of a U-Net that is whole, or an outline: what one read by layers takes at one time, with one layer of them,
 * or two where one computes while the next is read: on the device, and in the file. */
gsize mz_unet_get_least_bytes (const MzUnet *unet, gboolean two_layers);
gsize mz_unet_get_least_file_bytes (const MzUnet *unet, gboolean two_layers);
/* Do its layers come and go? Then an evaluation cannot be recorded. */
gboolean mz_unet_is_by_layers (const MzUnet *unet);

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
