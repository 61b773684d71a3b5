/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tokens that stand in the text by name, BOS and EOS first of all, and are found before it is cut into words.
 */
#pragma once

#include "core/error.h"
#include "text/chars.h"

G_BEGIN_DECLS

/* No known tokenizer has more than some dozens. */
#define MZ_ADDED_MAX_TOKENS 1024

typedef struct _MzAdded MzAdded;

/* Returns an empty list, the caller's. */
MzAdded *mz_added_new (void);
void mz_added_free (MzAdded *added);

/* Adds a token, or changes the one of the same name. `name` is one character or more of UTF-8. If
 * `normalized` the token is searched in the text after clean-up (and its name is cleaned as well, so capitals
 * do not matter), else before, and then first. MZ_ERROR_FORMAT when there are too many; the message lacks the
 * place. */
gboolean mz_added_set (MzAdded *added, const char *name, guint32 id, gboolean normalized, GError **error);

/* After the last token, and before the first search. */
void mz_added_seal (MzAdded *added);

/* Finds the leftmost token of one kind at or behind `from`, the longest of those that begin there, in a text
 * of `n` characters. Returns FALSE if there is none. */
gboolean mz_added_find (const MzAdded *added,
                        gboolean normalized,
                        const MzChar *chars,
                        guint n,
                        guint from,
                        guint *first,
                        guint *length,
                        guint32 *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzAdded, mz_added_free)

G_END_DECLS
