/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading and writing the parameters text: against A1111's rules as Python runs them, and there and back. */
#include <json-glib/json-glib.h>
#include <string.h>

#include "app/files/parameters-private.h"

static void
test_golden (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "parameters.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonArray *cases;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  cases = json_node_get_array (json_parser_get_root (parser));
  g_assert_cmpuint (json_array_get_length (cases), >, 500);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *expected = json_array_get_object_element (cases, i);
      JsonArray *pairs = json_object_get_array_member (expected, "pairs");
      const char *text = json_object_get_string_member (expected, "text");
      g_autoptr (MezzotintParameters) got = mezzotint_parameters_parse_plain (text);

      g_test_message ("case %u: %s", i, text);
      g_assert_cmpstr (got->prompt, ==, json_object_get_string_member (expected, "prompt"));
      g_assert_cmpstr (got->negative_prompt, ==, json_object_get_string_member (expected, "negative"));
      g_assert_cmpuint (got->pairs->len, ==, json_array_get_length (pairs));
      for (guint p = 0; p < got->pairs->len; p++)
        {
          const MezzotintPair *pair = &g_array_index (got->pairs, MezzotintPair, p);
          JsonArray *both = json_array_get_array_element (pairs, p);

          g_assert_cmpstr (pair->key, ==, json_array_get_string_element (both, 0));
          g_assert_cmpstr (pair->value, ==, json_array_get_string_element (both, 1));
        }
    }
}

/* White space as tokenizers see it: runs are one space, ends are nothing. */
static char *
squeeze (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (!mezzotint_is_space (g_utf8_get_char (p)))
        g_string_append_unichar (out, g_utf8_get_char (p));
      else if (out->len > 0 && out->str[out->len - 1] != ' ')
        g_string_append_c (out, ' ');
    }
  g_strchomp (out->str);
  return g_string_free (out, FALSE);
}

static void
assert_same_prompt (const char *a, const char *b)
{
  g_autofree char *words_a = squeeze (a);
  g_autofree char *words_b = squeeze (b);

  g_assert_cmpstr (words_a, ==, words_b);
}

static void
assert_round_trip (const MezzotintParameters *parameters)
{
  g_autofree char *text = mezzotint_parameters_to_text (parameters);
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintParameters) back = mezzotint_parameters_parse (text, &error);

  g_assert_no_error (error);
  g_test_message ("text: %s", text);
  assert_same_prompt (back->prompt, parameters->prompt);
  assert_same_prompt (back->negative_prompt, parameters->negative_prompt);
  g_assert_cmpuint (back->pairs->len, ==, parameters->pairs->len);
  for (guint i = 0; i < back->pairs->len; i++)
    {
      const MezzotintPair *before = &g_array_index (parameters->pairs, MezzotintPair, i);
      const MezzotintPair *after = &g_array_index (back->pairs, MezzotintPair, i);

      g_assert_cmpstr (before->key, ==, after->key);
      g_assert_cmpstr (before->value, ==, after->value);
    }
  again = mezzotint_parameters_to_text (back);
  if (strcmp (back->prompt, parameters->prompt) == 0
      && strcmp (back->negative_prompt, parameters->negative_prompt) == 0)
    g_assert_cmpstr (again, ==, text);
}

static MezzotintParameters *
new_with_pairs (const char *prompt, const char *negative_prompt)
{
  MezzotintParameters *parameters = mezzotint_parameters_new (prompt, negative_prompt);

  mezzotint_parameters_set (parameters, "Steps", "20");
  mezzotint_parameters_set (parameters, "Sampler", "Euler a");
  mezzotint_parameters_set (parameters, "Size", "512x768");
  return parameters;
}

static void
test_write (void)
{
  g_autoptr (MezzotintParameters) parameters = new_with_pairs ("a cat,\non a mat", "blurry: no");
  g_autofree char *text = NULL;

  mezzotint_parameters_set (parameters, "Model", "a, \"b\"\n猫");
  mezzotint_parameters_set (parameters, "Nothing", "");
  text = mezzotint_parameters_to_text (parameters);
  g_assert_cmpstr (text, ==,
                   "a cat,\non a mat\nNegative prompt: blurry: no\n"
                   "Steps: 20, Sampler: Euler a, Size: 512x768, Model: \"a, \\\"b\\\"\\n猫\"");
}

static void
test_odd_prompts (void)
{
  static const char *const prompts[] = {
    "",
    "a cat",
    "Steps: 3",
    "Steps: 3, Sampler: Euler, Seed: 5",
    "first\nSteps: 3, Sampler: Euler, Seed: 5, Open: \"x",
    "Negative prompt:",
    "Negative prompt: not a cat\nand more",
    "a\nNegative prompt: b",
    "a\n  Negative prompt: b",
    "\"quoted\"",
    "colon: comma, \\ backslash \\\" and \"",
    "猫が好き、ソファで",
    "🍎🍏 été",
    "tabs\tand\r\nline ends\n\n\n",
    "  spaces  ",
    "p, SDCPP: {\"a\": 1}",
    "Steps: 1, SDCPP: {\"a\": 1}",
    "Mezzotint prompt: \"x\"",
    "\x01\x02 control",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (prompts); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (prompts); j++)
      {
        g_autoptr (MezzotintParameters) parameters = new_with_pairs (prompts[i], prompts[j]);

        assert_round_trip (parameters);
      }
}

