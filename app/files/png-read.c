/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading the texts of a PNG file: a walk over its chunks that never touches the pixels. libpng would have to
 * decode them to get at what stands behind, and keeps every text in memory; this keeps one. */
#include "app/files/png-file.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

static const guint8 SIGNATURE[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };

typedef struct
{
  FILE *stream;
  const char *shown; /* file name for messages */
} Reader;

typedef struct
{
  guint32 length; /* bytes of data */
  char type[5];
} Chunk;

/* CRC-32 of PNG (ISO 3309), bit by bit: it only ever sees one text. */
static guint32
add_to_crc (guint32 crc, const guint8 *data, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      crc ^= data[i];
      for (int bit = 0; bit < 8; bit++)
        crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
    }
  return crc;
}

static guint32
big_endian (const guint8 *p)
{
  return ((guint32) p[0] << 24) | ((guint32) p[1] << 16) | ((guint32) p[2] << 8) | p[3];
}

static gboolean
set_damaged (Reader *reader, const char *what, GError **error)
{
  g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("The picture “%s” is damaged: %s."), reader->shown, what);
  return FALSE;
}

static gboolean
read_exactly (Reader *reader, gpointer into, gsize n, GError **error)
{
  if (fread (into, 1, n, reader->stream) == n)
    return TRUE;
  if (!ferror (reader->stream))
    return set_damaged (reader, _ ("it ends too early"), error);
  g_set_error (error, MZ_ERROR, MZ_ERROR_IO, _ ("The picture “%s” cannot be read: %s."), reader->shown,
               g_strerror (errno));
  return FALSE;
}

static gboolean
read_chunk_header (Reader *reader, Chunk *chunk, GError **error)
{
  guint8 header[8];

  if (!read_exactly (reader, header, sizeof header, error))
    return FALSE;
  chunk->length = big_endian (header);
  memcpy (chunk->type, header + 4, 4);
  chunk->type[4] = '\0';
  for (int i = 0; i < 4; i++)
    if (!g_ascii_isalpha (chunk->type[i]))
      return set_damaged (reader, _ ("a chunk has no valid name"), error);
  if (chunk->length > G_MAXINT32)
    return set_damaged (reader, _ ("a chunk is longer than PNG allows"), error);
  return TRUE;
}

/* Signature and IHDR. */
static gboolean
read_start (Reader *reader, GError **error)
{
  guint8 signature[8], data[13 + 4];
  Chunk chunk;

  if (fread (signature, 1, sizeof signature, reader->stream) != sizeof signature
      || memcmp (signature, SIGNATURE, sizeof signature) != 0)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("“%s” is not a PNG picture."), reader->shown);
      return FALSE;
    }
  if (!read_chunk_header (reader, &chunk, error))
    return FALSE;
  if (strcmp (chunk.type, "IHDR") != 0 || chunk.length != 13)
    return set_damaged (reader, _ ("it has no header"), error);
  if (!read_exactly (reader, data, sizeof data, error))
    return FALSE;
  if (big_endian (data) - 1 >= G_MAXINT32 || big_endian (data + 4) - 1 >= G_MAXINT32)
    return set_damaged (reader, _ ("its size makes no sense"), error);
  return TRUE;
}

/* Inflates a zlib stream; NULL when it is broken or longer than the limit. */
static char *
inflate_text (const guint8 *data, gsize n, gsize *n_text)
{
  g_autoptr (GZlibDecompressor) inflate = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  g_autoptr (GByteArray) text = g_byte_array_new ();
  guint8 piece[16384];

  for (;;)
    {
      gsize used = 0, made = 0;
      GConverterResult result = g_converter_convert (G_CONVERTER (inflate), data, n, piece, sizeof piece,
                                                     G_CONVERTER_INPUT_AT_END, &used, &made, NULL);

      if (result == G_CONVERTER_ERROR || text->len + made > MEZZOTINT_PNG_MAX_TEXT_BYTES)
        return NULL;
      g_byte_array_append (text, piece, made);
      data += used;
      n -= used;
      if (result == G_CONVERTER_FINISHED)
        break;
    }
  *n_text = text->len;
  return (char *) g_byte_array_free (g_steal_pointer (&text), FALSE);
}

/* The end of the NUL-terminated string at p, or NULL when it runs past `end`. */
static const guint8 *
find_nul (const guint8 *p, const guint8 *end)
{
  return p < end ? memchr (p, 0, end - p) : NULL;
}

