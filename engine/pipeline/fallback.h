/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A graphics card's failures in precision, made good on the processor. */
#pragma once

#include "pipeline/run.h"

G_BEGIN_DECLS

/* Opens the processor; networks are read when they are asked for. The model must live as long. */
MzFallback *mz_fallback_new (MzModel *model, GError **error);
void mz_fallback_free (MzFallback *fallback);

/* run->in to run->out, as the network on the card would have it. */
gboolean mz_fallback_evaluate (MzFallback *fallback, MzRun *run, float timestep, GError **error);
/* As mz_vae_decode(). */
gboolean mz_fallback_decode (MzFallback *fallback,
                             const float *latent,
                             int height,
                             int width,
                             float *rgb,
                             MzCancel *cancel,
                             GError **error);

/* Was that ever done? */
gboolean mz_fallback_has_decoded (const MzFallback *fallback);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzFallback, mz_fallback_free)

G_END_DECLS
