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

static char *
model_file (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "data", "models", "proof", name, NULL);
}

/* What is damaged, cut off behind its settings, carries none or is no picture is left out; the others keep
 * their order. */
static void
test_damaged (void)
{
  static const struct
  {
    const char *name, *from;
    gssize n_bytes; /* -1: all, 0: half */
  } files[] = {
    { "b.png", "examples/03.png", -1 },     { "a.png", "examples/05.png", -1 },
    { "short.png", "examples/05.png", 40 }, { "cut.png", "examples/05.png", 0 },
    { "plain.png", "curves.png", -1 },      { "note.txt", "examples/05.png", -1 },
  };
  g_autofree char *folder = g_dir_make_tmp ("mezzotint-examples-XXXXXX", NULL);
  g_autofree char *inside = g_build_filename (folder, "examples", NULL);
  g_autoptr (GPtrArray) examples = NULL;

  g_assert_cmpint (g_mkdir (inside, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *from = model_file (files[i].from), *data = NULL;
      g_autofree char *path = g_build_filename (inside, files[i].name, NULL);
      gsize n;

      g_assert_true (g_file_get_contents (from, &data, &n, NULL));
      n = files[i].n_bytes < 0 ? n : files[i].n_bytes == 0 ? n / 2 : (gsize) files[i].n_bytes;
      g_assert_true (g_file_set_contents (path, data, (gssize) n, NULL));
    }
  examples = mezzotint_examples_read (folder);
  g_assert_cmpuint (examples->len, ==, 2);
  g_assert_cmpstr (get (examples, 0)->request->prompt, ==, "a blue heart");
  g_assert_cmpstr (get (examples, 1)->request->prompt, ==, "a house at night");
  g_assert_cmpint (mezzotint_pixels_get_width (get (examples, 0)->pixels), ==, 128);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (inside, files[i].name, NULL);

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
