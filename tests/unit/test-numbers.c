/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers: strict reading, shortest writing. */
#include "app/files/numbers.h"

static void
test_int (void)
{
  static const char *const bad[]
      = { "", " 1", "1 ", "12abc", "0x10", "1.0", "1e3", "99999999999", "-", "+", "٣", "2147483648" };
  int value = 5;

  g_assert_true (mezzotint_parse_int ("12", 0, 100, &value));
  g_assert_cmpint (value, ==, 12);
  g_assert_true (mezzotint_parse_int ("-3", -5, 100, &value));
  g_assert_cmpint (value, ==, -3);
  g_assert_false (mezzotint_parse_int ("101", 0, 100, &value));
  g_assert_false (mezzotint_parse_int (NULL, 0, 100, &value));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (mezzotint_parse_int (bad[i], G_MININT, G_MAXINT, &value));
  g_assert_cmpint (value, ==, -3);
}

static void
test_uint64 (void)
{
  guint64 value = 0;

  g_assert_true (mezzotint_parse_uint64 ("18446744073709551615", &value));
  g_assert_cmpuint (value, ==, G_MAXUINT64);
  g_assert_false (mezzotint_parse_uint64 ("18446744073709551616", &value));
  g_assert_false (mezzotint_parse_uint64 ("-1", &value));
  g_assert_false (mezzotint_parse_uint64 ("", &value));
}

static void
test_double (void)
{
  static const char *const bad[]
      = { "", " 1", "1 ", "1,5", "nan", "inf", "0x1", "1e999", "1.2.3", "7.5x", "--1", "e" };
  double value = 3;

  g_assert_true (mezzotint_parse_double ("7.5", 0, 100, &value));
  g_assert_cmpfloat (value, ==, 7.5);
  g_assert_true (mezzotint_parse_double ("1e1", 0, 100, &value));
  g_assert_cmpfloat (value, ==, 10);
  g_assert_false (mezzotint_parse_double ("100.1", 0, 100, &value));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (mezzotint_parse_double (bad[i], -1e9, 1e9, &value));
  g_assert_cmpfloat (value, ==, 10);
}

static void
test_size (void)
{
  static const char *const bad[]
      = { "", "512", "512x", "x512", "512x512x", "512 x 512", "-1x5", "5x-1", "9999x1", "512*512", "5×" };
  int w = 1, h = 2;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (mezzotint_parse_size (bad[i], 8192, &w, &h));
  g_assert_cmpint (w, ==, 1);
  g_assert_true (mezzotint_parse_size ("512x768", 8192, &w, &h));
  g_assert_cmpint (w, ==, 512);
  g_assert_cmpint (h, ==, 768);
  g_assert_true (mezzotint_parse_size ("64X32", 8192, &w, &h));
  g_assert_true (mezzotint_parse_size ("10×20", 8192, &w, &h));
  g_assert_cmpint (w, ==, 10);
}

static void
assert_format (double value, const char *expected)
{
  g_autofree char *text = mezzotint_format_double (value);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_format (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  assert_format (7, "7");
  assert_format (6.5, "6.5");
  assert_format (0.1, "0.1");
  assert_format (0, "0");
  assert_format (100, "100");
  assert_format (1.0 / 3, "0.3333333333333333");
  for (int i = 0; i < 1000; i++)
    {
      double value = g_rand_double_range (rand, -1000, 1000);
      g_autofree char *text = mezzotint_format_double (value);

      g_assert_true (g_ascii_strtod (text, NULL) == value);
    }
}

static void
test_bytes (void)
{
  static const struct
  {
    const char *text;
    guint64 n_bytes;
  } good[] = { { "3G", 3221225472 },    { "1.5GiB", 1610612736 }, { "800m", 838860800 },
               { "2GB", 2000000000 },   { "0.5kb", 500 },         { "7", 7 },
               { "12B", 12 },           { "1T", 1099511627776 },  { "100KiB", 102400 },
               { "2500mb", 2500000000 } };
  static const char *const bad[]
      = { NULL,  "",   "G",   "0",     "0G",   "-1G", "+1G", " 1G", "1 G", "1Gi",
          "1GG", "1P", "1eG", "1.2.3", "1e3G", "١G",  "inf", "1Bi", "0.1", "9999999T" };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      guint64 n_bytes = 0;

      g_assert_true (mezzotint_parse_bytes (good[i].text, &n_bytes));
      g_assert_cmpuint (n_bytes, ==, good[i].n_bytes);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      guint64 n_bytes = 42;

      g_assert_false (mezzotint_parse_bytes (bad[i], &n_bytes));
      g_assert_cmpuint (n_bytes, ==, 42);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/numbers/int", test_int);
  g_test_add_func ("/numbers/uint64", test_uint64);
  g_test_add_func ("/numbers/double", test_double);
  g_test_add_func ("/numbers/size", test_size);
  g_test_add_func ("/numbers/bytes", test_bytes);
  g_test_add_func ("/numbers/format", test_format);
  return g_test_run ();
}
