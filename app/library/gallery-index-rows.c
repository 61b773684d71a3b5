/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The index's rows: putting, finding, removing. */
#include <string.h>

#include "app/library/gallery-index-private.h"

static const char *const sql[MEZZOTINT_INDEX_N_STATEMENTS] = {
  [MEZZOTINT_INDEX_PUT]
  = "INSERT INTO picture (path, mtime, size, width, height, favourite, model, sampler, seed, problem, name)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (path) DO UPDATE SET mtime = ?2,"
    " size = ?3, width = ?4, height = ?5, favourite = ?6, model = ?7, sampler = ?8, seed = ?9, problem = ?10,"
    " name = ?11 RETURNING id",
  [MEZZOTINT_INDEX_PUT_TEXTS]
  = "INSERT INTO texts (id, prompt, negative, model, loras, parameters) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
  [MEZZOTINT_INDEX_REMOVE] = "DELETE FROM picture WHERE id = ?1",
  [MEZZOTINT_INDEX_REMOVE_TEXTS] = "DELETE FROM texts WHERE id = ?1",
  [MEZZOTINT_INDEX_FAVOURITE] = "UPDATE picture SET favourite = ?2 WHERE id = ?1",
  [MEZZOTINT_INDEX_FIND] = "SELECT id, mtime, size FROM picture WHERE path = ?1",
  [MEZZOTINT_INDEX_GET] = "SELECT path, mtime, size, width, height, favourite, picture.model, sampler, seed,"
                          " problem, prompt, negative, loras, parameters FROM picture LEFT JOIN texts"
                          " USING (id) WHERE picture.id = ?1",
};

sqlite3_stmt *
mezzotint_index_prepare (MezzotintIndex *self, MezzotintIndexStatement statement, GError **error)
{
  if (self->statements[statement] == NULL
      && sqlite3_prepare_v3 (self->db, sql[statement], -1, SQLITE_PREPARE_PERSISTENT,
                             &self->statements[statement], NULL)
             != SQLITE_OK)
    mezzotint_index_set_error (self, error);
  return self->statements[statement];
}

void
mezzotint_index_row_clear (MezzotintIndexRow *row)
{
  g_free (row->path);
  g_free (row->model);
  g_free (row->sampler);
  g_free (row->seed);
  g_free (row->prompt);
  g_free (row->negative);
  g_free (row->loras);
  g_free (row->parameters);
  g_free (row->problem);
  memset (row, 0, sizeof *row);
}

/* Binds a string without copying it, cut at a character's end where it is too long. */
static void
bind_text (sqlite3_stmt *statement, int column, const char *text)
{
  gsize n = text != NULL ? strlen (text) : 0;

  if (n > MEZZOTINT_INDEX_MAX_TEXT_BYTES)
    n = g_utf8_find_prev_char (text, text + MEZZOTINT_INDEX_MAX_TEXT_BYTES) - text;
  sqlite3_bind_text (statement, column, text, (int) n, SQLITE_STATIC);
}

/* Steps to the end; the statement is ready for its next use afterwards. */
static gboolean
finish (MezzotintIndex *self, sqlite3_stmt *statement, GError **error)
{
  int code;

  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    ;
  if (code != SQLITE_DONE)
    mezzotint_index_set_error (self, error);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return code == SQLITE_DONE;
}

/* A key by which names sort as people expect, numbers by value, the same in every locale: digits are preceded
 * by how many there are, letters are folded. */
static char *
name_key (const char *path)
{
  g_autofree char *valid = g_utf8_make_valid (path, -1);
  g_autofree char *folded = g_utf8_casefold (valid, -1);
  GString *key = g_string_new (NULL);

  for (const char *p = folded; *p != '\0';)
    {
      gsize n = strspn (p, "0123456789"), n_zeros = strspn (p, "0");

      if (n == 0)
        {
          g_string_append_c (key, *p++);
          continue;
        }
      n_zeros = MIN (n_zeros, n - 1);
      g_string_append_printf (key, "0%03u", (guint) MIN (n - n_zeros, 999));
      g_string_append_len (key, p + n_zeros, n - n_zeros);
      p += n;
    }
  return g_string_free (key, FALSE);
}

