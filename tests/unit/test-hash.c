/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tables of names from files, filled with names that were chosen to fall into one slot. */
#include <string.h>
#include <time.h>

#include "core/hash.h"
#include "core/json-scan.h"
#include "core/weights.h"
#include "io-fixture.h"
#include "io/safetensors.h"
#include "io/shard-index.h"
#include "text/tokenizer.h"

#define N_BITS 15
#define N_NAMES (1u << N_BITS)
#define NAME_BYTES (2 * N_BITS + 1)
/* Each table takes some hundredths; comparing each name with each before it takes some seconds. */
#define MAX_CPU_S 2.0

/* Name `i`, whose g_str_hash() is that of every other: 33 * 'a' + 'b' = 33 * 'b' + 'A'. */
static const char *
colliding (guint i, char name[NAME_BYTES])
{
  for (guint bit = 0; bit < N_BITS; bit++)
    memcpy (name + 2 * bit, i >> bit & 1 ? "bA" : "ab", 2);
  name[NAME_BYTES - 1] = 0;
  return name;
}

/* What this process has worked, whatever others do meanwhile. */
static double
cpu_s (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

static void
check_cpu (double start)
{
  double seconds = cpu_s () - start;

  g_test_message ("%.3f s", seconds);
  g_assert_cmpfloat (seconds, <, MAX_CPU_S);
}

/* All names as an object's members, each with the value, or with its index where that is NULL. */
static GString *
make_object (const char *before, const char *value, const char *after)
{
  GString *text = g_string_new (before);

  for (guint i = 0; i < N_NAMES; i++)
    {
      char name[NAME_BYTES];

      g_string_append_printf (text, "%s\"%s\":", i > 0 ? "," : "", colliding (i, name));
      if (value != NULL)
        g_string_append (text, value);
      else
        g_string_append_printf (text, "%u", i);
    }
  g_string_append (text, after);
  return text;
}

static void
test_hash (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  char name[NAME_BYTES], first[NAME_BYTES];

  colliding (0, first);
  for (guint i = 0; i < N_NAMES; i++)
    {
      g_assert_cmpuint (g_str_hash (colliding (i, name)), ==, g_str_hash (first));
      g_hash_table_add (seen, GUINT_TO_POINTER (mz_str_hash (name)));
      g_assert_cmpuint (mz_str_hash (name), ==, (guint) mz_hash_bytes (name, strlen (name)));
    }
  /* of 2^15 draws from 2^32, 0.1 pairs are expected to be equal; ten would be a wonder */
  g_assert_cmpuint (g_hash_table_size (seen), >, N_NAMES - 10);
  /* every byte counts, and the length does */
  for (gsize n = 0; n < 20; n++)
    {
      const char zeros[21] = { 0 };
      char one[21] = { 0 };

      one[n] = 1;
      g_assert_cmpuint (mz_hash_bytes (zeros, n), !=, mz_hash_bytes (zeros, n + 1));
      g_assert_cmpuint (mz_hash_bytes (zeros, n + 1), !=, mz_hash_bytes (one, n + 1));
    }
}

static void
test_weights (void)
{
  MzWeights *weights = mz_weights_new ("x");
  MzView view = { .n_dims = 0 };
  double start = cpu_s ();

  for (guint i = 0; i < N_NAMES; i++)
    {
      char name[NAME_BYTES];

      g_assert_true (mz_weights_add (weights, colliding (i, name), &view));
    }
  check_cpu (start);
  mz_weights_unref (weights);
}

static void
test_safetensors (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  GString *header = make_object ("{", "{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}", "}");
  g_autofree char *path = fixture_write_safetensors (folder, "x.safetensors", header->str, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (MzSafetensors) file = NULL;
  double start = cpu_s ();

  file = mz_safetensors_open (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (file->n_tensors, ==, N_NAMES);
  check_cpu (start);
  g_string_free (header, TRUE);
}

static void
test_shard_index (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  GString *text = make_object ("{\"weight_map\":{", "\"a.safetensors\"", "}}");
  g_autofree char *path = fixture_write_text (folder, "x.json", text->str);
  g_autoptr (GError) error = NULL;
  g_autoptr (MzShardIndex) index = NULL;
  double start = cpu_s ();

  index = mz_shard_index_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (index->weight_map), ==, N_NAMES);
  check_cpu (start);
  g_string_free (text, TRUE);
}

/* Small settings have few keys, so that what reads them next has no such table either. */
static void
test_json (void)
{
  GString *text = make_object ("{", "1", "}");
  double start = cpu_s ();
  g_autofree char *problem = mz_json_find_problem (text->str, text->len);

  g_assert_nonnull (problem);
  g_assert_nonnull (strstr (problem, "too many keys"));
  check_cpu (start);
  g_string_free (text, TRUE);
}

/* Both forms of a vocabulary, as files. */
static void
test_vocabulary (void)
{
  static const char *const files[] = { "vocab.json", "tokenizer.json" };
  static const char *const before[] = { "{", "{\"model\":{\"type\":\"BPE\",\"end_of_word_suffix\":\"</w>\","
                                             "\"merges\":[],\"vocab\":{" };
  static const char *const after[] = { ",\"<|startoftext|>\":40000,\"<|endoftext|>\":40001}",
                                       ",\"<|startoftext|>\":40000,\"<|endoftext|>\":40001}}}" };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (FixtureFolder) folder = fixture_folder_new ();
      GString *text = make_object (before[i], NULL, after[i]);
      G_GNUC_UNUSED g_autofree char *path = fixture_write_text (folder, files[i], text->str);
      G_GNUC_UNUSED g_autofree char *merges = fixture_write_text (folder, "merges.txt", "#version: 0.2\n");
      g_autoptr (GError) error = NULL;
      g_autoptr (MzTokenizer) tokenizer = NULL;
      double start = cpu_s ();

      tokenizer = mz_tokenizer_new_from_dir (folder, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (mz_tokenizer_get_vocab_size (tokenizer), ==, 40002);
      check_cpu (start);
      g_string_free (text, TRUE);
    }
}

/* Settings of a tokenizer, which json-glib reads. */
static void
test_tokenizer_settings (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  GString *text = make_object ("{", "1", "}");
  g_autofree char *golden = fixture_golden ("tokenizer-small");
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  double start;

  fixture_copy_tree (golden, folder);
  path = fixture_write_text (folder, "tokenizer_config.json", text->str);
  start = cpu_s ();
  g_assert_null (mz_tokenizer_new_from_dir (folder, &error));
  fixture_assert_error (error, MZ_ERROR_FORMAT, path, "more elements");
  check_cpu (start);
  g_string_free (text, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hash/hash", test_hash);
  g_test_add_func ("/hash/weights", test_weights);
  g_test_add_func ("/hash/safetensors", test_safetensors);
  g_test_add_func ("/hash/shard-index", test_shard_index);
  g_test_add_func ("/hash/json", test_json);
  g_test_add_func ("/hash/vocabulary", test_vocabulary);
  g_test_add_func ("/hash/tokenizer-settings", test_tokenizer_settings);
  return g_test_run ();
}
