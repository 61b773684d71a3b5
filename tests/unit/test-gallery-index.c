/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The gallery's index by itself: searches that ask too much, and readers while others write. */
#include <glib/gstdio.h>
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

static char *
make_file (const char *dir, const char *name)
{
  char *path = g_build_filename (dir, name, NULL);

  g_assert_true (g_file_set_contents (path, "x", -1, NULL));
  return path;
}

/* Which file is the newest, and which are older ones of the same folder's. */
static void
test_names (void)
{
  static const char *const others[]
      = { "-10x.sqlite", "-010.sqlite", "-.sqlite", "-1234567890.sqlite", "-9.txt" };
  g_autofree char *dir = g_dir_make_tmp ("mezzotint-XXXXXX", NULL);
  g_autofree char *path = mezzotint_index_find_path ("/pictures", dir), *again = NULL, *old_log = NULL;
  g_autofree char *first = g_strdup (path), *stem = g_path_get_basename (path), *ninth = NULL;
  g_autofree char *foreign = make_file (dir, "gallery-0123456789abcdef.sqlite");

  g_assert_true (g_str_has_suffix (stem, ".sqlite"));
  stem[strlen (stem) - strlen (".sqlite")] = '\0';
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *name = g_strconcat (stem, others[i], NULL);

      g_free (make_file (dir, name));
    }
  again = mezzotint_index_find_path ("/pictures", dir);
  g_assert_cmpstr (again, ==, path);
  for (int i = 0; i < 10; i++)
    {
      g_assert_true (g_file_set_contents (path, "x", -1, NULL));
      g_free (again);
      again = mezzotint_index_find_path ("/pictures", dir);
      g_assert_cmpstr (again, ==, path);
      if (i == 9)
        ninth = g_strdup (path);
      mezzotint_index_give_up (&path);
      g_assert_cmpstr (again, !=, path);
      g_assert_false (g_file_test (again, G_FILE_TEST_EXISTS));
    }
  /* What a reader that came too late has left of the ninth, and the first again. */
  old_log = g_strconcat (ninth, "-wal", NULL);
  g_assert_true (g_file_set_contents (old_log, "x", -1, NULL));
  g_assert_true (g_file_set_contents (first, "x", -1, NULL));
  g_assert_true (g_file_set_contents (path, "x", -1, NULL));
  mezzotint_index_delete_older (path);
  g_assert_false (g_file_test (old_log, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (foreign, G_FILE_TEST_EXISTS));
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *name = g_strconcat (dir, G_DIR_SEPARATOR_S, stem, others[i], NULL);

      g_assert_cmpint (g_unlink (name), ==, 0);
    }
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_unlink (foreign), ==, 0);
  g_assert_cmpint (g_rmdir (dir), ==, 0);
}

typedef struct
{
  GMutex mutex;
  char *path; /* under the mutex */
  gint done;
} Race;

/* Opens and closes readers of whatever is the newest, or was a moment ago. */
static gpointer
read_on (gpointer data)
{
  Race *race = data;

  while (!g_atomic_int_get (&race->done))
    {
      g_autofree char *path = NULL;
      g_autoptr (MezzotintIndex) reader = NULL;

      g_mutex_lock (&race->mutex);
      path = g_strdup (race->path);
      g_mutex_unlock (&race->mutex);
      if ((reader = mezzotint_index_open_file_reader (path, NULL)) != NULL)
        mezzotint_index_count (reader);
    }
  return NULL;
}

/* Given up again and again while others open it. With one name for all, three of four runs failed. */
static void
test_race (void)
{
  g_autofree char *dir = g_dir_make_tmp ("mezzotint-XXXXXX", NULL);
  Race race = { .path = mezzotint_index_find_path ("/pictures", dir) };
  GThread *threads[2];

  g_mutex_init (&race.mutex);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", read_on, &race);
  for (int i = 0; i < 200; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MezzotintIndex) index = mezzotint_index_open (race.path, &error);

      g_assert_no_error (error);
      for (int k = 0; k < 5; k++)
        {
          g_autofree char *name = g_strdup_printf ("%d.png", k);
          MezzotintIndexRow row = { .path = name };

          mezzotint_index_put (index, &row, &error);
          g_assert_no_error (error);
        }
      g_assert_cmpint (mezzotint_index_count (index), ==, 5);
      g_mutex_lock (&race.mutex);
      mezzotint_index_give_up (&race.path);
      g_mutex_unlock (&race.mutex);
    }
  g_atomic_int_set (&race.done, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  mezzotint_index_delete_older (race.path);
  g_assert_cmpint (g_rmdir (dir), ==, 0);
  g_mutex_clear (&race.mutex);
  g_free (race.path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gallery-index/long-searches", test_long_searches);
  g_test_add_func ("/gallery-index/busy", test_busy);
  g_test_add_func ("/gallery-index/names", test_names);
  g_test_add_func ("/gallery-index/race", test_race);
  return g_test_run ();
}
