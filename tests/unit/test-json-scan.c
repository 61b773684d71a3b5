/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The strict JSON reader: what RFC 8259 allows passes, everything else has a problem. */
#include <string.h>

#include "core/json-scan.h"
#include "core/printable.h"

static const char *const sound[] = {
  "{}",
  " [ ] ",
  "{\"a\":1,\"b\":[true,false,null]}",
  "\"\\u00e9\\ud83d\\ude00\\n\\/\"",
  "-0",
  "0.5e-3",
  "1E+2",
  "[1,2,[3,{\"a\":{}}]]",
  "{\"a\":{\"a\":1},\"b\":{\"a\":1}}",
};

static const struct
{
  const char *text;
  const char *problem;
} unsound[] = {
  { "", "ends too early" },
  { "{", "ends too early" },
  { "[1", "ends too early" },
  { "[1 2]", "comma" },
  { "[1,]", "comma with nothing" },
  { "[,1]", "no value" },
  { "{\"a\":1,}", "comma with nothing" },
  { "{\"a\"}", "colon" },
  { "{a:1}", "no string" },
  { "{1:1}", "no string" },
  { "{} {}", "goes on" },
  { "[1}", "comma or a closing" },
  { "tru", "no value" },
  { "truex", "goes on" },
  { "NaN", "no value" },
  { "01", "malformed number" },
  { "+1", "no value" },
  { ".5", "no value" },
  { "1.", "malformed number" },
  { "1e", "malformed number" },
  { "0x10", "malformed number" },
  { "\"\\x\"", "bad escape" },
  { "\"\\u12\"", "bad escape" },
  { "\"\\u0000\"", "NUL" },
  { "\"\\ud800\"", "surrogate" },
  { "\"\\udc00\"", "surrogate" },
  { "\"\\ud800\\u0041\"", "surrogate" },
  { "\"a", "ends inside a string" },
  { "\"a\\", "bad escape" },
  { "\"a\tb\"", "control character" },
  { "\"\xff\"", "UTF-8" },
  { "\"\xc3\"", "UTF-8" },
  { "// no", "no value" },
  { "{\"a\":1,\"a\":2}", "the key “a” twice" },
  { "{\"a\":1,\"\\u0061\":2}", "the key “a” twice" },
  { "[{\"b\":[{\"x\":1,\"x\":1}]}]", "the key “x” twice" },
  { "{\"\\u001b[2J\":1,\"\\u001b[2J\":2}", "“\xef\xbf\xbd[2J” twice" },
};

static void
test_grammar (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sound); i++)
    {
      g_autofree char *problem = mz_json_find_problem (sound[i], strlen (sound[i]));

      g_assert_cmpstr (problem, ==, NULL);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (unsound); i++)
    {
      g_autofree char *problem = mz_json_find_problem (unsound[i].text, strlen (unsound[i].text));

      g_assert_nonnull (problem);
      g_assert_nonnull (strstr (problem, unsound[i].problem));
    }
}

static void
test_nul (void)
{
  g_autofree char *problem = mz_json_find_problem ("[1,\0 2]", 7);

  g_assert_nonnull (strstr (problem, "UTF-8"));
}

/* As deep as allowed passes; a hundred thousand levels end in a problem and not in a stack overflow. */
static void
test_depth (void)
{
  for (guint depth = MZ_JSON_MAX_DEPTH; depth < 200000;
       depth = depth == MZ_JSON_MAX_DEPTH ? depth + 1 : depth * 11)
    {
      g_autofree char *text = g_malloc (2 * depth);
      g_autofree char *problem = NULL;

      memset (text, '[', depth);
      memset (text + depth, ']', depth);
      problem = mz_json_find_problem (text, 2 * depth);
      if (depth == MZ_JSON_MAX_DEPTH)
        g_assert_cmpstr (problem, ==, NULL);
      else
        g_assert_nonnull (strstr (problem, "too deep"));
    }
}

static void
test_values (void)
{
  static const char text[] = " {\"k\\u0065y\" : \"v\\\"\\ud83d\\ude00\", \"n\" : 18446744073709551615 } ";
  g_autoptr (GString) key = g_string_new (NULL), value = g_string_new (NULL);
  guint64 number = 0;
  MzJsonScan scan;

  mz_json_scan_init (&scan, text, strlen (text));
  g_assert_true (mz_json_scan_begin (&scan, '{'));
  g_assert_true (mz_json_scan_next (&scan, '}'));
  g_assert_true (mz_json_scan_key (&scan, key));
  g_assert_cmpstr (key->str, ==, "key");
  g_assert_cmpint (mz_json_scan_peek (&scan), ==, '"');
  g_assert_true (mz_json_scan_string (&scan, value));
  g_assert_cmpstr (value->str, ==, "v\"\xf0\x9f\x98\x80");
  g_assert_true (mz_json_scan_next (&scan, '}'));
  g_assert_true (mz_json_scan_key (&scan, key));
  g_assert_true (mz_json_scan_uint64 (&scan, &number));
  g_assert_cmpuint (number, ==, G_MAXUINT64);
  g_assert_false (mz_json_scan_next (&scan, '}'));
  g_assert_true (mz_json_scan_end (&scan));
}

static void
test_whole_numbers (void)
{
  static const char *const bad[]
      = { "-1", "1.5", "1e3", "\"1\"", "18446744073709551616", "null", "[1]", "-0" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      guint64 number;
      MzJsonScan scan;

      mz_json_scan_init (&scan, bad[i], strlen (bad[i]));
      g_assert_false (mz_json_scan_uint64 (&scan, &number));
      g_assert_nonnull (scan.problem);
      g_assert_false (mz_json_scan_skip (&scan)); /* the problem stays */
    }
}

static void
test_printable (void)
{
  g_autofree char *plain = mz_printable ("norm1.weight é"), *escape = mz_printable ("a\x1b[31m\xe2\x80\xae"
                                                                                    "b");
  g_autofree char *broken = mz_printable ("a\xff"), *xs = g_strnfill (200, 'x'), *cut = mz_printable (xs);

  g_assert_cmpstr (plain, ==, "norm1.weight é");
  g_assert_cmpstr (escape, ==,
                   "a\xef\xbf\xbd[31m\xef\xbf\xbd"
                   "b");
  g_assert_cmpstr (broken, ==, "a\xef\xbf\xbd");
  g_assert_cmpint (g_utf8_strlen (cut, -1), ==, 81);
  g_assert_true (mz_is_printable (xs));
  g_assert_false (mz_is_printable ("a\nb"));
  g_assert_false (mz_is_printable ("a\xff"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-scan/grammar", test_grammar);
  g_test_add_func ("/json-scan/nul", test_nul);
  g_test_add_func ("/json-scan/depth", test_depth);
  g_test_add_func ("/json-scan/values", test_values);
  g_test_add_func ("/json-scan/whole-numbers", test_whole_numbers);
  g_test_add_func ("/json-scan/printable", test_printable);
  return g_test_run ();
}
