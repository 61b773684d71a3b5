/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Cameras store pictures as the sensor lay and note in EXIF how to turn them: finding that note, and turning.
 */
#include <string.h>

#include "app/files/picture-private.h"

#define TAG_ORIENTATION 0x112
#define TYPE_SHORT 3
#define ENTRY_BYTES 12

/* A TIFF structure of either byte order, of at least 8 bytes. */
typedef struct
{
  const guint8 *data;
  gsize n;
  gboolean big_endian;
} Tiff;

/* Numbers at an offset; 0 beyond the end, which no reader here takes for sense. */
static guint
read_16 (const Tiff *tiff, gsize at)
{
  if (at > tiff->n - 2)
    return 0;
  return tiff->big_endian ? (guint) (tiff->data[at] << 8 | tiff->data[at + 1])
                          : (guint) (tiff->data[at + 1] << 8 | tiff->data[at]);
}

static gsize
read_32 (const Tiff *tiff, gsize at)
{
  gsize first = read_16 (tiff, at), second = read_16 (tiff, at + 2);

  return tiff->big_endian ? first << 16 | second : second << 16 | first;
}

int
mezzotint_exif_orientation (const guint8 *data, gsize n)
{
  static const char head[6] = { 'E', 'x', 'i', 'f', 0, 0 };
  Tiff tiff;
  gsize table;
  guint n_entries;

  if (n < sizeof head + 8 || memcmp (data, head, sizeof head) != 0)
    return 1;
  tiff = (Tiff){ data + sizeof head, n - sizeof head, data[sizeof head] == 'M' };
  table = read_32 (&tiff, 4);
  n_entries = read_16 (&tiff, table);
  for (guint i = 0; i < n_entries; i++)
    {
      gsize entry = table + 2 + (gsize) i * ENTRY_BYTES;
      guint value = read_16 (&tiff, entry + 8);

      if (read_16 (&tiff, entry) == TAG_ORIENTATION && read_16 (&tiff, entry + 2) == TYPE_SHORT)
        return value >= 1 && value <= 8 ? (int) value : 1;
    }
  return 1;
}

/* Where pixel x, y of a turned picture stands in the one it came from, of w by h pixels. */
static gsize
source_of (int orientation, gsize x, gsize y, gsize w, gsize h)
{
  gsize across = orientation >= 5 ? y : x, down = orientation >= 5 ? x : y;
  gboolean mirror_across = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  gboolean mirror_down = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;

  return (mirror_down ? h - 1 - down : down) * w + (mirror_across ? w - 1 - across : across);
}

MzPicture *
mezzotint_picture_orient (MzPicture *picture, int orientation, GError **error)
{
  g_autoptr (MzPicture) from = picture;
  gboolean is_on_its_side = orientation >= 5;
  MzPicture *to;
  guint8 *pixel;

  if (orientation == 1)
    return g_steal_pointer (&from);
  to = mezzotint_picture_new (is_on_its_side ? from->height : from->width,
                              is_on_its_side ? from->width : from->height, error);
  if (to == NULL)
    return NULL;
  pixel = to->rgb;
  for (int y = 0; y < to->height; y++)
    for (int x = 0; x < to->width; x++, pixel += 3)
      memcpy (
          pixel,
          from->rgb
              + 3 * source_of (orientation, (gsize) x, (gsize) y, (gsize) from->width, (gsize) from->height),
          3);
  return to;
}
