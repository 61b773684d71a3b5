/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* PNG files: pictures out, with a text beside the pixels; texts in. */
#pragma once

#include "app/files/atomic-file.h"
#include "app/files/metadata.h"
#include "engine.h"

G_BEGIN_DECLS

/* The keyword under which A1111 and its kin keep a picture's settings. */
#define MEZZOTINT_PNG_PARAMETERS "parameters"

/* No text longer than this is read, nor more chunks walked: what a hostile file may cost. */
#define MEZZOTINT_PNG_MAX_TEXT_BYTES (8 << 20)
#define MEZZOTINT_PNG_MAX_CHUNKS (1 << 18)

/* Writes an 8-bit RGB PNG into `file`, which stays uncommitted. `text` (UTF-8, may be NULL) is stored under
 * `keyword` (ASCII, 1..79 characters): as tEXt when Latin-1 can hold it, else as an uncompressed iTXt, like
 * Pillow does. Fails with G_FILE_ERROR (disk full and the like), or MZ_ERROR_MEMORY. Any thread. */
gboolean mezzotint_png_write (MezzotintAtomicFile *file,
                              const MzPicture *picture,
                              const char *keyword,
                              const char *text,
                              GError **error);

/* The same with any number of texts. */
gboolean mezzotint_png_write_texts (MezzotintAtomicFile *file,
                                    const MzPicture *picture,
                                    const MezzotintText *texts,
                                    gsize n_texts,
                                    GError **error);

/* The same into any stream, which is not flushed. `cancel` (may be NULL) is looked at between rows. */
gboolean mezzotint_png_write_stream (FILE *stream,
                                     const MzPicture *picture,
                                     const MezzotintText *texts,
                                     gsize n_texts,
                                     MzCancel *cancel,
                                     GError **error);

/* The text stored under `keyword` (the first one, out of tEXt, zTXt or iTXt), as valid UTF-8; pixels are
 * skipped, not decoded. Fails with MZ_ERROR_IO (cannot be read), MZ_ERROR_FORMAT (no PNG, or damaged) or
 * MZ_ERROR_MISSING (no such text). Free with g_free. Any thread; memory bounded by
 * MEZZOTINT_PNG_MAX_TEXT_BYTES. */
char *mezzotint_png_read_text (const char *path, const char *keyword, GError **error);

G_END_DECLS
