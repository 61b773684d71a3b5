/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The list of favourites. */
#include "app/library/favourites.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/files/atomic-file.h"

struct _MezzotintFavourites
{
  char *path;
  GHashTable *uris;        /* set of char * */
  struct timespec changed; /* the file's time when it was read; 0: there was none */
};

static gboolean
set_unreadable (MezzotintFavourites *self, int saved_errno, GError **error)
{
  g_autofree char *shown = g_filename_display_name (self->path);

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
               _ ("The list of favourites “%s” cannot be read: %s."), shown, g_strerror (saved_errno));
  return FALSE;
}

static void
set_uris (MezzotintFavourites *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_hash_table_remove_all (self->uris);
  for (gsize i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "file:"))
      g_hash_table_add (self->uris, g_strdup (lines[i]));
}

/* Reads the file if somebody else changed it. No file is an empty one; one that cannot be read changes
 * nothing here, since what is known would else be lost with the next writing. */
static gboolean
read_file (MezzotintFavourites *self, gboolean *changed, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) local_error = NULL;
  struct stat info = { 0 };

  *changed = FALSE;
  if (stat (self->path, &info) != 0)
    {
      if (errno != ENOENT)
        return set_unreadable (self, errno, error);
      memset (&info, 0, sizeof info);
    }
  if (info.st_mtim.tv_sec == self->changed.tv_sec && info.st_mtim.tv_nsec == self->changed.tv_nsec)
    return TRUE;
  if (!g_file_get_contents (self->path, &text, NULL, &local_error)
      && !g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  *changed = TRUE;
  self->changed = info.st_mtim;
  set_uris (self, text != NULL ? text : "");
  return TRUE;
}

MezzotintFavourites *
mezzotint_favourites_new (const char *folder)
{
  MezzotintFavourites *self = g_new0 (MezzotintFavourites, 1);
  g_autoptr (GError) error = NULL;
  gboolean changed;

  self->path = folder != NULL ? g_build_filename (folder, "favourites", NULL)
                              : g_build_filename (g_get_user_data_dir (), "mezzotint", "favourites", NULL);
  self->uris = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!read_file (self, &changed, &error))
    g_message ("%s", error->message);
  return self;
}

void
mezzotint_favourites_free (MezzotintFavourites *self)
{
  g_free (self->path);
  g_hash_table_unref (self->uris);
  g_free (self);
}

gboolean
mezzotint_favourites_refresh (MezzotintFavourites *self)
{
  gboolean changed;

  return read_file (self, &changed, NULL) && changed;
}

gboolean
mezzotint_favourites_contain (MezzotintFavourites *self, const char *path)
{
  g_autofree char *uri = NULL;

  if (g_hash_table_size (self->uris) == 0)
    return FALSE;
  uri = g_filename_to_uri (path, NULL, NULL);
  return uri != NULL && g_hash_table_contains (self->uris, uri);
}

GStrv
mezzotint_favourites_list (MezzotintFavourites *self)
{
  GPtrArray *paths = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer uri;

  g_hash_table_iter_init (&iter, self->uris);
  while (g_hash_table_iter_next (&iter, &uri, NULL))
    {
      char *path = g_filename_from_uri (uri, NULL, NULL);

      if (path != NULL)
        g_ptr_array_add (paths, path);
    }
  g_ptr_array_add (paths, NULL);
  return (GStrv) g_ptr_array_free (paths, FALSE);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
write_file (MezzotintFavourites *self, GError **error)
{
  g_autoptr (MezzotintAtomicFile) file = mezzotint_atomic_file_new (self->path, error);
  g_autofree gpointer *uris = NULL;
  struct stat info;
  guint n;

  if (file == NULL)
    return FALSE;
  uris = g_hash_table_get_keys_as_array (self->uris, &n);
  qsort (uris, n, sizeof *uris, compare_strings);
  for (guint i = 0; i < n; i++)
    fprintf (mezzotint_atomic_file_get_stream (file), "%s\n", (const char *) uris[i]);
  if (!mezzotint_atomic_file_commit (file, TRUE, error))
    return FALSE;
  if (stat (self->path, &info) == 0)
    self->changed = info.st_mtim;
  return TRUE;
}

/* Another instance must not write between our reading and our writing. -1 where there are no locks. */
static int
lock (MezzotintFavourites *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autofree char *name = g_strconcat (self->path, ".lock", NULL);
  int fd;

  g_mkdir_with_parents (folder, 0700);
  fd = g_open (name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0)
    flock (fd, LOCK_EX);
  return fd;
}

/* URIs of `from` itself and of all below it. */
static GPtrArray *
find_below (MezzotintFavourites *self, const char *from)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  gsize n = strlen (from);
  GHashTableIter iter;
  gpointer uri;

  g_hash_table_iter_init (&iter, self->uris);
  while (g_hash_table_iter_next (&iter, &uri, NULL))
    if (strncmp (uri, from, n) == 0 && (((char *) uri)[n] == '\0' || ((char *) uri)[n] == '/'))
      g_ptr_array_add (found, g_strdup (uri));
  return found;
}

gboolean
mezzotint_favourites_move (MezzotintFavourites *self, const char *from, const char *to, GError **error)
{
  g_autofree char *from_uri = g_filename_to_uri (from, NULL, error);
  g_autofree char *to_uri = from_uri != NULL ? g_filename_to_uri (to, NULL, error) : NULL;
  g_autoptr (GPtrArray) moved = NULL;
  gboolean changed, ok;
  int fd;

  if (to_uri == NULL)
    return FALSE;
  if (g_hash_table_size (self->uris) == 0)
    return TRUE;
  fd = lock (self);
  ok = read_file (self, &changed, error);
  moved = find_below (self, from_uri);
  for (guint i = 0; i < moved->len && ok; i++)
    {
      const char *old = moved->pdata[i];

      g_hash_table_add (self->uris, g_strconcat (to_uri, old + strlen (from_uri), NULL));
      g_hash_table_remove (self->uris, old);
    }
  ok = ok && (moved->len == 0 || write_file (self, error));
  if (fd >= 0)
    close (fd);
  return ok;
}

gboolean
mezzotint_favourites_set (MezzotintFavourites *self, const char *path, gboolean is_favourite, GError **error)
{
  g_autofree char *uri = g_filename_to_uri (path, NULL, error);
  gboolean changed, ok;
  int fd;

  if (uri == NULL)
    return FALSE;
  fd = lock (self);
  ok = read_file (self, &changed, error);
  if (ok)
    {
      changed = is_favourite ? g_hash_table_add (self->uris, g_steal_pointer (&uri))
                             : g_hash_table_remove (self->uris, uri);
      ok = !changed || write_file (self, error);
    }
  if (fd >= 0)
    close (fd);
  return ok;
}
