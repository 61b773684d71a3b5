/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The desktop's questions as calls of MezzotintSearch. */
#include "app/library/search-provider.h"

#include <string.h>

/* The desktop asks for about five at a time. */
#define MAX_METAS 100

struct _MezzotintSearchProvider
{
  GDBusConnection *connection;
  guint registration; /* 0: none */
  GThreadPool *thread;
  MezzotintSearch *search; /* the thread's */
  void (*asked) (gpointer user);
  gpointer user;
};

static const char interface_xml[]
    = "<node><interface name='org.gnome.Shell.SearchProvider2'>"
      "<method name='GetInitialResultSet'>"
      "<arg type='as' name='terms' direction='in'/><arg type='as' name='results' direction='out'/></method>"
      "<method name='GetSubsearchResultSet'>"
      "<arg type='as' name='previous_results' direction='in'/><arg type='as' name='terms' direction='in'/>"
      "<arg type='as' name='results' direction='out'/></method>"
      "<method name='GetResultMetas'>"
      "<arg type='as' name='identifiers' direction='in'/><arg type='aa{sv}' name='metas' direction='out'/>"
      "</method>"
      "<method name='ActivateResult'>"
      "<arg type='s' name='identifier' direction='in'/><arg type='as' name='terms' direction='in'/>"
      "<arg type='u' name='timestamp' direction='in'/></method>"
      "<method name='LaunchSearch'>"
      "<arg type='as' name='terms' direction='in'/><arg type='u' name='timestamp' direction='in'/></method>"
      "</interface></node>";

/* ---- On the thread ---- */

/* The meaning of the words is the same in a search within results: fewer pictures have more words. */
static GVariant *
find (MezzotintSearch *search, GVariant *parameters, gsize terms_index)
{
  g_autoptr (GVariant) terms = g_variant_get_child_value (parameters, terms_index);
  g_autofree const char **words = g_variant_get_strv (terms, NULL);
  g_auto (GStrv) ids = mezzotint_search_find (search, words);

  return g_variant_new ("(^as)", ids);
}

static void
add_meta (GVariantBuilder *metas, const MezzotintSearchResult *result)
{
  g_autoptr (GFile) file = result->thumbnail != NULL ? g_file_new_for_path (result->thumbnail) : NULL;
  g_autoptr (GIcon) icon
      = file != NULL ? g_file_icon_new (file) : g_themed_icon_new (MEZZOTINT_DESKTOP_ID "-symbolic");
  g_autoptr (GVariant) serialized = g_icon_serialize (icon);

  g_variant_builder_open (metas, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (metas, "{sv}", "id", g_variant_new_string (result->id));
  g_variant_builder_add (metas, "{sv}", "name", g_variant_new_string (result->title));
  g_variant_builder_add (metas, "{sv}", "description", g_variant_new_string (result->details));
  if (serialized != NULL)
    g_variant_builder_add (metas, "{sv}", "icon", serialized);
  g_variant_builder_close (metas);
}

static GVariant *
describe (MezzotintSearch *search, GVariant *parameters)
{
  g_autoptr (GVariant) child = g_variant_get_child_value (parameters, 0);
  gsize n_ids;
  g_autofree const char **ids = g_variant_get_strv (child, &n_ids);
  GVariantBuilder metas;

  g_variant_builder_init (&metas, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; i < MIN (n_ids, MAX_METAS); i++)
    {
      g_autoptr (MezzotintSearchResult) result = mezzotint_search_describe (search, ids[i]);

      if (result != NULL)
        add_meta (&metas, result);
    }
  return g_variant_new ("(aa{sv})", &metas);
}

static void
answer_cb (gpointer data, gpointer user_data)
{
  GDBusMethodInvocation *invocation = data;
  MezzotintSearchProvider *self = user_data;
  const char *method = g_dbus_method_invocation_get_method_name (invocation);
  GVariant *parameters = g_dbus_method_invocation_get_parameters (invocation);
  GVariant *answer;

  if (g_str_equal (method, "GetInitialResultSet"))
    answer = find (self->search, parameters, 0);
  else if (g_str_equal (method, "GetSubsearchResultSet"))
    answer = find (self->search, parameters, 1);
  else
    answer = describe (self->search, parameters);
  g_dbus_method_invocation_return_value (invocation, answer);
}

/* ---- On the main thread ---- */

static void
called_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (answer == NULL)
    g_message ("The window could not be asked to show what was found: %s", error->message);
}

