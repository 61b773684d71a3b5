/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading the files of a tokenizer, none of which is trusted. Every message names the file, and the line
 * where there is one. */
#pragma once

#include "core/error.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Takes one merge; the message of an error lacks the place. */
typedef gboolean (*MzMergeFunc) (const char *left, const char *right, gpointer data, GError **error);

/* Reads a regular file of at most 16 MiB that is UTF-8 without NUL. Returns its text, the caller's, or NULL
 * with MZ_ERROR_MISSING, MZ_ERROR_IO or MZ_ERROR_FORMAT. */
char *mz_files_read (const char *path, GError **error);

/* Parses a small JSON text that came from the file. Refuses nesting and element counts that no tokenizer's
 * settings have, because the parser recurses, and its tables are slow where keys collide. Returns the root,
 * to be freed with json_node_unref, or NULL with MZ_ERROR_FORMAT. */
JsonNode *mz_files_parse_json (const char *path, const char *text, GError **error);

/* Reads and parses a JSON file whose root is an object, with errors as above. */
JsonNode *mz_files_read_json (const char *path, GError **error);

/* Reads merges.txt: a line with "#version" first, then one merge a line, its halves apart by one space; hands
 * them to `func` in order. Returns FALSE with errors as above, or with that of `func`. */
gboolean mz_files_read_merges (const char *path, MzMergeFunc func, gpointer data, GError **error);

G_END_DECLS
