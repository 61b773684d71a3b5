/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Lists out of the index: filters and orders as SQL, searches as FTS5's language. */
#include <string.h>

#include "app/library/gallery-index-private.h"

MezzotintIndexFilter *
mezzotint_index_filter_copy (const MezzotintIndexFilter *filter)
{
  MezzotintIndexFilter *copy = g_memdup2 (filter, sizeof *filter);

  copy->search = g_strdup (filter->search);
  copy->model = g_strdup (filter->model);
  copy->sampler = g_strdup (filter->sampler);
  return copy;
}

void
mezzotint_index_filter_free (MezzotintIndexFilter *filter)
{
  g_free (filter->search);
  g_free (filter->model);
  g_free (filter->sampler);
  g_free (filter);
}

/* ---- Searches ---- */

/* Does the character belong to a script that puts no spaces between words? FTS5 takes a whole sentence of
 * these for one word. */
static gboolean
is_unspaced (gunichar c)
{
  switch (g_unichar_get_script (c))
    {
    case G_UNICODE_SCRIPT_HAN:
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
    case G_UNICODE_SCRIPT_THAI:
    case G_UNICODE_SCRIPT_LAO:
    case G_UNICODE_SCRIPT_KHMER:
    case G_UNICODE_SCRIPT_MYANMAR:
      return TRUE;
    default:
      return FALSE;
    }
}

/* Nothing to search for in "," or "(": FTS5 would find everything or nothing. */
static gboolean
has_letters (const char *word, gboolean *unspaced)
{
  gboolean found = FALSE;

  *unspaced = FALSE;
  for (const char *p = word; *p != '\0'; p = g_utf8_next_char (p))
    {
      found = found || g_unichar_isalnum (g_utf8_get_char (p));
      *unspaced = *unspaced || is_unspaced (g_utf8_get_char (p));
    }
  return found;
}

char *
mezzotint_index_match_words (const char *search, GPtrArray *parts)
{
  g_autofree char *valid = g_utf8_make_valid (search, -1);
  g_auto (GStrv) words = g_strsplit_set (valid, " \t\n\"", -1);
  GString *match = g_string_new (NULL);

  for (gsize i = 0, n = 0; words[i] != NULL && n < MEZZOTINT_INDEX_MAX_WORDS; i++)
    {
      gboolean unspaced;

      if (!has_letters (words[i], &unspaced))
        continue;
      n++;
      if (unspaced)
        g_ptr_array_add (parts, g_strdup (words[i]));
      else /* in quotes, what is punctuation to FTS5 only parts words that must follow each other */
        g_string_append_printf (match, "%s\"%s\"*", match->len > 0 ? " " : "", words[i]);
    }
  return match->len > 0 ? g_string_free (match, FALSE) : (g_string_free (match, TRUE), NULL);
}

/* ---- Lists ---- */

/* SQL with the strings to bind, in order. */
typedef struct
{
  GString *sql;
  GPtrArray *values;
  gboolean has_conditions;
} Query;

static void
add_condition (Query *query, const char *condition, const char *value)
{
  g_string_append_printf (query->sql, "%s %s", query->has_conditions ? " AND" : " WHERE", condition);
  query->has_conditions = TRUE;
  if (value != NULL)
    g_ptr_array_add (query->values, g_strdup (value));
}

static void
add_number (Query *query, const char *condition, gint64 seconds)
{
  g_autofree char *value
      = g_strdup_printf ("%" G_GINT64_FORMAT, CLAMP (seconds, G_MININT64 / G_USEC_PER_SEC / 1000,
                                                     G_MAXINT64 / G_USEC_PER_SEC / 1000)
                                                  * G_USEC_PER_SEC * 1000);

  add_condition (query, condition, value);
}

