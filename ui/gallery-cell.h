/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One picture in the gallery's grid: a square that keeps its size whatever is loaded when. Used again and
 * again for other pictures; asks for a thumbnail when it gets one, and takes that back when it loses it.
 *
 * Property: is-checkable (bool, rw): shows a mark that says whether it is selected. */
#pragma once

#include <gtk/gtk.h>

#include "app/library/gallery.h"
#include "ui/texture-cache.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_GALLERY_CELL (mezzotint_gallery_cell_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintGalleryCell, mezzotint_gallery_cell, MEZZOTINT, GALLERY_CELL, GtkWidget)

/* `cache` is looked into first; it is not kept alive, and may be NULL. */
GtkWidget *mezzotint_gallery_cell_new (MezzotintGallery *gallery, MezzotintTextureCache *cache);
/* NULL empties it. */
void mezzotint_gallery_cell_set_item (MezzotintGalleryCell *self, MezzotintGalleryItem *item);
/* Only in sight is anything loaded. With a new item it is out of sight again. */
void mezzotint_gallery_cell_set_in_sight (MezzotintGalleryCell *self, gboolean is_in_sight);
MezzotintGalleryItem *mezzotint_gallery_cell_get_item (MezzotintGalleryCell *self);
/* The thumbnail; NULL while there is none. Owned by the cell. */
GdkTexture *mezzotint_gallery_cell_get_texture (MezzotintGalleryCell *self);
/* What the cell is called, for people: the prompt, or the file's name; free with g_free. */
char *mezzotint_gallery_item_dup_title (MezzotintGalleryItem *item);

G_END_DECLS
