/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading the texts of a PNG file: a walk over its chunks that never touches the pixels. libpng would have to
 * decode them to get at what stands behind. */
#include "app/files/png-file.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#include "app/files/metadata-private.h"

static const guint8 SIGNATURE[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };

typedef struct
{
  guint32 length; /* bytes of data */
  char type[5];
} Chunk;

/* Is the text under the keyword of interest? Others are not decoded. */
typedef gboolean (*WantFunc) (gpointer user, const char *keyword);
/* Is given a text (to be freed by it, NULL when it cannot be decoded) with its keyword; FALSE with an error
 * ends the walk, and so does *done. */
typedef gboolean (*TextFunc) (gpointer user,
                              const char *keyword,
                              char *text,
                              const char *problem,
                              gboolean *done,
                              GError **error);

/* CRC-32 of PNG (ISO 3309), bit by bit: it only ever sees texts. */
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
read_chunk_header (MezzotintMetadataSource *source, Chunk *chunk, GError **error)
{
  guint8 header[8];

  if (!mezzotint_metadata_read_exactly (source, header, sizeof header, error))
    return FALSE;
  chunk->length = big_endian (header);
  memcpy (chunk->type, header + 4, 4);
  chunk->type[4] = '\0';
  for (int i = 0; i < 4; i++)
    if (!g_ascii_isalpha (chunk->type[i]))
      return mezzotint_metadata_set_damaged (source, _ ("a chunk has no valid name"), error);
  if (chunk->length > G_MAXINT32)
    return mezzotint_metadata_set_damaged (source, _ ("a chunk is longer than PNG allows"), error);
  return TRUE;
}

/* IHDR, the first chunk; px. */
static gboolean
read_size (MezzotintMetadataSource *source, int *width, int *height, GError **error)
{
  guint8 data[13 + 4];
  Chunk chunk;

  if (!read_chunk_header (source, &chunk, error))
    return FALSE;
  if (strcmp (chunk.type, "IHDR") != 0 || chunk.length != 13)
    return mezzotint_metadata_set_damaged (source, _ ("it has no header"), error);
  if (!mezzotint_metadata_read_exactly (source, data, sizeof data, error))
    return FALSE;
  if (big_endian (data) - 1 >= G_MAXINT32 || big_endian (data + 4) - 1 >= G_MAXINT32)
    return mezzotint_metadata_set_damaged (source, _ ("its size makes no sense"), error);
  *width = (int) big_endian (data);
  *height = (int) big_endian (data + 4);
  return TRUE;
}

/* Inflates a zlib stream; NULL when it is broken or longer than the limits. */
static char *
inflate_text (MezzotintMetadataSource *source, const guint8 *data, gsize n, gsize *n_text)
{
  g_autoptr (GZlibDecompressor) inflate = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  g_autoptr (GByteArray) text = g_byte_array_new ();
  guint8 piece[16384];

  for (;;)
    {
      gsize used = 0, made = 0;
      GConverterResult result = g_converter_convert (G_CONVERTER (inflate), data, n, piece, sizeof piece,
                                                     G_CONVERTER_INPUT_AT_END, &used, &made, NULL);

      if (result == G_CONVERTER_ERROR || text->len + made > MEZZOTINT_PNG_MAX_TEXT_BYTES
          || !mezzotint_metadata_work (source, made))
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
decode_text (MezzotintMetadataSource *source, const char *type, const guint8 *data, const guint8 *end)
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
      if ((inflated = inflate_text (source, data, n, &n)) == NULL)
        return NULL;
      data = (const guint8 *) inflated;
    }
  if (is_utf8 && memchr (data, 0, n) == NULL)
    return g_utf8_make_valid ((const char *) data, n);
  return mezzotint_metadata_decode_latin1 (data, n);
}

/* Reads one text chunk and gives it away. */
static gboolean
read_text_chunk (MezzotintMetadataSource *source,
                 const Chunk *chunk,
                 WantFunc wants,
                 TextFunc take,
                 gpointer user,
                 gboolean *done,
                 GError **error)
{
  g_autofree guint8 *data = mezzotint_metadata_read_block (source, (gsize) chunk->length + 4, error);
  const char *problem = NULL;
  const guint8 *end, *nul;
  char *text = NULL;

  if (data == NULL)
    return FALSE;
  end = data + chunk->length;
  nul = find_nul (data, end);
  if (nul == NULL || !wants (user, (const char *) data))
    return TRUE;
  if (~add_to_crc (add_to_crc (~0u, (const guint8 *) chunk->type, 4), data, chunk->length)
      != big_endian (end))
    problem = _ ("the checksum of its settings is wrong");
  else if ((text = decode_text (source, chunk->type, nul + 1, end)) == NULL)
    problem = _ ("its settings cannot be decoded");
  return take (user, (const char *) data, text, problem, done, error);
}

