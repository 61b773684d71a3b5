/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Monitors of folders. */
#include "app/library/gallery-watch.h"

#include <string.h>

#include "app/library/gallery-scan.h"

/* Long enough for a file to be written, short enough to be called at once. */
#define GATHER_MS 150

struct _MezzotintGalleryWatch
{
  MezzotintGalleryWatchFuncs funcs;
  gpointer user;
  GHashTable *monitors; /* path -> GFileMonitor */
  GHashTable *files;    /* set of paths to be told */
  gboolean folders_changed;
  GSource *timer; /* NULL: nothing to tell */
};

static GPtrArray *
take_files (MezzotintGalleryWatch *self)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer path;

  g_hash_table_iter_init (&iter, self->files);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    {
      g_hash_table_iter_steal (&iter);
      g_ptr_array_add (paths, path);
    }
  return paths;
}

static gboolean
tell_cb (gpointer data)
{
  MezzotintGalleryWatch *self = data;
  g_autoptr (GPtrArray) paths = take_files (self);
  gboolean folders_changed = self->folders_changed;

  self->folders_changed = FALSE;
  g_clear_pointer (&self->timer, g_source_unref);
  if (paths->len > 0)
    self->funcs.files (self->user, paths);
  if (folders_changed)
    self->funcs.folders (self->user);
  return G_SOURCE_REMOVE;
}

static void
tell_soon (MezzotintGalleryWatch *self)
{
  if (self->timer != NULL)
    return;
  self->timer = g_timeout_source_new (GATHER_MS);
  g_source_set_callback (self->timer, tell_cb, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

static gboolean
is_below_cb (gpointer path, gpointer monitor, gpointer data)
{
  const char *folder = data;
  gsize n = strlen (folder);

  return strncmp (path, folder, n) == 0
         && (((char *) path)[n] == '\0' || ((char *) path)[n] == G_DIR_SEPARATOR);
}

/* Something happened to a name. Is it a file of ours, a folder, or nothing? */
static void
note_file (MezzotintGalleryWatch *self, GFile *file)
{
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : NULL;

  if (name == NULL || *name == '.')
    return;
  if (mezzotint_gallery_scan_is_picture (name))
    g_hash_table_add (self->files, g_strdup (path));
  if (g_hash_table_contains (self->monitors, path))
    {
      /* It may be gone, and one of its name that comes later is another. */
      if (!g_file_test (path, G_FILE_TEST_IS_DIR))
        g_hash_table_foreach_remove (self->monitors, is_below_cb, path);
      self->folders_changed = TRUE;
    }
  else if (g_file_test (path, G_FILE_TEST_IS_DIR))
    self->folders_changed = TRUE;
  tell_soon (self);
}

static void
note_move (MezzotintGalleryWatch *self, GFile *from, GFile *to)
{
  g_autofree char *from_path = g_file_get_path (from), *to_path = to != NULL ? g_file_get_path (to) : NULL;

  if (from_path != NULL && to_path != NULL)
    self->funcs.moved (self->user, from_path, to_path);
}

static void
changed_cb (GFileMonitor *monitor,
            GFile *file,
            GFile *other,
            GFileMonitorEvent event,
            MezzotintGalleryWatch *self)
{
  if (event == G_FILE_MONITOR_EVENT_PRE_UNMOUNT)
    return;
  if (event == G_FILE_MONITOR_EVENT_RENAMED || event == G_FILE_MONITOR_EVENT_MOVED_OUT)
    note_move (self, file, other);
  note_file (self, file);
  note_file (self, other);
}

static void
free_monitor (gpointer data)
{
  GFileMonitor *monitor = data;

  g_signal_handlers_disconnect_matched (monitor, G_SIGNAL_MATCH_FUNC, 0, 0, NULL, changed_cb, NULL);
  g_file_monitor_cancel (monitor);
  g_object_unref (monitor);
}

MezzotintGalleryWatch *
mezzotint_gallery_watch_new (const MezzotintGalleryWatchFuncs *funcs, gpointer user)
{
  MezzotintGalleryWatch *self = g_new0 (MezzotintGalleryWatch, 1);

  self->funcs = *funcs;
  self->user = user;
  self->monitors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_monitor);
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
mezzotint_gallery_watch_free (MezzotintGalleryWatch *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  g_hash_table_unref (self->monitors);
  g_hash_table_unref (self->files);
  g_free (self);
}

void
mezzotint_gallery_watch_add (MezzotintGalleryWatch *self, const char *folder)
{
  g_autoptr (GFile) file = NULL;
  GFileMonitor *monitor;

  if (g_hash_table_contains (self->monitors, folder)
      || g_hash_table_size (self->monitors) >= MEZZOTINT_WATCH_MAX_FOLDERS)
    return;
  file = g_file_new_for_path (folder);
  monitor = g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (monitor == NULL)
    return; /* no such service here: seen at the next start */
  g_signal_connect (monitor, "changed", G_CALLBACK (changed_cb), self);
  g_hash_table_insert (self->monitors, g_strdup (folder), monitor);
}
