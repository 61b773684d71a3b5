/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading a picture: what kind it is, and what is said when it cannot be read. */
#include "app/files/picture-read.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>

#include "app/files/metadata-private.h"
#include "app/files/picture-private.h"

#define HEAD_BYTES 16

/* A kind of file, by bytes at its beginning. */
typedef struct
{
  int offset, n;
  const char *bytes;
  const char *name; /* what it is called when there is no reader for it */
  MzPicture *(*read) (MezzotintPictureSource *source, GError **error);
} Kind;

static const Kind kinds[] = {
  { 0, 8, "\x89PNG\r\n\x1a\n", NULL, mezzotint_picture_read_png },
  { 0, 3, "\xff\xd8\xff", NULL, mezzotint_picture_read_jpeg },
  { 8, 4, "WEBP", "WebP", NULL },
  { 0, 4, "GIF8", "GIF", NULL },
  { 0, 2, "BM", "BMP", NULL },
  { 0, 4, "II*\0", "TIFF", NULL },
  { 0, 4, "MM\0*", "TIFF", NULL },
  { 4, 8, "ftypavif", "AVIF", NULL },
  { 4, 7, "ftyphei", "HEIF", NULL },
  { 4, 8, "ftypmif1", "HEIF", NULL },
  { 0, 2, "\xff\x0a", "JPEG XL", NULL },
  { 0, 8, "\0\0\0\x0cJXL ", "JPEG XL", NULL },
};

MzPicture *
mezzotint_picture_source_take (const MezzotintPictureSource *source,
                               guint32 width,
                               guint32 height,
                               GError **error)
{
  if (width == 0 || height == 0 || width > MEZZOTINT_PICTURE_MAX_SIDE || height > MEZZOTINT_PICTURE_MAX_SIDE
      || (guint64) width * height > MEZZOTINT_PICTURE_MAX_PIXELS)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                   _ ("The picture “%s” has %u×%u pixels; up to %d million, and %d on a side, can be read."),
                   source->shown, width, height, MEZZOTINT_PICTURE_MAX_PIXELS / 1000000,
                   MEZZOTINT_PICTURE_MAX_SIDE);
      return NULL;
    }
  return mezzotint_picture_new ((int) width, (int) height, error);
}

gboolean
mezzotint_picture_source_fail (const MezzotintPictureSource *source,
                               const char *reason,
                               int saved_errno,
                               GError **error)
{
  if (ferror (source->stream))
    g_set_error (error, MZ_ERROR, MZ_ERROR_IO, _ ("The picture “%s” cannot be read: %s."), source->shown,
                 g_strerror (saved_errno));
  else
    g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("The picture “%s” is damaged or cut off (%s)."),
                 source->shown, reason);
  return FALSE;
}

static const Kind *
find_kind (const guint8 *head, gsize n)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (n >= (gsize) (kinds[i].offset + kinds[i].n)
        && memcmp (head + kinds[i].offset, kinds[i].bytes, (gsize) kinds[i].n) == 0)
      return &kinds[i];
  return NULL;
}

static MzPicture *
read_source (MezzotintPictureSource *source, GError **error)
{
  guint8 head[HEAD_BYTES];
  gsize n = fread (head, 1, sizeof head, source->stream);
  const Kind *kind = find_kind (head, n);

  if (ferror (source->stream) || fseek (source->stream, 0, SEEK_SET) != 0)
    g_set_error (error, MZ_ERROR, MZ_ERROR_IO, _ ("The picture “%s” cannot be read: %s."), source->shown,
                 g_strerror (errno));
  else if (kind == NULL)
    g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("“%s” is no picture that can be read (PNG or JPEG)."),
                 source->shown);
  else if (kind->read == NULL)
    g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                 _ ("“%s” is a %s picture; only PNG and JPEG can be read."), source->shown, kind->name);
  else
    return kind->read (source, error);
  return NULL;
}

MzPicture *
mezzotint_picture_read (const char *path, MzCancel *cancel, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  MezzotintPictureSource source = { mezzotint_metadata_open (path, shown, error), shown, cancel };
  MzPicture *picture;

  if (source.stream == NULL)
    return NULL;
  picture = read_source (&source, error);
  fclose (source.stream);
  return picture;
}
