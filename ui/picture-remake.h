/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* "Make this again": queues a picture's own settings, holds the new pixels against the file's, and says
 * whether they are the same, or what differs and what may be why. Needs a MezzotintPictureHost above
 * `widget`; goes on when `widget` is gone. */
#pragma once

#include <gtk/gtk.h>

#include "app/library/gallery.h"

G_BEGIN_DECLS

void mezzotint_picture_remake (GtkWidget *widget, MezzotintGalleryItem *item);

/* How far two pictures of one size are apart. */
typedef struct
{
  gboolean is_same_size;
  guint64 n_pixels, n_differing; /* of the first */
  int most;                      /* of 255, in any channel */
} MezzotintPixelDifference;

MezzotintPixelDifference mezzotint_pixels_compare (MezzotintPixels *first, MezzotintPixels *second);

G_END_DECLS
