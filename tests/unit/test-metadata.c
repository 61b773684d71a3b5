/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts of PNG, JPEG and WebP files, and what damage does. */
#include <string.h>

#include "app/files/metadata.h"
#include "picture-texts.h"

#define COMMENT "a fox, été, 猫 🦊\nSteps: 20"

static MezzotintMetadata *
read_bytes (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  MezzotintMetadata *metadata = mezzotint_metadata_read_bytes (bytes, "x", &error);

  g_assert_no_error (error);
  return metadata;
}

static void
test_png (void)
{
  static const char *const texts[]
      = { "parameters", "one", "workflow", "{\"é\": 1}", "parameters", "two", "", "empty", NULL };
  g_autoptr (GBytes) bytes = picture_texts_png (70000, 3, texts);
  g_autoptr (MezzotintMetadata) metadata = read_bytes (bytes);

  g_assert_cmpint (metadata->width, ==, 70000);
  g_assert_cmpint (metadata->height, ==, 3);
  g_assert_cmpuint (metadata->texts->len, ==, 3);
  g_assert_cmpstr (mezzotint_metadata_get (metadata, "parameters"), ==, "one"); /* the first counts */
  g_assert_cmpstr (mezzotint_metadata_get (metadata, "workflow"), ==, "{\"é\": 1}");
  g_assert_null (mezzotint_metadata_get (metadata, "Workflow"));
  g_assert_null (metadata->problem);
}

/* No more than the limits, however many there are. */
static void
test_limits (void)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (MezzotintMetadata) metadata = NULL;

  g_ptr_array_add (texts, g_strdup ("huge"));
  g_ptr_array_add (texts, g_strnfill (MEZZOTINT_METADATA_MAX_BYTES, 'x'));
  for (int i = 0; i < 100; i++)
    {
      g_ptr_array_add (texts, g_strdup_printf ("key %d", i));
      g_ptr_array_add (texts, g_strdup ("value"));
    }
  g_ptr_array_add (texts, NULL);
  bytes = picture_texts_png (8, 8, (const char *const *) texts->pdata);
  metadata = read_bytes (bytes);
  g_assert_cmpuint (metadata->texts->len, ==, MEZZOTINT_METADATA_MAX_TEXTS);
  g_assert_null (mezzotint_metadata_get (metadata, "huge"));
}

/* Changes the text that begins so, keyword in front. */
static void
damage_text (GByteArray *png, const char *begin, gsize n)
{
  guint8 *found = memmem (png->data, png->len, begin, n);

  found[n - 1] ^= 1;
}

/* What is not kept is not looked at either: nobody notices that it is damaged. */
static void
test_work (void)
{
  enum
  {
    MOST = MEZZOTINT_METADATA_MAX_BYTES / 8 * 7
  };
  g_autofree char *first = g_strnfill (MOST, '1'), *second = g_strnfill (MOST, '2');
  g_autofree char *third = g_strnfill (MOST, '3');
  const char *const texts[] = { "a", first, "a", "5", "b", second, "c", third, "late", "9", NULL };
  g_autoptr (GByteArray) png = g_bytes_unref_to_array (picture_texts_png (8, 8, texts));
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (MezzotintMetadata) metadata = NULL;

  damage_text (png, "c\0003", 3);
  damage_text (png, "a\0005", 3);
  bytes = g_bytes_new_static (png->data, png->len);
  metadata = read_bytes (bytes);
  g_assert_cmpstr (metadata->problem, ==, NULL);
  g_assert_cmpuint (metadata->texts->len, ==, 2);
  g_assert_cmpstr (mezzotint_metadata_get (metadata, "a"), ==, first);
  g_assert_cmpstr (mezzotint_metadata_get (metadata, "late"), ==, "9");
}

