/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Files that are there as a whole or not at all: written under a hidden name in the same folder, synced,
 * renamed.
 *
 *   g_autoptr (MezzotintAtomicFile) file = mezzotint_atomic_file_new ("out/apple.png", &error);
 *   fwrite (data, 1, n, mezzotint_atomic_file_get_stream (file));
 *   mezzotint_atomic_file_commit (file, TRUE, &error);
 *
 * Errors: domain G_FILE_ERROR, a sentence that names the file. Without a successful commit nothing stays
 * behind. */
#pragma once

#include <glib.h>
#include <stdio.h>

G_BEGIN_DECLS

typedef struct _MezzotintAtomicFile MezzotintAtomicFile;

/* Begins a file that is to become `path` (a file name in the file system's encoding); symbolic links are
 * followed. Fails when the folder is missing or cannot be written, or `path` is there and no ordinary file.
 * The caller owns the result. */
MezzotintAtomicFile *mezzotint_atomic_file_new (const char *path, GError **error);
/* Where to write; owned by the file. Write errors may be left to the commit. */
FILE *mezzotint_atomic_file_get_stream (MezzotintAtomicFile *file);
/* Syncs file and folder and gives the file its name. `replace`: an older file of that name is replaced in one
 * step (its permissions stay); when FALSE it is kept, and the commit fails with G_FILE_ERROR_EXIST: then
 * another name can be tried with mezzotint_atomic_file_rename(). On other failures the file is gone. */
gboolean mezzotint_atomic_file_commit (MezzotintAtomicFile *file, gboolean replace, GError **error);
/* Changes the name to commit to; the folder must be the same. */
void mezzotint_atomic_file_rename (MezzotintAtomicFile *file, const char *path);
/* For what may be lost in a power failure, a cache say: the commit does not wait for the disk. */
void mezzotint_atomic_file_skip_sync (MezzotintAtomicFile *file);
/* Removes what was not committed. */
void mezzotint_atomic_file_free (MezzotintAtomicFile *file);

/* Sets G_FILE_ERROR with "“PATH” cannot be written: REASON." for an errno. */
void mezzotint_set_write_error (GError **error, const char *path, int saved_errno);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintAtomicFile, mezzotint_atomic_file_free)

G_END_DECLS
