/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SHA-256 of large files, remembered in the user's cache folder for as long as a file is as it was. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What changes when the file does; free with g_free. NULL when it cannot be looked at. */
char *mezzotint_hash_cache_get_state (const char *path);

typedef struct _MezzotintHashCache MezzotintHashCache;

/* Reads what is remembered. `folder`: NULL is the user's own. The caller owns the result. */
MezzotintHashCache *mezzotint_hash_cache_open (const char *folder);
void mezzotint_hash_cache_free (MezzotintHashCache *cache);
/* 64 hexadecimal digits, free with g_free; NULL when not known of the file as it is now. */
char *mezzotint_hash_cache_find (MezzotintHashCache *cache, const char *path);
/* Remembers what was computed from a file that was in `state` when that began, unless it changed since.
 * Failure costs nothing but the time to hash once more. */
void mezzotint_hash_cache_add (const char *folder, const char *path, const char *state, const char *sha256);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintHashCache, mezzotint_hash_cache_free)

G_END_DECLS
