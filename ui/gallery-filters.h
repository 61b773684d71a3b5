/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What of the gallery is shown, and in which order: a popover.
 *
 * Property: is-filtering (bool, r: some pictures may be left out). Main thread. */
#pragma once

#include <gtk/gtk.h>

#include "app/library/gallery.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_GALLERY_FILTERS (mezzotint_gallery_filters_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintGalleryFilters,
                      mezzotint_gallery_filters,
                      MEZZOTINT,
                      GALLERY_FILTERS,
                      GtkPopover)

GtkWidget *mezzotint_gallery_filters_new (MezzotintGallery *gallery);
gboolean mezzotint_gallery_filters_is_filtering (MezzotintGalleryFilters *self);
/* Shows everything; the order stays. */
void mezzotint_gallery_filters_clear (MezzotintGalleryFilters *self);

G_END_DECLS
