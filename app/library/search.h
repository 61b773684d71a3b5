/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Finding pictures by words for the desktop's search, out of the gallery's index, without a gallery.
 *
 * A picture's id is its URI: it stays the same when the index is made anew. Whoever searches may send any
 * text as an id; only what the index knows is answered for. Any thread, one at a time. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The desktop shows about five of them. */
#define MEZZOTINT_SEARCH_MAX_RESULTS 50

typedef struct _MezzotintSearch MezzotintSearch;

/* What the desktop shows of a picture. Strings are owned. */
typedef struct
{
  char *id;
  char *title;     /* its prompt, one line */
  char *details;   /* model, sampler, day */
  char *thumbnail; /* path of a picture to show; NULL: there is none */
} MezzotintSearchResult;

/* `folder`: of the pictures; `index_folder`: of its index, NULL for the user's. Opens nothing yet. */
MezzotintSearch *mezzotint_search_new (const char *folder, const char *index_folder);
void mezzotint_search_free (MezzotintSearch *self);

/* Ids of the newest pictures that have all the words, at most MEZZOTINT_SEARCH_MAX_RESULTS; none when there
 * is no index or nothing to search for. Free with g_strfreev. */
GStrv mezzotint_search_find (MezzotintSearch *self, const char *const *words);
/* NULL when there is no such picture (any more). Makes the thumbnail where it is missing. Free with
 * mezzotint_search_result_free(). */
MezzotintSearchResult *mezzotint_search_describe (MezzotintSearch *self, const char *id);
void mezzotint_search_result_free (MezzotintSearchResult *result);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintSearch, mezzotint_search_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintSearchResult, mezzotint_search_result_free)

G_END_DECLS
