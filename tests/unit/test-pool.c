/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The CPU backend's threads: every task once, scratch of one's own, cancelling, and many small jobs in a row.
 */
#include "backends/cpu/pool.h"

#include <string.h>

#define N_TASKS 1000

typedef struct
{
  int counts[N_TASKS];
  gsize scratch_bytes;
  MzCancel *cancel;
  guint cancel_at;
  int n_done;
} Job;

static void
count_task (gconstpointer data, guint task, gpointer scratch)
{
  Job *job = (Job *) data;

  g_atomic_int_inc (&job->counts[task]);
  g_atomic_int_inc (&job->n_done);
  if (job->cancel != NULL && task == job->cancel_at)
    mz_cancel_trigger (job->cancel);
}

/* Writes its number all over the scratch, and finds it unchanged. */
static void
use_scratch (gconstpointer data, guint task, gpointer scratch)
{
  const Job *job = data;
  guint8 *bytes = scratch, value = (guint8) (task * 7);

  g_assert_cmpuint (GPOINTER_TO_SIZE (scratch) % 64, ==, 0);
  memset (bytes, value, job->scratch_bytes);
  for (gsize i = 0; i < job->scratch_bytes; i++)
    g_assert_cmpuint (bytes[i], ==, value);
}

static void
test_each_task_once (gconstpointer n_threads)
{
  g_autoptr (MzPool) pool = mz_pool_new (GPOINTER_TO_INT (n_threads));

  g_assert_cmpint (mz_pool_n_threads (pool), ==, GPOINTER_TO_INT (n_threads));
  for (guint n_tasks = 0; n_tasks <= N_TASKS; n_tasks += n_tasks < 4 ? 1 : 249)
    {
      Job job = { .n_done = 0 };
      GError *error = NULL;

      g_assert_true (mz_pool_run (pool, n_tasks, count_task, &job, NULL, &error));
      g_assert_no_error (error);
      for (guint i = 0; i < N_TASKS; i++)
        g_assert_cmpint (job.counts[i], ==, i < n_tasks ? 1 : 0);
    }
}

/* Jobs of a few tasks, with and without a pause that sends the threads to sleep. */
static void
test_many_jobs (void)
{
  g_autoptr (MzPool) pool = mz_pool_new (3);

  for (int i = 0; i < 3000; i++)
    {
      Job job = { .n_done = 0 };

      g_assert_true (mz_pool_run (pool, 1 + i % 5, count_task, &job, NULL, NULL));
      g_assert_cmpint (job.n_done, ==, 1 + i % 5);
      if (i % 100 == 0)
        g_usleep (2000);
    }
}

static void
test_scratch (void)
{
  g_autoptr (MzPool) pool = mz_pool_new (3);
  GError *error = NULL;

  for (gsize n_bytes = 100; n_bytes <= 10000; n_bytes += 4950)
    {
      Job job = { .scratch_bytes = n_bytes };

      g_assert_true (mz_pool_reserve (pool, n_bytes, &error));
      g_assert_true (mz_pool_run (pool, 200, use_scratch, &job, NULL, &error));
    }
  g_assert_no_error (error);
}

static void
test_scratch_too_large (void)
{
  g_autoptr (MzPool) pool = mz_pool_new (2);
  g_autoptr (GError) error = NULL;
  Job job = { .scratch_bytes = 64 };

  g_assert_false (mz_pool_reserve (pool, G_MAXSIZE / 4, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
  /* and works on */
  g_assert_true (mz_pool_reserve (pool, 64, NULL));
  g_assert_true (mz_pool_run (pool, 10, use_scratch, &job, NULL, NULL));
}

static void
test_cancel (gconstpointer n_threads)
{
  g_autoptr (MzPool) pool = mz_pool_new (GPOINTER_TO_INT (n_threads));
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  g_autoptr (GError) error = NULL;
  Job job = { .cancel = cancel, .cancel_at = 5 };
  Job next = { .n_done = 0 };

  g_assert_false (mz_pool_run (pool, N_TASKS, count_task, &job, cancel, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
  g_assert_cmpint (job.n_done, >=, 6);
  g_assert_cmpint (job.n_done, <, N_TASKS);
  mz_cancel_reset (cancel);
  g_assert_true (mz_pool_run (pool, N_TASKS, count_task, &next, cancel, NULL));
  g_assert_cmpint (next.n_done, ==, N_TASKS);
}

static void
test_default_threads (void)
{
  g_autoptr (MzPool) pool = mz_pool_new (0);

  g_assert_cmpint (mz_pool_n_threads (pool), >=, 1);
  g_assert_cmpint (mz_pool_n_threads (pool), <=, (int) g_get_num_processors ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/pool/each-task-once/1-thread", GINT_TO_POINTER (1), test_each_task_once);
  g_test_add_data_func ("/pool/each-task-once/2-threads", GINT_TO_POINTER (2), test_each_task_once);
  g_test_add_data_func ("/pool/each-task-once/7-threads", GINT_TO_POINTER (7), test_each_task_once);
  g_test_add_func ("/pool/many-jobs", test_many_jobs);
  g_test_add_func ("/pool/scratch", test_scratch);
  g_test_add_func ("/pool/scratch-too-large", test_scratch_too_large);
  g_test_add_data_func ("/pool/cancel/1-thread", GINT_TO_POINTER (1), test_cancel);
  g_test_add_func ("/pool/default-threads", test_default_threads);
  return g_test_run ();
}