static void
add_search (Query *query, const char *search)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *match = mezzotint_index_match_words (search, parts);

  if (match != NULL)
    add_condition (query, "id IN (SELECT rowid FROM words WHERE words MATCH ?)", match);
  for (guint i = 0; i < parts->len; i++)
    add_condition (query,
                   "id IN (SELECT id FROM texts WHERE instr (coalesce (prompt, '') || char (10)"
                   " || coalesce (negative, '') || char (10) || coalesce (model, '') || char (10)"
                   " || coalesce (loras, ''), ?))",
                   parts->pdata[i]);
}

static const char *
order_of (MezzotintGallerySort sort)
{
  switch (sort)
    {
    case MEZZOTINT_SORT_OLDEST:
      return " ORDER BY mtime, id";
    case MEZZOTINT_SORT_NAME:
      return " ORDER BY name, id";
    case MEZZOTINT_SORT_NEWEST:
    default:
      return " ORDER BY mtime DESC, id DESC";
    }
}

static void
add_filter (Query *query, const MezzotintIndexFilter *filter)
{
  if (filter->favourites_only)
    add_condition (query, "favourite", NULL);
  if (filter->model != NULL)
    add_condition (query, "model = ?", filter->model);
  if (filter->sampler != NULL)
    add_condition (query, "sampler = ?", filter->sampler);
  if (filter->after != 0)
    add_number (query, "mtime >= CAST (? AS INTEGER)", filter->after);
  if (filter->before != 0)
    add_number (query, "mtime < CAST (? AS INTEGER)", filter->before);
  if (filter->search != NULL)
    add_search (query, filter->search);
  g_string_append (query->sql, order_of (filter->sort));
}

/* A query that SQLite refuses asks too much; that is no damage. */
static void
set_query_error (MezzotintIndex *self, GError **error)
{
  GError *local_error = NULL;

  mezzotint_index_set_error (self, &local_error);
  if ((sqlite3_errcode (self->db) & 0xff) == SQLITE_ERROR)
    local_error->code = G_IO_ERROR_FAILED;
  g_propagate_error (error, local_error);
}

static GArray *
run_query (MezzotintIndex *self, const char *sql, GPtrArray *values, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *statement;
  int code;

  if (sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL) != SQLITE_OK)
    {
      set_query_error (self, error);
      return NULL;
    }
  for (guint i = 0; values != NULL && i < values->len; i++)
    sqlite3_bind_text (statement, (int) i + 1, values->pdata[i], -1, SQLITE_STATIC);
  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    {
      gint64 id = sqlite3_column_int64 (statement, 0);

      g_array_append_val (ids, id);
    }
  if (code != SQLITE_DONE)
    set_query_error (self, error);
  sqlite3_finalize (statement);
  return code == SQLITE_DONE ? g_steal_pointer (&ids) : NULL;
}

GArray *
mezzotint_index_list (MezzotintIndex *self, const MezzotintIndexFilter *filter, GError **error)
{
  Query query = { g_string_new ("SELECT id FROM picture"), g_ptr_array_new_with_free_func (g_free), FALSE };
  GArray *ids;

  add_filter (&query, filter);
  ids = run_query (self, query.sql->str, query.values, error);
  g_string_free (query.sql, TRUE);
  g_ptr_array_unref (query.values);
  return ids;
}

GArray *
mezzotint_index_list_all (MezzotintIndex *self, GError **error)
{
  return run_query (self, "SELECT id FROM picture ORDER BY id", NULL, error);
}

GStrv
mezzotint_index_list_values (MezzotintIndex *self, const char *column)
{
  g_autofree char *sql = g_strdup_printf ("SELECT %s FROM picture WHERE %s IS NOT NULL GROUP BY 1"
                                          " ORDER BY count(*) DESC, 1",
                                          column, column);
  GPtrArray *values = g_ptr_array_new ();
  sqlite3_stmt *statement;

  if (sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL) == SQLITE_OK)
    while (sqlite3_step (statement) == SQLITE_ROW)
      g_ptr_array_add (values, g_strdup ((const char *) sqlite3_column_text (statement, 0)));
  sqlite3_finalize (statement);
  g_ptr_array_add (values, NULL);
  return (GStrv) g_ptr_array_free (values, FALSE);
}
