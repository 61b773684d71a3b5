/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Thumbnails in the user's cache, shared with other programs (freedesktop's thumbnail managing standard). */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

/* px: the standard's size "large". */
#define MEZZOTINT_THUMBNAIL_SIZE 256

/* The picture `path` (absolute) at most MEZZOTINT_THUMBNAIL_SIZE px wide and high: from the cache when that
 * is as new as the file, else made and kept there. One that cannot be made is remembered too, until the file
 * changes. A cache that cannot be written costs time only. Blocks; any thread; large pictures are decoded one
 * at a time. Fails like mezzotint_picture_read(). The caller frees it with mz_picture_free(). */
MzPicture *mezzotint_thumbnail_load (const char *path, MzCancel *cancel, GError **error);

/* Where it is, or would be; free with g_free. NULL for a path that no URI can be made of. */
char *mezzotint_thumbnail_get_path (const char *path);

G_END_DECLS
