/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Recipes: every field of a request is kept, also over JSON; what is damaged, newer or older; pixels and
 * paths as text beside them. */
#include <string.h>

#include "app/files/path-text.h"
#include "app/files/pixels.h"
#include "app/jobs/recipe-fields.h"
#include "app/jobs/recipe.h"

static MezzotintRecipe *
parse (const char *json, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (json, NULL);

  g_assert_nonnull (node);
  return mezzotint_recipe_from_json (node, error);
}

/* What engine.h says between "typedef struct {" and "} MzRequest;": the names of its fields. */
static GPtrArray *
read_field_names (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "engine", "engine.h", NULL);
  g_autofree char *header = NULL, *plain = NULL, *body = NULL;
  g_autoptr (GRegex) comments = g_regex_new ("/\\*.*?\\*/", G_REGEX_DOTALL, 0, NULL);
  g_autoptr (GRegex) declarators = g_regex_new ("(\\w+)\\s*(?=[,;\\[])", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  char *end, *begin;

  g_assert_true (g_file_get_contents (path, &header, NULL, NULL));
  plain = g_regex_replace_literal (comments, header, -1, 0, "", 0, NULL);
  end = strstr (plain, "} MzRequest;");
  g_assert_nonnull (end);
  *end = '\0';
  begin = g_strrstr (plain, "typedef struct");
  body = g_strdup (strchr (begin, '{'));
  g_regex_match (declarators, body, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL))
    g_ptr_array_add (names, g_match_info_fetch (match, 1));
  return names;
}

static void
test_complete (void)
{
  static const char *const others[] = { "start", "start_kind", "start_others", "at_once", NULL };
  g_autoptr (GPtrArray) names = read_field_names ();
  guint n_fields;
  const MezzotintField *fields = mezzotint_recipe_fields (&n_fields);

  g_assert_cmpuint (names->len, >=, 23);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      gboolean found = g_strv_contains (others, name);

      for (guint f = 0; f < n_fields; f++)
        found |= g_str_equal (fields[f].name, name);
      if (!found)
        g_test_message ("recipe.c forgets MzRequest.%s", name);
      g_assert_true (found);
    }
  g_assert_cmpuint (names->len, ==, n_fields + g_strv_length ((char **) others));
}

