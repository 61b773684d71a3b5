/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The gallery's index by itself: searches that ask too much, and readers while others write. */
#include <sqlite3.h>

#include "app/library/gallery-index.h"

/* n words, parted by spaces, of which every one is in the picture's prompt. */
static char *
repeat_word (const char *word, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s ", word);
  return g_string_free (text, FALSE);
}

/* Thousands of words, with and without spaces between them in their script, and one longer than any text. */
static void
test_long_searches (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintIndex) index = mezzotint_index_open_memory (&error);
  MezzotintIndexRow row = { .path = (char *) "a.png", .prompt = (char *) "a fox, 猫が座る" };
  g_autofree char *foxes = repeat_word ("fox", 5000), *cats = repeat_word ("猫", 5000);
  g_autofree char *hyphens = repeat_word ("fox-", 1), *endless = g_strnfill (1 << 20, 'x');
  const struct
  {
    char *search;
    guint n_found;
  } cases[] = { { foxes, 1 }, { cats, 1 }, { hyphens, 1 }, { endless, 0 } };

  g_assert_no_error (error);
  g_assert_true (mezzotint_index_put (index, &row, &error));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const MezzotintIndexFilter filter = { .search = cases[i].search };
      g_autoptr (GArray) ids = mezzotint_index_list (index, &filter, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (ids->len, ==, cases[i].n_found);
    }
}

static void
test_busy (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintIndex) index = mezzotint_index_open_memory (&error);
  g_autoptr (MezzotintIndex) reader = NULL;
  g_auto (MezzotintIndexRow) found = { 0 };
  MezzotintIndexRow row = { .path = (char *) "a.png" };
  sqlite3 *other;

  g_assert_no_error (error);
  g_assert_true (mezzotint_index_put (index, &row, &error));
  reader = mezzotint_index_open_reader (mezzotint_index_get_uri (index), &error);
  g_assert_no_error (error);
  g_assert_cmpint (sqlite3_open_v2 (mezzotint_index_get_uri (index), &other,
                                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, NULL),
                   ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_false (mezzotint_index_get (reader, row.id, &found));
  g_assert_true (mezzotint_index_is_busy (reader));
  g_assert_cmpint (sqlite3_exec (other, "ROLLBACK", NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_true (mezzotint_index_get (reader, row.id, &found));
  mezzotint_index_row_clear (&found);
  g_assert_false (mezzotint_index_get (reader, row.id + 1, &found));
  g_assert_false (mezzotint_index_is_busy (reader));
  sqlite3_close (other);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gallery-index/long-searches", test_long_searches);
  g_test_add_func ("/gallery-index/busy", test_busy);
  return g_test_run ();
}
