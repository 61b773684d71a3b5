/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The estimate of evaluate: unknown until something was learnt, then what is left of everything. */
#include "app/cli/cli-evaluate-progress.h"

static void
test_estimate (void)
{
  CliEvaluateProgress progress = { .n_models = 2, .n_pictures = 3 };

  g_assert_cmpfloat (cli_evaluate_progress_seconds_left (&progress, 0, 10), <, 0);
  progress.autoencoder_s = 4;
  g_assert_cmpfloat (cli_evaluate_progress_seconds_left (&progress, 1, 10), <, 0);
  /* one evaluation a picture comes with the autoencoder's time */
  g_assert_cmpfloat (cli_evaluate_progress_seconds_left (&progress, 1, 1), ==, 5 * 4);
  progress.evaluation_s = 0.5;
  g_assert_cmpfloat (cli_evaluate_progress_seconds_left (&progress, 4, 10), ==, 6 * 0.5 + 5 * (4 + 10 * 0.5));
  progress.model = 1;
  progress.picture = 2;
  g_assert_cmpfloat (cli_evaluate_progress_seconds_left (&progress, 4, 10), ==, 6 * 0.5);
  g_assert_cmpfloat (cli_evaluate_progress_seconds_left (&progress, 10, 10), ==, 0);
}

/* It learns from calls, and forgets with the model. */
static void
test_learning (void)
{
  CliEvaluateProgress progress = { .n_models = 1, .n_pictures = 2 };

  cli_evaluate_progress_begin_model (&progress, 0);
  cli_evaluate_progress_begin_picture (&progress, 0);
  for (int done = 0; done <= 3; done++)
    {
      g_usleep (1000);
      cli_evaluate_progress_cb (&progress, done, 3);
    }
  g_assert_cmpfloat (progress.autoencoder_s, >, 0);
  g_assert_cmpfloat (progress.evaluation_s, >=, 0.001);
  g_assert_cmpfloat (cli_evaluate_progress_seconds_left (&progress, 3, 3), >=, 0.003);
  cli_evaluate_progress_begin_model (&progress, 0);
  g_assert_cmpfloat (cli_evaluate_progress_seconds_left (&progress, 0, 3), <, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-evaluate-progress/estimate", test_estimate);
  g_test_add_func ("/cli-evaluate-progress/learning", test_learning);
  return g_test_run ();
}
