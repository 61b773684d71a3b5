/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Two pictures of the gallery and what differs in their settings. A page with a header bar of its own, to be
 * pushed on a MezzotintPictureHost. Actions: compare.back, compare.slide, compare.details, compare.zoom-in,
 * compare.zoom-out, compare.zoom-fit, compare.zoom-actual. */
#pragma once

#include <adwaita.h>

#include "app/library/gallery.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_COMPARE_PAGE (mezzotint_compare_page_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintComparePage, mezzotint_compare_page, MEZZOTINT, COMPARE_PAGE, AdwBin)

GtkWidget *mezzotint_compare_page_new (MezzotintGallery *gallery,
                                       MezzotintGalleryItem *first,
                                       MezzotintGalleryItem *second);

G_END_DECLS