static void
test_exif (void)
{
  static const struct
  {
    const char *text, *charset;
  } cases[] = { { COMMENT, "UTF-16BE" }, { COMMENT, "UTF-16LE" }, { "plain", NULL }, { "", NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (cases) * 4; i++)
    {
      guint which = i / 4;
      g_autoptr (GBytes) exif
          = picture_texts_exif (cases[which].text, cases[which].charset, "Some program", (i & 1) != 0);
      g_autoptr (GBytes) bytes = (i & 2) != 0 ? picture_texts_webp (exif) : picture_texts_jpeg (exif);
      g_autoptr (MezzotintMetadata) metadata = read_bytes (bytes);

      g_assert_cmpstr (mezzotint_metadata_get (metadata, "UserComment"), ==, cases[which].text);
      g_assert_cmpstr (mezzotint_metadata_get (metadata, "Software"), ==, "Some program");
      g_assert_cmpint (metadata->width, ==, 64);
      g_assert_cmpint (metadata->height, ==, 32);
      g_assert_null (metadata->problem);
    }
}

static void
test_no_picture (void)
{
  static const char *const cases[]
      = { "", "G", "GIF89a", "RIFF", "RIFF\4\0\0\0WAVE", "\x89PNG\r\n\x1a", "\xff" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize n = i == 4 ? 12 : strlen (cases[i]);
      g_autoptr (GBytes) bytes = g_bytes_new_static (cases[i], n);
      g_autoptr (GError) error = NULL;

      g_assert_null (mezzotint_metadata_read_bytes (bytes, "x", &error));
      g_assert_error (error, MZ_ERROR, MZ_ERROR_FORMAT);
    }
}

/* Cut anywhere, and with any bytes changed: an error or what could be read, and never an invalid text. */
static void
check_broken (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintMetadata) metadata = mezzotint_metadata_read_bytes (bytes, "x", &error);

  g_assert_true ((metadata == NULL) == (error != NULL));
  for (guint i = 0; metadata != NULL && i < metadata->texts->len; i++)
    {
      const MezzotintText *text = &g_array_index (metadata->texts, MezzotintText, i);

      g_assert_true (g_utf8_validate (text->keyword, -1, NULL));
      g_assert_true (g_utf8_validate (text->text, -1, NULL));
    }
}

static void
test_broken (void)
{
  static const char *const texts[] = { "parameters", COMMENT, "prompt", "{}", NULL };
  g_autoptr (GBytes) exif = picture_texts_exif (COMMENT, "UTF-16BE", "Some program", TRUE);
  g_autoptr (GBytes) exif_little = picture_texts_exif (COMMENT, "UTF-16LE", NULL, FALSE);
  GBytes *files[] = { picture_texts_png (8, 8, texts), picture_texts_jpeg (exif), picture_texts_webp (exif),
                      picture_texts_jpeg (exif_little), picture_texts_webp (exif_little) };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (guint f = 0; f < G_N_ELEMENTS (files); f++)
    {
      gsize n = g_bytes_get_size (files[f]);

      for (gsize length = 0; length < n; length++)
        {
          g_autoptr (GBytes) cut = g_bytes_new_from_bytes (files[f], 0, length);
          g_autoptr (GBytes) copy = g_bytes_new (g_bytes_get_data (cut, NULL), length); /* for sanitizers */

          check_broken (copy);
        }
      for (int i = 0; i < 4000; i++)
        {
          guint8 *data = g_memdup2 (g_bytes_get_data (files[f], NULL), n);
          g_autoptr (GBytes) changed = NULL;

          for (int j = g_rand_int_range (rand, 1, 5); j > 0; j--)
            data[g_rand_int_range (rand, 0, (int) n)] = (guint8) g_rand_int (rand);
          changed = g_bytes_new_take (data, n);
          check_broken (changed);
        }
      g_bytes_unref (files[f]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metadata/png", test_png);
  g_test_add_func ("/metadata/limits", test_limits);
  g_test_add_func ("/metadata/work", test_work);
  g_test_add_func ("/metadata/exif", test_exif);
  g_test_add_func ("/metadata/no-picture", test_no_picture);
  g_test_add_func ("/metadata/broken", test_broken);
  return g_test_run ();
}
