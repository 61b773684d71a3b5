/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Trashing through GIO, which implements freedesktop's trash specification, and restoring by that
 * specification: GIO restores only where a trash:/// service runs, and says nowhere what name a file got. */
#include "app/files/trash.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/files/atomic-file.h"

/* A file is known again by these: moving keeps them. */
typedef struct
{
  guint64 device, inode;
} Identity;

struct _MezzotintTrashed
{
  char *path;
  Identity identity;
};

static gboolean
identify (const char *path, Identity *identity)
{
  struct stat info;

  if (lstat (path, &info) != 0)
    return FALSE;
  *identity = (Identity){ info.st_dev, info.st_ino };
  return TRUE;
}

MezzotintTrashed *
mezzotint_trash_file (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (MezzotintTrashed) self = g_new0 (MezzotintTrashed, 1);
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GError) local_error = NULL;

  self->path = g_strdup (path);
  identify (path, &self->identity);
  if (g_file_trash (file, cancellable, &local_error))
    return g_steal_pointer (&self);
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 _ ("There is no trash for “%s”, so it was not deleted."), shown);
  else if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&local_error));
  else
    g_set_error (error, G_IO_ERROR, local_error->code, _ ("“%s” cannot be moved to the trash: %s"), shown,
                 local_error->message);
  return NULL;
}

void
mezzotint_trashed_free (MezzotintTrashed *self)
{
  g_free (self->path);
  g_free (self);
}

const char *
mezzotint_trashed_get_path (MezzotintTrashed *self)
{
  return self->path;
}

/* ---- Back ---- */

/* A place where the trash keeps files; NULL when `folder` is not one. */
static char *
find_in_trash (const char *trash, const MezzotintTrashed *wanted)
{
  g_autofree char *files = g_build_filename (trash, "files", NULL);
  g_autoptr (GDir) dir = g_dir_open (files, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (files, name, NULL);
      Identity identity;

      if (identify (path, &identity) && identity.device == wanted->identity.device
          && identity.inode == wanted->identity.inode)
        return g_steal_pointer (&path);
    }
  return NULL;
}

/* The top folder of the file system that `path` is on. */
static char *
find_mount (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat info, parent_info;

  if (stat (folder, &info) != 0)
    return NULL;
  while (!g_str_equal (folder, "/"))
    {
      g_autofree char *parent = g_path_get_dirname (folder);

      if (stat (parent, &parent_info) != 0 || parent_info.st_dev != info.st_dev)
        break;
      g_free (folder);
      folder = g_steal_pointer (&parent);
    }
  return g_steal_pointer (&folder);
}

/* The user's own trash, and those that the file system of the picture may have. */
static char *
find_trashed (const MezzotintTrashed *self)
{
  g_autofree char *home = g_build_filename (g_get_user_data_dir (), "Trash", NULL);
  g_autofree char *mount = find_mount (self->path);
  char *found = find_in_trash (home, self);

  if (found == NULL && mount != NULL)
    {
      g_autofree char *shared = g_strdup_printf ("%s/.Trash/%u", mount, (guint) getuid ());

      found = find_in_trash (shared, self);
    }
  if (found == NULL && mount != NULL)
    {
      g_autofree char *own = g_strdup_printf ("%s/.Trash-%u", mount, (guint) getuid ());

      found = find_in_trash (own, self);
    }
  return found;
}

/* The note beside it that says where it came from. */
static void
remove_info (const char *trashed)
{
  g_autofree char *files = g_path_get_dirname (trashed);
  g_autofree char *trash = g_path_get_dirname (files);
  g_autofree char *base = g_path_get_basename (trashed);
  g_autofree char *name = g_strconcat (base, ".trashinfo", NULL);
  g_autofree char *info = g_build_filename (trash, "info", name, NULL);

  g_unlink (info);
}

gboolean
mezzotint_trash_restore (MezzotintTrashed *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *found = find_trashed (self);
  g_autofree char *shown = g_filename_display_name (self->path);
  g_autoptr (GFile) from = NULL, to = g_file_new_for_path (self->path);
  g_autoptr (GError) local_error = NULL;

  if (found == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("“%s” is no longer in the trash."), shown);
      return FALSE;
    }
  from = g_file_new_for_path (found);
  if (!g_file_move (from, to, G_FILE_COPY_NOFOLLOW_SYMLINKS, cancellable, NULL, NULL, &local_error))
    {
      g_set_error (error, G_IO_ERROR, local_error->code, _ ("“%s” cannot be brought back: %s"), shown,
                   local_error->message);
      return FALSE;
    }
  remove_info (found);
  return TRUE;
}