/* An action of the program with the window; `text` goes with it. */
static void
activate (MezzotintSearchProvider *self, const char *action, const char *text, guint32 timestamp)
{
  GVariantBuilder parameters, platform;
  g_autofree char *startup_id = g_strdup_printf ("_TIME%u", timestamp);

  g_variant_builder_init (&parameters, G_VARIANT_TYPE ("av"));
  g_variant_builder_add (&parameters, "v", g_variant_new_string (text));
  g_variant_builder_init (&platform, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&platform, "{sv}", "desktop-startup-id", g_variant_new_string (startup_id));
  g_dbus_connection_call (self->connection, MEZZOTINT_DESKTOP_ID, MEZZOTINT_BUS_PATH,
                          "org.freedesktop.Application", "ActivateAction",
                          g_variant_new ("(sava{sv})", action, &parameters, &platform), NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, called_cb, NULL);
}

static void
activate_result (MezzotintSearchProvider *self, GVariant *parameters)
{
  const char *id;
  guint32 timestamp;
  g_autofree char *path = NULL;
  g_autofree char *shown = NULL;

  g_variant_get (parameters, "(&s@asu)", &id, NULL, &timestamp);
  path = g_filename_from_uri (id, NULL, NULL);
  shown = path != NULL ? g_filename_to_uri (path, NULL, NULL) : NULL;
  if (shown != NULL)
    activate (self, "show-picture", shown, timestamp);
}

static void
launch_search (MezzotintSearchProvider *self, GVariant *parameters)
{
  g_autofree const char **words = NULL;
  g_autofree char *joined = NULL;
  guint32 timestamp;

  g_variant_get (parameters, "(^a&su)", &words, &timestamp);
  joined = g_strjoinv (" ", (char **) words);
  activate (self, "search", joined, timestamp);
}

static void
method_call (GDBusConnection *connection,
             const char *sender,
             const char *path,
             const char *interface,
             const char *method,
             GVariant *parameters,
             GDBusMethodInvocation *invocation,
             gpointer user_data)
{
  MezzotintSearchProvider *self = user_data;

  if (self->asked != NULL)
    self->asked (self->user);
  if (g_str_equal (method, "ActivateResult"))
    activate_result (self, parameters);
  else if (g_str_equal (method, "LaunchSearch"))
    launch_search (self, parameters);
  else
    {
      g_thread_pool_push (self->thread, invocation, NULL);
      return;
    }
  g_dbus_method_invocation_return_value (invocation, NULL);
}

MezzotintSearchProvider *
mezzotint_search_provider_new (GDBusConnection *connection, MezzotintSearch *search, GError **error)
{
  static const GDBusInterfaceVTable vtable = { .method_call = method_call };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (interface_xml, NULL);
  g_autoptr (MezzotintSearchProvider) self = g_new0 (MezzotintSearchProvider, 1);

  self->connection = g_object_ref (connection);
  self->search = search;
  self->thread = g_thread_pool_new (answer_cb, self, 1, TRUE, error);
  if (self->thread == NULL)
    return NULL;
  self->registration = g_dbus_connection_register_object (connection, MEZZOTINT_SEARCH_PROVIDER_PATH,
                                                          node->interfaces[0], &vtable, self, NULL, error);
  return self->registration != 0 ? g_steal_pointer (&self) : NULL;
}

void
mezzotint_search_provider_free (MezzotintSearchProvider *self)
{
  if (self->registration != 0)
    g_dbus_connection_unregister_object (self->connection, self->registration);
  if (self->thread != NULL)
    g_thread_pool_free (self->thread, FALSE, TRUE);
  mezzotint_search_free (self->search);
  g_object_unref (self->connection);
  g_free (self);
}

void
mezzotint_search_provider_set_asked_func (MezzotintSearchProvider *self,
                                          void (*func) (gpointer),
                                          gpointer user)
{
  self->asked = func;
  self->user = user;
}
