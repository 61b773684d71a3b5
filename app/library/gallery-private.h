/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the gallery share. */
#pragma once

#include "app/library/gallery-worker.h"
#include "app/library/gallery.h"

G_BEGIN_DECLS

typedef struct _MezzotintLoader MezzotintLoader;

struct _MezzotintGallery
{
  GObject parent_instance;

  MezzotintSettings *settings; /* NULL: the folder never changes */
  char *folder, *index_folder, *data_folder;
  MezzotintGalleryWorker *worker;
  MezzotintIndex *reader; /* the main thread's own connection; NULL: none yet */
  MezzotintIndexFilter filter;
  guint filter_source; /* several changes at once are one; 0: none */

  GArray *ids;        /* of gint64: the pictures shown, in order */
  GHashTable *items;  /* id -> item, not a reference: those that somebody holds */
  guint retry_source; /* items that could not be read are asked for again; 0: none */
  GQueue recent;      /* of items, references: those asked for last */
  guint n_total;
  gboolean is_loading;
  double progress;
  char *problem;
  GStrv models, samplers;
  MezzotintLoader *loader;
};

/* `row` is taken over and cleared. `gallery` is not kept alive. */
MezzotintGalleryItem *
mezzotint_gallery_item_new (MezzotintGallery *gallery, const char *folder, MezzotintIndexRow *row);
/* Sets what is shown, and notifies. */
void mezzotint_gallery_item_show_favourite (MezzotintGalleryItem *self, gboolean is_favourite);

/* ---- gallery-items.c ---- */

/* The item at a position that is there; the caller owns the reference. */
MezzotintGalleryItem *mezzotint_gallery_make_item (MezzotintGallery *self, guint position);
/* Pictures whose file changed get a new item. `ids`: of gint64; NULL: all. */
void mezzotint_gallery_forget_items (MezzotintGallery *self, const GArray *ids);

/* ---- gallery-load.c ---- */

/* Threads that decode; what was asked for last comes first. */
MezzotintLoader *mezzotint_loader_new (void);
/* What was not begun fails with G_IO_ERROR_CANCELLED. */
void mezzotint_loader_free (MezzotintLoader *self);

G_END_DECLS
