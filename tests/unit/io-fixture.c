/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Model files for tests: written from scratch with any header, sound or not. */
#include "io-fixture.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

FixtureFolder *
fixture_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("mezzotint-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static int
remove_cb (const char *path, const struct stat *info, int kind, struct FTW *ftw)
{
  return remove (path);
}

void
fixture_folder_free (FixtureFolder *folder)
{
  g_assert_cmpint (nftw (folder, remove_cb, 16, FTW_DEPTH | FTW_PHYS), ==, 0);
  g_free (folder);
}

char *
fixture_path (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

char *
fixture_golden (const char *name)
{
  const char *folder = g_getenv ("MZ_GOLDEN_DIR");

  g_assert_nonnull (folder);
  return g_build_filename (folder, name, NULL);
}

void
fixture_write_bytes (const char *path, const void *bytes, gsize n_bytes)
{
  FILE *file;

  g_unlink (
      path); /* file systems write a file to the disk when it is closed after having been cut to nothing */
  file = fopen (path, "wb");
  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (bytes, 1, n_bytes, file), ==, n_bytes);
  g_assert_cmpint (fclose (file), ==, 0);
}

char *
fixture_write_text (const char *folder, const char *name, const char *text)
{
  char *path = fixture_path (folder, name);

  fixture_write_bytes (path, text, strlen (text));
  return path;
}

char *
fixture_write_safetensors (const char *folder, const char *name, const char *header, guint64 n_data)
{
  char *path = fixture_path (folder, name);
  gsize n_header = strlen (header);
  guint64 prefix = GUINT64_TO_LE ((guint64) n_header);
  FILE *file;

  g_unlink (path); /* as above */
  file = fopen (path, "wb");
  g_assert_nonnull (file);
  g_assert_cmpint (fwrite (&prefix, 8, 1, file), ==, 1);
  g_assert_cmpint (fwrite (header, 1, n_header, file), ==, n_header);
  g_assert_cmpint (fflush (file), ==, 0);
  g_assert_cmpint (ftruncate (fileno (file), (off_t) (8 + n_header + n_data)), ==, 0);
  g_assert_cmpint (fclose (file), ==, 0);
  return path;
}

void
fixture_copy_tree (const char *from, const char *to)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  g_assert_cmpint (g_mkdir_with_parents (to, 0700), ==, 0);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *source = fixture_path (from, name), *target = fixture_path (to, name), *bytes = NULL;
      gsize n_bytes;

      if (g_file_test (source, G_FILE_TEST_IS_DIR))
        {
          fixture_copy_tree (source, target);
          continue;
        }
      g_assert_true (g_file_get_contents (source, &bytes, &n_bytes, NULL));
      fixture_write_bytes (target, bytes, n_bytes);
    }
}

void
fixture_replace (const char *path, const char *from, const char *to)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GString) text = NULL;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gboolean is_text = !g_str_has_suffix (path, ".safetensors");
  guint64 prefix = 0;
  gsize n_bytes, n_text;

  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  if (!is_text)
    memcpy (&prefix, bytes, 8);
  n_text = is_text ? n_bytes : (gsize) GUINT64_FROM_LE (prefix);
  text = g_string_new_len (is_text ? bytes : bytes + 8, (gssize) n_text);
  g_assert_cmpuint (g_string_replace (text, from, to, 0), >, 0);
  if (!is_text)
    {
      prefix = GUINT64_TO_LE ((guint64) text->len);
      g_byte_array_append (out, (const guint8 *) &prefix, 8);
    }
  g_byte_array_append (out, (const guint8 *) text->str, (guint) text->len);
  if (!is_text)
    g_byte_array_append (out, (const guint8 *) bytes + 8 + n_text, (guint) (n_bytes - 8 - n_text));
  fixture_write_bytes (path, out->data, out->len);
}

FixtureTensors *
fixture_tensors_new (void)
{
  FixtureTensors *tensors = g_new0 (FixtureTensors, 1);

  tensors->header = g_string_new ("{\"__metadata__\":{\"format\":\"pt\"}");
  return tensors;
}

guint64
fixture_tensors_add (FixtureTensors *tensors, const char *name, const char *dtype, const char *shape)
{
  guint64 n_bytes = g_str_equal (dtype, "F16") ? 2 : 4, begin = tensors->n_data;
  const char *p = shape + 1;

  while (*p != 0 && *p != ']')
    {
      char *end;

      n_bytes *= g_ascii_strtoull (p, &end, 10);
      p = end + strspn (end, ", ");
    }
  tensors->n_data += n_bytes;
  g_string_append_printf (tensors->header,
                          ",\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%" G_GUINT64_FORMAT
                          ",%" G_GUINT64_FORMAT "]}",
                          name, dtype, shape, begin, tensors->n_data);
  return begin;
}

char *
fixture_tensors_write (FixtureTensors *tensors, const char *folder, const char *name)
{
  char *path;

  g_string_append_c (tensors->header, '}');
  path = fixture_write_safetensors (folder, name, tensors->header->str, tensors->n_data);
  g_string_free (tensors->header, TRUE);
  g_free (tensors);
  return path;
}

void
fixture_check_error (const char *where, GError **error, int code, const char *const *texts)
{
  if (*error == NULL)
    g_error ("%s: there is no error", where);
  if (!g_error_matches (*error, MZ_ERROR, code))
    g_error ("%s: the error has the code %d instead of %d: %s", where, (*error)->code, code,
             (*error)->message);
  if (!g_str_has_suffix ((*error)->message, ".") || strchr ((*error)->message, '\n') != NULL
      || !g_utf8_validate ((*error)->message, -1, NULL) || strpbrk ((*error)->message, "\x1b\a") != NULL)
    g_error ("%s: not a sentence: %s", where, (*error)->message);
  for (int i = 0; texts[i] != NULL; i++)
    if (strstr ((*error)->message, texts[i]) == NULL)
      g_error ("%s: “%s” is not in: %s", where, texts[i], (*error)->message);
  g_clear_error (error);
}
