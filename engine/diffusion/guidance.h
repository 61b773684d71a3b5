/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598), and two ways of taking its excess back,
 * both off unless called. */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/* dst [n] = uncond + scale (cond - uncond). dst may be cond or uncond. scale 1 gives cond: callers then need
 * not evaluate uncond at all. */
void mz_guidance_combine (const float *cond, const float *uncond, float scale, float *dst, gsize n);

/* Several prompts at once (Liu et al. 2022, arXiv:2206.01714): cond [n], the first of n_terms outputs that
 * follow each other, becomes uncond + the sum of weights[i] (cond_i - uncond), to be guided as one prompt's.
 */
void mz_guidance_compose (const float *weights, int n_terms, const float *uncond, float *cond, gsize n);

/* Brings the deviation of one picture's guided output back towards that of its conditional one (Lin et al.
 * 2023, arXiv:2305.08891, eq. 15 and 16), as diffusers' rescale_noise_cfg: guided [n] = share (guided std
 * (cond) / std (guided)) + (1 - share) guided, in place. cond: [n]. share: 0 leaves all as it is, 1 rescales
 * wholly; the paper takes 0.7. n: one picture's elements, at least 2. */
void mz_guidance_rescale (const float *cond, double share, float *guided, gsize n);

/* Dynamic thresholding (Saharia et al. 2022, arXiv:2205.11487, section 2.3), as diffusers' thresholding:
 * limits one picture's x0 [n] in place to +-s and divides it by s, s being the quantile `ratio` (0..1; the
 * paper's 0.995) of |x0|, not below 1 and not above `most` (>= 1; 1 is plain clipping). Meant for models of
 * pixels in -1..1; latents go beyond 1 of themselves. */
void mz_guidance_threshold (double ratio, double most, float *x0, gsize n);

G_END_DECLS
