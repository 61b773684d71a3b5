/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the index keeps of a picture, out of its file. */
#pragma once

#include "app/library/gallery-index.h"

G_BEGIN_DECLS

/* Fills `row` for the file `path` below `root`; reads no pixels. FALSE when there is no such ordinary file.
 * One that cannot be read, or is damaged, has row->problem. */
gboolean mezzotint_gallery_read_row (const char *root, const char *path, MezzotintIndexRow *row);
/* Time and size of the file; FALSE when there is no such ordinary file. */
gboolean mezzotint_gallery_read_stamp (const char *root, const char *path, gint64 *mtime_ns, gint64 *size);

G_END_DECLS
