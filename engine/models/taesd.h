/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A small decoder for previews: that of TAESD, which diffusers has as AutoencoderTiny. Convolutions of 64
 * channels and nothing else, so that a picture costs a hundredth of what the autoencoder takes. */
#pragma once

#include "models/loader.h"

G_BEGIN_DECLS

#define MZ_TAESD_FACTOR 8

typedef struct _MzTaesd MzTaesd;

/* Takes "taesd." tensors, named as the original file does ("taesd.3.conv.0.weight"). Never NULL; failures are
 * in loader->error and loader->weights' problems. */
MzTaesd *mz_taesd_new (MzLoader *loader, int latent_channels);
void mz_taesd_free (MzTaesd *taesd);
/* What its weights take on the device, bytes. */
gsize mz_taesd_get_bytes (const MzTaesd *taesd);

/* latent: host [latent_channels, h, w] as the U-Net sees it; rgb: host [3, 8 h, 8 w], about -1..1, not
 * clamped. Nothing is touched while planning. Needs less memory than mz_vae_decode() of the same picture. */
void mz_taesd_decode (MzTaesd *taesd, MzExec *exec, const float *latent, int height, int width, float *rgb);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzTaesd, mz_taesd_free)

G_END_DECLS
