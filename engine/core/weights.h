/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A model's tensors under canonical names, between io/ (which fills the table) and models/ (which take from
 * it).
 *
 * Canonical names are those of diffusers and transformers with the component in front:
 *   "unet.down_blocks.0.resnets.0.conv1.weight", "vae.decoder.conv_in.bias",
 *   "text_encoder.text_model.embeddings.token_embedding.weight".
 * The VAE's middle attention is always `to_q`, `to_k`, `to_v`, `to_out.0`, `group_norm`.
 *
 * Taking marks a tensor as used and notes problems instead of failing at the first, so that one error can
 * name all. */
#pragma once

#include "core/error.h"
#include "core/tensor.h"

G_BEGIN_DECLS

typedef struct _MzWeights MzWeights;

/* A table with one reference. `origin` is the path the user gave, for messages. */
MzWeights *mz_weights_new (const char *origin);
MzWeights *mz_weights_ref (MzWeights *weights);
/* Dropping the last reference calls every owner's destroy function (which unmaps the files). */
void mz_weights_unref (MzWeights *weights);

/* Keeps `owner` alive as long as the table; `destroy` is called on it at the end. */
void mz_weights_add_owner (MzWeights *weights, gpointer owner, GDestroyNotify destroy);
/* Adds a view under a canonical name (both copied). Returns FALSE when the name is already there. */
gboolean mz_weights_add (MzWeights *weights, const char *name, const MzView *view);
/* Looks without marking; NULL when missing. The view belongs to the table. */
const MzView *mz_weights_lookup (MzWeights *weights, const char *name);
/* Is there any tensor whose name begins with `prefix`? */
gboolean mz_weights_has_prefix (MzWeights *weights, const char *prefix);

/* Takes a tensor that must have the given shape: `n_dims` and the dimensions. Accepts [C, C, 1, 1] for [C, C]
 * and the other way round (1x1 convolutions and linear layers hold the same numbers). Returns NULL, and notes
 * the problem by name, when it is missing or of another shape. The returned view belongs to the table. */
const MzView *mz_weights_take (MzWeights *weights, const char *name, int n_dims, const gint64 *shape);

/* Sets one MZ_ERROR_MISSING (or FORMAT, when only shapes are wrong) that names the first few problems and
 * counts the rest. Returns TRUE when there is no problem. */
gboolean mz_weights_check (MzWeights *weights, GError **error);
/* Names that nobody took, sorted; free with g_strfreev. */
char **mz_weights_unused (MzWeights *weights);
/* All names, sorted; free the container with g_free. */
const char **mz_weights_names (MzWeights *weights, guint *n_names);
/* The problems noted so far, one sentence each, owned by the table. */
const char *const *mz_weights_problems (MzWeights *weights, guint *n_problems);

/* Says that all views lie in read-only mappings of files, which mz_weights_drop() may then let go of. */
void mz_weights_set_mapped (MzWeights *weights);
/* The view's numbers were copied elsewhere: its whole pages leave this process's memory (not the system's
 * cache). They come back by themselves when read again. Does nothing unless the views are mapped. */
void mz_weights_drop (MzWeights *weights, const MzView *view);

const char *mz_weights_origin (MzWeights *weights);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzWeights, mz_weights_unref)

G_END_DECLS
