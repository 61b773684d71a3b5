/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines of JSON, read back by json-glib. */
#include <json-glib/json-glib.h>

#include "app/files/json-text.h"

static void
test_line (void)
{
  static const char *const list[] = { "a", "b\"\n", NULL };
  GString *line = mezzotint_json_begin ();
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object;

  mezzotint_json_add_string (line, "text", "tab\t quote\" back\\slash \x01 猫 \xff end");
  mezzotint_json_add_string (line, "none", NULL);
  mezzotint_json_add_strings (line, "list", list);
  mezzotint_json_add_strings (line, "no_list", NULL);
  mezzotint_json_add_ints (line, "ints", (const int[]){ 3, -4 }, 2);
  mezzotint_json_add_doubles (line, "doubles", (const double[]){ 0.1, 1e-7 }, 2);
  mezzotint_json_add_doubles (line, "no_doubles", NULL, 0);
  mezzotint_json_add_int (line, "int", -5);
  mezzotint_json_add_uint64 (line, "seed", G_MAXUINT64);
  mezzotint_json_add_millionths (line, "seconds", 0.1);
  mezzotint_json_add_double (line, "guidance", 7.5);
  text = mezzotint_json_end (line);
  g_assert_true (
      g_str_has_suffix (text, "\"seed\":18446744073709551615,\"seconds\":0.100000,\"guidance\":7.5}\n"));
  node = json_from_string (text, &error);
  g_assert_no_error (error);
  object = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (object, "text"), ==,
                   "tab\t quote\" back\\slash \x01 猫 \xef\xbf\xbd end");
  g_assert_true (json_object_get_null_member (object, "none"));
  g_assert_true (json_object_get_null_member (object, "no_list"));
  g_assert_cmpstr (json_array_get_string_element (json_object_get_array_member (object, "list"), 1), ==,
                   "b\"\n");
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (object, "ints"), 1), ==, -4);
  g_assert_cmpfloat (json_array_get_double_element (json_object_get_array_member (object, "doubles"), 1), ==,
                     1e-7);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "no_doubles")), ==, 0);
  g_assert_cmpint (json_object_get_int_member (object, "int"), ==, -5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-text/line", test_line);
  return g_test_run ();
}
