/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The gallery's thread: its life, what it is asked to do, and what becomes of a failing index. */
#include "app/library/gallery-worker.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/library/gallery-worker-private.h"

/* An index that is damaged again and again lies on a bad disk. */
#define MAX_REBUILDS 2

gboolean
mezzotint_gallery_worker_is_stopping (MezzotintGalleryWorker *self)
{
  return g_atomic_int_get (&self->stopping) != 0;
}

/* ---- Updates ---- */

static gboolean
refresh_cb (gpointer data)
{
  MezzotintGalleryWorker *self = data;

  g_clear_pointer (&self->refresh, g_source_unref);
  mezzotint_gallery_worker_send_update (self);
  return G_SOURCE_REMOVE;
}

void
mezzotint_gallery_worker_refresh_soon (MezzotintGalleryWorker *self, guint ms)
{
  gint64 due_us = g_get_monotonic_time () + (gint64) ms * 1000;

  if (self->refresh != NULL && g_source_get_ready_time (self->refresh) <= due_us)
    return;
  if (self->refresh != NULL)
    g_source_destroy (self->refresh);
  g_clear_pointer (&self->refresh, g_source_unref);
  self->refresh = g_timeout_source_new (ms);
  g_source_set_callback (self->refresh, refresh_cb, self, NULL);
  g_source_attach (self->refresh, self->context);
}

/* ---- The index ---- */

static void
use_memory (MezzotintGalleryWorker *self, const GError *reason)
{
  g_autoptr (GError) error = NULL;

  self->is_in_memory = TRUE;
  self->index = mezzotint_index_open_memory (&error);
  g_free (self->index_problem);
  if (self->index != NULL)
    self->index_problem = g_strdup_printf (
        _ ("%s It is kept in memory, and all pictures are read again at the next start."), reason->message);
  else
    self->index_problem = g_strdup (error->message);
  g_message ("%s", self->index_problem);
}

static void
open_index (MezzotintGalleryWorker *self)
{
  g_autofree char *folder = g_path_get_dirname (self->index_path);
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (folder, 0700);
  self->index = mezzotint_index_open (self->index_path, &error);
  if (self->index == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
    {
      g_debug ("The gallery's index is made anew: %s", error->message);
      g_clear_error (&error);
      mezzotint_index_give_up (&self->index_path);
      self->index = mezzotint_index_open (self->index_path, &error);
    }
  if (self->index == NULL)
    use_memory (self, error);
  else
    mezzotint_index_delete_older (self->index_path);
  self->is_new_index = TRUE;
  g_array_set_size (self->shown, 0);
  g_array_set_size (self->changed, 0);
  self->values_dirty = TRUE;
}

void
mezzotint_gallery_worker_replace_index (MezzotintGalleryWorker *self, const GError *error)
{
  gboolean damaged = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);

  mezzotint_gallery_worker_stop_scan (self);
  g_clear_pointer (&self->index, mezzotint_index_close);
  if (self->is_in_memory)
    { /* no more memory, say: the list stays empty rather than half true */
      g_free (self->index_problem);
      self->index_problem = g_strdup (error->message);
      self->is_new_index = TRUE;
      g_array_set_size (self->shown, 0);
    }
  else if (damaged && self->n_rebuilt++ < MAX_REBUILDS)
    {
      g_message ("%s It is made anew.", error->message);
      mezzotint_index_give_up (&self->index_path);
      open_index (self);
    }
  else
    {
      use_memory (self, error);
      self->is_new_index = TRUE;
      g_array_set_size (self->shown, 0);
    }
  g_array_set_size (self->changed, 0);
  self->values_dirty = TRUE;
  if (self->index != NULL)
    mezzotint_gallery_worker_start_scan (self);
  mezzotint_gallery_worker_refresh_soon (self, 0);
}

/* ---- What is asked from other threads ---- */

typedef struct
{
  MezzotintGalleryWorker *worker;
  GPtrArray *paths; /* absolute */
  MezzotintIndexFilter *filter;
  gint64 id;
  gboolean is_favourite;
} Order;

static void
free_order (gpointer data)
{
  Order *order = data;

  g_clear_pointer (&order->paths, g_ptr_array_unref);
  g_clear_pointer (&order->filter, mezzotint_index_filter_free);
  g_free (order);
}

static Order *
order_new (MezzotintGalleryWorker *self, const char *path)
{
  Order *order = g_new0 (Order, 1);

  order->worker = self;
  order->paths = g_ptr_array_new_with_free_func (g_free);
  if (path != NULL)
    g_ptr_array_add (order->paths, g_strdup (path));
  return order;
}

static void
give (MezzotintGalleryWorker *self, GSourceFunc func, Order *order)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, order, free_order);
  g_source_attach (source, self->context);
}

static gboolean
set_filter_cb (gpointer data)
{
  Order *order = data;

  mezzotint_index_filter_free (order->worker->filter);
  order->worker->filter = g_steal_pointer (&order->filter);
  mezzotint_gallery_worker_refresh_soon (order->worker, 0);
  return G_SOURCE_REMOVE;
}

void
mezzotint_gallery_worker_set_filter (MezzotintGalleryWorker *self, const MezzotintIndexFilter *filter)
{
  Order *order = order_new (self, NULL);

  order->filter = mezzotint_index_filter_copy (filter);
  give (self, set_filter_cb, order);
}

