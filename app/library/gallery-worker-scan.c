/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Bringing the index up to date with the files: time and size decide whether one is read again. */
#include <errno.h>
#include <sys/stat.h>

#include "app/library/gallery-read.h"
#include "app/library/gallery-worker-private.h"

/* Work between two looks at what else is to be done, and between two updates. */
#define PIECE_US 20000
#define FIRST_UPDATE_MS 50
#define UPDATE_MS 400

/* ---- A file ---- */

static gboolean
is_gone (MezzotintGalleryWorker *self, const char *path)
{
  g_autofree char *full = g_build_filename (self->folder, path, NULL);
  struct stat info;

  return stat (full, &info) == 0 ? !S_ISREG (info.st_mode) : errno == ENOENT || errno == ENOTDIR;
}

static gboolean
read_file (MezzotintGalleryWorker *self, const char *path, gint64 *id, GError **error)
{
  g_autofree char *full = g_build_filename (self->folder, path, NULL);
  g_auto (MezzotintIndexRow) row = { 0 };

  if (!mezzotint_gallery_read_row (self->folder, path, &row))
    return TRUE;
  row.is_favourite = mezzotint_favourites_contain (self->favourites, full);
  if (!mezzotint_index_put (self->index, &row, error))
    return FALSE;
  if (*id == row.id)
    g_array_append_val (self->changed, row.id);
  *id = row.id;
  self->values_dirty = TRUE;
  return TRUE;
}

/* *id: out, the picture's, 0 when there is none. */
static gboolean
check (MezzotintGalleryWorker *self, const char *path, gint64 *id, GError **error)
{
  gint64 known_mtime_ns = 0, known_size = 0, mtime_ns = 0, size = 0;

  *id = mezzotint_index_find (self->index, path, &known_mtime_ns, &known_size);
  if (mezzotint_gallery_read_stamp (self->folder, path, &mtime_ns, &size))
    return (*id != 0 && mtime_ns == known_mtime_ns && size == known_size)
           || read_file (self, path, id, error);
  if (*id == 0 || !is_gone (self, path))
    return TRUE;
  self->values_dirty = TRUE;
  return mezzotint_index_remove (self->index, *id, error);
}

gboolean
mezzotint_gallery_worker_check_file (MezzotintGalleryWorker *self, const char *path, GError **error)
{
  gint64 id;

  if (!check (self, path, &id, error))
    return FALSE;
  if (self->scan_ids != NULL && id != 0)
    g_hash_table_add (self->scan_ids, g_memdup2 (&id, sizeof id));
  return TRUE;
}

/* ---- All files ---- */

/* Rows of which the scan saw no file: gone, or in a folder that cannot be read now. */
static gboolean
remove_gone (MezzotintGalleryWorker *self, GError **error)
{
  g_autoptr (GArray) ids = mezzotint_index_list_all (self->index, error);

  for (guint i = 0; ids != NULL && i < ids->len; i++)
    {
      gint64 id = g_array_index (ids, gint64, i);
      g_auto (MezzotintIndexRow) row = { 0 };

      if (g_hash_table_contains (self->scan_ids, &id) || !mezzotint_index_get (self->index, id, &row)
          || !is_gone (self, row.path))
        continue;
      if (!mezzotint_index_remove (self->index, id, error))
        return FALSE;
      self->values_dirty = TRUE;
    }
  return ids != NULL;
}

static gboolean
set_all (MezzotintGalleryWorker *self, const GArray *ids, gboolean is_favourite, GError **error)
{
  for (guint i = 0; i < ids->len; i++)
    if (!mezzotint_index_set_favourite (self->index, g_array_index (ids, gint64, i), is_favourite, error))
      return FALSE;
  return TRUE;
}

