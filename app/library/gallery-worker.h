/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The thread that keeps a gallery's index like its folder, and works out which pictures to show. */
#pragma once

#include "app/library/gallery-index.h"
#include "app/library/gallery-splices.h"

G_BEGIN_DECLS

typedef struct _MezzotintGalleryWorker MezzotintGalleryWorker;

/* What is new. Updates are to be applied in order. */
typedef struct
{
  char *uri;              /* a database that was not there before: every id is new; NULL: the same one */
  GArray *splices;        /* of MezzotintSplice: changes of the list shown */
  GArray *added;          /* of gint64: the ids that they put in, one after another */
  GArray *changed;        /* of gint64, sorted: pictures whose file changed */
  GStrv models, samplers; /* NULL: as before */
  guint n_total;
  gboolean is_loading;
  double progress; /* of the reading, 0..1 */
  char *problem;   /* a sentence; NULL: none */
} MezzotintGalleryUpdate;

/* On the thread-default context of whoever made the worker; never after mezzotint_gallery_worker_stop(). */
typedef void (*MezzotintGalleryUpdateFunc) (gpointer user, const MezzotintGalleryUpdate *update);

/* `folder`: of the pictures; `index_folder`, `data_folder`: of the index and the favourites, NULL for the
 * user's. */
MezzotintGalleryWorker *mezzotint_gallery_worker_new (const char *folder,
                                                      const char *index_folder,
                                                      const char *data_folder,
                                                      const MezzotintIndexFilter *filter,
                                                      MezzotintGalleryUpdateFunc func,
                                                      gpointer user);
/* Waits for the file in hand, and frees it. */
void mezzotint_gallery_worker_stop (MezzotintGalleryWorker *self);
/* The rest returns at once. */
void mezzotint_gallery_worker_set_filter (MezzotintGalleryWorker *self, const MezzotintIndexFilter *filter);
/* Looks whether a file is there, new or gone. `path`: absolute. */
void mezzotint_gallery_worker_look (MezzotintGalleryWorker *self, const char *path);
void mezzotint_gallery_worker_set_favourite (MezzotintGalleryWorker *self,
                                             gint64 id,
                                             const char *path,
                                             gboolean is_favourite);

G_END_DECLS