const char *
mezzotint_gallery_worker_path_below (MezzotintGalleryWorker *self, const char *path)
{
  gsize n = strlen (self->folder);

  if (strncmp (path, self->folder, n) != 0 || path[n] != G_DIR_SEPARATOR)
    return NULL;
  return path + n + 1;
}

static void
look_at (MezzotintGalleryWorker *self, GPtrArray *paths)
{
  g_autoptr (GError) error = NULL;
  gboolean ok;

  if (self->index == NULL)
    return;
  ok = mezzotint_index_begin (self->index, &error);
  for (guint i = 0; ok && i < paths->len; i++)
    {
      const char *path = mezzotint_gallery_worker_path_below (self, paths->pdata[i]);

      if (path != NULL)
        ok = mezzotint_gallery_worker_check_file (self, path, &error);
    }
  if (!ok || !mezzotint_index_commit (self->index, &error))
    mezzotint_gallery_worker_replace_index (self, error);
  else
    mezzotint_gallery_worker_refresh_soon (self, 0);
}

static gboolean
look_cb (gpointer data)
{
  Order *order = data;

  look_at (order->worker, order->paths);
  return G_SOURCE_REMOVE;
}

void
mezzotint_gallery_worker_look (MezzotintGalleryWorker *self, const char *path)
{
  give (self, look_cb, order_new (self, path));
}

static gboolean
set_favourite_cb (gpointer data)
{
  Order *order = data;
  MezzotintGalleryWorker *self = order->worker;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->favourite_problem, g_free);
  if (!mezzotint_favourites_set (self->favourites, order->paths->pdata[0], order->is_favourite, &error))
    self->favourite_problem = g_strdup (error->message);
  g_clear_error (&error);
  if (self->index == NULL)
    return G_SOURCE_REMOVE;
  if (!mezzotint_index_set_favourite (self->index, order->id, order->is_favourite, &error))
    mezzotint_gallery_worker_replace_index (self, error);
  else
    mezzotint_gallery_worker_refresh_soon (self, 0);
  return G_SOURCE_REMOVE;
}

void
mezzotint_gallery_worker_set_favourite (MezzotintGalleryWorker *self,
                                        gint64 id,
                                        const char *path,
                                        gboolean is_favourite)
{
  Order *order = order_new (self, path);

  order->id = id;
  order->is_favourite = is_favourite;
  give (self, set_favourite_cb, order);
}

/* ---- The thread ---- */

static void
moved_cb (gpointer user, const char *from, const char *to)
{
  MezzotintGalleryWorker *self = user;
  g_autoptr (GError) error = NULL;

  if (mezzotint_favourites_move (self->favourites, from, to, &error))
    return;
  g_free (self->favourite_problem);
  self->favourite_problem = g_strdup (error->message);
}

static void
files_cb (gpointer user, GPtrArray *paths)
{
  look_at (user, paths);
}

static void
folders_cb (gpointer user)
{
  mezzotint_gallery_worker_start_scan (user);
}

static const MezzotintGalleryWatchFuncs watch_funcs = { moved_cb, files_cb, folders_cb };

static gpointer
run (gpointer data)
{
  MezzotintGalleryWorker *self = data;

  g_main_context_push_thread_default (self->context);
  self->watch = mezzotint_gallery_watch_new (&watch_funcs, self);
  open_index (self);
  mezzotint_gallery_worker_start_scan (self);
  mezzotint_gallery_worker_send_update (self); /* what is known already, before anything is read */
  if (!mezzotint_gallery_worker_is_stopping (self))
    g_main_loop_run (self->loop);
  mezzotint_gallery_worker_stop_scan (self);
  g_clear_pointer (&self->watch, mezzotint_gallery_watch_free);
  g_clear_pointer (&self->index, mezzotint_index_close);
  if (self->refresh != NULL)
    g_source_destroy (self->refresh);
  g_clear_pointer (&self->refresh, g_source_unref);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

MezzotintGalleryWorker *
mezzotint_gallery_worker_new (const char *folder,
                              const char *index_folder,
                              const char *data_folder,
                              const MezzotintIndexFilter *filter,
                              MezzotintGalleryUpdateFunc func,
                              gpointer user)
{
  MezzotintGalleryWorker *self = g_new0 (MezzotintGalleryWorker, 1);

  self->folder = g_canonicalize_filename (folder, NULL);
  self->index_path = mezzotint_index_find_path (self->folder, index_folder);
  self->favourites = mezzotint_favourites_new (data_folder);
  self->filter = mezzotint_index_filter_copy (filter);
  self->shown = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->changed = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->mailbox = mezzotint_mailbox_new (func, user);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("gallery", run, self);
  return self;
}

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
mezzotint_gallery_worker_stop (MezzotintGalleryWorker *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_atomic_int_set (&self->stopping, 1);
  mezzotint_mailbox_close (self->mailbox);
  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, quit_cb, self->loop, NULL);
  g_source_attach (source, self->context);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  mezzotint_mailbox_unref (self->mailbox);
  mezzotint_favourites_free (self->favourites);
  mezzotint_index_filter_free (self->filter);
  g_array_unref (self->shown);
  g_array_unref (self->changed);
  g_free (self->folder);
  g_free (self->index_path);
  g_free (self->index_problem);
  g_free (self->scan_problem);
  g_free (self->favourite_problem);
  g_free (self);
}
