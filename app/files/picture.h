/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures in memory: making and scaling them. */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

/* Pixels are not set. NULL with MZ_ERROR_MEMORY. Free with mz_picture_free(). */
MzPicture *mezzotint_picture_new (int width, int height, GError **error);

/* The picture at another size, each side at least 1. Bicubic (Keys 1981, a = -1/2), widened to cover all
 * source pixels when shrinking, on the values as they are stored, as Pillow's BICUBIC does it. Any thread.
 * NULL with MZ_ERROR_MEMORY or CANCELLED; the caller frees it with mz_picture_free(). */
MzPicture *
mezzotint_picture_scale (const MzPicture *picture, int width, int height, MzCancel *cancel, GError **error);
/* The same, but without changing proportions: what juts out above and below, or left and right, is cut off
 * evenly. */
MzPicture *
mezzotint_picture_cover (const MzPicture *picture, int width, int height, MzCancel *cancel, GError **error);

G_END_DECLS
