/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* An immutable RGB picture in memory, shared by counting. Any thread. */
#pragma once

#include <gio/gio.h>

#include "engine.h"

G_BEGIN_DECLS

typedef struct _MezzotintPixels MezzotintPixels;

#define MEZZOTINT_TYPE_PIXELS (mezzotint_pixels_get_type ())
GType mezzotint_pixels_get_type (void) G_GNUC_CONST;

/* Takes `picture` over. */
MezzotintPixels *mezzotint_pixels_new (MzPicture *picture);
MezzotintPixels *mezzotint_pixels_ref (MezzotintPixels *self);
void mezzotint_pixels_unref (MezzotintPixels *self);
/* px */
int mezzotint_pixels_get_width (MezzotintPixels *self);
int mezzotint_pixels_get_height (MezzotintPixels *self);
/* [height, width, 3], rows from the top, no padding; owned by `self`. */
GBytes *mezzotint_pixels_get_bytes (MezzotintPixels *self);
/* The same as the engine's struct; owned by `self`. */
const MzPicture *mezzotint_pixels_get_picture (MezzotintPixels *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintPixels, mezzotint_pixels_unref)

G_END_DECLS
