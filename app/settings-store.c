/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Finds schema and store of the settings. */
#define G_SETTINGS_ENABLE_BACKEND
#include "app/settings-store.h"

#include <gio/gsettingsbackend.h>

#include "app/settings.h"

#define SETTINGS_FILE "settings.ini"
#define SETTINGS_PATH "/io/github/mezzotint/Mezzotint/"
#define SCHEMA_FOLDER "share" G_DIR_SEPARATOR_S "glib-2.0" G_DIR_SEPARATOR_S "schemas"

/* Takes `folder` over. */
static GSettingsSchema *
look_in (char *folder)
{
  G_GNUC_UNUSED g_autofree char *owned = folder;
  g_autofree char *compiled = g_build_filename (folder, "gschemas.compiled", NULL);
  g_autoptr (GSettingsSchemaSource) source = NULL;

  if (!g_file_test (compiled, G_FILE_TEST_IS_REGULAR))
    return NULL;
  source = g_settings_schema_source_new_from_directory (folder, NULL, FALSE, NULL);
  return source != NULL ? g_settings_schema_source_lookup (source, MEZZOTINT_APP_ID, FALSE) : NULL;
}

/* The schema that belongs to the running program goes before an installed one, which may be older. */
static GSettingsSchema *
look_beside_program (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *bin = NULL, *prefix = NULL;

  if (program == NULL)
    return NULL;
#ifdef MEZZOTINT_BUILD_ROOT
  if (g_str_has_prefix (program, MEZZOTINT_BUILD_ROOT G_DIR_SEPARATOR_S))
    return look_in (g_build_filename (MEZZOTINT_BUILD_ROOT, "data", NULL));
#endif
  bin = g_path_get_dirname (program);
  prefix = g_path_get_dirname (bin);
  return look_in (g_build_filename (prefix, SCHEMA_FOLDER, NULL));
}

GSettingsSchema *
mezzotint_settings_find_schema (void)
{
  const char *chosen = g_getenv ("GSETTINGS_SCHEMA_DIR");
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (chosen == NULL || *chosen == '\0')
    schema = look_beside_program ();
  if (schema == NULL && source != NULL)
    schema = g_settings_schema_source_lookup (source, MEZZOTINT_APP_ID, TRUE);
  /* Settings without a path of their own cannot be opened by their name alone; ours have one. */
  if (schema != NULL && g_strcmp0 (g_settings_schema_get_path (schema), SETTINGS_PATH) != 0)
    return NULL;
  return g_steal_pointer (&schema);
}

/* dconf writes through the session bus. */
static gboolean
has_session_bus (void)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  return (address != NULL && *address != '\0') || g_file_test (socket, G_FILE_TEST_EXISTS);
}

static gboolean
has_desktop_store (void)
{
  GIOExtensionPoint *point;

  if (g_getenv ("GSETTINGS_BACKEND") != NULL || g_getenv ("FLATPAK_ID") != NULL)
    return TRUE; /* chosen, or GLib's own way in a sandbox */
  if (!has_session_bus ())
    return FALSE;
  g_vfs_get_default (); /* loads GIO's modules */
  point = g_io_extension_point_lookup ("gsettings-backend");
  return point != NULL && g_io_extension_point_get_extension_by_name (point, "dconf") != NULL;
}

GSettings *
mezzotint_settings_open_store (GSettingsSchema *schema)
{
  g_autoptr (GSettingsBackend) backend = NULL;
  g_autofree char *file = NULL;

  if (!has_desktop_store ())
    {
      file = g_build_filename (g_get_user_config_dir (), "mezzotint", SETTINGS_FILE, NULL);
      backend = g_keyfile_settings_backend_new (file, SETTINGS_PATH, "mezzotint");
    }
  return g_settings_new_full (schema, backend, NULL);
}
