/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One picture of the gallery, closely: zoom, its neighbours, its settings beside it, and what can be done
 * with it. A page with a header bar of its own, to be pushed on a MezzotintPictureHost.
 *
 * Property: item (MezzotintGalleryItem, r; changes with previous and next). Signal: "compare": the user wants
 * to choose a picture to put beside this one. Actions: page.previous, page.next, page.back, page.details,
 * page.favourite, page.copy, page.copy-prompt, page.open-folder, page.trash, page.use-settings,
 * page.same-seed, page.vary, page.remake, page.compare. */
#pragma once

#include <adwaita.h>

#include "app/library/gallery.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_PICTURE_PAGE (mezzotint_picture_page_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintPicturePage, mezzotint_picture_page, MEZZOTINT, PICTURE_PAGE, AdwBin)

GtkWidget *mezzotint_picture_page_new (MezzotintGallery *gallery, MezzotintGalleryItem *item);
/* Owned by the page. */
MezzotintGalleryItem *mezzotint_picture_page_get_item (MezzotintPicturePage *self);

G_END_DECLS
