/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tests of core/names.h: folding, nearest names and the message for an unknown one. */
#include "core/names.h"

static const char *const names[] = { "ddim", NULL, "plms", "euler", "euler_a", "dpmpp_2m", "ddpm" };

static void
test_match (void)
{
  g_assert_true (mz_names_match ("DPM++ 2M", "dpmpp_2m"));
  g_assert_true (mz_names_match ("dpm++2m", "DPM++ 2M"));
  g_assert_true (mz_names_match ("Euler a", "euler_a"));
  g_assert_true (mz_names_match ("", "_ "));
  g_assert_false (mz_names_match ("euler", "euler_a"));
  g_assert_false (mz_names_match ("DPM 2M", "DPM++ 2M"));
  g_assert_true (mz_names_contain (names, G_N_ELEMENTS (names), "PLMS"));
  g_assert_false (mz_names_contain (names, G_N_ELEMENTS (names), "lms"));
}

static void
test_nearest (void)
{
  static const struct
  {
    const char *name;
    const char *nearest;
  } cases[] = {
    { "dimm", "ddim" },
    { "pmls", "plms" }, /* a swap is one edit */
    { "eulr", "euler" },
    { "Euler b", "euler" },
    { "euler_aa", "euler_a" },
    { "dpmpp_2n", "dpmpp_2m" },
    { "dpmpp", "dpmpp_2m" },
    { "xyzxyzxyzxyz", NULL },
    { "", NULL },
    { " - ", NULL },
    { "e", "euler" }, /* begins it */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpstr (mz_nearest_name (cases[i].name, names, G_N_ELEMENTS (names)), ==, cases[i].nearest);
}

static void
test_message (void)
{
  g_autoptr (GError) near = NULL, far = NULL, hostile = NULL;
  g_autofree char *megabyte = g_malloc ((1 << 20) + 1);

  mz_set_unknown_name_error (&near, "sampler", "eulr", names, G_N_ELEMENTS (names));
  g_assert_error (near, MZ_ERROR, MZ_ERROR_ARGUMENT);
  g_assert_cmpstr (near->message, ==, "There is no sampler named “eulr”; did you mean “euler”?");
  mz_set_unknown_name_error (&far, "sampler", "zzzzzzzzzz", names, G_N_ELEMENTS (names));
  g_assert_cmpstr (far->message, ==, "There is no sampler named “zzzzzzzzzz”.");

  memset (megabyte, 0xe2, 1 << 20); /* not UTF-8, and long */
  megabyte[1 << 20] = '\0';
  mz_set_unknown_name_error (&hostile, "sampler", megabyte, names, G_N_ELEMENTS (names));
  g_assert_true (g_utf8_validate (hostile->message, -1, NULL));
  g_assert_cmpuint (strlen (hostile->message), <, 400);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/names/match", test_match);
  g_test_add_func ("/names/nearest", test_nearest);
  g_test_add_func ("/names/message", test_message);
  return g_test_run ();
}
