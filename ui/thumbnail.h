/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A small square of a picture, cut to it. Properties: side (int, px, rw), paintable (GdkPaintable, rw). */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_THUMBNAIL (mezzotint_thumbnail_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintThumbnail, mezzotint_thumbnail, MEZZOTINT, THUMBNAIL, GtkWidget)

void mezzotint_thumbnail_set_paintable (MezzotintThumbnail *self, GdkPaintable *paintable);

G_END_DECLS
