/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A window that hosts pages about pictures, over a folder of small pictures and services of their own, and
 * that writes down what pages ask of it. */
#pragma once

#include <adwaita.h>

#include "ui/picture-host.h"

G_BEGIN_DECLS

#define TEST_TYPE_HOST (test_host_get_type ())
G_DECLARE_FINAL_TYPE (TestHost, test_host, TEST, HOST, AdwWindow)

struct _TestHost
{
  AdwWindow parent_instance;

  GtkWidget *toasts;
  AdwLeaflet *leaflet;
  char *folder;       /* of the pictures */
  char *index_folder; /* of index and favourites */
  MezzotintSettings *settings;
  MezzotintEngineService *engine;
  MezzotintQueue *queue;
  MezzotintModelStore *models;
  MezzotintGallery *gallery;

  /* What the Create page would have been given. */
  int n_used;
  MzRequest *used;
  char *used_model;
  gboolean used_seed;
  char *said; /* the last word to the user */
};

/* Writes a PNG with these settings into `folder`: SIDE px, one colour. `parameters` may be NULL. */
void test_write_picture (const char *folder, const char *name, const char *parameters, guint32 rgb);

/* A host over `folder`, which is to be filled before; shown. */
TestHost *test_host_new (const char *folder);
/* Puts `page` at the bottom. */
void test_host_set_page (TestHost *self, GtkWidget *page);
/* Closes it and removes its folders. */
void test_host_close (TestHost *self);

G_END_DECLS
