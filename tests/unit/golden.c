/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The tests' own reader of golden .safetensors files. */
#include "golden.h"

#include <json-glib/json-glib.h>
#include <string.h>

struct _Golden
{
  char *bytes;
  GHashTable *views; /* name -> MzView */
  JsonObject *metadata;
};

static MzDType
parse_dtype (const char *name)
{
  for (MzDType dtype = MZ_DTYPE_F32; dtype <= MZ_DTYPE_U8; dtype++)
    if (g_str_equal (name, mz_dtype_name (dtype)))
      return dtype;
  g_error ("golden: unknown dtype %s", name);
}

static MzView *
parse_view (JsonObject *entry, const char *data)
{
  JsonArray *shape = json_object_get_array_member (entry, "shape");
  JsonArray *offsets = json_object_get_array_member (entry, "data_offsets");
  gint64 begin = json_array_get_int_element (offsets, 0), end = json_array_get_int_element (offsets, 1);
  MzView *view = g_new0 (MzView, 1);

  view->dtype = parse_dtype (json_object_get_string_member (entry, "dtype"));
  view->n_dims = (int) json_array_get_length (shape);
  for (int i = 0; i < view->n_dims; i++)
    view->shape[i] = json_array_get_int_element (shape, (guint) i);
  view->data = data + begin;
  view->n_bytes = (gsize) (end - begin);
  g_assert_cmpuint (view->n_bytes, ==, mz_view_elements (view) * mz_dtype_size (view->dtype));
  return view;
}

Golden *
golden_open (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), name, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  Golden *golden = g_new0 (Golden, 1);
  JsonObject *header;
  g_autoptr (GList) names = NULL;
  guint64 header_bytes;

  g_file_get_contents (path, &golden->bytes, NULL, &error);
  g_assert_no_error (error);
  memcpy (&header_bytes, golden->bytes, sizeof header_bytes);
  header_bytes = GUINT64_FROM_LE (header_bytes);
  json_parser_load_from_data (parser, golden->bytes + 8, (gssize) header_bytes, &error);
  g_assert_no_error (error);
  header = json_node_get_object (json_parser_get_root (parser));
  names = json_object_get_members (header);
  if (json_object_has_member (header, "__metadata__"))
    golden->metadata = json_object_ref (json_object_get_object_member (header, "__metadata__"));
  golden->views = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (GList *l = names; l != NULL; l = l->next)
    if (!g_str_equal (l->data, "__metadata__"))
      g_hash_table_insert (
          golden->views, g_strdup (l->data),
          parse_view (json_object_get_object_member (header, l->data), golden->bytes + 8 + header_bytes));
  return golden;
}

void
golden_free (Golden *golden)
{
  g_hash_table_unref (golden->views);
  g_clear_pointer (&golden->metadata, json_object_unref);
  g_free (golden->bytes);
  g_free (golden);
}

const MzView *
golden_lookup (Golden *golden, const char *name)
{
  return g_hash_table_lookup (golden->views, name);
}

const char *
golden_metadata (Golden *golden, const char *key)
{
  g_assert_nonnull (golden->metadata);
  g_assert_true (json_object_has_member (golden->metadata, key));
  return json_object_get_string_member (golden->metadata, key);
}

const MzView *
golden_find (Golden *golden, const char *case_name, const char *role)
{
  g_autofree char *name = g_strconcat (case_name, ".", role, NULL);

  return golden_lookup (golden, name);
}

const MzView *
golden_get (Golden *golden, const char *case_name, const char *role)
{
  const MzView *view = golden_find (golden, case_name, role);

  if (view == NULL)
    g_error ("golden: there is no %s.%s", case_name, role);
  return view;
}

float *
golden_floats (const MzView *view)
{
  gsize n = mz_view_elements (view);
  float *values = g_new (float, n);

  mz_view_read_f32 (view, 0, n, values);
  return values;
}
