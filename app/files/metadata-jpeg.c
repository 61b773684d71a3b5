/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The texts of a JPEG file: its segments up to the first scan. */
#include <glib/gi18n.h>
#include <string.h>

#include "app/files/metadata-private.h"

#define MAX_SEGMENTS 4096
#define MARKER_SOS 0xda
#define MARKER_EOI 0xd9
#define MARKER_APP1 0xe1
#define MARKER_COMMENT 0xfe

/* Frames of every coding: all of 0xc0..0xcf but tables (4, 12) and the reserved 8. */
static gboolean
is_frame (guint8 marker)
{
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static void
read_segment (MezzotintMetadataSource *source,
              guint8 marker,
              const guint8 *data,
              gsize n,
              MezzotintMetadata *metadata)
{
  if (is_frame (marker) && n >= 5)
    {
      metadata->height = data[1] << 8 | data[2];
      metadata->width = data[3] << 8 | data[4];
    }
  else if (marker == MARKER_APP1 && n > 6 && memcmp (data, "Exif\0\0", 6) == 0)
    mezzotint_exif_read_texts (source, data, n, metadata);
  else if (marker == MARKER_COMMENT && mezzotint_metadata_wants (metadata, "Comment")
           && mezzotint_metadata_work (source, n))
    {
      char *text = mezzotint_metadata_decode_latin1 (data, strnlen ((const char *) data, n));

      if (text != NULL)
        mezzotint_metadata_take (metadata, "Comment", text);
    }
}

gboolean
mezzotint_jpeg_read_metadata (MezzotintMetadataSource *source, MezzotintMetadata *metadata, GError **error)
{
  for (int i = 0; i < MAX_SEGMENTS; i++)
    {
      g_autofree guint8 *data = NULL;
      guint8 head[4];
      gsize n;

      if (!mezzotint_metadata_read_exactly (source, head, 2, error))
        return FALSE;
      while (head[0] == 0xff && head[1] == 0xff) /* fill bytes */
        if (!mezzotint_metadata_read_exactly (source, head + 1, 1, error))
          return FALSE;
      if (head[0] != 0xff)
        return mezzotint_metadata_set_damaged (source, _ ("a segment has no valid name"), error);
      if (head[1] == MARKER_SOS || head[1] == MARKER_EOI)
        return TRUE;
      if (!mezzotint_metadata_read_exactly (source, head + 2, 2, error))
        return FALSE;
      n = (gsize) (head[2] << 8 | head[3]);
      if (n < 2)
        return mezzotint_metadata_set_damaged (source, _ ("a segment has no valid length"), error);
      data = mezzotint_metadata_read_block (source, n - 2, error);
      if (data == NULL)
        return FALSE;
      read_segment (source, head[1], data, n - 2, metadata);
    }
  return mezzotint_metadata_set_damaged (source, _ ("it has too many segments"), error);
}
