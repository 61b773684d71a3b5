/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Hashes of models: right, remembered, forgotten when the file changes, and cancelled. */
#include <glib/gstdio.h>
#include <utime.h>

#include "app/jobs/model-hash.h"

typedef struct
{
  char *folder, *cache, *path;
  char *file; /* of the model, hashed */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *golden = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "tiny-diffusers", NULL);
  g_autoptr (GError) error = NULL;
  MzModelInfo *info;
  const char *copy[] = { "cp", "-r", golden, NULL, NULL };

  fixture->folder = g_dir_make_tmp ("mezzotint-hash-XXXXXX", NULL);
  fixture->cache = g_build_filename (fixture->folder, "cache", NULL);
  fixture->path = g_build_filename (fixture->folder, "model", NULL);
  copy[3] = fixture->path;
  g_spawn_sync (NULL, (char **) copy, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  info = mz_model_inspect (fixture->path, &error);
  g_assert_no_error (error);
  fixture->file = g_strdup (info->hashed_file);
  mz_model_info_free (info);
  g_assert_true (g_str_has_prefix (fixture->file, fixture->path));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  const char *remove[] = { "rm", "-rf", fixture->folder, NULL };

  g_spawn_sync (NULL, (char **) remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (fixture->folder);
  g_free (fixture->cache);
  g_free (fixture->path);
  g_free (fixture->file);
}

static char *
hash_now (Fixture *fixture)
{
  g_autoptr (MezzotintModelHash) hash = mezzotint_model_hash_new (fixture->path, fixture->cache);
  g_autoptr (GError) error = NULL;
  const char *sha256 = mezzotint_model_hash_wait (hash, NULL, &error);

  g_assert_no_error (error);
  return g_strdup (sha256);
}

static char *
hash_of_file (const char *path)
{
  g_autofree char *bytes = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guint8 *) bytes, n);
}

static void
test_remembered (Fixture *fixture, gconstpointer data)
{
  g_autofree char *expected = hash_of_file (fixture->file);
  g_autofree char *first = hash_now (fixture);
  g_autofree char *remembered = g_build_filename (fixture->cache, "model-hashes", NULL);
  g_autofree char *text = NULL, *changed = NULL, *second = NULL, *third = NULL;
  g_auto (GStrv) halves = NULL;

  g_assert_cmpstr (first, ==, expected);
  /* Another hash in its place shows whether the file is asked. */
  g_assert_true (g_file_get_contents (remembered, &text, NULL, NULL));
  halves = g_strsplit (text, expected, 2);
  changed = g_strconcat (halves[0], "cafe", halves[1], NULL);
  g_assert_true (g_file_set_contents (remembered, changed, -1, NULL));
  second = hash_now (fixture);
  g_assert_cmpstr (second, ==, "cafe");
  /* A file that was touched is hashed anew. */
  g_assert_cmpint (g_utime (fixture->file, &(struct utimbuf){ 1, 1 }), ==, 0);
  third = hash_now (fixture);
  g_assert_cmpstr (third, ==, expected);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (MezzotintModelHash) hash = mezzotint_model_hash_new (fixture->path, fixture->cache);
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  g_autoptr (GError) error = NULL;
  const char *sha256;

  mz_cancel_trigger (cancel);
  sha256 = mezzotint_model_hash_wait (hash, cancel, &error);
  g_assert_true ((sha256 == NULL) == (error != NULL)); /* it may have been quick enough */
  if (error != NULL)
    g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
}

static void
test_unwritable_cache (Fixture *fixture, gconstpointer data)
{
  g_autofree char *expected = hash_of_file (fixture->file);
  g_autofree char *got = NULL;

  g_free (fixture->cache);
  fixture->cache = g_build_filename (fixture->file, "below-a-file", NULL);
  got = hash_now (fixture);
  g_assert_cmpstr (got, ==, expected);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/model-hash/remembered", test_remembered);
  ADD ("/model-hash/cancelled", test_cancelled);
  ADD ("/model-hash/unwritable-cache", test_unwritable_cache);
  return g_test_run ();
}
