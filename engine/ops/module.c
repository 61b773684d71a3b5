/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Finding and opening a backend's module. */
#include <glib/gi18n-lib.h>

#include "ops/module.h"

#include <dlfcn.h>
#include <gmodule.h>

/* Folders beside the engine's library that may hold modules: as installed, and as built. */
static const char *const beside[] = { "mezzotint", "backends/cuda" };

/* Folder of the library, or program, that this code is in. */
static char *
own_folder (void)
{
  Dl_info info;

  if (dladdr ((gpointer) mz_backend_module_open, &info) == 0 || info.dli_fname == NULL)
    return NULL;
  return g_path_get_dirname (info.dli_fname);
}

static char *
find_module (const char *file)
{
  const char *folder = g_getenv ("MEZZOTINT_MODULE_DIR");
  g_autofree char *own = own_folder ();

  if (folder != NULL && *folder != '\0')
    return g_build_filename (folder, file, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (beside) && own != NULL; i++)
    {
      g_autofree char *path = g_build_filename (own, beside[i], file, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  return NULL;
}

/* In a Flatpak, modules are extensions of the program that users install by name. */
static void
set_missing_error (const char *file, GError **error)
{
  const char *flatpak = g_getenv ("FLATPAK_ID");

  if (flatpak != NULL && *flatpak != '\0')
    g_set_error (error, MZ_ERROR, MZ_ERROR_MISSING,
                 _ ("%s is not installed; “flatpak install %s.Cuda” would bring it."), file, flatpak);
  else
    g_set_error (error, MZ_ERROR, MZ_ERROR_MISSING, _ ("%s is not installed."), file);
}

const MzBackend *
mz_backend_module_open (const char *file, GError **error)
{
  g_autofree char *path = find_module (file);
  const MzBackendModule *found = NULL;
  GModule *module;

  if (path == NULL || !g_file_test (path, G_FILE_TEST_EXISTS))
    {
      set_missing_error (file, error);
      return NULL;
    }
  module = g_module_open (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
  if (module == NULL || !g_module_symbol (module, MZ_BACKEND_MODULE_SYMBOL, (gpointer *) &found))
    g_set_error (error, MZ_ERROR, MZ_ERROR_BACKEND, _ ("%s cannot be opened: %s."), file, g_module_error ());
  else if (found->version != MZ_BACKEND_MODULE_VERSION)
    g_set_error (error, MZ_ERROR, MZ_ERROR_BACKEND,
                 _ ("%s is of version %u, and this program needs version %d."), file, found->version,
                 MZ_BACKEND_MODULE_VERSION);
  else
    {
      g_module_make_resident (module);
      return found->backend;
    }
  if (module != NULL)
    g_module_close (module);
  return NULL;
}
