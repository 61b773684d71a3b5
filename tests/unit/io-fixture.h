/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Model files for tests: written from scratch with any header, sound or not, into a folder that goes away. */
#pragma once

#include <glib.h>

#include "core/error.h"

G_BEGIN_DECLS

/* A new folder; fixture_folder_free() removes it with all that is in it. */
typedef char FixtureFolder;
FixtureFolder *fixture_folder_new (void);
void fixture_folder_free (FixtureFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FixtureFolder, fixture_folder_free)

/* folder/name, free with g_free. */
char *fixture_path (const char *folder, const char *name);
/* Writes a text into folder/name and returns the path. */
char *fixture_write_text (const char *folder, const char *name, const char *text);
/* Writes bytes into a file, without waiting for the disk as g_file_set_contents() does. */
void fixture_write_bytes (const char *path, const void *bytes, gsize n_bytes);
/* Writes a safetensors file with any header (not checked) and n_data zeros, which take no room on the disk.
 */
char *fixture_write_safetensors (const char *folder, const char *name, const char *header, guint64 n_data);
/* Copies a whole tree of files. */
void fixture_copy_tree (const char *from, const char *to);
/* In the text file, or the header of the safetensors file at `path`: replaces every `from`, which must be
 * there. */
void fixture_replace (const char *path, const char *from, const char *to);
/* tests/golden/NAME, free with g_free. */
char *fixture_golden (const char *name);

/* A sound safetensors file in the making. */
typedef struct
{
  GString *header;
  guint64 n_data;
} FixtureTensors;

FixtureTensors *fixture_tensors_new (void);
/* Appends a tensor of zeros; `shape` as JSON ("[320, 4, 3, 3]"); dtype F16 or F32. Returns where its data
 * begins. */
guint64 fixture_tensors_add (FixtureTensors *tensors, const char *name, const char *dtype, const char *shape);
/* Writes and frees. Returns the path. */
char *fixture_tensors_write (FixtureTensors *tensors, const char *folder, const char *name);

/* The error must have the code, and its message contain every one of the texts up to NULL, and be one
 * sentence. Clears it. */
#define fixture_assert_error(error, code, ...)                                                               \
  fixture_check_error (G_STRLOC, &(error), code, (const char *const[]){ __VA_ARGS__, NULL })
void fixture_check_error (const char *where, GError **error, int code, const char *const *texts);

G_END_DECLS
