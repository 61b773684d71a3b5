/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* CLIP's text encoder (Radford et al. 2021, arXiv:2103.00020), as transformers' CLIPTextModel computes it. */
#pragma once

#include "core/config.h"
#include "models/loader.h"

G_BEGIN_DECLS

typedef struct _MzClip MzClip;

/* Takes "text_encoder." tensors. Never NULL; failures are in loader->error and loader->weights' problems. */
MzClip *mz_clip_new (const MzClipConfig *config, MzLoader *loader);
void mz_clip_free (MzClip *clip);
/* What its weights take on the device, bytes. */
gsize mz_clip_get_bytes (const MzClip *clip);
/* Channels of what it gives. */
int mz_clip_get_width (const MzClip *clip);

/* ids: host memory [n, n_tokens], n_tokens <= max_position_embeddings. context: [n, 1, n_tokens,
 * hidden_size], taken by the caller. clip_skip: 1 = after the last layer, 2 = after the one before, ...;
 * num_hidden_layers + 1 = the embedding. The final layer norm is applied in every case, as SD 1.x programs
 * do. */
void mz_clip_encode (MzClip *clip, MzExec *exec, const gint32 *ids, int clip_skip, const MzTensor *context);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzClip, mz_clip_free)

G_END_DECLS
