/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Small picture files for tests. */
#include "picture-texts.h"

#include <string.h>

static void
add_number (GByteArray *out, guint32 value, int n_bytes, gboolean big_endian)
{
  for (int i = 0; i < n_bytes; i++)
    {
      guint8 byte = (guint8) (value >> 8 * (big_endian ? n_bytes - 1 - i : i));

      g_byte_array_append (out, &byte, 1);
    }
}

static void
add_text (GByteArray *out, const char *text)
{
  g_byte_array_append (out, (const guint8 *) text, (guint) strlen (text));
}

/* ---- PNG ---- */

static guint32
crc_of (const guint8 *data, gsize n)
{
  guint32 crc = ~0u;

  for (gsize i = 0; i < n; i++)
    for (int bit = 0; bit < 8; bit++)
      {
        guint32 low = (crc ^ (guint32) (data[i] >> bit)) & 1;

        crc = (crc >> 1) ^ (low ? 0xedb88320u : 0);
      }
  return ~crc;
}

static void
add_chunk (GByteArray *out, const char *type, const GByteArray *data)
{
  guint start = out->len + 4;

  add_number (out, data->len, 4, TRUE);
  add_text (out, type);
  g_byte_array_append (out, data->data, data->len);
  add_number (out, crc_of (out->data + start, out->len - start), 4, TRUE);
}

GBytes *
picture_texts_png (int width, int height, const char *const *texts)
{
  GByteArray *out = g_byte_array_new ();
  g_autoptr (GByteArray) header = g_byte_array_new (), nothing = g_byte_array_new ();

  g_byte_array_append (out, (const guint8 *) "\x89PNG\r\n\x1a\n", 8);
  add_number (header, (guint32) width, 4, TRUE);
  add_number (header, (guint32) height, 4, TRUE);
  g_byte_array_append (header, (const guint8 *) "\x08\x02\0\0\0", 5);
  add_chunk (out, "IHDR", header);
  for (; texts != NULL && texts[0] != NULL; texts += 2)
    {
      g_autoptr (GByteArray) chunk = g_byte_array_new ();
      gboolean ascii = g_str_is_ascii (texts[1]);

      g_byte_array_append (chunk, (const guint8 *) texts[0], (guint) strlen (texts[0]) + 1);
      if (!ascii)
        g_byte_array_append (chunk, (const guint8 *) "\0\0\0\0", 4);
      add_text (chunk, texts[1]);
      add_chunk (out, ascii ? "tEXt" : "iTXt", chunk);
    }
  add_chunk (out, "IDAT", nothing);
  add_chunk (out, "IEND", nothing);
  return g_byte_array_free_to_bytes (out);
}

/* ---- EXIF ---- */

static void
add_entry (GByteArray *out, guint tag, guint type, gsize n, gsize value, gboolean big)
{
  add_number (out, tag, 2, big);
  add_number (out, type, 2, big);
  add_number (out, (guint32) n, 4, big);
  add_number (out, (guint32) value, 4, big);
}

GBytes *
picture_texts_exif (const char *text, const char *charset, const char *software, gboolean big_endian)
{
  GByteArray *out = g_byte_array_new ();
  g_autofree char *encoded = NULL;
  gsize n = strlen (text), n_software = software != NULL ? strlen (software) + 1 : 0;
  guint n_entries = software != NULL ? 2 : 1;
  /* Header, first table, second table, then the texts. */
  gsize second = 8 + 2 + 12 * n_entries + 4, texts = second + 2 + 12 + 4;

  if (charset != NULL)
    encoded = g_convert (text, -1, charset, "UTF-8", NULL, &n, NULL);
  add_text (out, big_endian ? "MM" : "II");
  add_number (out, 42, 2, big_endian);
  add_number (out, 8, 4, big_endian);
  add_number (out, n_entries, 2, big_endian);
  if (software != NULL)
    add_entry (out, 0x131, 2, n_software, texts, big_endian);
  add_entry (out, 0x8769, 4, 1, second, big_endian);
  add_number (out, 0, 4, big_endian);
  add_number (out, 1, 2, big_endian);
  add_entry (out, 0x9286, 7, n + 8, texts + n_software, big_endian);
  add_number (out, 0, 4, big_endian);
  if (software != NULL)
    g_byte_array_append (out, (const guint8 *) software, (guint) n_software);
  g_byte_array_append (out, (const guint8 *) (charset != NULL ? "UNICODE\0" : "ASCII\0\0\0"), 8);
  g_byte_array_append (out, (const guint8 *) (encoded != NULL ? encoded : text), (guint) n);
  return g_byte_array_free_to_bytes (out);
}

/* ---- JPEG and WebP ---- */

GBytes *
picture_texts_jpeg (GBytes *exif)
{
  GByteArray *out = g_byte_array_new ();

  g_byte_array_append (out, (const guint8 *) "\xff\xd8", 2);
  if (exif != NULL)
    {
      gsize n;
      gconstpointer data = g_bytes_get_data (exif, &n);

      g_byte_array_append (out, (const guint8 *) "\xff\xe1", 2);
      add_number (out, (guint32) n + 8, 2, TRUE);
      g_byte_array_append (out, (const guint8 *) "Exif\0\0", 6);
      g_byte_array_append (out, data, (guint) n);
    }
  g_byte_array_append (out, (const guint8 *) "\xff\xc0\0\x0b\x08\0\x20\0\x40\x01\x01\x11\0\xff\xd9", 15);
  return g_byte_array_free_to_bytes (out);
}

static void
add_riff_chunk (GByteArray *out, const char *type, gconstpointer data, gsize n)
{
  add_text (out, type);
  add_number (out, (guint32) n, 4, FALSE);
  g_byte_array_append (out, data, (guint) n);
  if (n % 2 == 1)
    g_byte_array_append (out, (const guint8 *) "", 1);
}

GBytes *
picture_texts_webp (GBytes *exif)
{
  GByteArray *out = g_byte_array_new ();
  g_autoptr (GByteArray) chunks = g_byte_array_new ();

  add_riff_chunk (chunks, "VP8X", "\x08\0\0\0\x3f\0\0\x1f\0\0", 10);
  add_riff_chunk (chunks, "VP8L", "\x2f\x3f\xc0\x07\0 and pixels", 16);
  if (exif != NULL)
    {
      gsize n;
      gconstpointer data = g_bytes_get_data (exif, &n);

      add_riff_chunk (chunks, "EXIF", data, n);
    }
  add_text (out, "RIFF");
  add_number (out, chunks->len + 4, 4, FALSE);
  add_text (out, "WEBP");
  g_byte_array_append (out, chunks->data, chunks->len);
  return g_byte_array_free_to_bytes (out);
}
