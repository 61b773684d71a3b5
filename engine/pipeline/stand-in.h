/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A model's networks on another device than the engine's. */
#pragma once

#include "pipeline/run.h"

G_BEGIN_DECLS

typedef struct _MzStandIn MzStandIn;

/* Networks are read when they are asked for. Both are borrowed. */
MzStandIn *mz_stand_in_new (MzModel *model, MzDevice *device);
void mz_stand_in_free (MzStandIn *self);
gboolean mz_stand_in_has_unet (const MzStandIn *self);
gboolean mz_stand_in_has_vae (const MzStandIn *self);

/* run->in to run->out, as the network on the engine's device would have it, where that is not finite.
 * n_at_once: samples of one picture that run as one. */
gboolean mz_stand_in_evaluate (MzStandIn *self, MzRun *run, int n_at_once, float timestep, GError **error);
/* As mz_vae_decode(). */
gboolean mz_stand_in_decode (MzStandIn *self,
                             const float *latent,
                             int height,
                             int width,
                             float *rgb,
                             MzCancel *cancel,
                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzStandIn, mz_stand_in_free)

G_END_DECLS
