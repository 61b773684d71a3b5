/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A picture to look at closely: fitted to its space at first; pinch, wheel and Ctrl+wheel, double click and
 * keys zoom, drag and touchpad move it.
 *
 * Properties: paintable (GdkPaintable, r); zoom (double, rw: 1 is fitted to the space), centre-x, centre-y
 * (double, rw: the point of the picture in the middle of the space, 0..1). Binding these three of one view to
 * those of another makes them move together, whatever their pictures' sizes are. Actions: picture.zoom-in,
 * picture.zoom-out, picture.zoom-fit, picture.zoom-actual. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_PICTURE_VIEW (mezzotint_picture_view_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintPictureView, mezzotint_picture_view, MEZZOTINT, PICTURE_VIEW, GtkWidget)

GtkWidget *mezzotint_picture_view_new (void);
/* `width`, `height`: px of the picture, which `paintable` may be a smaller version of; so a thumbnail and the
 * picture itself fill the same space. NULL shows nothing. Where the picture stands is left alone. */
void mezzotint_picture_view_set_paintable (MezzotintPictureView *self,
                                           GdkPaintable *paintable,
                                           int width,
                                           int height);
/* Fitted and in the middle. */
void mezzotint_picture_view_reset (MezzotintPictureView *self);
/* Is it larger than its space, so that moving it makes sense? */
gboolean mezzotint_picture_view_is_zoomed (MezzotintPictureView *self);
/* Moves what is seen by parts of the space. */
void mezzotint_picture_view_pan (MezzotintPictureView *self, double right, double down);

G_END_DECLS
