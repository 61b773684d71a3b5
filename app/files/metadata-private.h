/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the readers of picture files' texts share. */
#pragma once

#include <stdio.h>

#include "app/files/metadata.h"

G_BEGIN_DECLS

/* Bytes read for texts and bytes decoded, of one file, whether anything comes of them or not: enough for one
 * text of the greatest length, packed as badly as can be. */
#define MEZZOTINT_METADATA_MAX_WORK (2 * MEZZOTINT_METADATA_MAX_BYTES)

/* A picture while it is read. */
typedef struct
{
  FILE *stream;
  const char *shown; /* its name for messages */
  gsize n_worked;    /* bytes out of MEZZOTINT_METADATA_MAX_WORK */
} MezzotintMetadataSource;

MezzotintMetadata *mezzotint_metadata_new (void);
/* Keeps `text` (taken over) unless there is one under `keyword` or the limits are reached. */
void mezzotint_metadata_take (MezzotintMetadata *metadata, const char *keyword, char *text);

/* Would it be kept? Asked before anything is decoded. */
gboolean mezzotint_metadata_wants (const MezzotintMetadata *metadata, const char *keyword);

/* Counts n bytes that are about to be read or decoded for a text. FALSE when the file had its share: then
 * they are passed over. */
gboolean mezzotint_metadata_work (MezzotintMetadataSource *source, gsize n);

/* Opens without waiting for the other end of a pipe. NULL with MZ_ERROR_IO, or FORMAT when it is no ordinary
 * file. */
FILE *mezzotint_metadata_open (const char *path, const char *shown, GError **error);
/* Reads n bytes or sets MZ_ERROR_FORMAT (the end comes first) or IO. */
gboolean
mezzotint_metadata_read_exactly (MezzotintMetadataSource *source, gpointer into, gsize n, GError **error);
/* Likewise into new memory, which is to be freed; NULL on errors. */
guint8 *mezzotint_metadata_read_block (MezzotintMetadataSource *source, gsize n, GError **error);
/* Moves on by n bytes. */
gboolean mezzotint_metadata_skip (MezzotintMetadataSource *source, guint64 n, GError **error);
/* Sets MZ_ERROR_FORMAT with "The picture “NAME” is damaged: WHAT."; returns FALSE. */
gboolean mezzotint_metadata_set_damaged (MezzotintMetadataSource *source, const char *what, GError **error);

/* Each begins behind the signature that it was known by and returns FALSE with an error. What it had read
 * before stays in `metadata`. */
gboolean
mezzotint_png_read_metadata (MezzotintMetadataSource *source, MezzotintMetadata *metadata, GError **error);
gboolean
mezzotint_jpeg_read_metadata (MezzotintMetadataSource *source, MezzotintMetadata *metadata, GError **error);
gboolean
mezzotint_webp_read_metadata (MezzotintMetadataSource *source, MezzotintMetadata *metadata, GError **error);

/* The texts of an EXIF block, "Exif\0\0" in front or not. What makes no sense is passed over. */
void mezzotint_exif_read_texts (MezzotintMetadataSource *source,
                                const guint8 *data,
                                gsize n,
                                MezzotintMetadata *metadata);

/* UTF-8 as it is, else taken for Latin-1; NULL when there is a NUL in it. */
char *mezzotint_metadata_decode_latin1 (const guint8 *data, gsize n);

G_END_DECLS
