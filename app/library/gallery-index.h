/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The index of a folder of pictures: an SQLite database that anybody may delete, since the files say it all.
 *
 * A connection belongs to one thread; any number may be open on the same index. Errors: G_IO_ERROR, with
 * INVALID_DATA when the database is damaged and must be made anew. */
#pragma once

#include <gio/gio.h>

#include "app/library/gallery.h"

G_BEGIN_DECLS

/* Longer texts are cut in the index, and are whole in the file. */
#define MEZZOTINT_INDEX_MAX_TEXT_BYTES (64 << 10)

/* Words of a search; those after them do not narrow it. Each costs SQLite a condition, of which it bears a
 * thousand at the most. */
#define MEZZOTINT_INDEX_MAX_WORDS 32

typedef struct _MezzotintIndex MezzotintIndex;

/* A picture. Strings are owned; NULL where nothing is known. */
typedef struct
{
  gint64 id;       /* never used twice in one database */
  char *path;      /* below the folder, in the file system's encoding */
  gint64 mtime_ns; /* as the file was when it was read */
  gint64 size;     /* bytes, likewise */
  int width, height;
  gboolean is_favourite;
  char *model, *sampler, *seed;
  char *prompt, *negative, *loras, *parameters;
  char *problem; /* a sentence */
} MezzotintIndexRow;

void mezzotint_index_row_clear (MezzotintIndexRow *row);

/* Which pictures, in which order. Strings are owned; NULL and 0 mean any. */
typedef struct
{
  char *search, *model, *sampler;
  gboolean favourites_only;
  gint64 after, before; /* Unix seconds: after <= time < before */
  MezzotintGallerySort sort;
} MezzotintIndexFilter;

MezzotintIndexFilter *mezzotint_index_filter_copy (const MezzotintIndexFilter *filter);
void mezzotint_index_filter_free (MezzotintIndexFilter *filter);

/* Opens the database file `path`, and makes it where there is none. One that is damaged, of another version
 * or not ours is INVALID_DATA. */
MezzotintIndex *mezzotint_index_open (const char *path, GError **error);
/* One in memory, shared by those who know its URI. */
MezzotintIndex *mezzotint_index_open_memory (GError **error);
/* Another connection to an index that is open, for reading. It waits for others only a moment. */
MezzotintIndex *mezzotint_index_open_reader (const char *uri, GError **error);
/* Did the last call fail only since another connection is writing? Then it is to be made again. */
gboolean mezzotint_index_is_busy (MezzotintIndex *self);
/* As mezzotint_index_open_reader(), of a database file that exists; for other processes than the one that
 * writes. */
MezzotintIndex *mezzotint_index_open_file_reader (const char *path, GError **error);
/* For mezzotint_index_open_reader(); owned by the index. */
const char *mezzotint_index_get_uri (MezzotintIndex *self);
void mezzotint_index_close (MezzotintIndex *self);

/* ---- Its files ---- */

/* A database that is given up is deleted, and the next has another name: SQLite finds a database's log and
 * the memory that connections share by its name. Connections to the old one, of any process, would take the
 * new one's for theirs: errors of reading were seen, and SIGBUS where one cut the memory that another had
 * mapped. All paths are of mezzotint_index_find_path(). */

/* Where the index of a folder of pictures is, or would be made; `index_folder` NULL: in the user's cache.
 * Free with g_free. */
char *mezzotint_index_find_path (const char *folder, const char *index_folder);
/* Deletes the files of a database. */
void mezzotint_index_delete (const char *path);
/* Deletes them, and makes `path` the name of the next. */
void mezzotint_index_give_up (char **path);
/* Deletes what is left of databases that were given up before the one at `path`. */
void mezzotint_index_delete_older (const char *path);

/* Changes between begin and commit are kept together, and are quick; commit without begin does nothing. */
gboolean mezzotint_index_begin (MezzotintIndex *self, GError **error);
gboolean mezzotint_index_commit (MezzotintIndex *self, GError **error);

/* Sets what is known of row->path, new or not, and row->id. */
gboolean mezzotint_index_put (MezzotintIndex *self, MezzotintIndexRow *row, GError **error);
gboolean mezzotint_index_remove (MezzotintIndex *self, gint64 id, GError **error);
gboolean
mezzotint_index_set_favourite (MezzotintIndex *self, gint64 id, gboolean is_favourite, GError **error);

/* The id of a path with time and size as they were when it was read; 0 when there is none or on errors. */
gint64 mezzotint_index_find (MezzotintIndex *self, const char *path, gint64 *mtime_ns, gint64 *size);
/* Fills `row`, to be cleared; FALSE when there is none, or on errors. */
gboolean mezzotint_index_get (MezzotintIndex *self, gint64 id, MezzotintIndexRow *row);
gint64 mezzotint_index_count (MezzotintIndex *self);
/* Array of gint64 ids. */
GArray *mezzotint_index_list (MezzotintIndex *self, const MezzotintIndexFilter *filter, GError **error);
/* All ids, rising. */
GArray *mezzotint_index_list_all (MezzotintIndex *self, GError **error);
/* Values of a column ("model", "sampler"), most frequent first; free with g_strfreev. */
GStrv mezzotint_index_list_values (MezzotintIndex *self, const char *column);

/* The first MEZZOTINT_INDEX_MAX_WORDS words of a search as FTS5 reads them: each must occur, the last letters
 * may be missing. NULL when there are none. Words in scripts without spaces are left out and added to `parts`
 * (char *), to be searched for as parts of texts. Free with g_free. */
char *mezzotint_index_match_words (const char *search, GPtrArray *parts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintIndex, mezzotint_index_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintIndexFilter, mezzotint_index_filter_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MezzotintIndexRow, mezzotint_index_row_clear)

G_END_DECLS
