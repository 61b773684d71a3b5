/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The texts of a WebP file: the EXIF chunk of its RIFF container. */
#include <glib/gi18n.h>
#include <string.h>

#include "app/files/metadata-private.h"

#define MAX_CHUNKS 65536
/* What the size is read from, for each of the three chunks that tell it. */
#define SIZE_BYTES 10

static guint32
little_endian (const guint8 *p, int n)
{
  guint32 value = 0;

  for (int i = n - 1; i >= 0; i--)
    value = value << 8 | p[i];
  return value;
}

static void
read_size (const char *type, const guint8 *data, MezzotintMetadata *metadata)
{
  if (strcmp (type, "VP8X") == 0)
    { /* flags, then both less one */
      metadata->width = (int) little_endian (data + 4, 3) + 1;
      metadata->height = (int) little_endian (data + 7, 3) + 1;
    }
  else if (strcmp (type, "VP8 ") == 0 && memcmp (data + 3, "\x9d\x01\x2a", 3) == 0)
    {
      metadata->width = (int) little_endian (data + 6, 2) & 0x3fff;
      metadata->height = (int) little_endian (data + 8, 2) & 0x3fff;
    }
  else if (strcmp (type, "VP8L") == 0 && data[0] == 0x2f)
    {
      guint32 bits = little_endian (data + 1, 4);

      metadata->width = (int) (bits & 0x3fff) + 1;
      metadata->height = (int) (bits >> 14 & 0x3fff) + 1;
    }
}

/* Reads what of a chunk is wanted and skips the rest, its padding to an even length included. */
static gboolean
read_chunk (MezzotintMetadataSource *source,
            const char *type,
            guint32 n,
            MezzotintMetadata *metadata,
            GError **error)
{
  g_autofree guint8 *data = NULL;
  gsize n_read = 0;

  if (strcmp (type, "EXIF") == 0 && n <= MEZZOTINT_METADATA_MAX_BYTES && mezzotint_metadata_work (source, n))
    n_read = n;
  else if (metadata->width == 0 && n >= SIZE_BYTES)
    n_read = SIZE_BYTES;
  if (n_read > 0)
    {
      if ((data = mezzotint_metadata_read_block (source, n_read, error)) == NULL)
        return FALSE;
      if (strcmp (type, "EXIF") == 0)
        mezzotint_exif_read_texts (source, data, n_read, metadata);
      else
        read_size (type, data, metadata);
    }
  return mezzotint_metadata_skip (source, (guint64) n - n_read + (n & 1), error);
}

gboolean
mezzotint_webp_read_metadata (MezzotintMetadataSource *source, MezzotintMetadata *metadata, GError **error)
{
  guint8 head[8];
  guint64 left;

  if (!mezzotint_metadata_read_exactly (source, head, sizeof head, error))
    return FALSE;
  if (memcmp (head + 4, "WEBP", 4) != 0)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("“%s” is not a PNG, JPEG or WebP picture."),
                   source->shown);
      return FALSE;
    }
  left = little_endian (head, 4);
  left -= MIN (left, 4); /* "WEBP" */
  for (int i = 0; i < MAX_CHUNKS && left >= sizeof head; i++)
    {
      char type[5] = { 0 };
      guint32 n;

      if (!mezzotint_metadata_read_exactly (source, head, sizeof head, error))
        return FALSE;
      memcpy (type, head, 4);
      n = little_endian (head + 4, 4);
      if (n > left - sizeof head)
        return mezzotint_metadata_set_damaged (source, _ ("a chunk is longer than the file"), error);
      if (!read_chunk (source, type, n, metadata, error))
        return FALSE;
      left -= MIN (left, sizeof head + (guint64) n + (n & 1));
    }
  return TRUE;
}
