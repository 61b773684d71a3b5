/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the gallery share. */
#pragma once

#include "app/library/gallery-rows.h"
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
  MezzotintRows *rows;    /* for what is in sight; NULL: none yet */
  MezzotintIndexFilter filter;
  guint filter_source; /* several changes at once are one; 0: none */

  GArray *ids;          /* of gint64: the pictures shown, in order */
  GHashTable *items;    /* id -> item, not a reference: those that somebody holds */
  gint64 busy_until_us; /* the index is being written: the main thread reads no row before */
  gboolean is_busy;     /* the last search for a path failed for that */
  GQueue recent;        /* of items, references: those asked for last */
  guint n_total;
  gboolean is_loading;
  double progress;
  char *problem;
  GStrv models, samplers;
  MezzotintLoader *loader;
};

/* Nothing but its id is known. `gallery` is not kept alive. */
MezzotintGalleryItem *mezzotint_gallery_item_new (MezzotintGallery *gallery, gint64 id);
/* `row` is taken over and cleared; one without a path stands for a picture that is gone. */
void mezzotint_gallery_item_take_row (MezzotintGalleryItem *self, const char *folder, MezzotintIndexRow *row);
/* Sets what is shown, and notifies. */
void mezzotint_gallery_item_show_favourite (MezzotintGalleryItem *self, gboolean is_favourite);

/* ---- gallery-items.c ---- */

/* The item at a position that is there; the caller owns the reference. */
MezzotintGalleryItem *mezzotint_gallery_make_item (MezzotintGallery *self, guint position);
/* Reads the item's row now. It stays unread while the index is busy. */
void mezzotint_gallery_read_item (MezzotintGallery *self, MezzotintGalleryItem *item);
/* A MezzotintRowsFunc. */
void mezzotint_gallery_take_rows (gpointer user, MezzotintIndexRow *rows, guint n_rows);
/* The id of an absolute path; 0: not there, or self->is_busy. */
gint64 mezzotint_gallery_find_id (MezzotintGallery *self, const char *path);
/* Pictures whose file changed get a new item. `ids`: of gint64; NULL: all. */
void mezzotint_gallery_forget_items (MezzotintGallery *self, const GArray *ids);

/* ---- gallery-load.c ---- */

/* Threads that decode; what was asked for last comes first. */
MezzotintLoader *mezzotint_loader_new (void);
/* What was not begun fails with G_IO_ERROR_CANCELLED. */
void mezzotint_loader_free (MezzotintLoader *self);

G_END_DECLS
