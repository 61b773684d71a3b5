/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures out of files that anybody may have made. */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

/* No larger picture is decoded: what a hostile file may cost is 7 bytes a pixel (PNG) or 9 (JPEG). */
#define MEZZOTINT_PICTURE_MAX_PIXELS (1 << 26)
/* Nor a longer side: JPEG's own limit. */
#define MEZZOTINT_PICTURE_MAX_SIDE 65535
/* A progressive JPEG with more passes than any real one is refused: each costs as much as decoding all. */
#define MEZZOTINT_PICTURE_MAX_SCANS 200

/* Reads a PNG of any kind or a JPEG; the contents count, not the name. To 8-bit RGB: more bits are rounded,
 * palettes and grey expanded, what is transparent is laid on white, a JPEG is turned as its EXIF says, CMYK
 * is converted simply; colour profiles and gamma are not applied. Blocks; any thread. Fails with MZ_ERROR_IO
 * (cannot be read), FORMAT (damaged, cut off, no picture), UNSUPPORTED (another kind, or too large), MEMORY
 * or CANCELLED; the message names the file. `cancel` may be NULL. The caller frees the picture with
 * mz_picture_free(). */
MzPicture *mezzotint_picture_read (const char *path, MzCancel *cancel, GError **error);

G_END_DECLS