/* A value for `field` that is no default: `salt` makes two of a kind differ. */
static void
set_field (MzRequest *request, const MezzotintField *field, int salt)
{
  guint n;

  switch (field->kind)
    {
    case MEZZOTINT_FIELD_TEXT:
      G_STRUCT_MEMBER (char *, request, field->offset) = g_strdup_printf ("“%s” %d\n", field->name, salt);
      break;
    case MEZZOTINT_FIELD_INT:
      G_STRUCT_MEMBER (int, request, field->offset) = 100 + salt;
      break;
    case MEZZOTINT_FIELD_DOUBLE:
      G_STRUCT_MEMBER (double, request, field->offset) = 0.1 + salt;
      break;
    case MEZZOTINT_FIELD_UINT64:
      G_STRUCT_MEMBER (guint64, request, field->offset) = G_MAXUINT64 - (guint64) salt;
      break;
    case MEZZOTINT_FIELD_BOOL:
      G_STRUCT_MEMBER (gboolean, request, field->offset) = TRUE;
      break;
    case MEZZOTINT_FIELD_INT64:
      G_STRUCT_MEMBER (gint64, request, field->offset) = G_MININT64 + salt;
      break;
    case MEZZOTINT_FIELD_COMPATIBILITY:
      G_STRUCT_MEMBER (const char *, request, field->offset) = mz_list_compatibilities (&n)[1].id;
      break;
    case MEZZOTINT_FIELD_PROMPT_STYLE:
      G_STRUCT_MEMBER (const char *, request, field->offset) = mz_list_prompt_styles (&n)[2].id;
      break;
    case MEZZOTINT_FIELD_SAMPLER:
      G_STRUCT_MEMBER (const char *, request, field->offset) = mz_list_samplers (&n)[3].id;
      break;
    case MEZZOTINT_FIELD_SCHEDULE:
      G_STRUCT_MEMBER (const char *, request, field->offset) = mz_list_schedules (&n)[3].id;
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
assert_same_field (const MzRequest *a, const MzRequest *b, const MezzotintField *field)
{
  switch (field->kind)
    {
    case MEZZOTINT_FIELD_INT:
      g_assert_cmpint (G_STRUCT_MEMBER (int, a, field->offset), ==, G_STRUCT_MEMBER (int, b, field->offset));
      break;
    case MEZZOTINT_FIELD_BOOL:
      g_assert_true (G_STRUCT_MEMBER (gboolean, a, field->offset)
                     == G_STRUCT_MEMBER (gboolean, b, field->offset));
      break;
    case MEZZOTINT_FIELD_INT64:
      g_assert_cmpint (G_STRUCT_MEMBER (gint64, a, field->offset), ==,
                       G_STRUCT_MEMBER (gint64, b, field->offset));
      break;
    case MEZZOTINT_FIELD_DOUBLE:
      g_assert_true (G_STRUCT_MEMBER (double, a, field->offset)
                     == G_STRUCT_MEMBER (double, b, field->offset));
      break;
    case MEZZOTINT_FIELD_UINT64:
      g_assert_cmpuint (G_STRUCT_MEMBER (guint64, a, field->offset), ==,
                        G_STRUCT_MEMBER (guint64, b, field->offset));
      break;
    case MEZZOTINT_FIELD_TEXT:
    case MEZZOTINT_FIELD_SAMPLER:
    case MEZZOTINT_FIELD_SCHEDULE:
    case MEZZOTINT_FIELD_COMPATIBILITY:
    case MEZZOTINT_FIELD_PROMPT_STYLE:
    default:
      g_assert_cmpstr (G_STRUCT_MEMBER (const char *, a, field->offset), ==,
                       G_STRUCT_MEMBER (const char *, b, field->offset));
    }
}

static void
test_round_trip (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_autoptr (MezzotintRecipe) recipe = NULL, back = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  guint n_fields;
  const MezzotintField *fields = mezzotint_recipe_fields (&n_fields);

  for (guint f = 0; f < n_fields; f++)
    set_field (&request, &fields[f], (int) f);
  recipe = mezzotint_recipe_new ("/m/caf\xe9", &request);
  node = mezzotint_recipe_to_json (recipe);
  text = json_to_string (node, FALSE);
  back = parse (text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (mezzotint_recipe_get_model (back), ==, "/m/caf\xe9");
  for (guint f = 0; f < n_fields; f++)
    {
      assert_same_field (&request, mezzotint_recipe_get_request (recipe), &fields[f]);
      assert_same_field (&request, mezzotint_recipe_get_request (back), &fields[f]);
    }
}

static void
test_defaults (void)
{
  g_auto (MzRequest) defaults = MZ_REQUEST_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintRecipe) recipe
      = parse ("{ \"prompt\": \"x\", \"from-the-future\": [1, 2], \"model\": null }", &error);
  guint n_fields;
  const MezzotintField *fields = mezzotint_recipe_fields (&n_fields);

  g_assert_no_error (error);
  mz_request_use_defaults (&defaults, NULL);
  defaults.prompt = g_strdup ("x");
  g_assert_null (mezzotint_recipe_get_model (recipe));
  for (guint f = 0; f < n_fields; f++)
    assert_same_field (&defaults, mezzotint_recipe_get_request (recipe), &fields[f]);
}

static void
test_damaged (void)
{
  static const struct
  {
    const char *json;
    MzError code;
  } cases[] = {
    { "[]", MZ_ERROR_FORMAT },
    { "3", MZ_ERROR_FORMAT },
    { "{ \"steps\": \"many\" }", MZ_ERROR_FORMAT },
    { "{ \"steps\": 2.5 }", MZ_ERROR_FORMAT },
    { "{ \"steps\": {} }", MZ_ERROR_FORMAT },
    { "{ \"prompt\": 3 }", MZ_ERROR_FORMAT },
    { "{ \"guidance\": true }", MZ_ERROR_FORMAT },
    { "{ \"zero_snr\": 1 }", MZ_ERROR_FORMAT },
    { "{ \"step_seed_delta\": \"1\" }", MZ_ERROR_FORMAT },
    { "{ \"compatibility\": \"of the future\" }", MZ_ERROR_ARGUMENT },
    { "{ \"seed\": \"-1\" }", MZ_ERROR_FORMAT },
    { "{ \"seed\": 5 }", MZ_ERROR_FORMAT },
    { "{ \"model\": 1 }", MZ_ERROR_FORMAT },
    { "{ \"model\": {} }", MZ_ERROR_FORMAT },
    { "{ \"sampler\": \"of the future\" }", MZ_ERROR_ARGUMENT },
    { "{ \"schedule\": \"of the future\" }", MZ_ERROR_ARGUMENT },
  };
  g_autoptr (GError) none = NULL;
  g_autoptr (MezzotintRecipe) whole = parse ("{ \"guidance\": 7, \"steps\": 99999999999 }", &none);

  g_assert_no_error (none);
  g_assert_true (mezzotint_recipe_get_request (whole)->guidance == 7);
  g_assert_cmpint (mezzotint_recipe_get_request (whole)->steps, ==, G_MAXINT);
  g_assert_null (mezzotint_recipe_from_json (NULL, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (cases[i].json, &error));
      g_assert_error (error, MZ_ERROR, (int) cases[i].code);
    }
}

static void
test_path_text (void)
{
  static const char *const paths[] = { "/a b/ü.png", "/caf\xe9", "file:odd", "relative", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *text = mezzotint_path_to_text (paths[i]);
      g_autofree char *back = mezzotint_path_from_text (text);
      g_autofree char *absolute = g_canonicalize_filename (paths[i], NULL);

      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_cmpstr (back, ==, g_str_has_prefix (text, "file:") ? absolute : paths[i]);
    }
}

/* The bytes outlive the pixels, as a texture needs it. */
static void
test_pixels (void)
{
  MzPicture *picture = g_new0 (MzPicture, 1);
  MezzotintPixels *pixels;
  g_autoptr (GBytes) bytes = NULL;
  const guint8 *data;
  gsize n;

  picture->width = 2;
  picture->height = 3;
  picture->rgb = g_malloc0 (18);
  picture->rgb[17] = 9;
  pixels = mezzotint_pixels_new (picture);
  g_assert_cmpint (mezzotint_pixels_get_width (pixels), ==, 2);
  g_assert_cmpint (mezzotint_pixels_get_height (pixels), ==, 3);
  g_assert_true (mezzotint_pixels_get_picture (pixels) == picture);
  bytes = g_bytes_ref (mezzotint_pixels_get_bytes (pixels));
  mezzotint_pixels_unref (mezzotint_pixels_ref (pixels));
  mezzotint_pixels_unref (pixels);
  data = g_bytes_get_data (bytes, &n);
  g_assert_cmpuint (n, ==, 18);
  g_assert_cmpuint (data[17], ==, 9);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recipe/complete", test_complete);
  g_test_add_func ("/recipe/round-trip", test_round_trip);
  g_test_add_func ("/recipe/defaults", test_defaults);
  g_test_add_func ("/recipe/damaged", test_damaged);
  g_test_add_func ("/recipe/path-text", test_path_text);
  g_test_add_func ("/recipe/pixels", test_pixels);
  return g_test_run ();
}
