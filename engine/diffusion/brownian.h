/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One Brownian path per picture, over sigma: the noise of the stochastic DPM-Solvers in A1111 and ComfyUI.
 *
 * The path is that of torchsde 0.2's BrownianTree as k-diffusion builds it (tolerance 1e-6): it depends on
 * seed, ends and generator, but not on where it is asked for, so that the same picture with more steps
 * follows the same noise (Kidger et al. 2021, arXiv:2105.13493). An increment costs some 25 draws, of which
 * consecutive steps share half. */
#pragma once

#include "diffusion/rng.h"

G_BEGIN_DECLS

/* Not thread safe; any number of them may be asked at once. */
typedef struct _MzBrownian MzBrownian;

/* kind: what each node of the tree is drawn with, NULL = PyTorch's CPU generator. seed: the picture's. n:
 * values, > 0. from < to: the ends, the lowest sigma above 0 and the highest. gpu_threads: see
 * mz_rng_set_gpu_threads. Returns a path owned by the caller, or NULL with MZ_ERROR_MEMORY. */
MzBrownian *mz_brownian_new (const MzRngKind *kind,
                             guint64 seed,
                             guint gpu_threads,
                             gsize n,
                             double from,
                             double to,
                             GError **error);
void mz_brownian_free (MzBrownian *path);

/* The increment from sigma `from` to `to` (either may be the larger), over its deviation sqrt |to - from|,
 * into dst [n]; 0 where both round to the same 1e-6. Sigmas beyond the ends are taken as the ends. Of memory
 * it takes up to some 75 vectors of n and keeps them; with less it is slower. */
void mz_brownian_fill (MzBrownian *path, double from, double to, float *dst);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzBrownian, mz_brownian_free)

G_END_DECLS
