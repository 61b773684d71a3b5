/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The file of a small decoder for previews (TAESD) that lies beside a model. */
#pragma once

#include "core/cancel.h"
#include "core/weights.h"

G_BEGIN_DECLS

/* Looks for it beside a model's file, or in a model's folder, where people and programs put it:
 * taesd_decoder.safetensors there, in taesd/, or in ../vae_approx/; taesd/diffusion_pytorch_model.safetensors
 * (AutoencoderTiny). With own_only, for a model whose latents are its own, only inside its folder. Returns
 * its tensors as "taesd.<number>…", or NULL when there is none that can be read: a preview is no reason to
 * refuse a model. */
MzWeights *mz_taesd_file_find (const char *model_path, gboolean own_only, MzCancel *cancel);

G_END_DECLS
