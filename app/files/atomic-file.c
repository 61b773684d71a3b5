/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Files written under a hidden name, synced and renamed. */
#include "app/files/atomic-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct _MezzotintAtomicFile
{
  char *path;
  char *temporary; /* NULL once it has its name */
  FILE *stream;
  gboolean is_unsynced;
};

void
mezzotint_set_write_error (GError **error, const char *path, int saved_errno)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *shown_folder = g_filename_display_name (folder);
  int code = g_file_error_from_errno (saved_errno);

  if (saved_errno == ENOENT)
    g_set_error (error, G_FILE_ERROR, code, _ ("“%s” cannot be written: there is no folder “%s”."), shown,
                 shown_folder);
  else if (saved_errno == ENOTDIR)
    g_set_error (error, G_FILE_ERROR, code, _ ("“%s” cannot be written: “%s” is not a folder."), shown,
                 shown_folder);
  else
    g_set_error (error, G_FILE_ERROR, code, _ ("“%s” cannot be written: %s."), shown,
                 g_strerror (saved_errno));
}

/* The file that a chain of links ends in, so that the link itself survives the rename. */
static char *
follow_link (const char *path)
{
  char *target;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK) || (target = realpath (path, NULL)) == NULL)
    return g_strdup (path);
  return target; /* malloc's, which GLib's g_free is */
}

static gboolean
check_target (const char *path, GError **error)
{
  g_autofree char *shown = NULL;
  struct stat info;

  if (stat (path, &info) != 0 || S_ISREG (info.st_mode))
    return TRUE;
  shown = g_filename_display_name (path);
  if (S_ISDIR (info.st_mode))
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR, _ ("“%s” cannot be written: it is a folder."),
                 shown);
  else
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                 _ ("“%s” cannot be written: it is not an ordinary file."), shown);
  return FALSE;
}

MezzotintAtomicFile *
mezzotint_atomic_file_new (const char *path, GError **error)
{
  g_autofree char *target = follow_link (path);
  g_autofree char *folder = g_path_get_dirname (target);
  g_autofree char *temporary = g_build_filename (folder, ".mezzotint-XXXXXX", NULL);
  MezzotintAtomicFile *file;
  FILE *stream;
  int fd;

  if (!check_target (target, error))
    return NULL;
  fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0666); /* less the umask, as for any new file */
  if (fd < 0 || (stream = fdopen (fd, "wb")) == NULL)
    {
      int saved_errno = errno;

      if (fd >= 0)
        {
          close (fd);
          g_unlink (temporary);
        }
      mezzotint_set_write_error (error, path, saved_errno);
      return NULL;
    }
  file = g_new0 (MezzotintAtomicFile, 1);
  file->path = g_steal_pointer (&target);
  file->temporary = g_steal_pointer (&temporary);
  file->stream = stream;
  return file;
}

FILE *
mezzotint_atomic_file_get_stream (MezzotintAtomicFile *file)
{
  return file->stream;
}

void
mezzotint_atomic_file_rename (MezzotintAtomicFile *file, const char *path)
{
  g_free (file->path);
  file->path = g_strdup (path);
}

void
mezzotint_atomic_file_skip_sync (MezzotintAtomicFile *file)
{
  file->is_unsynced = TRUE;
}

/* All bytes on the disk, then closed. Returns 0 or an errno. */
static int
finish_stream (MezzotintAtomicFile *file)
{
  int saved_errno = 0;

  errno = EIO; /* an earlier write may have failed long ago, and errno with it */
  if (ferror (file->stream) || fflush (file->stream) != 0
      || (!file->is_unsynced && fsync (fileno (file->stream)) != 0))
    saved_errno = errno;
  if (fclose (g_steal_pointer (&file->stream)) != 0 && saved_errno == 0)
    saved_errno = errno;
  return saved_errno;
}

/* rename() that never replaces. Returns 0 or -1 with errno. */
static int
rename_to_new (const char *from, const char *to)
{
  int fd;

  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
    return -1;
  /* A file system without that flag: take the name with an empty file of our own, then replace that. */
  fd = open (to, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
  if (fd < 0)
    return -1;
  close (fd);
  return rename (from, to);
}

/* Makes the new name itself durable. Some file systems cannot sync folders; nothing can be done there. */
static void
sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

gboolean
mezzotint_atomic_file_commit (MezzotintAtomicFile *file, gboolean replace, GError **error)
{
  struct stat info;
  int saved_errno;

  g_return_val_if_fail (file->temporary != NULL, FALSE);

  saved_errno = file->stream != NULL ? finish_stream (file) : 0;

  if (saved_errno == 0)
    {
      if (replace && stat (file->path, &info) == 0)
        g_chmod (file->temporary, info.st_mode & 07777);
      if ((replace ? rename (file->temporary, file->path) : rename_to_new (file->temporary, file->path)) != 0)
        saved_errno = errno;
    }
  if (saved_errno != 0)
    {
      if (saved_errno != EEXIST)
        {
          g_unlink (file->temporary);
          g_clear_pointer (&file->temporary, g_free);
        }
      mezzotint_set_write_error (error, file->path, saved_errno);
      return FALSE;
    }
  g_clear_pointer (&file->temporary, g_free);
  if (!file->is_unsynced)
    sync_folder (file->path);
  return TRUE;
}

void
mezzotint_atomic_file_free (MezzotintAtomicFile *file)
{
  if (file->stream != NULL)
    fclose (file->stream);
  if (file->temporary != NULL)
    g_unlink (file->temporary);
  g_free (file->temporary);
  g_free (file->path);
  g_free (file);
}
