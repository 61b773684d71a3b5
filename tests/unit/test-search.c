/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The desktop's search: what is found and told, over a bus of the test's own, and that odd questions are
 * harmless. */
#include <glib/gstdio.h>
#include <string.h>

#include "app/library/gallery-index.h"
#include "app/library/search-provider.h"
#include "gallery-fixture.h"

#define PROVIDER_INTERFACE "org.gnome.Shell.SearchProvider2"

typedef struct
{
  GalleryFixture gallery;
  GTestDBus *bus;
  GDBusConnection *here, *desktop; /* the provider's, and who asks */
  MezzotintSearchProvider *provider;
  GVariant *activated; /* what the window was told; NULL: nothing */
  guint n_asked;
} Fixture;

static void
write_pictures (GalleryFixture *gallery)
{
  gallery_fixture_write (gallery, "apple.png",
                         "a red apple,\non a table\nSteps: 20, Sampler: Euler a, Seed: 1, Model: Proof", 10);
  gallery_fixture_write (gallery, "green.png", "a green apple\nSteps: 20, Sampler: DDIM, Seed: 2", 5);
  gallery_fixture_write (gallery, "cat.png", "猫がいる\nSteps: 20, Sampler: DDIM, Seed: 3", 1);
  gallery_fixture_write (gallery, "plain.png", NULL, 0);
}

static void
asked_cb (gpointer user)
{
  ((Fixture *) user)->n_asked++;
}

static GDBusConnection *
connect_to (GTestDBus *bus)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL,
      NULL, &error);

  g_assert_no_error (error);
  return connection;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  GError *error = NULL;

  gallery_fixture_set_up (&fixture->gallery, NULL);
  write_pictures (&fixture->gallery);
  gallery_fixture_open (&fixture->gallery);
  fixture->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (fixture->bus);
  fixture->here = connect_to (fixture->bus);
  fixture->desktop = connect_to (fixture->bus);
  fixture->provider = mezzotint_search_provider_new (
      fixture->here, mezzotint_search_new (fixture->gallery.pictures, fixture->gallery.index), &error);
  g_assert_no_error (error);
  mezzotint_search_provider_set_asked_func (fixture->provider, asked_cb, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  mezzotint_search_provider_free (fixture->provider);
  g_clear_pointer (&fixture->activated, g_variant_unref);
  g_dbus_connection_close_sync (fixture->here, NULL, NULL);
  g_dbus_connection_close_sync (fixture->desktop, NULL, NULL);
  g_object_unref (fixture->here);
  g_object_unref (fixture->desktop);
  g_test_dbus_stop (fixture->bus);
  g_object_unref (fixture->bus);
  gallery_fixture_tear_down (&fixture->gallery, NULL);
}

/* ---- Asking ---- */

typedef struct
{
  GVariant *answer;
  GError *error;
} Answer;

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &answer->error);
}

static gboolean
is_answered (gpointer data)
{
  Answer *answer = data;

  return answer->answer != NULL || answer->error != NULL;
}

/* What a method answers; its error goes into `error`. */
static GVariant *
ask (Fixture *fixture, const char *method, GVariant *parameters, GError **error)
{
  Answer answer = { NULL };

  g_dbus_connection_call (fixture->desktop, g_dbus_connection_get_unique_name (fixture->here),
                          MEZZOTINT_SEARCH_PROVIDER_PATH, PROVIDER_INTERFACE, method, parameters, NULL,
                          G_DBUS_CALL_FLAGS_NONE, 20000, NULL, answered_cb, &answer);
  gallery_fixture_wait (is_answered, &answer);
  if (answer.error != NULL)
    g_propagate_error (error, answer.error);
  return answer.answer;
}

