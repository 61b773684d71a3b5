/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The desktop's trash: files into it, and back to where they were. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A file that went. Immutable; any thread. */
typedef struct _MezzotintTrashed MezzotintTrashed;

/* Moves the file `path` (absolute) to the trash. Where there is none, fails with G_IO_ERROR_NOT_SUPPORTED and
 * the file stays. Blocks. The caller owns the result. */
MezzotintTrashed *mezzotint_trash_file (const char *path, GCancellable *cancellable, GError **error);
void mezzotint_trashed_free (MezzotintTrashed *self);
/* Where it was; owned by `self`. */
const char *mezzotint_trashed_get_path (MezzotintTrashed *self);
/* Moves it back. Fails with G_IO_ERROR_EXISTS when another file has its name now, NOT_FOUND when it is no
 * longer in the trash, or as g_file_move() does. Blocks. */
gboolean mezzotint_trash_restore (MezzotintTrashed *self, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintTrashed, mezzotint_trashed_free)

G_END_DECLS
