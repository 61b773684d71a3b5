/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Backends in modules: what is missing, broken or of another version ends in a sentence, and the processor
 * works. */
#include "ops/module.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "libmezzotint-cuda.so"

/* A folder with `bytes` as the module; NULL: with none. */
static char *
make_folder (const char *bytes)
{
  char *folder = g_dir_make_tmp ("mezzotint-module-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, FILE_NAME, NULL);

  if (bytes != NULL)
    g_assert_true (g_file_set_contents (path, bytes, -1, NULL));
  g_setenv ("MEZZOTINT_MODULE_DIR", folder, TRUE);
  return folder;
}

static void
remove_folder (char *folder)
{
  g_autofree char *path = g_build_filename (folder, FILE_NAME, NULL);

  g_unsetenv ("MEZZOTINT_MODULE_DIR");
  g_remove (path);
  g_rmdir (folder);
  g_free (folder);
}

static void
test_missing (void)
{
  char *folder = make_folder (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (mz_backend_module_open (FILE_NAME, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, FILE_NAME));
  remove_folder (folder);
}

static void
test_broken (void)
{
  char *folder = make_folder ("\177ELF, but nothing more");
  g_autoptr (GError) error = NULL;

  g_assert_null (mz_backend_module_open (FILE_NAME, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_BACKEND);
  remove_folder (folder);
}

/* A library of another make: it opens, and lacks the symbol. */
static void
test_foreign (void)
{
  char *folder = make_folder (NULL);
  g_autofree char *path = g_build_filename (folder, FILE_NAME, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink (g_getenv ("MZ_TEST_FOREIGN_MODULE"), path), ==, 0);
  g_assert_null (mz_backend_module_open (FILE_NAME, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_BACKEND);
  remove_folder (folder);
}

static void
test_other_version (void)
{
  g_autoptr (GError) error = NULL;

  g_setenv ("MEZZOTINT_MODULE_DIR", g_getenv ("MZ_TEST_OLD_MODULE_DIR"), TRUE);
  g_assert_null (mz_backend_module_open (FILE_NAME, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_BACKEND);
  g_assert_nonnull (strstr (error->message, "version 4711"));
  g_unsetenv ("MEZZOTINT_MODULE_DIR");
}

static void
test_processor_works_without (void)
{
  char *folder = make_folder ("no library at all");
  g_autoptr (GError) error = NULL;
  g_autoptr (MzDevice) device = NULL;

  g_assert_null (mz_device_open ("cuda", NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_BACKEND);
  g_clear_error (&error);
  g_unsetenv ("MEZZOTINT_BACKEND");
  device = mz_device_open (NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (device->backend->name, ==, "cpu");
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/module/missing", test_missing);
  g_test_add_func ("/module/broken", test_broken);
  g_test_add_func ("/module/foreign", test_foreign);
  g_test_add_func ("/module/other-version", test_other_version);
  g_test_add_func ("/module/processor-works-without", test_processor_works_without);
  return g_test_run ();
}
