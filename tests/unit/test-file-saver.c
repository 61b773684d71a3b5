/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Files written in the background: the last change wins, the order holds, closing loses nothing, problems are
 * told. */
#include <glib/gstdio.h>

#include "app/files/file-saver.h"

typedef struct
{
  char *folder, *a, *b;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("mezzotint-saver-XXXXXX", NULL);
  f->a = g_build_filename (f->folder, "a", NULL);
  f->b = g_build_filename (f->folder, "b", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_remove (f->a);
  g_remove (f->b);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->folder);
  g_free (f->a);
  g_free (f->b);
}

static void
assert_text (const char *path, const char *expected)
{
  g_autofree char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_saves (Fixture *f, gconstpointer data)
{
  MezzotintFileSaver *saver = mezzotint_file_saver_new (NULL, NULL);

  for (int i = 0; i <= 500; i++)
    mezzotint_file_saver_put_text (saver, f->a, g_strdup_printf ("%d", i));
  mezzotint_file_saver_put_text (saver, f->b, g_strdup ("there"));
  mezzotint_file_saver_free (saver);
  assert_text (f->a, "500");
  assert_text (f->b, "there");
  saver = mezzotint_file_saver_new (NULL, NULL);
  mezzotint_file_saver_put_text (saver, f->a, g_strdup ("again"));
  mezzotint_file_saver_remove (saver, f->a);
  mezzotint_file_saver_remove (saver, f->b);
  mezzotint_file_saver_put_text (saver, f->b, g_strdup ("back"));
  mezzotint_file_saver_remove (saver, "/nowhere/at/all");
  mezzotint_file_saver_free (saver);
  assert_text (f->a, NULL);
  assert_text (f->b, "back");
  mezzotint_file_saver_free (mezzotint_file_saver_new (NULL, NULL));
}

/* `data` is the path of a file that must be there already. */
static GBytes *
check_order_cb (gpointer data)
{
  g_assert_true (g_file_test (data, G_FILE_TEST_EXISTS));
  return g_bytes_new_static ("second", 6);
}

static void
test_order (Fixture *f, gconstpointer data)
{
  MezzotintFileSaver *saver = mezzotint_file_saver_new (NULL, NULL);

  mezzotint_file_saver_put_text (saver, f->a, g_strdup ("first"));
  mezzotint_file_saver_put (saver, f->b, g_strdup (f->a), check_order_cb, g_free);
  mezzotint_file_saver_free (saver);
  assert_text (f->b, "second");
}

typedef struct
{
  char *problem;
  int n_told;
} Told;

static void
problem_cb (gpointer user, const char *problem)
{
  Told *told = user;

  g_free (told->problem);
  told->problem = g_strdup (problem);
  told->n_told++;
}

static void
wait_for (Told *told, int n)
{
  while (told->n_told < n)
    g_main_context_iteration (NULL, TRUE);
}

/* The thread writes one file after the other, and tells of the first that works again only. */
static void
wait_for_text (const char *path, const char *expected)
{
  for (int i = 0; i < 5000 && !g_file_test (path, G_FILE_TEST_EXISTS); i++)
    g_usleep (1000);
  assert_text (path, expected); /* it appears under its name whole */
}

static void
test_problem (Fixture *f, gconstpointer data)
{
  Told told = { 0 };
  MezzotintFileSaver *saver = mezzotint_file_saver_new (problem_cb, &told);
  g_autofree char *inside = g_build_filename (f->a, "inside", NULL);
  g_autofree char *beyond = g_build_filename (f->a, "no", "where", NULL);

  mezzotint_file_saver_put_text (saver, inside, g_strdup ("no such folder"));
  wait_for (&told, 1);
  g_assert_nonnull (told.problem);
  mezzotint_file_saver_put_text (saver, f->b, g_strdup ("waits its turn"));
  wait_for (&told, 2);
  g_assert_nonnull (told.problem);
  assert_text (f->b, NULL);
  g_assert_cmpint (g_mkdir (f->a, 0700), ==, 0);
  mezzotint_file_saver_put_text (saver, f->b, g_strdup ("fine"));
  wait_for (&told, 3);
  g_assert_null (told.problem);
  wait_for_text (f->b, "fine");
  mezzotint_file_saver_put_text (saver, beyond, g_strdup ("no such folder"));
  mezzotint_file_saver_put_text (saver, f->b, g_strdup ("never"));
  mezzotint_file_saver_free (saver); /* nobody is told any more */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (told.n_told, ==, 3);
  assert_text (inside, "no such folder");
  assert_text (f->b, "fine");
  g_remove (inside);
}

/* What the disk refused is written at the end, if it can be then. */
static void
test_last_try (Fixture *f, gconstpointer data)
{
  Told told = { 0 };
  MezzotintFileSaver *saver = mezzotint_file_saver_new (problem_cb, &told);

  g_assert_cmpint (g_mkdir (f->a, 0700), ==, 0);
  mezzotint_file_saver_put_text (saver, f->a, g_strdup ("a folder is in the way"));
  wait_for (&told, 1);
  g_assert_cmpint (g_rmdir (f->a), ==, 0);
  mezzotint_file_saver_free (saver);
  assert_text (f->a, "a folder is in the way");
  g_free (told.problem);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/file-saver/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("saves", test_saves);
  ADD ("order", test_order);
  ADD ("problem", test_problem);
  ADD ("last-try", test_last_try);
#undef ADD
  return g_test_run ();
}
