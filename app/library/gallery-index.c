/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The index's database: opening, making, versions. */
#include "app/library/gallery-index.h"

#include <glib/gi18n.h>

#include "app/library/gallery-index-private.h"

/* "Mztg": marks the file as ours. Any change of the tables takes the next version. */
#define APPLICATION_ID 0x4d7a7467
#define VERSION 1
#define BUSY_MS 5000
/* A reader's thread is the one that draws. */
#define READER_BUSY_MS 50

/* Narrow rows for filters and order, and wide ones for texts, so that a list never reads the texts. */
static const char schema[]
    = "CREATE TABLE picture ("
      "  id INTEGER PRIMARY KEY AUTOINCREMENT, path BLOB NOT NULL UNIQUE, mtime INTEGER NOT NULL,"
      "  size INTEGER NOT NULL, width INTEGER, height INTEGER, favourite INTEGER NOT NULL DEFAULT 0,"
      "  model TEXT, sampler TEXT, seed TEXT, problem TEXT, name TEXT);"
      "CREATE INDEX by_time ON picture (mtime);"
      "CREATE INDEX by_name ON picture (name);"
      "CREATE INDEX by_model ON picture (model, mtime);"
      "CREATE INDEX by_sampler ON picture (sampler, mtime);"
      "CREATE INDEX by_favourite ON picture (mtime) WHERE favourite;"
      "CREATE TABLE texts (id INTEGER PRIMARY KEY, prompt TEXT, negative TEXT, model TEXT, loras TEXT,"
      "  parameters TEXT);"
      "CREATE VIRTUAL TABLE words USING fts5 (prompt, negative, model, loras, content = 'texts',"
      "  content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');"
      "CREATE TRIGGER texts_in AFTER INSERT ON texts BEGIN"
      "  INSERT INTO words (rowid, prompt, negative, model, loras)"
      "    VALUES (new.id, new.prompt, new.negative, new.model, new.loras);"
      "END;"
      "CREATE TRIGGER texts_out AFTER DELETE ON texts BEGIN"
      "  INSERT INTO words (words, rowid, prompt, negative, model, loras)"
      "    VALUES ('delete', old.id, old.prompt, old.negative, old.model, old.loras);"
      "END;";

gboolean
mezzotint_index_set_error (MezzotintIndex *self, GError **error)
{
  int code = sqlite3_errcode (self->db) & 0xff;
  GIOErrorEnum io_code = G_IO_ERROR_FAILED;

  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_SCHEMA || code == SQLITE_ERROR)
    io_code = G_IO_ERROR_INVALID_DATA;
  else if (code == SQLITE_FULL)
    io_code = G_IO_ERROR_NO_SPACE;
  g_set_error (error, G_IO_ERROR, io_code, _ ("The gallery’s index cannot be used: %s."),
               sqlite3_errmsg (self->db));
  return FALSE;
}

gboolean
mezzotint_index_run (MezzotintIndex *self, const char *sql, GError **error)
{
  return sqlite3_exec (self->db, sql, NULL, NULL, NULL) == SQLITE_OK
         || mezzotint_index_set_error (self, error);
}

/* The one number that a statement gives; -1 on errors. */
static gint64
get_number (MezzotintIndex *self, const char *sql)
{
  sqlite3_stmt *statement = NULL;
  gint64 number = -1;

  if (sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL) == SQLITE_OK
      && sqlite3_step (statement) == SQLITE_ROW)
    number = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return number;
}

gint64
mezzotint_index_count (MezzotintIndex *self)
{
  return get_number (self, "SELECT count(*) FROM picture");
}

