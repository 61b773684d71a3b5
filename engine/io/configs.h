/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The configs of a diffusers folder, one function a file. Keys, defaults and their meaning are those of
 * diffusers' UNet2DConditionModel, AutoencoderKL and schedulers, and transformers' CLIPTextConfig. A setting
 * that changes what is computed in a way that this engine does not know is MZ_ERROR_UNSUPPORTED, never passed
 * over. */
#pragma once

#include "core/config.h"
#include "core/error.h"

G_BEGIN_DECLS

/* Each reads the file at `path` and fills in all of *config. Errors name the file and the key. Fields that
 * only tensors tell (MzVaeConfig.has_encoder) are left FALSE. */
gboolean mz_read_unet_config (const char *path, MzUnetConfig *config, GError **error);
gboolean mz_read_vae_config (const char *path, MzVaeConfig *config, GError **error);
/* Configs of SD 1 and 2 carry wrong begin and end tokens (0 and 2) from an old transformers; those become the
 * last two of the vocabulary, and padding the end. A tokenizer, where there is one, knows better. */
gboolean mz_read_clip_config (const char *path, MzClipConfig *config, GError **error);
gboolean mz_read_scheduler_config (const char *path, MzSchedulerConfig *config, GError **error);

/* What SD 1.x was trained with: for single files, and folders without a scheduler. */
void mz_scheduler_config_init_sd1 (MzSchedulerConfig *config);

G_END_DECLS