/* Text of a tEXt, zTXt or iTXt chunk, behind its keyword. NULL when the chunk makes no sense. */
static char *
decode_text (const char *type, const guint8 *data, const guint8 *end)
{
  g_autofree char *inflated = NULL;
  gboolean is_utf8 = strcmp (type, "iTXt") == 0;
  gboolean is_deflated = strcmp (type, "zTXt") == 0;
  gsize n;

  if (is_utf8)
    { /* flag, method, language, translated keyword */
      if (end - data < 2 || data[0] > 1)
        return NULL;
      is_deflated = data[0] == 1;
      data = find_nul (data + 2, end);
      data = data != NULL ? find_nul (data + 1, end) : NULL;
    }
  else if (is_deflated && data == end)
    return NULL;
  if (data == NULL)
    return NULL;
  if (is_utf8 || is_deflated)
    data++;
  n = end - data;
  if (is_deflated)
    {
      if ((inflated = inflate_text (data, n, &n)) == NULL)
        return NULL;
      data = (const guint8 *) inflated;
    }
  if (memchr (data, 0, n) != NULL)
    return NULL; /* no text has one; g_convert would stop there or worse */
  if (is_utf8)
    return g_utf8_make_valid ((const char *) data, n);
  if (g_utf8_validate_len ((const char *) data, n, NULL))
    return g_strndup ((const char *) data, n); /* against the standard, but some programs do it */
  return g_convert ((const char *) data, n, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
}

/* Reads one text chunk. Returns FALSE on errors; *text is set when it is the one with this keyword. */
static gboolean
read_text_chunk (Reader *reader, const Chunk *chunk, const char *keyword, char **text, GError **error)
{
  g_autofree guint8 *data = g_try_malloc (chunk->length + 4);
  const guint8 *end, *nul;

  if (data == NULL)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("There is not enough memory to read “%s”."),
                   reader->shown);
      return FALSE;
    }
  if (!read_exactly (reader, data, chunk->length + 4, error))
    return FALSE;
  end = data + chunk->length;
  nul = find_nul (data, end);
  if (nul == NULL || strcmp ((const char *) data, keyword) != 0)
    return TRUE;
  if (~add_to_crc (add_to_crc (~0u, (const guint8 *) chunk->type, 4), data, chunk->length)
      != big_endian (end))
    return set_damaged (reader, _ ("the checksum of its settings is wrong"), error);
  *text = decode_text (chunk->type, nul + 1, end);
  return *text != NULL || set_damaged (reader, _ ("its settings cannot be decoded"), error);
}

static gboolean
is_text (const Chunk *chunk)
{
  return strcmp (chunk->type, "tEXt") == 0 || strcmp (chunk->type, "zTXt") == 0
         || strcmp (chunk->type, "iTXt") == 0;
}

static char *
find_text (Reader *reader, const char *keyword, GError **error)
{
  g_autofree char *text = NULL;
  Chunk chunk = { 0 };

  if (!read_start (reader, error))
    return NULL;
  for (int i = 0; i < MEZZOTINT_PNG_MAX_CHUNKS && text == NULL && strcmp (chunk.type, "IEND") != 0; i++)
    {
      if (!read_chunk_header (reader, &chunk, error))
        return NULL;
      if (is_text (&chunk) && chunk.length <= MEZZOTINT_PNG_MAX_TEXT_BYTES)
        {
          if (!read_text_chunk (reader, &chunk, keyword, &text, error))
            return NULL;
        }
      else if (fseeko (reader->stream, (goffset) chunk.length + 4, SEEK_CUR) != 0)
        {
          set_damaged (reader, _ ("it ends too early"), error);
          return NULL;
        }
    }
  if (text == NULL)
    g_set_error (error, MZ_ERROR, MZ_ERROR_MISSING, _ ("The picture “%s” carries no settings."),
                 reader->shown);
  return g_steal_pointer (&text);
}

char *
mezzotint_png_read_text (const char *path, const char *keyword, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  Reader reader = { g_fopen (path, "rbe"), shown };
  char *text;

  if (reader.stream == NULL)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_IO, _ ("The picture “%s” cannot be read: %s."), shown,
                   g_strerror (errno));
      return NULL;
    }
  text = find_text (&reader, keyword, error);
  fclose (reader.stream);
  return text;
}
