/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* File names as UTF-8 text, for settings and JSON files: a name in another encoding is kept as a file: URI.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* `path`: a file name in the file system's encoding. Free with g_free. */
char *mezzotint_path_to_text (const char *path);
/* The way back; any text without "file:" in front is a path as it is. Free with g_free. */
char *mezzotint_path_from_text (const char *text);

G_END_DECLS
