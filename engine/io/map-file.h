/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Mapping a regular file into memory, read only, with errors that name it. */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/* Maps `path` (links are followed). Never blocks: a pipe, device, socket or folder is refused, and so is a
 * file of more than `max_bytes` (0: any size). The contents of an empty file are NULL. Returns a new
 * reference, owned by the caller; NULL with MZ_ERROR_MISSING (nothing there), MZ_ERROR_IO (the system
 * refused) or MZ_ERROR_FORMAT (not a regular file, or too large). Any thread. */
GMappedFile *mz_map_file (const char *path, guint64 max_bytes, GError **error);

/* Is there a regular file (links followed)? */
gboolean mz_is_file (const char *path);

G_END_DECLS
