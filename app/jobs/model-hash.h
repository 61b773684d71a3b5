/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The hash of a model's file, which pictures carry. Some gigabytes take seconds to hash, so this is done
 * beside the work, and remembered on disk for as long as the file is as it was. */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

typedef struct _MezzotintModelHash MezzotintModelHash;

/* Begins on a thread of its own; best before the model is loaded. `path`: as mz_model_load() takes it.
 * `cache_folder`: where the hash is remembered; NULL is the user's own. The caller owns the result. */
MezzotintModelHash *mezzotint_model_hash_new (const char *path, const char *cache_folder);
/* Stops, when it has not ended. */
void mezzotint_model_hash_free (MezzotintModelHash *hash);

/* Waits for the hash, 64 hexadecimal digits, owned by `hash`. NULL with MZ_ERROR_IO, or CANCELLED when
 * `cancel` is triggered before. */
const char *mezzotint_model_hash_wait (MezzotintModelHash *hash, MzCancel *cancel, GError **error);

/* Would a wait return at once? */
gboolean mezzotint_model_hash_has_ended (MezzotintModelHash *hash);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintModelHash, mezzotint_model_hash_free)

G_END_DECLS
