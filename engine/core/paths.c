/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Looks through the data folders. */
#include "core/paths.h"

/* share/mezzotint beside the folder of `program`, or NULL where the system does not tell what runs. */
static char *
folder_beside (const char *program)
{
  g_autofree char *bin = NULL, *prefix = NULL;

  if (program == NULL)
    return NULL;
  bin = g_path_get_dirname (program);
  prefix = g_path_get_dirname (bin);
  return g_build_filename (prefix, "share", "mezzotint", NULL);
}

char *
mz_find_data (const char *relative, GError **error)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *beside = folder_beside (program);
  g_autofree char *looked = NULL;
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();
  const char *chosen = g_getenv ("MEZZOTINT_DATA_DIR");

  if (chosen != NULL && *chosen != '\0')
    g_ptr_array_add (folders, (gpointer) chosen);
  else
    {
      if (beside != NULL)
        g_ptr_array_add (folders, beside);
      if (program != NULL && g_str_has_prefix (program, MZ_BUILD_ROOT G_DIR_SEPARATOR_S))
        g_ptr_array_add (folders, (gpointer) MZ_SOURCE_DATADIR);
      g_ptr_array_add (folders, (gpointer) MZ_PKGDATADIR);
    }
  for (guint i = 0; i < folders->len; i++)
    {
      g_autofree char *path = g_build_filename (g_ptr_array_index (folders, i), relative, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  g_ptr_array_add (folders, NULL);
  looked = g_strjoinv (", ", (char **) folders->pdata);
  g_set_error (error, MZ_ERROR, MZ_ERROR_MISSING, "The data file “%s” was not found in any of: %s.", relative,
               looked);
  return NULL;
}
