/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What was measured on a card, kept in a file: read back, and whatever else stands there. */
#include "backends/cuda/choice-file.h"

#include <glib/gstdio.h>
#include <string.h>

static const MzCudaShape shape = { { 8192, 320, 0, 1, -1 } }, other = { { 1, 2, 3 } }, third = { { 4 } },
                         fourth = { { 5 } };

/* The one file in the cache folder. */
static char *
find_file (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "mezzotint", NULL);
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  char *found = NULL;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_assert_null (found);
      found = g_build_filename (folder, name, NULL);
    }
  g_dir_close (dir);
  return found;
}

static void
check_add (void)
{
  MzCudaChoiceFile *file = mz_cuda_choice_file_open ("card", "versions");
  MzCudaWay way = { 0 };

  g_assert_false (mz_cuda_choice_file_find (file, &shape, &way));
  mz_cuda_choice_file_add (file, &shape, &(MzCudaWay){ .tile = { 128, 64, 3, 7 } });
  mz_cuda_choice_file_add (file, &other, &(MzCudaWay){ .engine = MZ_CUDA_CUDNN, .index = 5 });
  mz_cuda_choice_file_add (file, &third,
                           &(MzCudaWay){ .engine = MZ_CUDA_OWN_HALF, .tile = { 64, 64, 1, 9 } });
  mz_cuda_choice_file_add (file, &fourth,
                           &(MzCudaWay){ .engine = MZ_CUDA_OWN_GROUP, .tile = { 128, 160, 4, 90 } });
  /* another device of the program sees it */
  g_assert_true (mz_cuda_choice_file_open ("card", "versions") == file);
  g_assert_true (mz_cuda_choice_file_find (file, &other, &way));
  g_assert_cmpint (way.engine, ==, MZ_CUDA_CUDNN);
  g_assert_cmpuint (way.index, ==, 5);
  g_assert_true (mz_cuda_choice_file_open ("card", "other versions") != file);
  mz_cuda_choice_file_add (NULL, &shape, &way);
}

/* The lines as another process, and other hands, left them. */
static void
check_read (void)
{
  g_autofree char *path = find_file (), *text = NULL, *copy = NULL, *what = NULL, *hash = NULL, *name = NULL;
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GString) more = g_string_new (NULL);
  MzCudaChoiceFile *file;
  MzCudaWay way = { 0 };

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_string_append (
      more, "\n:\nno colon\n1,2,3:own 1 2 3\n1,2,3:own 1 2 3 4 5\n1,2,3:cudnn -1\n1,2,3:cudnn 99999999999\n"
            "1,2,3:abacus 1\n\xff\xfe:own 1 1 1 1\n");
  g_string_append (more, text);
  g_string_append (more, "1,2"); /* cut off in the middle */
  what = g_strdup ("another card|versions|3");
  hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, what, -1);
  name = g_strdup_printf ("cuda-products-%.16s", hash);
  copy = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (copy, more->str, -1, NULL));
  file = mz_cuda_choice_file_open ("another card", "versions");
  g_assert_true (mz_cuda_choice_file_find (file, &shape, &way));
  g_assert_cmpint (way.engine, ==, MZ_CUDA_OWN);
  g_assert_cmpint (way.tile.rows, ==, 128);
  g_assert_cmpint (way.tile.splits, ==, 3);
  g_assert_true (mz_cuda_choice_file_find (file, &other, &way));
  g_assert_cmpuint (way.index, ==, 5);
  g_assert_true (mz_cuda_choice_file_find (file, &third, &way));
  g_assert_cmpint (way.engine, ==, MZ_CUDA_OWN_HALF);
  g_assert_cmpint (way.tile.blocks_per_split, ==, 9);
  g_assert_true (mz_cuda_choice_file_find (file, &fourth, &way));
  g_assert_cmpint (way.engine, ==, MZ_CUDA_OWN_GROUP);
  g_assert_cmpint (way.tile.columns, ==, 160);
  g_remove (copy);
}

/* A folder that cannot be written: what was measured holds for this run. */
static void
check_unwritable (void)
{
  g_autofree char *path = find_file (), *folder = g_path_get_dirname (path);
  MzCudaChoiceFile *file;
  MzCudaWay way = { 0 };

  g_remove (path);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_assert_true (g_file_set_contents (folder, "a file in its place", -1, NULL));
  file = mz_cuda_choice_file_open ("third card", "versions");
  mz_cuda_choice_file_add (file, &shape, &(MzCudaWay){ .engine = MZ_CUDA_CUBLASLT, .index = 2 });
  g_assert_true (mz_cuda_choice_file_find (file, &shape, &way));
  g_assert_cmpuint (way.index, ==, 2);
}

/* One after the other: a test gets a cache folder of its own. */
static void
test_file (void)
{
  check_add ();
  check_read ();
  check_unwritable ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/cuda-choice-file/file", test_file);
  return g_test_run ();
}
