/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Looks through the data folders. */
#include <glib/gi18n-lib.h>

#include "core/paths.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* From prefix/bin, prefix/lib or prefix/lib/x86_64-linux-gnu up to the prefix. */
#define MAX_DEPTH 2

/* The file that this code is in: the engine's library, or a program that has it inside. Free with g_free. */
static char *
own_file (void)
{
  Dl_info info;
  char *real, *copy;

  if (dladdr ((gpointer) own_file, &info) == 0 || info.dli_fname == NULL)
    return NULL;
  real = realpath (info.dli_fname, NULL);
  copy = g_strdup (real);
  free (real);
  return copy;
}

/* Adds where the data of an installation may be that `file` (NULL: unknown) belongs to, or of a build. */
static void
add_folders_of (GPtrArray *folders, const char *file)
{
  g_autofree char *folder = file != NULL ? g_path_get_dirname (file) : NULL;

  for (int i = 0; folder != NULL && i < MAX_DEPTH && !g_str_equal (folder, G_DIR_SEPARATOR_S); i++)
    {
      char *parent = g_path_get_dirname (folder);

      g_ptr_array_add (folders, g_build_filename (parent, "share", "mezzotint", NULL));
      g_free (folder);
      folder = parent;
    }
#ifdef MZ_BUILD_ROOT
  if (file != NULL && g_str_has_prefix (file, MZ_BUILD_ROOT G_DIR_SEPARATOR_S))
    g_ptr_array_add (folders, g_strdup (MZ_SOURCE_DATADIR));
#endif
}

static GPtrArray *
list_folders (void)
{
  GPtrArray *folders = g_ptr_array_new_with_free_func (g_free);
  const char *chosen = g_getenv ("MEZZOTINT_DATA_DIR");
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *own = own_file ();

  if (chosen != NULL && *chosen != '\0')
    {
      g_ptr_array_add (folders, g_strdup (chosen));
      return folders;
    }
  add_folders_of (folders, own);
  if (g_strcmp0 (own, program) != 0)
    add_folders_of (folders, program);
  g_ptr_array_add (folders, g_strdup (MZ_PKGDATADIR));
  return folders;
}

/* What was looked at, for a person, each once; free with g_free. */
static char *
describe (GPtrArray *folders)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < folders->len; i++)
    if (strstr (text->str, folders->pdata[i]) == NULL)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", (char *) folders->pdata[i]);
  return g_string_free (text, FALSE);
}

char *
mz_find_data (const char *relative, GError **error)
{
  g_autoptr (GPtrArray) folders = list_folders ();
  g_autofree char *looked = NULL;

  for (guint i = 0; i < folders->len; i++)
    {
      g_autofree char *path = g_build_filename (folders->pdata[i], relative, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  looked = describe (folders);
  g_set_error (error, MZ_ERROR, MZ_ERROR_MISSING, _ ("The data file “%s” was not found in any of: %s."),
               relative, looked);
  return NULL;
}
