/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Picture files in memory that carry texts: just enough of each container for a reader of texts. */
#pragma once

#include <glib.h>

/* A PNG of width x height px with keyword and text pairs, the list ended by NULL; tEXt where ASCII suffices.
 */
GBytes *picture_texts_png (int width, int height, const char *const *texts);
/* The same containers around an EXIF block; NULL: none. 64x32 px. */
GBytes *picture_texts_jpeg (GBytes *exif);
GBytes *picture_texts_webp (GBytes *exif);
/* An EXIF block that has `text` as its user comment, in UTF-16 of either byte order or else as ASCII, and
 * `software` (may be NULL). The block's own order is `big_endian`. */
GBytes *picture_texts_exif (const char *text, const char *charset, const char *software, gboolean big_endian);
