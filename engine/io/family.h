/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Recognising models that are sound but not of this engine's kind, to say what they are. */
#pragma once

#include "core/error.h"
#include "io/safetensors.h"

G_BEGIN_DECLS

/* Is the file a whole Stable Diffusion checkpoint in the original naming, as far as names tell? If not, sets
 * MZ_ERROR_UNSUPPORTED (another kind of model) or MZ_ERROR_MISSING (only a part of one), saying which. */
gboolean mz_check_family_of_file (const MzSafetensors *file, GError **error);

/* As above, for the "_class_name" of a folder's model_index.json. `path` is for the message. */
gboolean mz_check_family_of_pipeline (const char *class_name, const char *path, GError **error);

/* As above, for the number of channels that a U-Net takes, where the latents have `latent_channels`. */
gboolean mz_check_unet_input (int in_channels, int latent_channels, const char *path, GError **error);

G_END_DECLS
