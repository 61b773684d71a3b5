/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The texts of an EXIF block: a TIFF structure of either byte order, read without trust in any offset. */
#include <string.h>

#include "app/files/metadata-private.h"

#define ENTRY_BYTES 12
#define MAX_ENTRIES 512
#define TYPE_ASCII 2
#define TYPE_UNDEFINED 7
#define TAG_EXIF_IFD 0x8769
#define TAG_USER_COMMENT 0x9286

static const struct
{
  guint16 tag;
  const char *keyword;
} tags[] = {
  { 0x010e, "ImageDescription" }, { 0x010f, "Make" },      { 0x0110, "Model" },
  { 0x0131, "Software" },         { 0x927c, "MakerNote" }, { TAG_USER_COMMENT, "UserComment" },
};

typedef struct
{
  const guint8 *data; /* [n] */
  gsize n;
  gboolean is_big_endian;
  MezzotintMetadataSource *source;
} Tiff;

/* Numbers at an offset; 0 beyond the end, which no reader here takes for sense. */
static guint
read_16 (const Tiff *tiff, gsize at)
{
  const guint8 *p = tiff->data + at;

  if (at > tiff->n || tiff->n - at < 2)
    return 0;
  return tiff->is_big_endian ? (guint) (p[0] << 8 | p[1]) : (guint) (p[1] << 8 | p[0]);
}

static guint32
read_32 (const Tiff *tiff, gsize at)
{
  guint32 first = read_16 (tiff, at), second = read_16 (tiff, at + 2);

  return tiff->is_big_endian ? first << 16 | second : second << 16 | first;
}

/* UTF-16 of n bytes whose order nobody says: the one in which more characters are Latin. Without a decision,
 * big endian, as piexif writes it whatever the block's order. */
static char *
decode_utf16 (const guint8 *data, gsize n)
{
  gsize n_big = 0, n_little = 0;

  for (gsize i = 0; i + 1 < n; i += 2)
    {
      n_big += data[i] == 0;
      n_little += data[i + 1] == 0;
    }
  return g_convert ((const char *) data, n & ~(gsize) 1, "UTF-8", n_little > n_big ? "UTF-16LE" : "UTF-16BE",
                    NULL, NULL, NULL);
}

/* The first eight bytes of a user comment name its character set. */
static char *
decode_user_comment (const guint8 *data, gsize n)
{
  g_autofree char *text = NULL;

  if (n < 8)
    return NULL;
  if (memcmp (data, "UNICODE\0", 8) == 0)
    text = decode_utf16 (data + 8, n - 8);
  else
    {
      gsize length = strnlen ((const char *) data + 8, n - 8);

      text = mezzotint_metadata_decode_latin1 (data + 8, length);
    }
  return text != NULL && g_utf8_validate (text, -1, NULL) ? g_steal_pointer (&text) : NULL;
}

static void
read_entry (const Tiff *tiff, gsize entry, MezzotintMetadata *metadata)
{
  guint tag = read_16 (tiff, entry), type = read_16 (tiff, entry + 2);
  gsize n = read_32 (tiff, entry + 4), at = n > 4 ? read_32 (tiff, entry + 8) : entry + 8;

  if ((type != TYPE_ASCII && type != TYPE_UNDEFINED) || n == 0 || at > tiff->n || n > tiff->n - at)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
    if (tags[i].tag == tag && mezzotint_metadata_wants (metadata, tags[i].keyword)
        && mezzotint_metadata_work (tiff->source, n))
      {
        const guint8 *data = tiff->data + at;
        char *text = tag == TAG_USER_COMMENT
                         ? decode_user_comment (data, n)
                         : mezzotint_metadata_decode_latin1 (data, strnlen ((const char *) data, n));

        if (text != NULL)
          mezzotint_metadata_take (metadata, tags[i].keyword, text);
      }
}

/* Returns the offset of the table that the EXIF tag points to, 0 when there is none. */
static gsize
read_table (const Tiff *tiff, gsize table, MezzotintMetadata *metadata)
{
  guint n_entries = MIN (read_16 (tiff, table), MAX_ENTRIES);
  gsize next = 0;

  for (guint i = 0; i < n_entries; i++)
    {
      gsize entry = table + 2 + (gsize) i * ENTRY_BYTES;

      if (entry > tiff->n || tiff->n - entry < ENTRY_BYTES)
        break;
      if (read_16 (tiff, entry) == TAG_EXIF_IFD)
        next = read_32 (tiff, entry + 8);
      else
        read_entry (tiff, entry, metadata);
    }
  return next;
}

void
mezzotint_exif_read_texts (MezzotintMetadataSource *source,
                           const guint8 *data,
                           gsize n,
                           MezzotintMetadata *metadata)
{
  static const char head[6] = { 'E', 'x', 'i', 'f', 0, 0 };
  Tiff tiff = { data, n, FALSE, source };
  gsize next;

  if (n >= sizeof head && memcmp (data, head, sizeof head) == 0)
    {
      tiff.data += sizeof head;
      tiff.n -= sizeof head;
    }
  if (tiff.n < 8 || (memcmp (tiff.data, "II*\0", 4) != 0 && memcmp (tiff.data, "MM\0*", 4) != 0))
    return;
  tiff.is_big_endian = tiff.data[0] == 'M';
  next = read_table (&tiff, read_32 (&tiff, 4), metadata);
  if (next != 0)
    read_table (&tiff, next, metadata);
}
