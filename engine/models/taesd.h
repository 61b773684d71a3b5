/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A small decoder for previews: that of TAESD, which diffusers has as AutoencoderTiny. Convolutions of few
 * channels (64 in TAESD) and nothing else, so that a picture costs a hundredth of what the autoencoder takes.
 */
#pragma once

#include "models/loader.h"

G_BEGIN_DECLS

typedef struct _MzTaesd MzTaesd;

/* Can there be one for a latent position of so many pixels: 1, 2, 4 … 32? */
gboolean mz_taesd_has_factor (int factor);
/* Takes "taesd." tensors, named as the original file does ("taesd.3.conv.0.weight"); their first says how
 * wide it is, factor how often it enlarges. Never NULL; failures are in loader->error and loader->weights'
 * problems. */
MzTaesd *mz_taesd_new (MzLoader *loader, int latent_channels, int factor);
void mz_taesd_free (MzTaesd *taesd);
/* What its weights take on the device, bytes. */
gsize mz_taesd_get_bytes (const MzTaesd *taesd);

/* latent: host [latent_channels, h, w] as the U-Net sees it; rgb: host [3, factor h, factor w], about -1..1,
 * not clamped. Nothing is touched while planning. Needs less memory than mz_vae_decode() of the same picture.
 */
void mz_taesd_decode (MzTaesd *taesd, MzExec *exec, const float *latent, int height, int width, float *rgb);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzTaesd, mz_taesd_free)

G_END_DECLS