static char *
random_text (GRand *rand)
{
  static const char *const pieces[] = { "a",
                                        "cat",
                                        " ",
                                        ",",
                                        ", ",
                                        ":",
                                        ": ",
                                        "\n",
                                        "\"",
                                        "\\",
                                        "猫",
                                        "🍎",
                                        "é",
                                        "Steps: 2",
                                        "\nSteps: 2",
                                        "Negative prompt:",
                                        "\nNegative prompt: ",
                                        "\t",
                                        "\r",
                                        "{}",
                                        "-",
                                        "/",
                                        ", SDCPP:",
                                        "Mezzotint prompt: " };
  GString *text = g_string_new (NULL);
  int n = g_rand_int_range (rand, 0, 12);

  for (int i = 0; i < n; i++)
    g_string_append (text, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
  return g_string_free (text, FALSE);
}

static void
test_random_round_trips (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (int i = 0; i < 5000; i++)
    {
      g_autofree char *prompt = random_text (rand);
      g_autofree char *negative = random_text (rand);
      g_autofree char *value = random_text (rand);
      g_autoptr (MezzotintParameters) parameters = new_with_pairs (prompt, negative);

      mezzotint_parameters_set (parameters, "Model", value);
      assert_round_trip (parameters);
    }
}

static void
test_beyond_a1111 (void)
{
  g_autoptr (MezzotintParameters) lines = mezzotint_parameters_parse (
      "a cat\nSteps: 20, Sampler: Euler, Seed: 7, Notes: \"one\ntwo, a: 1, b1: 2, c1: 3\", Size: 64x32",
      NULL);
  g_autoptr (MezzotintParameters) sdcpp = mezzotint_parameters_parse (
      "a dog\nSteps: 20, CFG scale: 7.000000, Seed: 7, Sampler: euler_a karras, Version: "
      "stable-diffusion.cpp, SDCPP: {\"prompt\": \"x, y: z\", \"n\": 3}",
      NULL);

  g_assert_cmpstr (lines->prompt, ==, "a cat");
  g_assert_cmpstr (mezzotint_parameters_get (lines, "Notes"), ==, "one\ntwo, a: 1, b1: 2, c1: 3");
  g_assert_cmpstr (mezzotint_parameters_get (lines, "Size"), ==, "64x32");
  g_assert_cmpstr (sdcpp->prompt, ==, "a dog");
  g_assert_cmpstr (mezzotint_parameters_get (sdcpp, "Version"), ==, "stable-diffusion.cpp");
  g_assert_cmpuint (sdcpp->pairs->len, ==, 5);
}

static void
test_escapes (void)
{
  g_autoptr (MezzotintParameters) got = mezzotint_parameters_parse (
      "Steps: 1, Aa: \"\\u00e9\\ud83c\\udf4e\", Bb: \"\\ud83c,\", Cc: \"\\u0000\", Dd: \"\\u12\"", NULL);

  g_assert_cmpstr (mezzotint_parameters_get (got, "Aa"), ==, "é🍎");
  g_assert_cmpstr (mezzotint_parameters_get (got, "Bb"), ==, "\xef\xbf\xbd,");
  g_assert_cmpstr (mezzotint_parameters_get (got, "Cc"), ==, "\xef\xbf\xbd");
  g_assert_cmpstr (mezzotint_parameters_get (got, "Dd"), ==, "\"\\u12\"");
}

static void
test_hostile (void)
{
  static const char *const units[]
      = { "aa: 1,", "a", "a: \"", "\"", "Steps: 1, aa: \"\n", "\\", "aa: \"\\\",", ",", " ", "\n" };
  g_autoptr (GError) error = NULL;

  /* A megabyte of each: finishes at once, or the time is not linear. */
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      GString *text = g_string_new (NULL);
      g_autoptr (MezzotintParameters) got = NULL;

      while (text->len + strlen (units[i]) <= MEZZOTINT_PARAMETERS_MAX_BYTES)
        g_string_append (text, units[i]);
      got = mezzotint_parameters_parse (text->str, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (got->pairs->len, <=, MEZZOTINT_MAX_PAIRS);
      g_string_free (text, TRUE);
    }
  g_assert_null (mezzotint_parameters_parse ("a\xff", &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_FORMAT);
}

/* As many lines as there can be, between two letters, so that none is stripped as white space around the
 * text.
 */
static void
test_many_lines (void)
{
  g_autofree char *text = g_strnfill (MEZZOTINT_PARAMETERS_MAX_BYTES + 1, '\n');
  g_autoptr (MezzotintParameters) got = NULL;
  g_autoptr (GError) error = NULL;

  text[0] = 'a';
  text[MEZZOTINT_PARAMETERS_MAX_BYTES - 1] = text[MEZZOTINT_PARAMETERS_MAX_BYTES] = 'z';
  g_assert_null (mezzotint_parameters_parse (text, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  text[MEZZOTINT_PARAMETERS_MAX_BYTES] = '\0';
  got = mezzotint_parameters_parse (text, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (got->prompt, "a\n"));
  g_assert_true (g_str_has_suffix (got->prompt, "\nz"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parameters/golden", test_golden);
  g_test_add_func ("/parameters/write", test_write);
  g_test_add_func ("/parameters/odd-prompts", test_odd_prompts);
  g_test_add_func ("/parameters/random-round-trips", test_random_round_trips);
  g_test_add_func ("/parameters/beyond-a1111", test_beyond_a1111);
  g_test_add_func ("/parameters/escapes", test_escapes);
  g_test_add_func ("/parameters/hostile", test_hostile);
  g_test_add_func ("/parameters/many-lines", test_many_lines);
  return g_test_run ();
}
