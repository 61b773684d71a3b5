/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A graphics card's failures in precision, made good. */
#pragma once

#include "pipeline/run.h"

G_BEGIN_DECLS

/* Opens nothing yet. The model must live as long. */
MzFallback *mz_fallback_new (MzModel *model);
void mz_fallback_free (MzFallback *fallback);

/* Has any picture in work an evaluation to be tried on the engine's device? */
gboolean mz_fallback_needs_halves (const MzRun *run);
/* After that, or without: is there anything for mz_fallback_evaluate()? */
gboolean mz_fallback_is_needed (const MzRun *run);
/* run->in to run->out, which holds what the engine's device made of it, with numbers that are not finite, or,
 * of pictures of which run->overflow says so, nothing. That is brought up to date. is_by_processor: out, did
 * the processor have part in it? */
gboolean mz_fallback_evaluate (MzFallback *fallback,
                               MzRun *run,
                               float timestep,
                               gboolean *is_by_processor,
                               GError **error);
/* As mz_vae_decode(), into rgb [3, height, width] of the picture; n: its numbers. */
gboolean mz_fallback_decode (MzFallback *fallback,
                             const float *latent,
                             int height,
                             int width,
                             float *rgb,
                             gsize n,
                             MzCancel *cancel,
                             GError **error);
/* Where that was last done since the last call. */
MzOverflow mz_fallback_take_decoder (MzFallback *fallback);

/* Gives back what it has of the card's memory. What is needed there again is read again. */
void mz_fallback_leave_card (MzFallback *fallback);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzFallback, mz_fallback_free)

G_END_DECLS
