/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The gallery in trouble: bad files, folders that are missing, a damaged index, a full disk. */
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gallery-fixture.h"

#define FOX                                                                                                  \
  "a fox in the snow <lora:fur-detail:0.7>\nNegative prompt: blurry\n"                                       \
  "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 8x4, Model: first-v1"
#define CAT                                                                                                  \
  "un café, ein Kater, 猫が座る\n"                                                                      \
  "Steps: 20, Sampler: DPM++ 2M, CFG scale: 7, Seed: 18446744073709551615, Size: 8x4, Model: second"

static void
write_three (GalleryFixture *fixture)
{
  gallery_fixture_write (fixture, "a.png", FOX, 300);
  gallery_fixture_write (fixture, "b.png", CAT, 100);
  gallery_fixture_write (fixture, "c.PNG", NULL, 200);
}

static void
test_bad_files (GalleryFixture *fixture, gconstpointer data)
{
  static const char jpeg[] = "\xff\xd8\xff\xd9";
  g_autofree char *loop = gallery_fixture_path (fixture, "loop"),
                  *nowhere = gallery_fixture_path (fixture, "n.png");
  g_autofree char *pipe = gallery_fixture_path (fixture, "pipe.png"),
                  *dir = gallery_fixture_path (fixture, "d.png");
  g_autofree char *whole = NULL, *path = gallery_fixture_path (fixture, "a.png");
  gsize n;

  write_three (fixture);
  g_assert_true (g_file_get_contents (path, &whole, &n, NULL));
  gallery_fixture_write_bytes (fixture, "cut.png", whole, n / 2, 400);
  gallery_fixture_write_bytes (fixture, "empty.png", "", 0, 401);
  gallery_fixture_write_bytes (fixture, "foreign.png", "GIF89a, by its looks", 20, 402);
  gallery_fixture_write_bytes (fixture, "jpeg.png", jpeg, sizeof jpeg - 1, 403);
  gallery_fixture_write_bytes (fixture, "notes.txt", "no picture", 10, 404);
  gallery_fixture_write_bytes (fixture, ".hidden.png", whole, n, 405);
  gallery_fixture_write_bytes (fixture, "n\xe4me \xff.png", whole, n, 406);
  g_assert_cmpint (symlink (".", loop), ==, 0);
  g_assert_cmpint (symlink ("gone.png", nowhere), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_cmpint (g_mkdir (dir, 0700), ==, 0);
  gallery_fixture_open (fixture);
  gallery_fixture_wait_for (fixture,
                            "b.png c.PNG a.png cut.png empty.png foreign.png jpeg.png n\xe4me \xff.png");
  for (guint i = 0; i < 8; i++)
    {
      g_autoptr (MezzotintGalleryItem) item = gallery_fixture_item (fixture, i);
      const char *problem = mezzotint_gallery_item_get_problem (item);

      g_assert_true ((problem != NULL) == (i >= 3 && i <= 5));
      g_assert_true (problem == NULL || g_utf8_validate (problem, -1, NULL));
    }
}

static gboolean
is_sound (gpointer gallery)
{
  g_autoptr (MezzotintGalleryItem) item = g_list_model_get_item (gallery, 0);

  return item != NULL && mezzotint_gallery_item_get_problem (item) == NULL;
}

/* A file in writing is damaged until it is whole. */
static void
test_in_writing (GalleryFixture *fixture, gconstpointer data)
{
  g_autofree char *path = gallery_fixture_path (fixture, "a.png"), *whole = NULL;
  gsize n;
  FILE *file;

  gallery_fixture_write (fixture, "a.png", FOX, 0);
  g_assert_true (g_file_get_contents (path, &whole, &n, NULL));
  g_unlink (path);
  gallery_fixture_open (fixture);
  file = fopen (path, "wb");
  for (gsize done = 0; done < n; done += 50)
    {
      fwrite (whole + done, 1, MIN (50, n - done), file);
      fflush (file);
      g_usleep (20000);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  fclose (file);
  gallery_fixture_wait (is_sound, fixture->gallery);
}

static void
test_no_folder (GalleryFixture *fixture, gconstpointer data)
{
  g_autofree char *problem = NULL;

  g_assert_cmpint (g_rmdir (fixture->pictures), ==, 0);
  gallery_fixture_open (fixture);
  g_object_get (fixture->gallery, "problem", &problem, NULL);
  g_assert_null (problem); /* nothing was made yet: that is no fault */
  gallery_fixture_close (fixture);
  g_assert_true (g_file_set_contents (fixture->pictures, "no folder", -1, NULL));
  gallery_fixture_open (fixture);
  g_object_get (fixture->gallery, "problem", &problem, NULL);
  g_assert_nonnull (problem);
}

/* ---- Bad indexes ---- */

static char *
index_file (GalleryFixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->index, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".sqlite"))
      return g_build_filename (fixture->index, name, NULL);
  g_assert_not_reached ();
}

