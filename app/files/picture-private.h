/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the readers of picture files share. */
#pragma once

#include <stdio.h>

#include "app/files/picture-read.h"
#include "app/files/picture.h"

G_BEGIN_DECLS

/* A file while it is read. */
typedef struct
{
  FILE *stream;
  const char *shown; /* its name for messages */
  MzCancel *cancel;
} MezzotintPictureSource;

/* Each reads from the beginning of the stream. */
MzPicture *mezzotint_picture_read_png (MezzotintPictureSource *source, GError **error);
MzPicture *mezzotint_picture_read_jpeg (MezzotintPictureSource *source, GError **error);

/* A picture for a file that says it has this size; NULL with UNSUPPORTED when that is too large. */
MzPicture *mezzotint_picture_source_take (const MezzotintPictureSource *source,
                                          guint32 width,
                                          guint32 height,
                                          GError **error);
/* Why decoding failed: the stream, or else its contents, of which `reason` is what the library says. Returns
 * FALSE. */
gboolean mezzotint_picture_source_fail (const MezzotintPictureSource *source,
                                        const char *reason,
                                        int saved_errno,
                                        GError **error);

/* The orientation 1..8 that an APP1 marker's EXIF data gives (its tag 0x112); 1 where there is none, or
 * where the data makes no sense. */
int mezzotint_exif_orientation (const guint8 *data, gsize n);
/* The picture the right way up; takes it over. NULL with MZ_ERROR_MEMORY. */
MzPicture *mezzotint_picture_orient (MzPicture *picture, int orientation, GError **error);

G_END_DECLS
