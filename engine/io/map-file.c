/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Mapping a regular file into memory, read only, with errors that name it. */
#include <glib/gi18n-lib.h>

#include "io/map-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sets the error for a failed system call on `path`. */
static void
set_system_error (GError **error, const char *path, const char *verb, int code)
{
  g_set_error (error, MZ_ERROR, code == ENOENT || code == ENOTDIR ? MZ_ERROR_MISSING : MZ_ERROR_IO,
               /* Translators: a file, “opened” or “examined”, and the reason. */
               _ ("“%s” cannot be %s: %s."), path, _ (verb), g_strerror (code));
}

/* Sets the error unless the open file is one to map. */
static gboolean
check_kind (int fd, const char *path, guint64 max_bytes, GError **error)
{
  struct stat info;

  if (fstat (fd, &info) != 0)
    {
      set_system_error (error, path, N_ ("examined"), errno);
      return FALSE;
    }
  if (S_ISDIR (info.st_mode))
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("“%s” is a folder where a file is expected."), path);
      return FALSE;
    }
  if (!S_ISREG (info.st_mode))
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("“%s” is not a regular file."), path);
      return FALSE;
    }
  if (max_bytes > 0 && (guint64) info.st_size > max_bytes)
    {
      g_autofree char *limit = g_format_size_full (max_bytes, G_FORMAT_SIZE_IEC_UNITS);
      g_autofree char *size = g_format_size_full ((guint64) info.st_size, G_FORMAT_SIZE_IEC_UNITS);

      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("“%s” has %s; at most %s are read of such a file."),
                   path, size, limit);
      return FALSE;
    }
  return TRUE;
}

GMappedFile *
mz_map_file (const char *path, guint64 max_bytes, GError **error)
{
  /* Without O_NONBLOCK, opening a named pipe would wait for somebody to write into it. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  g_autoptr (GError) local = NULL;
  GMappedFile *map;

  if (fd < 0)
    {
      set_system_error (error, path, N_ ("opened"), errno);
      return NULL;
    }
  if (!check_kind (fd, path, max_bytes, error))
    {
      close (fd);
      return NULL;
    }
  map = g_mapped_file_new_from_fd (fd, FALSE, &local);
  close (fd);
  if (map == NULL)
    g_set_error (error, MZ_ERROR, MZ_ERROR_IO, _ ("“%s” cannot be mapped: %s."), path, local->message);
  return map;
}

gboolean
mz_is_file (const char *path)
{
  struct stat info;

  return stat (path, &info) == 0 && S_ISREG (info.st_mode);
}