static gboolean
put_picture (MezzotintIndex *self, MezzotintIndexRow *row, GError **error)
{
  sqlite3_stmt *statement = mezzotint_index_prepare (self, MEZZOTINT_INDEX_PUT, error);
  g_autofree char *name = name_key (row->path);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_blob (statement, 1, row->path, (int) strlen (row->path), SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, row->mtime_ns);
  sqlite3_bind_int64 (statement, 3, row->size);
  sqlite3_bind_int (statement, 4, row->width);
  sqlite3_bind_int (statement, 5, row->height);
  sqlite3_bind_int (statement, 6, row->is_favourite);
  bind_text (statement, 7, row->model);
  bind_text (statement, 8, row->sampler);
  bind_text (statement, 9, row->seed);
  bind_text (statement, 10, row->problem);
  sqlite3_bind_text (statement, 11, name, -1, SQLITE_STATIC);
  if (sqlite3_step (statement) == SQLITE_ROW)
    row->id = sqlite3_column_int64 (statement, 0);
  return finish (self, statement, error);
}

static gboolean
put_texts (MezzotintIndex *self, const MezzotintIndexRow *row, GError **error)
{
  sqlite3_stmt *statement = mezzotint_index_prepare (self, MEZZOTINT_INDEX_PUT_TEXTS, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, row->id);
  bind_text (statement, 2, row->prompt);
  bind_text (statement, 3, row->negative);
  bind_text (statement, 4, row->model);
  bind_text (statement, 5, row->loras);
  bind_text (statement, 6, row->parameters);
  return finish (self, statement, error);
}

static gboolean
run_on_id (MezzotintIndex *self, MezzotintIndexStatement which, gint64 id, GError **error)
{
  sqlite3_stmt *statement = mezzotint_index_prepare (self, which, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, id);
  return finish (self, statement, error);
}

gboolean
mezzotint_index_put (MezzotintIndex *self, MezzotintIndexRow *row, GError **error)
{
  return put_picture (self, row, error) && run_on_id (self, MEZZOTINT_INDEX_REMOVE_TEXTS, row->id, error)
         && put_texts (self, row, error);
}

gboolean
mezzotint_index_remove (MezzotintIndex *self, gint64 id, GError **error)
{
  return run_on_id (self, MEZZOTINT_INDEX_REMOVE_TEXTS, id, error)
         && run_on_id (self, MEZZOTINT_INDEX_REMOVE, id, error);
}

gboolean
mezzotint_index_set_favourite (MezzotintIndex *self, gint64 id, gboolean is_favourite, GError **error)
{
  sqlite3_stmt *statement = mezzotint_index_prepare (self, MEZZOTINT_INDEX_FAVOURITE, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, id);
  sqlite3_bind_int (statement, 2, is_favourite);
  return finish (self, statement, error);
}

gint64
mezzotint_index_find (MezzotintIndex *self, const char *path, gint64 *mtime_ns, gint64 *size)
{
  sqlite3_stmt *statement = mezzotint_index_prepare (self, MEZZOTINT_INDEX_FIND, NULL);
  gint64 id = 0;

  if (statement == NULL)
    return 0;
  sqlite3_bind_blob (statement, 1, path, (int) strlen (path), SQLITE_STATIC);
  if (sqlite3_step (statement) == SQLITE_ROW)
    {
      id = sqlite3_column_int64 (statement, 0);
      *mtime_ns = sqlite3_column_int64 (statement, 1);
      *size = sqlite3_column_int64 (statement, 2);
    }
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return id;
}

static char *
get_text (sqlite3_stmt *statement, int column)
{
  return g_strdup ((const char *) sqlite3_column_text (statement, column));
}

gboolean
mezzotint_index_get (MezzotintIndex *self, gint64 id, MezzotintIndexRow *row)
{
  sqlite3_stmt *statement = mezzotint_index_prepare (self, MEZZOTINT_INDEX_GET, NULL);
  gboolean found;

  memset (row, 0, sizeof *row);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, id);
  found = sqlite3_step (statement) == SQLITE_ROW;
  if (found)
    {
      gconstpointer path = sqlite3_column_blob (statement, 0);

      row->id = id;
      row->path = g_strndup (path != NULL ? path : "", (gsize) sqlite3_column_bytes (statement, 0));
      row->mtime_ns = sqlite3_column_int64 (statement, 1);
      row->size = sqlite3_column_int64 (statement, 2);
      row->width = sqlite3_column_int (statement, 3);
      row->height = sqlite3_column_int (statement, 4);
      row->is_favourite = sqlite3_column_int (statement, 5) != 0;
      row->model = get_text (statement, 6);
      row->sampler = get_text (statement, 7);
      row->seed = get_text (statement, 8);
      row->problem = get_text (statement, 9);
      row->prompt = get_text (statement, 10);
      row->negative = get_text (statement, 11);
      row->loras = get_text (statement, 12);
      row->parameters = get_text (statement, 13);
    }
  sqlite3_reset (statement);
  return found;
}
