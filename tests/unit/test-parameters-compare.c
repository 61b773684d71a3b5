/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Settings of two pictures side by side. */
#include "app/files/parameters-compare.h"

static MezzotintParameters *
parse (const char *text)
{
  MezzotintParameters *parameters = mezzotint_parameters_parse (text, NULL);

  g_assert_nonnull (parameters);
  return parameters;
}

static void
assert_pair (GPtrArray *pairs,
             guint i,
             const char *key,
             const char *first,
             const char *second,
             gboolean differs)
{
  const MezzotintSettingPair *pair = pairs->pdata[i];

  g_assert_cmpstr (pair->key, ==, key);
  g_assert_cmpstr (pair->first, ==, first);
  g_assert_cmpstr (pair->second, ==, second);
  g_assert_cmpint (pair->differs, ==, differs);
}

static void
test_differences (void)
{
  g_autoptr (MezzotintParameters) first
      = parse ("a cat\nNegative prompt: dog\nSteps: 20, CFG scale: 7, Seed: 5, Model: one");
  g_autoptr (MezzotintParameters) second = parse ("a cat\nSteps: 25, CFG scale: 7.0, Seed: 5, RNG: CPU");
  g_autoptr (GPtrArray) pairs = mezzotint_parameters_compare (first, second);

  g_assert_cmpuint (pairs->len, ==, 7);
  assert_pair (pairs, 0, "Prompt", "a cat", "a cat", FALSE);
  assert_pair (pairs, 1, "Negative prompt", "dog", "", TRUE);
  assert_pair (pairs, 2, "Steps", "20", "25", TRUE);
  assert_pair (pairs, 3, "CFG scale", "7", "7.0", FALSE);
  assert_pair (pairs, 4, "Seed", "5", "5", FALSE);
  assert_pair (pairs, 5, "Model", "one", NULL, TRUE);
  assert_pair (pairs, 6, "RNG", NULL, "CPU", TRUE);
}

/* Both are the same number in double precision. */
static void
test_long_seeds (void)
{
  g_autoptr (MezzotintParameters) first = parse ("x\nSteps: 1, CFG scale: 1, Seed: 18446744073709551614");
  g_autoptr (MezzotintParameters) second = parse ("x\nSteps: 1, CFG scale: 1, Seed: 18446744073709551615");
  g_autoptr (GPtrArray) pairs = mezzotint_parameters_compare (first, second);

  assert_pair (pairs, 3, "Seed", "18446744073709551614", "18446744073709551615", TRUE);
}

static void
test_unknown (void)
{
  g_autoptr (MezzotintParameters) second = parse ("a cat\nSteps: 25, CFG scale: 7, Seed: 5");
  g_autoptr (GPtrArray) none = mezzotint_parameters_compare (NULL, NULL);
  g_autoptr (GPtrArray) pairs = mezzotint_parameters_compare (NULL, second);

  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (pairs->len, ==, 4);
  assert_pair (pairs, 0, "Prompt", NULL, "a cat", TRUE);
  assert_pair (pairs, 1, "Steps", NULL, "25", TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parameters-compare/differences", test_differences);
  g_test_add_func ("/parameters-compare/long-seeds", test_long_seeds);
  g_test_add_func ("/parameters-compare/unknown", test_unknown);
  return g_test_run ();
}
