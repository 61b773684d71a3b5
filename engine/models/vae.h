/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The autoencoder between pixels and latents: AutoencoderKL of any size (Rombach et al. 2022,
 * arXiv:2112.10752). */
#pragma once

#include "core/config.h"
#include "models/loader.h"

G_BEGIN_DECLS

typedef struct _MzVae MzVae;

/* Takes "vae." tensors; those of the encoder only if the config has one. Never NULL; failures are in
 * loader->error and loader->weights' problems. */
MzVae *mz_vae_new (const MzVaeConfig *config, MzLoader *loader);
void mz_vae_free (MzVae *vae);
/* What its weights take on the device, bytes. */
gsize mz_vae_get_bytes (const MzVae *vae);

/* Both ways run in horizontal bands of about so many bytes, and give the same bits for any number. Small
 * bands need less memory, large ones give each thread more work at once. */
#define MZ_VAE_BAND_BYTES ((gsize) 16 << 20)
void mz_vae_set_band_bytes (MzVae *vae, gsize band_bytes);
/* For mz_vae_set_band_bytes(): decode without bands, each layer in one op. For devices that would wait
 * between bands; where sums are not exact, a value of the picture may differ by one from that of bands. */
#define MZ_VAE_WHOLE G_MAXSIZE

/* Pixels a latent cell stands for, each way: 2^(n_levels - 1). */
int mz_vae_factor (const MzVaeConfig *config);

/* latent: host [latent_channels, h, w] as the U-Net sees it (scaling and shift are undone here);
 * rgb: host [out_channels, h * factor, w * factor], about -1..1, not clamped. Nothing is touched while
 * planning. */
void mz_vae_decode (MzVae *vae, MzExec *exec, const float *latent, int height, int width, float *rgb);

/* rgb: host [in_channels, height, width], -1..1, multiples of the factor; mean, logvar: host
 * [latent_channels, h, w] of the posterior, unscaled; logvar is clamped to -30..20. */
void
mz_vae_encode (MzVae *vae, MzExec *exec, const float *rgb, int height, int width, float *mean, float *logvar);

/* latent = scaling_factor * (mean + exp (logvar / 2) * noise - shift_factor); noise NULL gives the mode.
 * n values each; latent may be any of the inputs. */
void mz_vae_sample (const MzVaeConfig *config,
                    const float *mean,
                    const float *logvar,
                    const float *noise,
                    float *latent,
                    gsize n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzVae, mz_vae_free)

G_END_DECLS
