/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The list of favourites: what a file that cannot be read does to it. */
#include <glib/gstdio.h>

#include "app/library/favourites.h"
#include "io-fixture.h"

/* A list that cannot be read just now is neither forgotten nor written over. */
static void
test_unreadable (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *list = fixture_write_text (folder, "favourites", "file:///p/a.png\n");
  g_autofree char *aside = fixture_path (folder, "aside"), *text = NULL;
  g_autoptr (MezzotintFavourites) favourites = mezzotint_favourites_new (folder);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_rename (list, aside), ==, 0);
  g_assert_cmpint (g_mkdir (list, 0700), ==, 0);
  g_assert_false (mezzotint_favourites_refresh (favourites));
  g_assert_false (mezzotint_favourites_set (favourites, "/p/b.png", TRUE, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_clear_error (&error);
  g_assert_true (mezzotint_favourites_contain (favourites, "/p/a.png"));
  g_assert_false (mezzotint_favourites_contain (favourites, "/p/b.png"));

  g_assert_cmpint (g_rmdir (list), ==, 0);
  g_assert_cmpint (g_rename (aside, list), ==, 0);
  g_assert_true (mezzotint_favourites_set (favourites, "/p/b.png", TRUE, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (list, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "file:///p/a.png\nfile:///p/b.png\n");
}

/* Without a file nothing is a favourite, and the first one makes it. */
static void
test_missing (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *list = fixture_path (folder, "favourites");
  g_autoptr (MezzotintFavourites) favourites = mezzotint_favourites_new (folder);
  g_autoptr (GError) error = NULL;

  g_assert_false (mezzotint_favourites_contain (favourites, "/p/a.png"));
  g_assert_true (mezzotint_favourites_set (favourites, "/p/a.png", TRUE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (list), ==, 0);
  g_assert_true (mezzotint_favourites_refresh (favourites));
  g_assert_false (mezzotint_favourites_contain (favourites, "/p/a.png"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/favourites/unreadable", test_unreadable);
  g_test_add_func ("/favourites/missing", test_missing);
  return g_test_run ();
}
