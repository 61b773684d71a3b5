/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Thumbnails and whole pictures, decoded on a few threads. */
#include <glib/gi18n.h>

#include "app/files/picture-read.h"
#include "app/files/thumbnail.h"
#include "app/library/gallery-private.h"

/* The engine wants the processor more; and each may hold a large picture. */
#define MAX_THREADS 2

struct _MezzotintLoader
{
  GThreadPool *pool;
  guint64 n_asked;
  gint closing; /* atomic */
};

/* One thing to load. Its task is answered and freed on the thread that asked. */
typedef struct
{
  MezzotintLoader *loader;
  GTask *task;
  char *path;
  guint64 serial; /* rising */
  gboolean is_whole;
  MzPicture *picture;
  GError *error;
} Request;

static void
free_request (gpointer data)
{
  Request *request = data;

  g_object_unref (request->task);
  g_free (request->path);
  g_clear_pointer (&request->picture, mz_picture_free);
  g_clear_error (&request->error);
  g_free (request);
}

static gboolean
answer_cb (gpointer data)
{
  Request *request = data;

  if (g_task_return_error_if_cancelled (request->task))
    return G_SOURCE_REMOVE;
  if (request->picture == NULL)
    g_task_return_error (request->task, g_steal_pointer (&request->error));
  else
    g_task_return_pointer (request->task, mezzotint_pixels_new (g_steal_pointer (&request->picture)),
                           (GDestroyNotify) mezzotint_pixels_unref);
  return G_SOURCE_REMOVE;
}

static void
answer (Request *request)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, g_task_get_priority (request->task));
  g_source_set_callback (source, answer_cb, request, free_request);
  g_source_attach (source, g_task_get_context (request->task));
}

static int
compare_requests (gconstpointer a, gconstpointer b, gpointer data)
{
  guint64 first = ((const Request *) a)->serial, second = ((const Request *) b)->serial;

  return (first < second) - (first > second); /* the last one first */
}

static void
trigger_cb (GCancellable *cancellable, gpointer cancel)
{
  mz_cancel_trigger (cancel);
}

static void
load (Request *request)
{
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  GCancellable *cancellable = g_task_get_cancellable (request->task);
  gulong handler = 0;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (trigger_cb), cancel, NULL);
  request->picture = request->is_whole ? mezzotint_picture_read (request->path, cancel, &request->error)
                                       : mezzotint_thumbnail_load (request->path, cancel, &request->error);
  g_cancellable_disconnect (cancellable, handler);
}

static void
run (gpointer data, gpointer user)
{
  Request *request = data;

  if (g_atomic_int_get (&request->loader->closing)
      || g_cancellable_is_cancelled (g_task_get_cancellable (request->task)))
    g_set_error_literal (&request->error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("The gallery was closed."));
  else
    load (request);
  answer (request);
}

MezzotintLoader *
mezzotint_loader_new (void)
{
  MezzotintLoader *self = g_new0 (MezzotintLoader, 1);

  self->pool = g_thread_pool_new_full (run, self, free_request, MAX_THREADS, FALSE, NULL);
  g_thread_pool_set_sort_function (self->pool, compare_requests, NULL);
  return self;
}

void
mezzotint_loader_free (MezzotintLoader *self)
{
  g_atomic_int_set (&self->closing, 1);
  g_thread_pool_free (self->pool, FALSE, TRUE);
  g_free (self);
}

static void
ask (MezzotintGallery *self, MezzotintGalleryItem *item, gboolean is_whole, GTask *task)
{
  Request *request = g_new0 (Request, 1);

  g_return_if_fail (self->loader != NULL);

  request->loader = self->loader;
  request->task = task;
  request->path = g_strdup (mezzotint_gallery_item_get_path (item));
  request->serial = self->loader->n_asked++;
  request->is_whole = is_whole;
  g_thread_pool_push (self->loader->pool, request, NULL);
}

void
mezzotint_gallery_load_thumbnail_async (MezzotintGallery *self,
                                        MezzotintGalleryItem *item,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, mezzotint_gallery_load_thumbnail_async);
  ask (self, item, FALSE, task);
}

MezzotintPixels *
mezzotint_gallery_load_thumbnail_finish (MezzotintGallery *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
mezzotint_gallery_load_picture_async (MezzotintGallery *self,
                                      MezzotintGalleryItem *item,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, mezzotint_gallery_load_picture_async);
  ask (self, item, TRUE, task);
}

MezzotintPixels *
mezzotint_gallery_load_picture_finish (MezzotintGallery *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
