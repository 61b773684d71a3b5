/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the gallery's thread share. All of it belongs to that thread but what says otherwise. */
#pragma once

#include "app/library/favourites.h"
#include "app/library/gallery-scan.h"
#include "app/library/gallery-watch.h"
#include "app/library/gallery-worker.h"

G_BEGIN_DECLS

/* Where updates go: outlives the worker while some are under way. */
typedef struct
{
  gatomicrefcount ref_count;
  GMainContext *context;
  MezzotintGalleryUpdateFunc func; /* NULL once stopped; the owner's thread only */
  gpointer user;
} MezzotintMailbox;

struct _MezzotintGalleryWorker
{
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  gint stopping; /* any thread, atomic */
  MezzotintMailbox *mailbox;

  char *folder, *index_path;
  MezzotintIndex *index; /* NULL when not even memory can be had */
  gboolean is_new_index; /* an update must say so */
  gboolean is_in_memory;
  guint n_rebuilt;
  MezzotintFavourites *favourites;
  MezzotintGalleryWatch *watch;
  MezzotintIndexFilter *filter;

  GArray *shown;         /* of gint64, as the owner knows it */
  GArray *changed;       /* of gint64: read again since the last update */
  gboolean values_dirty; /* models and samplers may be others */
  GSource *refresh;      /* an update is due; NULL: none */

  MezzotintGalleryScan *scan; /* NULL: none */
  guint n_scanned;            /* of scan->files */
  GHashTable *scan_ids;       /* set of gint64: pictures that are there */
  gboolean scan_again;
  GSource *scan_source;

  char *index_problem, *scan_problem, *favourite_problem;
};

/* ---- gallery-worker.c ---- */

gboolean mezzotint_gallery_worker_is_stopping (MezzotintGalleryWorker *self);
/* Lets an update go out, not later than in `ms`. */
void mezzotint_gallery_worker_refresh_soon (MezzotintGalleryWorker *self, guint ms);
/* The part of an absolute path below the folder; NULL when it lies elsewhere. */
const char *mezzotint_gallery_worker_path_below (MezzotintGalleryWorker *self, const char *path);
/* The index failed: makes it anew, or goes on in memory, and reads everything again. */
void mezzotint_gallery_worker_replace_index (MezzotintGalleryWorker *self, const GError *error);

/* ---- gallery-worker-scan.c ---- */

/* Compares all files with the index, a piece at a time. */
void mezzotint_gallery_worker_start_scan (MezzotintGalleryWorker *self);
void mezzotint_gallery_worker_stop_scan (MezzotintGalleryWorker *self);
double mezzotint_gallery_worker_get_scan_progress (MezzotintGalleryWorker *self);
/* Looks at one file and puts it right in the index, within a transaction. FALSE when the index failed. */
gboolean mezzotint_gallery_worker_check_file (MezzotintGalleryWorker *self, const char *path, GError **error);

/* ---- gallery-worker-update.c ---- */

/* Works out what is new, and sends it. */
void mezzotint_gallery_worker_send_update (MezzotintGalleryWorker *self);
MezzotintMailbox *mezzotint_mailbox_new (MezzotintGalleryUpdateFunc func, gpointer user);
void mezzotint_mailbox_close (MezzotintMailbox *mailbox);
void mezzotint_mailbox_unref (MezzotintMailbox *mailbox);

G_END_DECLS
