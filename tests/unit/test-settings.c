/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Settings: what the schema and the program say of them agrees; kept, reset, notified; a schema that is
 * missing, older or newer. */
#include <glib/gstdio.h>
#include <string.h>

#include "app/settings-keys.h"
#include "app/settings-store.h"
#include "app/settings.h"

/* ---- With the schema of the build tree ---- */

static void
check_range (const MezzotintKey *key, GVariant *range)
{
  const char *kind;
  g_autoptr (GVariant) limits = NULL;
  g_autofree const char **choices = NULL;
  gsize n;

  g_variant_get (range, "(&sv)", &kind, &limits);
  if (key->kind == MEZZOTINT_KEY_INT)
    {
      int low, high;

      g_assert_cmpstr (kind, ==, "range");
      g_variant_get (limits, "(ii)", &low, &high);
      g_assert_cmpint (low, ==, (int) key->low);
      g_assert_cmpint (high, ==, (int) key->high);
    }
  else if (key->kind == MEZZOTINT_KEY_DOUBLE)
    {
      double low, high;

      g_assert_cmpstr (kind, ==, "range");
      g_variant_get (limits, "(dd)", &low, &high);
      g_assert_true (low == key->low && high == key->high);
    }
  else if (key->choices != NULL)
    {
      g_assert_cmpstr (kind, ==, "enum");
      choices = g_variant_get_strv (limits, &n);
      g_assert_cmpuint (n, ==, g_strv_length ((GStrv) key->choices));
      for (gsize i = 0; i < n; i++)
        g_assert_cmpstr (choices[i], ==, key->choices[i]);
    }
  else
    g_assert_cmpstr (kind, ==, "type");
}

static void
test_schema (void)
{
  g_autoptr (GSettingsSchema) schema = mezzotint_settings_find_schema ();
  g_auto (GStrv) names = NULL;
  guint n_keys;
  const MezzotintKey *keys = mezzotint_settings_keys (&n_keys);

  g_assert_nonnull (schema);
  names = g_settings_schema_list_keys (schema);
  g_assert_cmpuint (g_strv_length (names), ==, n_keys);
  for (guint i = 0; i < n_keys; i++)
    {
      g_autoptr (GSettingsSchemaKey) key = NULL;
      g_autoptr (GVariant) initial = NULL, range = NULL;
      g_autoptr (GVariant) expected = g_variant_ref_sink (mezzotint_key_get_initial (&keys[i]));

      g_assert_true (g_settings_schema_has_key (schema, keys[i].name));
      key = g_settings_schema_get_key (schema, keys[i].name);
      initial = g_settings_schema_key_get_default_value (key);
      range = g_settings_schema_key_get_range (key);
      g_assert_true (g_variant_equal (initial, expected));
      check_range (&keys[i], range);
    }
}

static void
count_cb (gpointer object, GParamSpec *pspec, gpointer count)
{
  ++*(int *) count;
}

static void
test_kept (void)
{
  static const char *const folders[] = { "/models", "/media/caf\xe9", NULL };
  g_autoptr (MezzotintSettings) settings = mezzotint_settings_new ();
  g_autoptr (MezzotintSettings) other = mezzotint_settings_new ();
  g_autofree char *prompt = NULL, *model = NULL, *output = NULL;
  g_auto (GStrv) back = NULL;
  int steps, n_notified = 0;

  g_assert_null (mezzotint_settings_get_problem (settings));
  g_signal_connect (other, "notify::steps", G_CALLBACK (count_cb), &n_notified);
  g_object_set (settings, "steps", 33, "prompt", "a fox, größer", "model", "/m/caf\xe9.safetensors",
                "model-folders", folders, "output-folder", "/media/out", NULL);
  g_object_get (other, "steps", &steps, "prompt", &prompt, "model", &model, "model-folders", &back, NULL);
  g_assert_cmpint (steps, ==, 33);
  g_assert_cmpint (n_notified, ==, 1);
  g_assert_cmpstr (prompt, ==, "a fox, größer");
  g_assert_cmpstr (model, ==, "/m/caf\xe9.safetensors");
  g_assert_true (g_strv_equal ((const char *const *) back, folders));
  output = mezzotint_settings_get_output_folder (other);
  g_assert_cmpstr (output, ==, "/media/out");
  mezzotint_settings_reset (settings, "steps");
  mezzotint_settings_reset (settings, "output-folder");
  g_object_get (other, "steps", &steps, NULL);
  g_assert_cmpint (steps, ==, 0);
  g_free (output);
  output = mezzotint_settings_get_output_folder (other);
  g_assert_true (g_str_has_suffix (output, G_DIR_SEPARATOR_S "Mezzotint"));
}