static MezzotintIndex *
open_uri (const char *uri, int flags, GError **error)
{
  MezzotintIndex *self = g_new0 (MezzotintIndex, 1);

  self->uri = g_strdup (uri);
  if (sqlite3_open_v2 (uri, &self->db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
    {
      sqlite3_busy_timeout (self->db, BUSY_MS);
      return self;
    }
  mezzotint_index_set_error (self, error);
  mezzotint_index_close (self);
  return NULL;
}

static gboolean
make_tables (MezzotintIndex *self, GError **error)
{
  g_autofree char *marks
      = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION_ID, VERSION);

  if (!mezzotint_index_run (self, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (get_number (self, "PRAGMA user_version") == VERSION) /* another instance was quicker */
    return mezzotint_index_run (self, "COMMIT", error);
  return mezzotint_index_run (self, schema, error) && mezzotint_index_run (self, marks, error)
         && mezzotint_index_run (self, "COMMIT", error);
}

/* Is it an index of this version, or empty and made one now? */
static gboolean
set_up (MezzotintIndex *self, GError **error)
{
  gint64 id, version;

  if (sqlite3_db_readonly (self->db, "main") != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY,
                           _ ("The gallery’s index cannot be written."));
      return FALSE;
    }
  /* What is lost in a power failure is read again from the files. */
  if (!mezzotint_index_run (
          self,
          "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
          "PRAGMA cache_size = -8000; PRAGMA journal_size_limit = 16777216;",
          error))
    return FALSE;
  if ((id = get_number (self, "PRAGMA application_id")) < 0
      || (version = get_number (self, "PRAGMA user_version")) < 0)
    return mezzotint_index_set_error (self, error);
  if (id == APPLICATION_ID && version == VERSION)
    return mezzotint_index_count (self) >= 0 || mezzotint_index_set_error (self, error);
  if (id == 0 && version == 0 && get_number (self, "SELECT count(*) FROM sqlite_schema") == 0)
    return make_tables (self, error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       _ ("The gallery’s index is of another version."));
  return FALSE;
}

static MezzotintIndex *
open_for_writing (const char *uri, GError **error)
{
  g_autoptr (MezzotintIndex) self = open_uri (uri, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);

  return self != NULL && set_up (self, error) ? g_steal_pointer (&self) : NULL;
}

/* "file:" with everything that is special to SQLite escaped. */
static char *
uri_of_path (const char *path)
{
  g_autofree char *escaped = g_uri_escape_bytes ((const guint8 *) path, strlen (path), "/");

  return g_strconcat ("file:", escaped, NULL);
}

MezzotintIndex *
mezzotint_index_open (const char *path, GError **error)
{
  g_autofree char *uri = uri_of_path (path);

  return open_for_writing (uri, error);
}

MezzotintIndex *
mezzotint_index_open_memory (GError **error)
{
  static gint n_opened;
  g_autofree char *uri
      = g_strdup_printf ("file:/mezzotint-gallery-%d?vfs=memdb", g_atomic_int_add (&n_opened, 1));

  return open_for_writing (uri, error);
}

MezzotintIndex *
mezzotint_index_open_reader (const char *uri, GError **error)
{
  g_autoptr (MezzotintIndex) self = open_uri (uri, SQLITE_OPEN_READWRITE, error);

  if (self == NULL || !mezzotint_index_run (self, "PRAGMA query_only = 1; PRAGMA cache_size = -2000;", error))
    return NULL;
  sqlite3_busy_timeout (self->db, READER_BUSY_MS);
  return g_steal_pointer (&self);
}

MezzotintIndex *
mezzotint_index_open_file_reader (const char *path, GError **error)
{
  g_autofree char *uri = uri_of_path (path);
  g_autoptr (MezzotintIndex) self = mezzotint_index_open_reader (uri, error);

  if (self == NULL)
    return NULL;
  if (get_number (self, "PRAGMA application_id") != APPLICATION_ID
      || get_number (self, "PRAGMA user_version") != VERSION)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _ ("The gallery’s index is of another version."));
      return NULL;
    }
  return g_steal_pointer (&self);
}

gboolean
mezzotint_index_is_busy (MezzotintIndex *self)
{
  int code = sqlite3_errcode (self->db) & 0xff;

  return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

const char *
mezzotint_index_get_uri (MezzotintIndex *self)
{
  return self->uri;
}

void
mezzotint_index_close (MezzotintIndex *self)
{
  for (int i = 0; i < MEZZOTINT_INDEX_N_STATEMENTS; i++)
    sqlite3_finalize (self->statements[i]);
  sqlite3_close (self->db);
  g_free (self->uri);
  g_free (self);
}

gboolean
mezzotint_index_begin (MezzotintIndex *self, GError **error)
{
  return !sqlite3_get_autocommit (self->db) || mezzotint_index_run (self, "BEGIN IMMEDIATE", error);
}

gboolean
mezzotint_index_commit (MezzotintIndex *self, GError **error)
{
  return sqlite3_get_autocommit (self->db) || mezzotint_index_run (self, "COMMIT", error);
}