/* The names of the files found, parted by spaces; free with g_free. `words` are parted by spaces. */
static char *
find (Fixture *fixture, const char *words)
{
  g_auto (GStrv) terms = g_strsplit (words, " ", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = ask (fixture, "GetInitialResultSet", g_variant_new ("(^as)", terms), &error);
  g_auto (GStrv) ids = NULL;

  g_assert_no_error (error);
  g_variant_get (answer, "(^as)", &ids);
  for (gsize i = 0; ids[i] != NULL; i++)
    {
      char *name = g_path_get_basename (ids[i]);

      g_assert_true (g_str_has_prefix (ids[i], "file:///"));
      g_free (ids[i]);
      ids[i] = name;
    }
  return g_strjoinv (" ", ids);
}

static void
assert_found (Fixture *fixture, const char *words, const char *names)
{
  g_autofree char *found = find (fixture, words);

  g_assert_cmpstr (found, ==, names);
}

static char *
id_of (Fixture *fixture, const char *name)
{
  g_autofree char *path = gallery_fixture_path (&fixture->gallery, name);

  return g_filename_to_uri (path, NULL, NULL);
}

/* GetResultMetas of one id: the dictionary, or NULL when there is none. */
static GVariant *
describe (Fixture *fixture, const char *id)
{
  const char *ids[] = { id, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = ask (fixture, "GetResultMetas", g_variant_new ("(^as)", ids), &error);
  g_autoptr (GVariant) metas = NULL;

  g_assert_no_error (error);
  metas = g_variant_get_child_value (answer, 0);
  g_assert_cmpuint (g_variant_n_children (metas), <=, 1);
  return g_variant_n_children (metas) == 1 ? g_variant_get_child_value (metas, 0) : NULL;
}

/* ---- Tests ---- */

static void
test_find (Fixture *fixture, gconstpointer data)
{
  assert_found (fixture, "apple", "green.png apple.png");
  assert_found (fixture, "app red", "apple.png");
  assert_found (fixture, "apple ddim", "");
  assert_found (fixture, "猫", "cat.png");
  assert_found (fixture, "a", "");
  assert_found (fixture, "", "");
  assert_found (fixture, "\" ( *", "");
  assert_found (fixture, "pear", "");
  g_assert_cmpuint (fixture->n_asked, ==, 8);
}

static void
test_subsearch (Fixture *fixture, gconstpointer data)
{
  const char *words[] = { "green", "apple", NULL };
  const char *before[] = { "nonsense", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = ask (fixture, "GetSubsearchResultSet", g_variant_new ("(^as^as)", before, words), &error);
  g_autofree char *id = id_of (fixture, "green.png");
  g_auto (GStrv) ids = NULL;

  g_assert_no_error (error);
  g_variant_get (answer, "(^as)", &ids);
  g_assert_cmpuint (g_strv_length (ids), ==, 1);
  g_assert_cmpstr (ids[0], ==, id);
}

static void
test_describe (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = id_of (fixture, "apple.png");
  g_autoptr (GVariant) meta = describe (fixture, id);
  g_autoptr (GVariant) serialized = NULL;
  g_autoptr (GIcon) icon = NULL;
  g_autofree char *path = NULL;
  const char *text;

  g_assert_nonnull (meta);
  g_assert_true (g_variant_lookup (meta, "id", "&s", &text));
  g_assert_cmpstr (text, ==, id);
  g_assert_true (g_variant_lookup (meta, "name", "&s", &text));
  g_assert_cmpstr (text, ==, "a red apple, on a table");
  g_assert_true (g_variant_lookup (meta, "description", "&s", &text));
  g_assert_nonnull (strstr (text, "Proof · Euler a · "));
  serialized = g_variant_lookup_value (meta, "icon", NULL);
  icon = g_icon_deserialize (serialized);
  g_assert_true (G_IS_FILE_ICON (icon));
  path = g_file_get_path (g_file_icon_get_file (G_FILE_ICON (icon)));
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  g_assert_nonnull (strstr (path, "thumbnails"));
}

static void
test_describe_strange (Fixture *fixture, gconstpointer data)
{
  g_autofree char *plain = id_of (fixture, "plain.png");
  g_autofree char *gone = id_of (fixture, "gone.png");
  g_autofree char *above = id_of (fixture, "../index/x.png");
  const char *strange[] = { gone, above, "", "file:///etc/passwd", "x", "file:///", "http://example.org/a" };
  g_autoptr (GVariant) meta = describe (fixture, plain);
  const char *text;

  /* Without words, the name of the file says what it is. */
  g_assert_true (g_variant_lookup (meta, "name", "&s", &text));
  g_assert_cmpstr (text, ==, "plain.png");
  for (gsize i = 0; i < G_N_ELEMENTS (strange); i++)
    g_assert_null (describe (fixture, strange[i]));
}

/* A picture that went since it was found is not described. */
static void
test_gone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = id_of (fixture, "green.png");
  g_autofree char *path = gallery_fixture_path (&fixture->gallery, "green.png");

  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_null (describe (fixture, id));
}

/* No index, a damaged one, and one of another version: nothing is found, and nothing is changed. */
static void
test_no_index (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = mezzotint_index_find_path (fixture->gallery.pictures, fixture->gallery.index);
  g_autofree char *after = NULL;
  gsize n;

  gallery_fixture_close (&fixture->gallery);
  mezzotint_index_delete (path);
  assert_found (fixture, "apple", "");
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_set_contents (path, "no database", -1, NULL));
  assert_found (fixture, "apple", "");
  g_assert_true (g_file_get_contents (path, &after, &n, NULL));
  g_assert_cmpmem (after, n, "no database", 11);
}

/* ---- The window ---- */

static void
window_called (GDBusConnection *connection,
               const char *sender,
               const char *path,
               const char *interface,
               const char *method,
               GVariant *parameters,
               GDBusMethodInvocation *invocation,
               gpointer user_data)
{
  ((Fixture *) user_data)->activated = g_variant_ref (parameters);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static gboolean
is_activated (gpointer data)
{
  return ((Fixture *) data)->activated != NULL;
}

static void
assert_activated (Fixture *fixture, const char *action, const char *text)
{
  const char *name;
  g_autoptr (GVariant) given = NULL, value = NULL, platform = NULL;

  gallery_fixture_wait (is_activated, fixture);
  g_variant_get (fixture->activated, "(&s@av@a{sv})", &name, &given, &platform);
  g_assert_cmpstr (name, ==, action);
  g_assert_cmpuint (g_variant_n_children (given), ==, 1);
  g_variant_get_child (given, 0, "v", &value);
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, text);
  g_assert_true (g_variant_lookup (platform, "desktop-startup-id", "&s", &name));
  g_assert_cmpstr (name, ==, "_TIME77");
  g_clear_pointer (&fixture->activated, g_variant_unref);
}

static void
test_activate (Fixture *fixture, gconstpointer data)
{
  static const GDBusInterfaceVTable vtable = { .method_call = window_called };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (
      "<node><interface name='org.freedesktop.Application'><method name='ActivateAction'>"
      "<arg type='s' direction='in'/><arg type='av' direction='in'/><arg type='a{sv}' direction='in'/>"
      "</method></interface></node>",
      NULL);
  const char *words[] = { "red", "apple", NULL };
  g_autofree char *id = id_of (fixture, "apple.png");
  g_autoptr (GVariant) owned = NULL;
  guint window;

  window = g_dbus_connection_register_object (fixture->desktop, MEZZOTINT_BUS_PATH, node->interfaces[0],
                                              &vtable, fixture, NULL, NULL);
  owned = g_dbus_connection_call_sync (fixture->desktop, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", MEZZOTINT_DESKTOP_ID, 0), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_assert_nonnull (owned);
  g_variant_unref (ask (fixture, "ActivateResult", g_variant_new ("(s^asu)", id, words, 77), NULL));
  assert_activated (fixture, "show-picture", id);
  g_variant_unref (ask (fixture, "LaunchSearch", g_variant_new ("(^asu)", words, 77), NULL));
  assert_activated (fixture, "search", "red apple");
  /* What is no file is no picture. */
  g_variant_unref (ask (fixture, "ActivateResult", g_variant_new ("(s^asu)", "http://a", words, 77), NULL));
  g_assert_null (fixture->activated);
  g_dbus_connection_unregister_object (fixture->desktop, window);
}

static void
test_wrong_arguments (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GVariant *answer = ask (fixture, "GetResultMetas", g_variant_new ("(s)", "a"), &error);

  g_assert_null (answer);
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS);
}

#define ADD(name, function) g_test_add ("/search/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gallery_fixture_isolate ();
  ADD ("find", test_find);
  ADD ("subsearch", test_subsearch);
  ADD ("describe", test_describe);
  ADD ("describe-strange", test_describe_strange);
  ADD ("gone", test_gone);
  ADD ("no-index", test_no_index);
  ADD ("activate", test_activate);
  ADD ("wrong-arguments", test_wrong_arguments);
  return gallery_fixture_run ();
}
