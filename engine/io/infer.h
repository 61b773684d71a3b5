/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The architecture of a model, read off the canonical names and the shapes of its tensors.
 *
 * Numbers that leave no trace in tensors are assumed as model-file.h documents. Tensors may be missing here
 * and there: any tensor of a layer shows that the layer is there, and models/ names what it misses later. */
#pragma once

#include "core/config.h"
#include "core/weights.h"

G_BEGIN_DECLS

/* Each fills in all of *config. Errors: MZ_ERROR_MISSING (a part without which nothing can be told),
 * MZ_ERROR_UNSUPPORTED (not an architecture of the family), MZ_ERROR_FORMAT (halves that do not fit
 * together). */
gboolean mz_infer_unet (MzWeights *weights, MzUnetConfig *config, GError **error);
gboolean mz_infer_vae (MzWeights *weights, MzVaeConfig *config, GError **error);
/* `is_open_clip`: the file had OpenCLIP's names (SD 2): GELU, and 0 as padding. */
gboolean mz_infer_clip (MzWeights *weights, gboolean is_open_clip, MzClipConfig *config, GError **error);

/* Epsilon or v? The standard deviation of one bias of the last spatial transformer is above 0.09 in the
 * published SD 2 models of v prediction and below it in the others (the rule is ComfyUI's,
 * supported_models.py). Returns FALSE when that tensor is not there, and leaves *type alone. */
gboolean mz_infer_prediction (MzWeights *weights, const MzUnetConfig *config, MzPredictionType *type);

G_END_DECLS
