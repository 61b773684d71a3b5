/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a picture's page and its actions share. */
#pragma once

#include "ui/picture-details.h"
#include "ui/picture-page.h"
#include "ui/picture-view.h"

G_BEGIN_DECLS

struct _MezzotintPicturePage
{
  AdwBin parent_instance;

  AdwWindowTitle *title;
  GtkWidget *favourite_button;
  GtkWidget *details_button;
  AdwFlap *flap;
  GtkStack *stack;
  AdwStatusPage *problem_page;
  MezzotintPictureView *view;
  MezzotintPictureDetails *details;

  MezzotintGallery *gallery;
  MezzotintGalleryItem *item;
  guint position;      /* of the item, or where it was */
  GdkTexture *texture; /* the whole picture; NULL: not yet */
  GCancellable *loading;
  guint check; /* source that looks where the item is; 0: none */
};

void mezzotint_picture_page_install_actions (GtkWidgetClass *class);
void mezzotint_picture_page_update_actions (MezzotintPicturePage *self);
void mezzotint_picture_page_show_position (MezzotintPicturePage *self, guint position);
void mezzotint_picture_page_compare (MezzotintPicturePage *self);

G_END_DECLS
