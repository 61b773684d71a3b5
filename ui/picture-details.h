/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A picture's settings, all of them, to read and to copy from. */
#pragma once

#include <gtk/gtk.h>

#include "app/library/gallery.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_PICTURE_DETAILS (mezzotint_picture_details_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintPictureDetails,
                      mezzotint_picture_details,
                      MEZZOTINT,
                      PICTURE_DETAILS,
                      GtkWidget)

/* NULL empties it. */
void mezzotint_picture_details_set_item (MezzotintPictureDetails *self, MezzotintGalleryItem *item);

G_END_DECLS
