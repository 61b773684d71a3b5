/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Walking through folders of pictures. */
#include "app/library/gallery-scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

MezzotintGalleryScan *
mezzotint_gallery_scan_new (const char *root)
{
  MezzotintGalleryScan *self = g_new0 (MezzotintGalleryScan, 1);

  self->root = g_strdup (root);
  self->folders = g_ptr_array_new_with_free_func (g_free);
  self->files = g_ptr_array_new_with_free_func (g_free);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_ptr_array_add (self->folders, g_strdup (""));
  return self;
}

void
mezzotint_gallery_scan_free (MezzotintGalleryScan *self)
{
  g_free (self->root);
  g_ptr_array_unref (self->folders);
  g_ptr_array_unref (self->files);
  g_hash_table_unref (self->seen);
  g_free (self->problem);
  g_free (self);
}

gboolean
mezzotint_gallery_scan_is_picture (const char *name)
{
  gsize n = strlen (name);

  return name[0] != '.' && n > 4 && g_ascii_strcasecmp (name + n - 4, ".png") == 0;
}

static void
take_problem (MezzotintGalleryScan *self, char *problem)
{
  if (self->problem == NULL)
    self->problem = problem;
  else
    g_free (problem);
}

static void
note_unreadable (MezzotintGalleryScan *self, const char *folder, int saved_errno)
{
  g_autofree char *path = g_build_filename (self->root, folder, NULL);
  g_autofree char *shown = g_filename_display_name (path);

  take_problem (self,
                g_strdup_printf (_ ("The folder “%s” cannot be read: %s."), shown, g_strerror (saved_errno)));
}

static guint
depth_of (const char *folder)
{
  guint depth = 0;

  for (const char *p = folder; *p != '\0'; p++)
    depth += *p == G_DIR_SEPARATOR;
  return depth;
}

static gboolean
is_new_folder (MezzotintGalleryScan *self, int fd)
{
  struct stat info;

  return fstat (fd, &info) == 0
         && g_hash_table_add (self->seen, g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                                                           (guint64) info.st_dev, (guint64) info.st_ino));
}

static void
add_entry (MezzotintGalleryScan *self, int fd, const char *folder, const struct dirent *entry)
{
  int type = entry->d_type;
  g_autofree char *path = NULL;

  if (entry->d_name[0] == '.')
    return;
  if (type == DT_LNK || type == DT_UNKNOWN)
    {
      struct stat info;

      if (fstatat (fd, entry->d_name, &info, 0) != 0)
        return; /* a link to nowhere */
      type = S_ISDIR (info.st_mode) ? DT_DIR : S_ISREG (info.st_mode) ? DT_REG : DT_UNKNOWN;
    }
  path = *folder != '\0' ? g_build_filename (folder, entry->d_name, NULL) : g_strdup (entry->d_name);
  if (type == DT_DIR && depth_of (path) < MEZZOTINT_GALLERY_SCAN_MAX_DEPTH)
    {
      if (self->folders->len < MEZZOTINT_GALLERY_SCAN_MAX_FOLDERS)
        g_ptr_array_add (self->folders, g_steal_pointer (&path));
      else
        take_problem (self, g_strdup (_ ("There are too many folders; pictures in some are not shown.")));
    }
  else if (type == DT_REG && mezzotint_gallery_scan_is_picture (entry->d_name))
    {
      if (self->files->len < MEZZOTINT_GALLERY_SCAN_MAX_FILES)
        g_ptr_array_add (self->files, g_steal_pointer (&path));
      else
        take_problem (self, g_strdup (_ ("There are too many pictures; some are not shown.")));
    }
}

static void
read_folder (MezzotintGalleryScan *self, const char *folder)
{
  g_autofree char *path
      = *folder != '\0' ? g_build_filename (self->root, folder, NULL) : g_strdup (self->root);
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
  DIR *stream = NULL;
  struct dirent *entry;

  if (fd >= 0 && !is_new_folder (self, fd))
    {
      close (fd);
      return;
    }
  if (fd < 0 || (stream = fdopendir (fd)) == NULL)
    {
      if (errno != ENOENT)
        note_unreadable (self, folder, errno);
      if (fd >= 0)
        close (fd);
      return;
    }
  for (errno = 0; (entry = readdir (stream)) != NULL; errno = 0)
    add_entry (self, fd, folder, entry);
  if (errno != 0)
    note_unreadable (self, folder, errno);
  closedir (stream);
}

gboolean
mezzotint_gallery_scan_step (MezzotintGalleryScan *self)
{
  if (self->n_done == self->folders->len)
    return FALSE;
  read_folder (self, self->folders->pdata[self->n_done]);
  self->n_done++;
  return TRUE;
}
