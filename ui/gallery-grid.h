/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The grid of the gallery: cells used again and again, selection, keys, context menu, dragging files out.
 *
 * Properties: is-selecting (bool, rw: a plain click selects, cells show a mark), selection
 * (GtkSelectionModel, r). Signals: "open" (MezzotintGalleryItem *item); "menu" (GdkRectangle *at): a context
 * menu is asked for, for what is selected. Actions it uses of its ancestors: gallery.*, see gallery-page.h.
 */
#pragma once

#include <gtk/gtk.h>

#include "app/library/gallery.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_GALLERY_GRID (mezzotint_gallery_grid_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintGalleryGrid, mezzotint_gallery_grid, MEZZOTINT, GALLERY_GRID, GtkWidget)

GtkWidget *mezzotint_gallery_grid_new (MezzotintGallery *gallery);
GtkSelectionModel *mezzotint_gallery_grid_get_selection (MezzotintGalleryGrid *self);
/* GPtrArray of MezzotintGalleryItem, in their order; owned by the caller. */
GPtrArray *mezzotint_gallery_grid_dup_selected (MezzotintGalleryGrid *self);
guint mezzotint_gallery_grid_get_n_selected (MezzotintGalleryGrid *self);
gboolean mezzotint_gallery_grid_get_is_selecting (MezzotintGalleryGrid *self);
void mezzotint_gallery_grid_set_is_selecting (MezzotintGalleryGrid *self, gboolean is_selecting);
/* Scrolls there, selects it alone, and gives it the focus. */
void mezzotint_gallery_grid_show_position (MezzotintGalleryGrid *self, guint position);

G_END_DECLS
