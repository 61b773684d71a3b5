/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the window share. */
#pragma once

#include "ui/banner.h"
#include "ui/create-page.h"
#include "ui/queue-panel.h"
#include "ui/window.h"

G_BEGIN_DECLS

struct _MezzotintWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toast_overlay;
  AdwLeaflet *leaflet;
  GtkWidget *main_page;
  AdwFlap *flap;
  AdwViewStack *stack;
  AdwViewSwitcherTitle *switcher_title;
  GtkStack *start_buttons, *end_buttons; /* what the header bar shows, by page */
  MezzotintBanner *banner;
  MezzotintQueuePanel *queue_panel;
  GtkLabel *queue_count;
  GtkWidget *queue_button;

  MezzotintServices *services;
  MezzotintCreatePage *create_page;
  AdwBin *gallery_bin;    /* filled when it is first shown */
  MezzotintTask *current; /* whose progress the title tells */
  gboolean may_close;     /* the user was asked */
};

/* Installs win.* on the class. */
void mezzotint_window_install_actions (GtkWidgetClass *class);
/* A model's file, which is then the one in use, or a folder of models; with a word to the user. */
void mezzotint_window_add_model (MezzotintWindow *self, GFile *file);
/* Switches those off that make no sense now. */
void mezzotint_window_update_actions (MezzotintWindow *self);

G_END_DECLS
