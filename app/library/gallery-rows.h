/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows of the index, read on a thread of its own: the one that draws never waits for the disk. */
#pragma once

#include "app/library/gallery-index.h"

G_BEGIN_DECLS

typedef struct _MezzotintRows MezzotintRows;

/* `rows`: [n_rows], may be taken over by clearing them; one without a path is no longer there. On the
 * thread-default context of whoever made the reader, never after mezzotint_rows_free(). */
typedef void (*MezzotintRowsFunc) (gpointer user, MezzotintIndexRow *rows, guint n_rows);

/* Another connection to the index at `uri`; NULL with an error. */
MezzotintRows *mezzotint_rows_new (const char *uri, MezzotintRowsFunc func, gpointer user, GError **error);
/* Asks for rows, the first first. What was asked for before and is not begun is forgotten. `ids`: of gint64.
 */
void mezzotint_rows_ask (MezzotintRows *self, const GArray *ids);
/* Answers under way, and what was asked for, are dropped: the index has changed. */
void mezzotint_rows_drop (MezzotintRows *self);
/* Answers under way are dropped. Waits for the row in hand. */
void mezzotint_rows_free (MezzotintRows *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintRows, mezzotint_rows_free)

G_END_DECLS