/* Every key takes a value other than its default and gives it back; no choice but those there are. */
static void
test_values (void)
{
  g_autoptr (MezzotintSettings) settings = mezzotint_settings_new ();
  g_autofree char *device = NULL, *bad = NULL;
  guint n_keys;
  const MezzotintKey *keys = mezzotint_settings_keys (&n_keys);

  for (guint i = 0; i < n_keys; i++)
    {
      GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (settings), keys[i].name);
      g_auto (GValue) value = G_VALUE_INIT, back = G_VALUE_INIT;

      g_value_init (&value, pspec->value_type);
      if (keys[i].kind == MEZZOTINT_KEY_BOOL)
        g_value_set_boolean (&value, !(keys[i].initial != 0));
      else if (keys[i].kind == MEZZOTINT_KEY_INT)
        g_value_set_int (&value, (int) keys[i].high);
      else if (keys[i].kind == MEZZOTINT_KEY_DOUBLE)
        g_value_set_double (&value, keys[i].high);
      else if (keys[i].kind == MEZZOTINT_KEY_PATHS)
        g_value_take_boxed (&value, g_strsplit ("/a:/b", ":", 0));
      else
        g_value_set_string (&value, keys[i].choices != NULL ? keys[i].choices[1] : "/else");
      g_object_set_property (G_OBJECT (settings), keys[i].name, &value);
      g_value_init (&back, pspec->value_type);
      g_object_get_property (G_OBJECT (settings), keys[i].name, &back);
      if (keys[i].kind == MEZZOTINT_KEY_PATHS)
        g_assert_true (g_strv_equal (g_value_get_boxed (&value), g_value_get_boxed (&back)));
      else
        g_assert_cmpint (g_param_values_cmp (pspec, &value, &back), ==, 0);
      mezzotint_settings_reset (settings, keys[i].name);
    }
  g_object_set (settings, "device", "abacus", "prompt", "bad \xff bytes", NULL);
  g_object_get (settings, "device", &device, "prompt", &bad, NULL);
  g_assert_cmpstr (device, ==, "auto");
  g_assert_true (g_utf8_validate (bad, -1, NULL));
  mezzotint_settings_reset (settings, "prompt");
}

/* ---- With other schemas, each in a process of its own ---- */

static void
test_child_missing (void)
{
  g_autoptr (MezzotintSettings) settings = mezzotint_settings_new ();
  g_autofree char *pattern = NULL;
  int width, n_notified = 0;

  g_assert_nonnull (mezzotint_settings_get_problem (settings));
  g_signal_connect (settings, "notify::width", G_CALLBACK (count_cb), &n_notified);
  g_object_set (settings, "width", 640, NULL);
  g_object_get (settings, "width", &width, "file-name-pattern", &pattern, NULL);
  g_assert_cmpint (width, ==, 640);
  g_assert_cmpstr (pattern, ==, "{date}-{seed}");
  g_assert_cmpint (n_notified, ==, 1);
  mezzotint_settings_reset (settings, "width");
  g_object_get (settings, "width", &width, NULL);
  g_assert_cmpint (width, ==, 0);
  g_assert_cmpint (n_notified, ==, 2);
}

