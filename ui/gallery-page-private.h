/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the gallery's page and its actions share. */
#pragma once

#include <adwaita.h>

#include "ui/gallery-filters.h"
#include "ui/gallery-grid.h"
#include "ui/gallery-page.h"

G_BEGIN_DECLS

struct _MezzotintGalleryPage
{
  GtkWidget parent_instance;

  GtkWidget *content;
  GtkWidget *start_buttons, *end_buttons;
  GtkWidget *search_button, *select_button, *filter_button;
  GtkSearchBar *search_bar;
  GtkWidget *search_entry;
  GtkInfoBar *problem_bar;
  GtkLabel *problem_label;
  GtkInfoBar *compare_bar;
  GtkWidget *progress;
  GtkStack *stack;
  GtkSpinner *spinner;
  AdwStatusPage *empty_page;
  GtkActionBar *action_bar;
  GtkLabel *selected_label;
  GMenu *item_menu;

  GtkWidget *menu; /* the context menu */
  GtkWidget *filters;
  MezzotintGalleryGrid *grid;
  MezzotintGallery *gallery;
  MezzotintGalleryItem *compare_with; /* NULL: nothing waits to be compared */
  char *awaited;                      /* path of a picture to be opened once it is known; NULL: none */
};

void mezzotint_gallery_page_install_actions (GtkWidgetClass *class);
/* Enables what makes sense for what is selected. */
void mezzotint_gallery_page_update_actions (MezzotintGalleryPage *self);
void mezzotint_gallery_page_open (MezzotintGalleryPage *self, MezzotintGalleryItem *item);
void mezzotint_gallery_page_compare (MezzotintGalleryPage *self,
                                     MezzotintGalleryItem *first,
                                     MezzotintGalleryItem *second);

G_END_DECLS
