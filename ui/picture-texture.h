/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Pixels as textures. */
#pragma once

#include <gtk/gtk.h>

#include "app/files/pixels.h"

G_BEGIN_DECLS

/* Shares the memory of `pixels`. The caller owns the result. */
GdkTexture *mezzotint_texture_new (MezzotintPixels *pixels);
/* A copy in the form that is drawn quickest, for what is drawn again in every frame. */
GdkTexture *mezzotint_texture_new_for_redraw (MezzotintPixels *pixels);
/* At most `max_height` px high, and then no longer tied to the memory of `pixels`; what is smaller stays as
 * it is. Quick even for huge pictures: reads at most sixteen pixels for one. */
GdkTexture *mezzotint_texture_new_small (MezzotintPixels *pixels, int max_height);

G_END_DECLS