/* Most keys are missing, one is of another type, one has narrower limits, one has wider ones. */
static void
test_child_other (void)
{
  g_autoptr (GSettingsSchema) schema = mezzotint_settings_find_schema ();
  g_autoptr (GSettings) store = g_settings_new_full (schema, NULL, NULL);
  g_autoptr (MezzotintSettings) settings = mezzotint_settings_new ();
  g_autofree char *device = NULL;
  int width, height, threads;

  g_assert_nonnull (mezzotint_settings_get_problem (settings));
  g_object_set (settings, "width", 640, "height", 4000, "threads", 3, NULL);
  g_object_get (settings, "width", &width, "height", &height, "threads", &threads, NULL);
  g_assert_cmpint (width, ==, 640);
  g_assert_cmpint (height, ==, 4000);
  g_assert_cmpint (threads, ==, 3);
  g_settings_set_int (store, "threads", 1 << 20); /* that version's limits are wider */
  g_settings_set_string (store, "device", "vulkan");
  g_object_get (settings, "threads", &threads, "device", &device, NULL);
  g_assert_cmpint (threads, ==, 1024);
  g_assert_cmpstr (device, ==, "auto");
  g_settings_set_int (store, "height", 512); /* takes the place of what was kept in memory */
  g_object_get (settings, "height", &height, NULL);
  g_assert_cmpint (height, ==, 512);
  g_settings_set_boolean (store, "brand-new", TRUE);
}

static const char other_schema[]
    = "<schemalist><schema id='" MEZZOTINT_APP_ID "' path='/io/github/mezzotint/Mezzotint/'>"
      "<key name='width' type='s'><default>'wide'</default></key>"
      "<key name='height' type='i'><range min='0' max='1000'/><default>0</default></key>"
      "<key name='threads' type='i'><default>0</default></key>"
      "<key name='device' type='s'><default>'auto'</default></key>"
      "<key name='brand-new' type='b'><default>false</default></key>"
      "</schema></schemalist>";

static void
run_child (const char *test, const char *schema)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("mezzotint-schema-XXXXXX", &error);
  g_autofree char *xml = g_build_filename (folder, MEZZOTINT_APP_ID ".gschema.xml", NULL);
  g_autofree char *compiled = g_build_filename (folder, "gschemas.compiled", NULL);
  g_auto (GStrv) environment = g_get_environ ();
  const char *compile[] = { "glib-compile-schemas", "--strict", folder, NULL };
  const char *arguments[] = { g_get_prgname (), "-p", test, "--tap", NULL };
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *output = NULL;
  int status;

  g_assert_no_error (error);
  arguments[0] = program;
  if (schema != NULL)
    {
      g_assert_true (g_file_set_contents (xml, schema, -1, NULL));
      g_assert_true (g_spawn_sync (NULL, (GStrv) compile, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                                   &status, &error));
      g_assert_no_error (error);
      g_assert_true (g_spawn_check_wait_status (status, NULL));
    }
  environment = g_environ_setenv (environment, "GSETTINGS_SCHEMA_DIR", folder, TRUE);
  environment = g_environ_setenv (environment, "XDG_DATA_DIRS", folder, TRUE);
  environment = g_environ_setenv (environment, "XDG_DATA_HOME", folder, TRUE);
  environment = g_environ_setenv (environment, "MEZZOTINT_TEST_CHILD", "1", TRUE);
  g_spawn_sync (NULL, (GStrv) arguments, environment, 0, NULL, NULL, &output, NULL, &status, &error);
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, NULL))
    g_test_message ("%s", output);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
  g_remove (xml);
  g_remove (compiled);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_missing (void)
{
  run_child ("/settings/child/missing", NULL);
}

static void
test_other (void)
{
  run_child ("/settings/child/other", other_schema);
}

int
main (int argc, char *argv[])
{
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_test_init (&argc, &argv, NULL);
  if (g_getenv ("MEZZOTINT_TEST_CHILD") != NULL)
    {
      g_test_add_func ("/settings/child/missing", test_child_missing);
      g_test_add_func ("/settings/child/other", test_child_other);
      return g_test_run ();
    }
  g_test_add_func ("/settings/schema", test_schema);
  g_test_add_func ("/settings/kept", test_kept);
  g_test_add_func ("/settings/values", test_values);
  g_test_add_func ("/settings/missing", test_missing);
  g_test_add_func ("/settings/other", test_other);
  return g_test_run ();
}
