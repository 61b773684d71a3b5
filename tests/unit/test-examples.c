/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The examples beside the built-in model, and such as are none. */
#include <glib/gstdio.h>

#include "app/library/examples.h"

static MezzotintExample *
get (GPtrArray *examples, guint i)
{
  return g_ptr_array_index (examples, i);
}

/* Each says all that makes the same picture again. */
static void
test_builtin (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "data", "models", "proof", NULL);
  g_autoptr (GPtrArray) examples = mezzotint_examples_read (folder);

  g_assert_cmpuint (examples->len, ==, 10);
  for (guint i = 0; i < examples->len; i++)
    {
      const MzRequest *request = get (examples, i)->request;

      g_assert_cmpstr (request->prompt, !=, "");
      g_assert_cmpint (request->count, ==, 1);
      g_assert_cmpint (request->width, ==, 128);
      g_assert_cmpint (request->height, ==, 128);
      g_assert_cmpstr (request->sampler, ==, "dpmpp_2m");
      g_assert_cmpuint (request->seed, <, 100);
    }
  g_assert_cmpstr (get (examples, 0)->request->prompt, ==, "a red apple");
  g_assert_cmpuint (get (examples, 0)->request->seed, ==, 12);
}

/* What is damaged, carries no settings or is no picture is left out; the others keep their order. */
static void
test_damaged (void)
{
  g_autofree char *from
      = g_test_build_filename (G_TEST_DIST, "data", "models", "proof", "examples", "03.png", NULL);
  g_autofree char *plain
      = g_test_build_filename (G_TEST_DIST, "data", "models", "proof", "contact-sheet.png", NULL);
  g_autofree char *folder = g_dir_make_tmp ("mezzotint-examples-XXXXXX", NULL), *data = NULL, *bare = NULL;
  g_autofree char *inside = g_build_filename (folder, "examples", NULL);
  static const char *const names[] = { "b.png", "a.png", "short.png", "plain.png", "note.txt" };
  gsize n, n_bare;
  g_autoptr (GPtrArray) examples = NULL;

  g_assert_cmpint (g_mkdir (inside, 0700), ==, 0);
  g_assert_true (g_file_get_contents (from, &data, &n, NULL));
  g_assert_true (g_file_get_contents (plain, &bare, &n_bare, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (inside, names[i], NULL);
      gboolean is_plain = g_str_has_prefix (names[i], "plain");
      gsize n_bytes = is_plain ? n_bare : g_str_has_prefix (names[i], "short") ? 40 : n;

      g_assert_true (g_file_set_contents (path, is_plain ? bare : data, (gssize) n_bytes, NULL));
    }
  examples = mezzotint_examples_read (folder);
  g_assert_cmpuint (examples->len, ==, 2);
  g_assert_true (g_str_has_suffix (get (examples, 0)->path, "a.png"));
  g_assert_true (g_str_has_suffix (get (examples, 1)->path, "b.png"));
  g_assert_cmpstr (get (examples, 0)->request->prompt, ==, "a house at night");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (inside, names[i], NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (inside), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_none (void)
{
  g_autoptr (GPtrArray) examples = mezzotint_examples_read ("/nowhere at all");

  g_assert_cmpuint (examples->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/examples/builtin", test_builtin);
  g_test_add_func ("/examples/damaged", test_damaged);
  g_test_add_func ("/examples/none", test_none);
  return g_test_run ();
}
