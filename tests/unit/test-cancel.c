/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The cancel flag: raised and lowered, seen from another thread, and its error. */
#include "core/cancel.h"

static void
test_flag (void)
{
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (mz_cancel_is_triggered (cancel));
  g_assert_false (mz_cancel_set_error (cancel, &error));
  g_assert_no_error (error);
  mz_cancel_trigger (cancel);
  mz_cancel_trigger (cancel);
  g_assert_true (mz_cancel_is_triggered (cancel));
  g_assert_true (mz_cancel_set_error (cancel, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
  g_assert_true (mz_cancel_set_error (cancel, NULL));
  mz_cancel_reset (cancel);
  g_assert_false (mz_cancel_is_triggered (cancel));
}

static void
test_none (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (mz_cancel_is_triggered (NULL));
  g_assert_false (mz_cancel_set_error (NULL, &error));
  g_assert_no_error (error);
}

static gpointer
wait_until_raised (gpointer data)
{
  g_autoptr (MzCancel) cancel = data;

  while (!mz_cancel_is_triggered (cancel))
    g_thread_yield ();
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  GThread *threads[4];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("waits", wait_until_raised, mz_cancel_ref (cancel));
  mz_cancel_trigger (cancel);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cancel/flag", test_flag);
  g_test_add_func ("/cancel/none", test_none);
  g_test_add_func ("/cancel/threads", test_threads);
  return g_test_run ();
}
