/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The gallery: search, filters, the grid, what can be done with what is selected, and what is said when there
 * is nothing to show. Opens pictures in pages of their own, through the MezzotintPictureHost above it.
 *
 * Its buttons belong into the window's header bar, shown while the page is. Actions (about what is selected,
 * unless said otherwise): gallery.open, gallery.compare (two), gallery.favourite, gallery.copy,
 * gallery.copy-prompt, gallery.open-folder, gallery.trash, gallery.use-settings, gallery.same-seed,
 * gallery.vary, gallery.select-all, gallery.select (selecting begins or ends), gallery.search,
 * gallery.show-everything. */
#pragma once

#include <gtk/gtk.h>

#include "app/library/gallery.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_GALLERY_PAGE (mezzotint_gallery_page_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintGalleryPage, mezzotint_gallery_page, MEZZOTINT, GALLERY_PAGE, GtkWidget)

GtkWidget *mezzotint_gallery_page_new (MezzotintGallery *gallery);
/* Buttons for the header bar's start and end; owned by the page. */
GtkWidget *mezzotint_gallery_page_get_start_buttons (MezzotintGalleryPage *self);
GtkWidget *mezzotint_gallery_page_get_end_buttons (MezzotintGalleryPage *self);
/* The next picture opened is put beside `item`. */
void mezzotint_gallery_page_begin_compare (MezzotintGalleryPage *self, MezzotintGalleryItem *item);
/* Shows what has all the words, whatever the filters were. */
void mezzotint_gallery_page_search (MezzotintGalleryPage *self, const char *words);
/* Opens the picture `path` as soon as the gallery knows it, whatever the filters were; says so when it is not
 * there. */
void mezzotint_gallery_page_show_picture (MezzotintGalleryPage *self, const char *path);

G_END_DECLS
