/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What can be done with pictures of the gallery, from any page that shows them. Each finds what it needs
 * through the MezzotintPictureHost above `widget`, works beside the window, and tells in a toast what
 * happened. `items`: GPtrArray of MezzotintGalleryItem, not empty. */
#pragma once

#include <gtk/gtk.h>

#include "app/library/gallery.h"

G_BEGIN_DECLS

/* The files, and the picture itself when there is one: for clipboard and drag. The caller owns the result.
 * `texture` may be NULL. */
GdkContentProvider *mezzotint_pictures_get_content (GPtrArray *items, GdkTexture *texture);
void mezzotint_pictures_copy (GtkWidget *widget, GPtrArray *items);
void mezzotint_picture_copy_prompt (GtkWidget *widget, MezzotintGalleryItem *item);
/* In the file manager. */
void mezzotint_picture_open_folder (GtkWidget *widget, MezzotintGalleryItem *item);
/* All become favourites, unless all are. */
void mezzotint_pictures_toggle_favourite (GtkWidget *widget, GPtrArray *items);
/* With a toast to undo it. */
void mezzotint_pictures_trash (GtkWidget *widget, GPtrArray *items);

/* On the Create page, with the picture's own seed or a new one. What cannot be taken over is told. */
void mezzotint_picture_use_settings (GtkWidget *widget, MezzotintGalleryItem *item, gboolean keep_seed);
/* Queues MEZZOTINT_N_VARIATIONS pictures of its seed, each moved a little towards another seed's noise; of a
 * variation as far as it went itself. */
#define MEZZOTINT_N_VARIATIONS 4
#define MEZZOTINT_VARIATION_STRENGTH 0.3
/* For samplers that add noise at every step, which stays: it decides more than where they begin. */
#define MEZZOTINT_NOISY_VARIATION_STRENGTH 0.8
void mezzotint_picture_vary (GtkWidget *widget, MezzotintGalleryItem *item);

G_END_DECLS
