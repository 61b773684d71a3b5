/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The desktop's search starts this program for its questions about pictures: no window, no display, no
 * engine; it ends when nobody has asked for a while. */
#include "app/files/language.h"
#include "app/library/search-provider.h"
#include "app/settings.h"

/* The desktop asks with every letter that is typed. */
#define LINGER_MS 20000

typedef struct
{
  GApplication parent_instance;

  MezzotintSettings *settings;
  MezzotintSearchProvider *provider;
} SearchProgram;

typedef GApplicationClass SearchProgramClass;

static GType search_program_get_type (void);
G_DEFINE_TYPE (SearchProgram, search_program, G_TYPE_APPLICATION)

/* Holding and letting go begins the time to linger anew. */
static void
asked_cb (gpointer application)
{
  g_application_hold (application);
  g_application_release (application);
}

static gboolean
search_program_dbus_register (GApplication *application,
                              GDBusConnection *connection,
                              const char *path,
                              GError **error)
{
  SearchProgram *self = (SearchProgram *) application;
  g_autofree char *folder = NULL;

  self->settings = mezzotint_settings_new ();
  folder = mezzotint_settings_get_output_folder (self->settings);
  self->provider = mezzotint_search_provider_new (connection, mezzotint_search_new (folder, NULL), error);
  if (self->provider == NULL)
    return FALSE;
  mezzotint_search_provider_set_asked_func (self->provider, asked_cb, self);
  return TRUE;
}

static void
search_program_dbus_unregister (GApplication *application, GDBusConnection *connection, const char *path)
{
  SearchProgram *self = (SearchProgram *) application;

  g_clear_pointer (&self->provider, mezzotint_search_provider_free);
  g_clear_object (&self->settings);
}

static void
search_program_class_init (SearchProgramClass *class)
{
  class->dbus_register = search_program_dbus_register;
  class->dbus_unregister = search_program_dbus_unregister;
}

static void
search_program_init (SearchProgram *self)
{
}

int
main (int argc, char **argv)
{
  g_autoptr (GApplication) application = NULL;

  mezzotint_language_begin (MEZZOTINT_LOCALEDIR);
  application = g_object_new (search_program_get_type (), "application-id", MEZZOTINT_SEARCH_PROVIDER_ID,
                              "flags", G_APPLICATION_IS_SERVICE, "inactivity-timeout", LINGER_MS, NULL);
  return g_application_run (application, argc, argv);
}
