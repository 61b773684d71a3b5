/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a picture file says beside its pixels: its size and its texts. Pixels are skipped, never decoded. */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/* No more than these are kept of one picture: what a hostile file may cost. */
#define MEZZOTINT_METADATA_MAX_TEXTS 64
#define MEZZOTINT_METADATA_MAX_BYTES (8 << 20)

typedef struct
{
  char *keyword; /* PNG: as it stands there; EXIF: the tag's name, "UserComment" */
  char *text;    /* UTF-8 */
} MezzotintText;

typedef struct
{
  char *name;        /* of the file, for messages */
  int width, height; /* px; 0 when the file does not say */
  GArray *texts;     /* of MezzotintText, in the file's order, no keyword twice */
  gsize n_bytes;     /* of all texts */
  char *problem;     /* what is damaged behind what was read, one sentence; NULL */
} MezzotintMetadata;

/* Reads PNG (tEXt, zTXt, iTXt), JPEG (EXIF, comment) and WebP (EXIF); the contents count, not the name. Fails
 * with MZ_ERROR_IO (cannot be read), FORMAT (no such picture, or damaged before anything could be read) or
 * MEMORY; the message names the file. Any thread. The caller owns the result. */
MezzotintMetadata *mezzotint_metadata_read (const char *path, GError **error);
/* The same from memory; `name` (UTF-8) stands for the file in messages. */
MezzotintMetadata *mezzotint_metadata_read_bytes (GBytes *bytes, const char *name, GError **error);
void mezzotint_metadata_free (MezzotintMetadata *metadata);

/* The text under `keyword`, or NULL; owned by `metadata`. */
const char *mezzotint_metadata_get (const MezzotintMetadata *metadata, const char *keyword);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintMetadata, mezzotint_metadata_free)

G_END_DECLS
