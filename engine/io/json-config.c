/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A small JSON file of settings, read with its types and ranges checked. */
#include <glib/gi18n-lib.h>

#include "io/json-config.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "core/json-scan.h"
#include "io/map-file.h"
#include "core/printable.h"

struct _MzJsonConfig
{
  char *path;
  JsonParser *parser;
  JsonObject *root; /* owned by the parser */
  GError *error;
};

/* Checks the text for what json-glib passes over, then has it build the tree. */
static gboolean
parse (MzJsonConfig *json, const char *text, gsize length, GError **error)
{
  g_autofree char *problem = length > 0 ? mz_json_find_problem (text, length) : g_strdup ("is empty");
  g_autoptr (GError) local = NULL;
  JsonNode *root;

  if (problem == NULL)
    {
      json->parser = json_parser_new_immutable ();
      if (!json_parser_load_from_data (json->parser, text, (gssize) length, &local))
        problem = g_strdup_printf ("cannot be read as JSON: %s", local->message);
    }
  if (problem != NULL)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, "“%s” %s.", json->path, problem);
      return FALSE;
    }
  root = json_parser_get_root (json->parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("“%s” does not hold one JSON object."), json->path);
      return FALSE;
    }
  json->root = json_node_get_object (root);
  return TRUE;
}

MzJsonConfig *
mz_json_config_open (const char *path, GError **error)
{
  g_autoptr (MzJsonConfig) json = g_new0 (MzJsonConfig, 1);
  g_autoptr (GMappedFile) map = mz_map_file (path, MZ_JSON_CONFIG_MAX_BYTES, error);

  json->path = g_strdup (path);
  if (map == NULL)
    return NULL;
  if (!parse (json, g_mapped_file_get_contents (map), g_mapped_file_get_length (map), error))
    return NULL;
  return g_steal_pointer (&json);
}

void
mz_json_config_free (MzJsonConfig *json)
{
  g_clear_object (&json->parser);
  g_clear_error (&json->error);
  g_free (json->path);
  g_free (json);
}

const char *
mz_json_config_path (MzJsonConfig *json)
{
  return json->path;
}

gboolean
mz_json_config_is_sound (MzJsonConfig *json)
{
  return json->error == NULL;
}

gboolean
mz_json_config_finish (MzJsonConfig *json, GError **error)
{
  if (json->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&json->error));
  return FALSE;
}

void
mz_json_config_fail (MzJsonConfig *json, MzError code, const char *key, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  if (json->error != NULL)
    return;
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (&json->error, MZ_ERROR, code, "“%s”: “%s” %s.", json->path, key, what);
}

/* The value of the key; NULL when it is absent or null, or after an error. */
static JsonNode *
lookup (MzJsonConfig *json, const char *key)
{
  JsonNode *node = json->error == NULL ? json_object_get_member (json->root, key) : NULL;

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

gboolean
mz_json_config_has (MzJsonConfig *json, const char *key)
{
  return lookup (json, key) != NULL;
}

gboolean
mz_json_config_is_null (MzJsonConfig *json, const char *key)
{
  JsonNode *node = json_object_get_member (json->root, key);

  return node != NULL && JSON_NODE_HOLDS_NULL (node);
}

static gboolean
node_to_int (JsonNode *node, int min, int max, int *value)
{
  gint64 number;

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  number = json_node_get_int (node);
  if (number < min || number > max)
    return FALSE;
  *value = (int) number;
  return TRUE;
}

static gboolean
node_to_double (JsonNode *node, double *value)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *value = type == G_TYPE_INT64 ? (double) json_node_get_int (node) : json_node_get_double (node);
  return isfinite (*value) && fabs (*value) <= (double) G_MAXFLOAT;
}