/* The favourites' file may have changed since the index was written. */
static gboolean
refresh_favourites (MezzotintGalleryWorker *self, GError **error)
{
  const MezzotintIndexFilter filter = { .favourites_only = TRUE };
  g_autoptr (GArray) old = mezzotint_index_list (self->index, &filter, error);
  g_autoptr (GArray) new = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_auto (GStrv) paths = NULL;

  mezzotint_favourites_refresh (self->favourites);
  paths = mezzotint_favourites_list (self->favourites);
  for (gsize i = 0; paths[i] != NULL; i++)
    {
      const char *path = mezzotint_gallery_worker_path_below (self, paths[i]);
      gint64 id, mtime_ns, size;

      if (path != NULL && (id = mezzotint_index_find (self->index, path, &mtime_ns, &size)) != 0)
        g_array_append_val (new, id);
    }
  return old != NULL && set_all (self, old, FALSE, error) && set_all (self, new, TRUE, error);
}

static void
finish (MezzotintGalleryWorker *self)
{
  gboolean again = self->scan_again;

  g_free (self->scan_problem);
  self->scan_problem = g_strdup (self->scan->problem);
  mezzotint_gallery_worker_stop_scan (self);
  mezzotint_gallery_worker_refresh_soon (self, 0);
  if (again)
    mezzotint_gallery_worker_start_scan (self);
}

/* A piece of the work; FALSE when all is done, or with an error. */
static gboolean
do_piece (MezzotintGalleryWorker *self, GError **error)
{
  gint64 end_us = g_get_monotonic_time () + PIECE_US;
  guint n_known = self->scan->n_done;

  if (mezzotint_gallery_scan_step (self->scan))
    {
      const char *folder = self->scan->folders->pdata[n_known];
      g_autofree char *path
          = *folder != '\0' ? g_build_filename (self->folder, folder, NULL) : g_strdup (self->folder);

      mezzotint_gallery_watch_add (self->watch, path);
      return TRUE;
    }
  while (self->n_scanned < self->scan->files->len)
    {
      if (mezzotint_gallery_worker_is_stopping (self) || g_get_monotonic_time () > end_us)
        return TRUE;
      if (!mezzotint_gallery_worker_check_file (self, self->scan->files->pdata[self->n_scanned++], error))
        return FALSE;
    }
  if (remove_gone (self, error))
    refresh_favourites (self, error);
  return FALSE;
}

static gboolean
scan_cb (gpointer data)
{
  MezzotintGalleryWorker *self = data;
  g_autoptr (GError) error = NULL;
  gboolean more;

  if (mezzotint_gallery_worker_is_stopping (self))
    return G_SOURCE_CONTINUE;
  more = mezzotint_index_begin (self->index, &error) && do_piece (self, &error);
  if (error != NULL)
    mezzotint_gallery_worker_replace_index (self, error);
  else if (more) /* the update commits: one of many pieces costs a fraction of many */
    mezzotint_gallery_worker_refresh_soon (self, self->shown->len > 0 ? UPDATE_MS : FIRST_UPDATE_MS);
  else
    finish (self);
  return G_SOURCE_CONTINUE; /* whoever ends the scan destroys this source */
}

void
mezzotint_gallery_worker_start_scan (MezzotintGalleryWorker *self)
{
  if (self->index == NULL)
    return;
  if (self->scan != NULL)
    {
      self->scan_again = TRUE;
      return;
    }
  self->scan = mezzotint_gallery_scan_new (self->folder);
  self->scan_ids = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->n_scanned = 0;
  self->scan_source = g_idle_source_new ();
  g_source_set_callback (self->scan_source, scan_cb, self, NULL);
  g_source_attach (self->scan_source, self->context);
}

void
mezzotint_gallery_worker_stop_scan (MezzotintGalleryWorker *self)
{
  if (self->scan == NULL)
    return;
  g_source_destroy (self->scan_source);
  g_clear_pointer (&self->scan_source, g_source_unref);
  g_clear_pointer (&self->scan, mezzotint_gallery_scan_free);
  g_clear_pointer (&self->scan_ids, g_hash_table_unref);
  self->scan_again = FALSE;
}

double
mezzotint_gallery_worker_get_scan_progress (MezzotintGalleryWorker *self)
{
  if (self->scan == NULL)
    return 1;
  return self->scan->files->len > 0 ? (double) self->n_scanned / self->scan->files->len : 0;
}