static void
write_sql (const char *path, const char *sql)
{
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static void
test_bad_index (GalleryFixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;

  write_three (fixture);
  for (int i = 0; i < 5; i++)
    {
      gallery_fixture_open (fixture);
      gallery_fixture_wait_for (fixture, "b.png c.PNG a.png");
      gallery_fixture_close (fixture);
      g_free (path);
      path = index_file (fixture);
      if (i == 0)
        write_sql (path, "PRAGMA user_version = 999");
      else if (i == 1)
        write_sql (path, "PRAGMA user_version = 0");
      else if (i == 2)
        g_assert_true (g_file_set_contents (path, "This is no database. It is a text.", -1, NULL));
      else if (i == 3)
        g_assert_true (g_file_set_contents (path, "", -1, NULL));
    }
}

static gboolean
has_200 (gpointer model)
{
  return g_list_model_get_n_items (model) == 200;
}

/* Sound to look at, and damaged inside: noticed on use. */
static void
test_damaged_index (GalleryFixture *fixture, gconstpointer data)
{
  for (int i = 0; i < 200; i++)
    {
      g_autofree char *name = g_strdup_printf ("%03d.png", i);

      gallery_fixture_write (fixture, name, FOX, i);
    }
  gallery_fixture_open (fixture);
  gallery_fixture_close (fixture);
  for (gsize from = 1; from < 10; from++)
    { /* tenths of the file */
      g_autofree char *path = index_file (fixture), *text = NULL;
      gsize n;

      g_assert_true (g_file_get_contents (path, &text, &n, NULL));
      g_assert_cmpuint (n, >, 40000);
      for (gsize i = n * from / 10; i < n; i++)
        text[i] = (char) (i * 31);
      g_assert_true (g_file_set_contents (path, text, (gssize) n, NULL));
      gallery_fixture_open (fixture);
      gallery_fixture_wait (has_200, fixture->gallery);
      g_object_set (fixture->gallery, "search", "fox", NULL);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      gallery_fixture_wait (has_200, fixture->gallery);
      gallery_fixture_close (fixture);
    }
}

/* Nowhere to write: it works all the same, from memory. */
static void
test_no_index_folder (GalleryFixture *fixture, gconstpointer data)
{
  g_autoptr (MezzotintGalleryItem) item = NULL;
  g_autofree char *problem = NULL;

  write_three (fixture);
  g_assert_true (g_file_set_contents (fixture->index, "in the way", -1, NULL));
  g_test_expect_message ("mezzotint", G_LOG_LEVEL_MESSAGE, "*kept in memory*");
  gallery_fixture_open (fixture);
  gallery_fixture_wait_for (fixture, "b.png c.PNG a.png");
  g_object_set (fixture->gallery, "search", "fox", NULL);
  gallery_fixture_wait_for (fixture, "a.png");
  item = gallery_fixture_item (fixture, 0);
  g_assert_true (g_str_has_prefix (mezzotint_gallery_item_get_prompt (item), "a fox"));
  g_object_get (fixture->gallery, "problem", &problem, NULL);
  g_assert_nonnull (problem);
  g_test_assert_expected_messages ();
}

static void
test_disk_full (GalleryFixture *fixture, gconstpointer data)
{
  struct rlimit old, small = { 65536, RLIM_INFINITY };

  for (int i = 0; i < 300; i++)
    {
      g_autofree char *name = g_strdup_printf ("%03d.png", i);

      gallery_fixture_write (fixture, name, FOX, i);
    }
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &old);
  small.rlim_max = old.rlim_max;
  setrlimit (RLIMIT_FSIZE, &small);
  g_test_expect_message ("mezzotint", G_LOG_LEVEL_MESSAGE, "*kept in memory*");
  gallery_fixture_open (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->gallery)), ==, 300);
  setrlimit (RLIMIT_FSIZE, &old);
  g_test_assert_expected_messages ();
}

#define ADD(name, function)                                                                                  \
  g_test_add (name, GalleryFixture, NULL, gallery_fixture_set_up, function, gallery_fixture_tear_down)

int
main (int argc, char **argv)
{
  gallery_fixture_isolate ();
  g_test_init (&argc, &argv, NULL);
  ADD ("/gallery-trouble/in-writing", test_in_writing);
  ADD ("/gallery-trouble/bad-files", test_bad_files);
  ADD ("/gallery-trouble/no-folder", test_no_folder);
  ADD ("/gallery-trouble/bad-index", test_bad_index);
  ADD ("/gallery-trouble/damaged-index", test_damaged_index);
  ADD ("/gallery-trouble/no-index-folder", test_no_index_folder);
  ADD ("/gallery-trouble/disk-full", test_disk_full);
  return gallery_fixture_run ();
}