static const char *
node_to_string (JsonNode *node)
{
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

/* Index of the node's text among choices [n]; -1 when it is none of them. */
static int
node_to_choice (JsonNode *node, const char *const *choices, int n)
{
  const char *text = node_to_string (node);

  for (int i = 0; text != NULL && i < n; i++)
    if (strcmp (text, choices[i]) == 0)
      return i;
  return -1;
}

void
mz_json_config_int (MzJsonConfig *json, const char *key, int min, int max, int *value)
{
  JsonNode *node = lookup (json, key);

  if (node != NULL && !node_to_int (node, min, max, value))
    mz_json_config_fail (json, MZ_ERROR_FORMAT, key, "must be a whole number from %d to %d", min, max);
}

void
mz_json_config_float (MzJsonConfig *json, const char *key, double min, double max, float *value)
{
  JsonNode *node = lookup (json, key);
  double number = 0;

  if (node == NULL)
    return;
  if (!node_to_double (node, &number) || number < min || number > max)
    mz_json_config_fail (json, MZ_ERROR_FORMAT, key, "must be a number from %g to %g", min, max);
  else
    *value = (float) number;
}

void
mz_json_config_bool (MzJsonConfig *json, const char *key, gboolean *value)
{
  JsonNode *node = lookup (json, key);

  if (node == NULL)
    return;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    mz_json_config_fail (json, MZ_ERROR_FORMAT, key, "must be true or false");
  else
    *value = json_node_get_boolean (node);
}

void
mz_json_config_string (MzJsonConfig *json, const char *key, const char **value)
{
  JsonNode *node = lookup (json, key);
  const char *text = node != NULL ? node_to_string (node) : NULL;

  if (node != NULL && text == NULL)
    mz_json_config_fail (json, MZ_ERROR_FORMAT, key, "must be a text");
  else if (text != NULL)
    *value = text;
}

/* Notes that a value is none of the choices. */
static void
fail_choice (MzJsonConfig *json, const char *key, JsonNode *node, const char *const *choices, int n_choices)
{
  g_autoptr (GString) list = g_string_new (NULL);
  const char *text = node_to_string (node);

  for (int i = 0; i < n_choices; i++)
    g_string_append_printf (list, "%s“%s”", i == 0 ? "" : i == n_choices - 1 ? " or " : ", ", choices[i]);
  if (text == NULL)
    mz_json_config_fail (json, MZ_ERROR_FORMAT, key, "must be %s", list->str);
  else
    {
      g_autofree char *shown = mz_printable (text);

      mz_json_config_fail (json, MZ_ERROR_UNSUPPORTED, key, "is “%s”, which is not supported; it can be %s",
                           shown, list->str);
    }
}

void
mz_json_config_choice (MzJsonConfig *json,
                       const char *key,
                       const char *const *choices,
                       int n_choices,
                       int *value)
{
  JsonNode *node = lookup (json, key);
  int choice = node != NULL ? node_to_choice (node, choices, n_choices) : -1;

  if (choice >= 0)
    *value = choice;
  else if (node != NULL)
    fail_choice (json, key, node, choices, n_choices);
}

void
mz_json_config_ints (MzJsonConfig *json,
                     const char *key,
                     int min,
                     int max,
                     int max_n,
                     int expected_n,
                     int *values,
                     int *n)
{
  JsonNode *node = lookup (json, key);
  JsonArray *array;
  guint length;
  gboolean sound;

  if (node == NULL)
    return;
  if (expected_n > 0 && node_to_int (node, min, max, &values[0]))
    {
      for (int i = 1; i < expected_n; i++)
        values[i] = values[0];
      *n = expected_n;
      return;
    }
  array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  length = array != NULL ? json_array_get_length (array) : 0;
  sound = length >= 1 && length <= (guint) max_n && (expected_n == 0 || length == (guint) expected_n);
  for (guint i = 0; sound && i < length; i++)
    sound = node_to_int (json_array_get_element (array, i), min, max, &values[i]);
  if (sound)
    *n = (int) length;
  else if (expected_n > 0)
    mz_json_config_fail (json, MZ_ERROR_FORMAT, key,
                         "must be a whole number from %d to %d, or a list of %d of them (one for each level)",
                         min, max, expected_n);
  else
    mz_json_config_fail (json, MZ_ERROR_FORMAT, key, "must be a list of 1 to %d whole numbers from %d to %d",
                         max_n, min, max);
}

void
mz_json_config_choices (MzJsonConfig *json,
                        const char *key,
                        const char *const *choices,
                        int n_choices,
                        int max_n,
                        int *values,
                        int *n)
{
  JsonNode *node = lookup (json, key);
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint length = array != NULL ? json_array_get_length (array) : 0;

  if (node == NULL)
    return;
  if (length < 1 || length > (guint) max_n)
    {
      mz_json_config_fail (json, MZ_ERROR_FORMAT, key, "must be a list of 1 to %d names", max_n);
      return;
    }
  for (guint i = 0; i < length; i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      values[i] = node_to_choice (element, choices, n_choices);
      if (values[i] < 0)
        {
          fail_choice (json, key, element, choices, n_choices);
          return;
        }
    }
  *n = (int) length;
}

static gboolean
node_to_floats (JsonNode *node, int n, float *values)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (array == NULL || json_array_get_length (array) != (guint) n)
    return FALSE;
  for (int i = 0; i < n; i++)
    {
      double number = 0;

      if (!node_to_double (json_array_get_element (array, (guint) i), &number))
        return FALSE;
      values[i] = (float) number;
    }
  return TRUE;
}

void
mz_json_config_floats (MzJsonConfig *json, const char *key, int n_rows, int n, float *values)
{
  JsonNode *node = lookup (json, key);
  JsonArray *rows;
  gboolean sound;

  if (node == NULL)
    return;
  if (n_rows == 0)
    {
      if (!node_to_floats (node, n, values))
        mz_json_config_fail (json, MZ_ERROR_FORMAT, key, "must be a list of %d numbers", n);
      return;
    }
  rows = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  sound = rows != NULL && json_array_get_length (rows) == (guint) n_rows;
  for (int i = 0; sound && i < n_rows; i++)
    sound = node_to_floats (json_array_get_element (rows, (guint) i), n, values + i * n);
  if (!sound)
    mz_json_config_fail (json, MZ_ERROR_FORMAT, key, "must be a list of %d lists of %d numbers", n_rows, n);
}

void
mz_json_config_require (MzJsonConfig *json, const char *key, const char *wanted)
{
  JsonNode *node = lookup (json, key);
  g_autoptr (JsonNode) literal = NULL;
  g_autofree char *found = NULL, *shown = NULL;
  double a = 0, b = 0;

  if (node == NULL)
    return;
  literal = json_from_string (wanted, NULL);
  if (json_node_equal (node, literal))
    return;
  if (node_to_double (node, &a) && node_to_double (literal, &b) && fabs (a - b) <= 1e-9 * fabs (b))
    return; /* 1 and 1.0 */
  found = json_to_string (node, FALSE);
  shown = mz_printable (found);
  mz_json_config_fail (json, MZ_ERROR_UNSUPPORTED, key, "is %s, which is not supported (only %s is)", shown,
                       wanted);
}
