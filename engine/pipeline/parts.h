/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The three networks of a model: which of them are in memory, and what they take there. */
#pragma once

#include "pipeline/private.h"

G_BEGIN_DECLS

/* Sets of them. */
typedef enum
{
  MZ_PART_TEXT = 1 << 0,
  MZ_PART_VAE = 1 << 1,
  MZ_PART_UNET = 1 << 2,
  MZ_PART_LAYERS
  = 1 << 3, /* the U-Net, its layers one after the other: in its place, where it does not fit */
  MZ_PARTS_ALL = MZ_PART_TEXT | MZ_PART_VAE | MZ_PART_UNET,
} MzParts;

/* The program without model, pictures and its ops' scratch: code, libraries, tokenizer. Measured 18 to 26 MB.
 */
#define MZ_PROGRAM_BYTES ((guint64) 32 << 20)
/* The same with its ops' scratch. */
guint64 mz_model_program_bytes (const MzModel *model);

/* Has every part in memory once, so that a damaged one is known at once; under the engine's limit one after
 * another. `progress` is told the fraction. */
gboolean
mz_model_load_parts (MzModel *model, MzCancel *cancel, MzLoadFunc progress, gpointer user, GError **error);
void mz_model_free_parts (MzModel *model);
/* Lets go of those of a set that are in memory. */
void mz_model_release_parts (MzModel *model, MzParts parts);

/* The parts that may be in memory while `needed` work and `other_bytes` of other memory are taken (program
 * included): all of them, or without those that do not fit under the limit (0: none). The U-Net is among them
 * in the form that is needed, else as a whole. */
MzParts mz_model_choose_parts (const MzModel *model, MzParts needed, guint64 other_bytes, guint64 limit);
/* The form of the U-Net that there is room for beside so much other memory. */
MzParts mz_model_choose_unet (const MzModel *model, guint64 other_bytes);
/* What a set takes. */
guint64 mz_model_parts_bytes (const MzModel *model, MzParts parts);
/* Memory besides weights that reading parts into memory takes for a moment: pages of one tensor. */
guint64 mz_model_reading_bytes (const MzModel *model);
/* Are all of a set in memory? */
gboolean mz_model_has_parts (const MzModel *model, MzParts parts);
/* Has the card no room for `needed` and `other_bytes` beside what a fallback has there? */
gboolean mz_model_is_crowded (const MzModel *model, MzParts needed, guint64 other_bytes);
/* Lets go of what does not fit, a fallback's networks on the card among it, and reads what is missing of
 * `needed`. MZ_ERROR_MEMORY when it cannot fit. */
gboolean
mz_model_hold (MzModel *model, MzParts needed, guint64 other_bytes, MzCancel *cancel, GError **error);

G_END_DECLS
