/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The progress line: fits any width. */
#include <string.h>

#include "app/cli/cli-progress.h"

static MzStep
sample_step (void)
{
  return (MzStep){
    .phase = MZ_PHASE_SAMPLE, .count = 1, .step = 5, .steps = 20, .step_seconds = 1.25, .seconds_left = 75
  };
}

static void
test_line (void)
{
  MzStep step = sample_step ();
  g_autofree char *wide = cli_progress_format (&step, 60, FALSE);
  g_autofree char *narrow = NULL, *slim = NULL, *slimmest = NULL;

  g_assert_cmpstr (wide, ==, "Step 5 of 20  #####---------------  1.25 s a step, 1:15 left");
  narrow = cli_progress_format (&step, 42, FALSE);
  g_assert_cmpstr (narrow, ==, "Step 5 of 20  1.25 s a step, 1:15 left");
  slim = cli_progress_format (&step, 20, FALSE);
  g_assert_cmpstr (slim, ==, "Step 5 of 20");
  step.count = 3;
  slimmest = cli_progress_format (&step, 20, FALSE);
  g_assert_cmpstr (slimmest, ==, "1/3 5/20");
}

static void
test_phases (void)
{
  MzStep step = sample_step ();
  g_autofree char *first = NULL, *batch = NULL;

  step.phase = MZ_PHASE_TEXT;
  step.step = 0;
  step.step_seconds = 0;
  step.seconds_left = -1;
  first = cli_progress_format (&step, 34, FALSE);
  g_assert_cmpstr (first, ==, "Reading the prompt  --------------");
  step = sample_step ();
  step.count = 3;
  step.picture = 1;
  step.seconds_left = -1;
  batch = cli_progress_format (&step, 200, TRUE);
  g_assert_true (g_str_has_prefix (batch, "Picture 2 of 3: Step 5 of 20  ━"));
  g_assert_true (g_str_has_suffix (batch, "─  1.25 s a step"));
}

/* Several that are drawn together. */
static void
test_together (void)
{
  MzStep step = sample_step ();
  g_autofree char *wide = NULL, *narrow = NULL, *decoding = NULL;

  step.count = 9;
  step.first = step.picture = 4;
  step.together = 4;
  wide = cli_progress_format (&step, 200, TRUE);
  g_assert_true (g_str_has_prefix (wide, "Pictures 5–8 of 9: Step 5 of 20  ━"));
  narrow = cli_progress_format (&step, 14, FALSE);
  g_assert_cmpstr (narrow, ==, "5-8/9 5/20");
  step.phase = MZ_PHASE_DECODE;
  step.picture = 5;
  decoding = cli_progress_format (&step, 200, TRUE);
  g_assert_true (g_str_has_prefix (decoding, "Picture 6 of 9: Developing  ━"));
}

static void
test_widths (void)
{
  MzStep step = sample_step ();

  step.count = 10;
  for (int width = 0; width < 200; width++)
    {
      g_autofree char *ascii = cli_progress_format (&step, width, FALSE);
      g_autofree char *utf8 = cli_progress_format (&step, width, TRUE);

      g_assert_true (g_str_is_ascii (ascii));
      g_assert_cmpint (strlen (ascii), <=, width);
      g_assert_cmpint (g_utf8_strlen (utf8, -1), <=, width);
    }
}

static void
test_durations (void)
{
  static const struct
  {
    double seconds;
    const char *text;
  } cases[] = { { 0, "0:00" }, { 7.4, "0:07" }, { 59.6, "1:00" }, { 754, "12:34" }, { 3723, "1:02:03" } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = cli_format_duration (cases[i].seconds);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-progress/line", test_line);
  g_test_add_func ("/cli-progress/phases", test_phases);
  g_test_add_func ("/cli-progress/together", test_together);
  g_test_add_func ("/cli-progress/widths", test_widths);
  g_test_add_func ("/cli-progress/durations", test_durations);
  return g_test_run ();
}
