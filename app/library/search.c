/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The desktop's search over the gallery's index. */
#include "app/library/search.h"

#include <string.h>

#include "app/files/thumbnail.h"
#include "app/library/gallery-index.h"

/* Longer prompts are cut at the end of a character. */
#define MAX_TITLE_CHARS 120

struct _MezzotintSearch
{
  char *folder, *index_folder;
  MezzotintIndex *index; /* NULL: not open */
};

MezzotintSearch *
mezzotint_search_new (const char *folder, const char *index_folder)
{
  MezzotintSearch *self = g_new0 (MezzotintSearch, 1);

  self->folder = g_canonicalize_filename (folder, NULL);
  self->index_folder = g_strdup (index_folder);
  return self;
}

void
mezzotint_search_free (MezzotintSearch *self)
{
  g_clear_pointer (&self->index, mezzotint_index_close);
  g_free (self->folder);
  g_free (self->index_folder);
  g_free (self);
}

/* The gallery may make the file anew at any time, so each search opens it: that takes a fraction of a
 * millisecond. */
static gboolean
open_index (MezzotintSearch *self)
{
  g_autofree char *path = mezzotint_index_find_path (self->folder, self->index_folder);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->index, mezzotint_index_close);
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    self->index = mezzotint_index_open_file_reader (path, &error);
  if (error != NULL)
    g_debug ("%s", error->message);
  return self->index != NULL;
}

/* A letter alone, of a script that spells words, matches nearly everything; the desktop sends it as soon as
 * somebody begins to type. */
static gboolean
says_enough (const char *const *words)
{
  for (gsize i = 0; words[i] != NULL; i++)
    if (strlen (words[i]) > 1)
      return TRUE;
  return FALSE;
}

static char *
id_of (MezzotintSearch *self, gint64 row_id)
{
  g_auto (MezzotintIndexRow) row = { 0 };
  g_autofree char *path = NULL;

  if (!mezzotint_index_get (self->index, row_id, &row))
    return NULL;
  path = g_build_filename (self->folder, row.path, NULL);
  return g_filename_to_uri (path, NULL, NULL);
}

GStrv
mezzotint_search_find (MezzotintSearch *self, const char *const *words)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  g_autofree char *joined = g_strjoinv (" ", (char **) words);
  const MezzotintIndexFilter filter = { .search = joined, .sort = MEZZOTINT_SORT_NEWEST };
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *match = mezzotint_index_match_words (joined, parts);
  g_autoptr (GArray) found = NULL;
  g_autoptr (GError) error = NULL;

  if (!says_enough (words) || (match == NULL && parts->len == 0) || !open_index (self))
    return g_strv_builder_end (ids);
  found = mezzotint_index_list (self->index, &filter, &error);
  if (found == NULL)
    g_debug ("%s", error->message);
  for (guint i = 0; found != NULL && i < MIN (found->len, MEZZOTINT_SEARCH_MAX_RESULTS); i++)
    {
      g_autofree char *id = id_of (self, g_array_index (found, gint64, i));

      if (id != NULL)
        g_strv_builder_add (ids, id);
    }
  g_clear_pointer (&self->index, mezzotint_index_close);
  return g_strv_builder_end (ids);
}

/* ---- Describing ---- */

/* One line of at most MAX_TITLE_CHARS; free with g_free. */
static char *
make_title (const MezzotintIndexRow *row)
{
  const char *source = row->prompt != NULL && *row->prompt != '\0' ? row->prompt : NULL;
  g_autofree char *name = source == NULL ? g_filename_display_basename (row->path) : NULL;
  g_autofree char *line = g_utf8_make_valid (source != NULL ? source : name, -1);

  g_strstrip (g_strdelimit (line, "\t\r\n", ' '));
  if (g_utf8_strlen (line, -1) > MAX_TITLE_CHARS)
    {
      g_autofree char *start = g_utf8_substring (line, 0, MAX_TITLE_CHARS - 1);

      return g_strconcat (start, "…", NULL);
    }
  return g_steal_pointer (&line);
}

static char *
make_details (const MezzotintIndexRow *row)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (row->mtime_ns / 1000000000);
  g_autofree char *day = time != NULL ? g_date_time_format (time, "%x") : NULL;
  const char *texts[] = { row->model, row->sampler, day };
  GString *line = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i] != NULL && *texts[i] != '\0')
      g_string_append_printf (line, "%s%s", line->len > 0 ? " · " : "", texts[i]);
  return g_string_free (line, FALSE);
}

/* The thumbnail in the user's cache, made where it is missing; the picture itself where it cannot be kept. */
static char *
find_thumbnail (const char *path)
{
  g_autoptr (MzPicture) picture = mezzotint_thumbnail_load (path, NULL, NULL);
  g_autofree char *cached = NULL;

  if (picture == NULL)
    return NULL;
  cached = mezzotint_thumbnail_get_path (path);
  return g_strdup (cached != NULL && g_file_test (cached, G_FILE_TEST_IS_REGULAR) ? cached : path);
}

/* The part of an id's path below the folder; NULL when it lies elsewhere. Points into `path`. */
static const char *
path_below (MezzotintSearch *self, const char *path)
{
  gsize n = strlen (self->folder);

  return strncmp (path, self->folder, n) == 0 && path[n] == G_DIR_SEPARATOR ? path + n + 1 : NULL;
}

MezzotintSearchResult *
mezzotint_search_describe (MezzotintSearch *self, const char *id)
{
  g_autofree char *path = g_filename_from_uri (id, NULL, NULL);
  const char *below = path != NULL ? path_below (self, path) : NULL;
  g_auto (MezzotintIndexRow) row = { 0 };
  MezzotintSearchResult *result;
  gint64 mtime_ns, size;
  gboolean is_known;

  if (below == NULL || !g_file_test (path, G_FILE_TEST_IS_REGULAR) || !open_index (self))
    return NULL;
  is_known
      = mezzotint_index_get (self->index, mezzotint_index_find (self->index, below, &mtime_ns, &size), &row);
  g_clear_pointer (&self->index, mezzotint_index_close);
  if (!is_known)
    return NULL;
  result = g_new0 (MezzotintSearchResult, 1);
  result->id = g_strdup (id);
  result->title = make_title (&row);
  result->details = make_details (&row);
  result->thumbnail = row.problem == NULL ? find_thumbnail (path) : NULL;
  return result;
}

void
mezzotint_search_result_free (MezzotintSearchResult *result)
{
  g_free (result->id);
  g_free (result->title);
  g_free (result->details);
  g_free (result->thumbnail);
  g_free (result);
}