static gboolean
is_text (const Chunk *chunk)
{
  return strcmp (chunk->type, "tEXt") == 0 || strcmp (chunk->type, "zTXt") == 0
         || strcmp (chunk->type, "iTXt") == 0;
}

/* From the chunk behind IHDR to IEND. */
static gboolean
walk_texts (MezzotintMetadataSource *source, WantFunc wants, TextFunc take, gpointer user, GError **error)
{
  Chunk chunk = { 0 };
  gboolean done = FALSE;

  for (int i = 0; i < MEZZOTINT_PNG_MAX_CHUNKS && !done && strcmp (chunk.type, "IEND") != 0; i++)
    {
      if (!read_chunk_header (source, &chunk, error))
        return FALSE;
      if (is_text (&chunk) && chunk.length <= MEZZOTINT_PNG_MAX_TEXT_BYTES
          && mezzotint_metadata_work (source, chunk.length))
        {
          if (!read_text_chunk (source, &chunk, wants, take, user, &done, error))
            return FALSE;
        }
      else if (!mezzotint_metadata_skip (source, (guint64) chunk.length + 4, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- All texts ---- */

typedef struct
{
  MezzotintMetadataSource *source;
  MezzotintMetadata *metadata;
} Collector;

static gboolean
wants_text (gpointer user, const char *keyword)
{
  return mezzotint_metadata_wants (((Collector *) user)->metadata, keyword);
}

static gboolean
collect_text (gpointer user,
              const char *keyword,
              char *text,
              const char *problem,
              gboolean *done,
              GError **error)
{
  Collector *collector = user;

  if (text != NULL)
    mezzotint_metadata_take (collector->metadata, keyword, text);
  else if (collector->metadata->problem == NULL)
    collector->metadata->problem
        = g_strdup_printf (_ ("The picture “%s” is damaged: %s."), collector->source->shown, problem);
  return TRUE;
}

gboolean
mezzotint_png_read_metadata (MezzotintMetadataSource *source, MezzotintMetadata *metadata, GError **error)
{
  Collector collector = { source, metadata };

  return read_size (source, &metadata->width, &metadata->height, error)
         && walk_texts (source, wants_text, collect_text, &collector, error);
}

/* ---- One text ---- */

typedef struct
{
  MezzotintMetadataSource *source;
  const char *keyword;
  char *text;
} Finder;

static gboolean
is_sought (gpointer user, const char *keyword)
{
  return strcmp (keyword, ((Finder *) user)->keyword) == 0;
}

static gboolean
find_text (gpointer user,
           const char *keyword,
           char *text,
           const char *problem,
           gboolean *done,
           GError **error)
{
  Finder *finder = user;

  *done = TRUE;
  finder->text = text;
  return text != NULL || mezzotint_metadata_set_damaged (finder->source, problem, error);
}

static char *
read_one (MezzotintMetadataSource *source, const char *keyword, GError **error)
{
  Finder finder = { source, keyword, NULL };
  guint8 signature[8];
  int width, height;

  if (fread (signature, 1, sizeof signature, source->stream) != sizeof signature
      || memcmp (signature, SIGNATURE, sizeof signature) != 0)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("“%s” is not a PNG picture."), source->shown);
      return NULL;
    }
  if (!read_size (source, &width, &height, error)
      || !walk_texts (source, is_sought, find_text, &finder, error))
    return NULL;
  if (finder.text == NULL)
    g_set_error (error, MZ_ERROR, MZ_ERROR_MISSING, _ ("The picture “%s” carries no settings."),
                 source->shown);
  return finder.text;
}

char *
mezzotint_png_read_text (const char *path, const char *keyword, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  MezzotintMetadataSource source = { mezzotint_metadata_open (path, shown, error), shown, 0 };
  char *text;

  if (source.stream == NULL)
    return NULL;
  text = read_one (&source, keyword, error);
  fclose (source.stream);
  return text;
}
