/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Threads that wait for a job, share its tasks through one counter, and sleep when nothing comes for a while.
 */
#include "backends/cpu/cpu.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#define MAX_THREADS 1024

/* Looks at the job number this often (some 50 us) before going to sleep: ops follow each other within a few
 * microseconds, and waking a sleeper costs more than that. Spinning longer takes the core from other
 * programs. */
#define SPINS 2000

typedef struct
{
  MzPool *pool;
  pthread_t thread;
  gpointer scratch;
} Worker;

struct _MzPool
{
  int n_threads; /* with the caller, which is workers[0] and has no `thread` */
  Worker *workers;
  gsize scratch_bytes;

  /* The job. `next` is shared by those who take part; all else changes under `mutex` only. */
  MzPoolFunc func;
  gconstpointer data;
  MzCancel *cancel;
  guint n_tasks;
  atomic_uint next;

  pthread_mutex_t mutex;
  pthread_cond_t job_there; /* or quit */
  pthread_cond_t all_left;
  atomic_uint n_jobs;   /* counts up with each job */
  gboolean open;        /* may still be joined */
  atomic_uint n_inside; /* workers that joined and have not left */
  gboolean quit;
};

static inline void
relax (void)
{
#if defined __x86_64__ || defined __i386__
  __builtin_ia32_pause ();
#elif defined __aarch64__
  __asm__ volatile("yield");
#endif
}

static void
do_tasks (MzPool *pool, gpointer scratch)
{
  while (!mz_cancel_is_triggered (pool->cancel))
    {
      guint task = atomic_fetch_add_explicit (&pool->next, 1, memory_order_relaxed);

      if (task >= pool->n_tasks)
        return;
      pool->func (pool->data, task, scratch);
    }
}

/* Joins the job after number `seen`, or finds that it is over already. Returns FALSE at the end of the pool.
 */
static gboolean
join_job (MzPool *pool, guint *seen, gboolean *joined)
{
  gboolean go_on;

  for (int i = 0; i < SPINS && atomic_load_explicit (&pool->n_jobs, memory_order_relaxed) == *seen; i++)
    relax ();
  pthread_mutex_lock (&pool->mutex);
  while (!pool->quit && atomic_load (&pool->n_jobs) == *seen)
    pthread_cond_wait (&pool->job_there, &pool->mutex);
  *seen = atomic_load (&pool->n_jobs);
  go_on = !pool->quit;
  *joined = go_on && pool->open;
  if (*joined)
    atomic_fetch_add (&pool->n_inside, 1);
  pthread_mutex_unlock (&pool->mutex);
  return go_on;
}

static void *
worker_main (void *data)
{
  Worker *worker = data;
  MzPool *pool = worker->pool;
  guint seen = 0;
  gboolean joined;

  while (join_job (pool, &seen, &joined))
    if (joined)
      {
        do_tasks (pool, worker->scratch);
        pthread_mutex_lock (&pool->mutex);
        if (atomic_fetch_sub (&pool->n_inside, 1) == 1)
          pthread_cond_signal (&pool->all_left);
        pthread_mutex_unlock (&pool->mutex);
      }
  return NULL;
}

/* Closes the job to late-comers, who then need not be waited for, and waits for those inside. */
static void
close_job (MzPool *pool)
{
  pthread_mutex_lock (&pool->mutex);
  pool->open = FALSE;
  pthread_mutex_unlock (&pool->mutex);
  for (int i = 0; i < SPINS && atomic_load_explicit (&pool->n_inside, memory_order_relaxed) > 0; i++)
    relax ();
  pthread_mutex_lock (&pool->mutex);
  while (atomic_load (&pool->n_inside) > 0)
    pthread_cond_wait (&pool->all_left, &pool->mutex);
  pthread_mutex_unlock (&pool->mutex);
}

gboolean
mz_pool_run (MzPool *pool,
             guint n_tasks,
             MzPoolFunc func,
             gconstpointer data,
             MzCancel *cancel,
             GError **error)
{
  gboolean shared = pool->n_threads > 1 && n_tasks > 1;

  pthread_mutex_lock (&pool->mutex);
  pool->func = func;
  pool->data = data;
  pool->cancel = cancel;
  pool->n_tasks = n_tasks;
  atomic_store (&pool->next, 0);
  if (shared)
    {
      pool->open = TRUE;
      atomic_fetch_add (&pool->n_jobs, 1);
      pthread_cond_broadcast (&pool->job_there);
    }
  pthread_mutex_unlock (&pool->mutex);

  do_tasks (pool, pool->workers[0].scratch);
  if (shared)
    close_job (pool);
  return !mz_cancel_set_error (cancel, error);
}

static int
count_processors (void)
{
#ifdef CPU_COUNT
  cpu_set_t set;

  if (sched_getaffinity (0, sizeof set, &set) == 0)
    return CPU_COUNT (&set);
#endif
  return (int) sysconf (_SC_NPROCESSORS_ONLN);
}

MzPool *
mz_pool_new (int n_threads)
{
  MzPool *pool = g_new0 (MzPool, 1);
  int wanted = CLAMP (n_threads > 0 ? n_threads : count_processors (), 1, MAX_THREADS);

  pthread_mutex_init (&pool->mutex, NULL);
  pthread_cond_init (&pool->job_there, NULL);
  pthread_cond_init (&pool->all_left, NULL);
  pool->workers = g_new0 (Worker, wanted);
  pool->n_threads = 1;
  for (int i = 1; i < wanted; i++)
    {
      Worker *worker = &pool->workers[i];

      worker->pool = pool;
      if (pthread_create (&worker->thread, NULL, worker_main, worker) != 0)
        break;
      pool->n_threads++;
    }
  return pool;
}

void
mz_pool_free (MzPool *pool)
{
  pthread_mutex_lock (&pool->mutex);
  pool->quit = TRUE;
  atomic_fetch_add (&pool->n_jobs, 1);
  pthread_cond_broadcast (&pool->job_there);
  pthread_mutex_unlock (&pool->mutex);
  for (int i = 0; i < pool->n_threads; i++)
    {
      if (i > 0)
        pthread_join (pool->workers[i].thread, NULL);
      mz_cpu_give_pages (pool->workers[i].scratch);
    }
  pthread_cond_destroy (&pool->all_left);
  pthread_cond_destroy (&pool->job_there);
  pthread_mutex_destroy (&pool->mutex);
  g_free (pool->workers);
  g_free (pool);
}

int
mz_pool_n_threads (MzPool *pool)
{
  return pool->n_threads;
}

gboolean
mz_pool_reserve (MzPool *pool, gsize n_bytes, GError **error)
{
  if (n_bytes <= pool->scratch_bytes)
    return TRUE;
  pool->scratch_bytes = 0;
  for (int i = 0; i < pool->n_threads; i++)
    {
      Worker *worker = &pool->workers[i];

      g_clear_pointer (&worker->scratch, mz_cpu_give_pages);
      worker->scratch = mz_cpu_take_pages (n_bytes, error);
      if (worker->scratch == NULL)
        return FALSE;
    }
  pool->scratch_bytes = n_bytes;
  return TRUE;
}
