/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the index share. */
#pragma once

#include <sqlite3.h>

#include "app/library/gallery-index.h"

G_BEGIN_DECLS

/* Statements that are used for one row after another. */
typedef enum
{
  MEZZOTINT_INDEX_PUT,
  MEZZOTINT_INDEX_PUT_TEXTS,
  MEZZOTINT_INDEX_REMOVE,
  MEZZOTINT_INDEX_REMOVE_TEXTS,
  MEZZOTINT_INDEX_FAVOURITE,
  MEZZOTINT_INDEX_FIND,
  MEZZOTINT_INDEX_GET,
  MEZZOTINT_INDEX_N_STATEMENTS
} MezzotintIndexStatement;

struct _MezzotintIndex
{
  sqlite3 *db;
  char *uri;
  sqlite3_stmt *statements[MEZZOTINT_INDEX_N_STATEMENTS]; /* NULL until first used */
};

/* Runs SQL that has no results. */
gboolean mezzotint_index_run (MezzotintIndex *self, const char *sql, GError **error);
/* Sets `error` to what the connection says of its last call; returns FALSE. */
gboolean mezzotint_index_set_error (MezzotintIndex *self, GError **error);
/* The statement, ready to be bound; NULL with an error. Reset it after use. */
sqlite3_stmt *
mezzotint_index_prepare (MezzotintIndex *self, MezzotintIndexStatement statement, GError **error);

G_END_DECLS
