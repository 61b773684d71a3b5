/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers as people and pictures write them: read strictly, written shortest, the same in every locale. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Each returns TRUE and sets *value when all of `text` is one number in range; else FALSE, *value untouched.
 * No white space, no digits of other scripts, no hexadecimal, no infinity, no "12abc". `text` may be NULL
 * (FALSE). Any thread. */
gboolean mezzotint_parse_int (const char *text, int min, int max, int *value);
gboolean mezzotint_parse_uint64 (const char *text, guint64 *value);
gboolean mezzotint_parse_int64 (const char *text, gint64 *value);
gboolean mezzotint_parse_double (const char *text, double min, double max, double *value);
/* "512x768", also with "X" or "×": both 0..`max`, in px. */
gboolean mezzotint_parse_size (const char *text, int max, int *width, int *height);

/* "3G", "1.5GiB", "800M", "2GB" or a plain number of bytes: K, M, G, T and KiB to TiB are
 * powers of 1024, kB to TB of 1000, in either case. At least 1. */
gboolean mezzotint_parse_bytes (const char *text, guint64 *n_bytes);

/* The shortest decimal that reads back as `value`: "7", "6.5", "0.1". Free with g_free. */
char *mezzotint_format_double (double value);

G_END_DECLS
