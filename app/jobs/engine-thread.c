/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Work for the engine, one piece at a time, on a thread that gives way to the desktop. */
#include "app/jobs/engine-thread.h"

#include <sched.h>
#include <sys/resource.h>

#include "app/files/main-thread.h"
#include "app/jobs/estimate.h"
#include "app/jobs/run-perform.h"

/* How much lower than the rest of the program, in steps of nice. */
#define NICE_STEPS 5

/* Asked for by whoever looks at a step. */
typedef struct
{
  MzSnapshot *snapshot;
  char *model;
  GTask *task;
  MzCancel *cancel;
  gulong cancelled_id;
} Decode;

/* What messages to the main thread hold; they may arrive after the thread's end. */
typedef struct
{
  gatomicrefcount ref_count;
  MezzotintEngineStatusFunc func; /* main thread; NULL: closed */
  gpointer user;
} Listener;

struct _MezzotintEngineThread
{
  GThread *thread; /* NULL: not needed so far */
  Listener *listener;
  MezzotintEngineSlot *slot; /* the thread's own, but for counting tokens */
  gboolean is_busy;          /* likewise */

  GMutex mutex; /* of the rest */
  GCond wake;
  gboolean quits;
  GQueue runs;    /* of MezzotintRun */
  GQueue decodes; /* of Decode */
  MezzotintRun *current;
  MzCancel *decoding;          /* the decode in work's; NULL: none */
  MezzotintEstimate *estimate; /* that waits; NULL: none */
  char *device;
  int n_threads;
  MezzotintEngineLimits limits;
  gboolean wants_preload;
  char *preload;            /* path, of what is wanted or being loaded */
  MzCancel *preload_cancel; /* of the one being loaded; NULL: none is */
};

/* ---- Telling the main thread ---- */

static Listener *
ref_listener (Listener *listener)
{
  g_atomic_ref_count_inc (&listener->ref_count);
  return listener;
}

static void
unref_listener (Listener *listener)
{
  if (g_atomic_ref_count_dec (&listener->ref_count))
    g_free (listener);
}

typedef struct
{
  Listener *listener;
  MezzotintEngineStatus status;
} Report;

static void
report_cb (gpointer data)
{
  Report *report = data;

  if (report->listener->func != NULL)
    report->listener->func (report->listener->user, &report->status);
}

static void
free_report_cb (gpointer data)
{
  Report *report = data;

  unref_listener (report->listener);
  g_free (report->status.model);
  g_free (report->status.description);
  g_free (report->status.problem);
  g_free (report);
}

/* On the thread. */
static void
report_status (gpointer data)
{
  MezzotintEngineThread *thread = data;
  Report *report = g_new0 (Report, 1);

  report->listener = ref_listener (thread->listener);
  report->status.is_busy = thread->is_busy;
  report->status.has_model = mezzotint_engine_slot_get_model (thread->slot) != NULL;
  report->status.model = g_strdup (mezzotint_engine_slot_get_path (thread->slot));
  report->status.description = g_strdup (mezzotint_engine_slot_get_description (thread->slot));
  report->status.problem = g_strdup (mezzotint_engine_slot_get_problem (thread->slot));
  mezzotint_call_on_main (report_cb, report, free_report_cb);
}

/* ---- Decodes ---- */

static void
cancelled_cb (GCancellable *cancellable, gpointer cancel)
{
  mz_cancel_trigger (cancel);
}

static void
unref_cancel_cb (gpointer cancel)
{
  mz_cancel_unref (cancel);
}

static void
nothing_cb (gpointer data)
{
}

/* The task holds the service: its last reference must not go on this thread, which the service joins. */
static void
free_decode (Decode *decode)
{
  g_cancellable_disconnect (g_task_get_cancellable (decode->task), decode->cancelled_id);
  mezzotint_call_on_main (nothing_cb, decode->task, g_object_unref);
  mz_snapshot_unref (decode->snapshot);
  mz_cancel_unref (decode->cancel);
  g_free (decode->model);
  g_free (decode);
}

static void
unref_pixels_cb (gpointer pixels)
{
  mezzotint_pixels_unref (pixels);
}

/* Takes `decode` over. `loaded`: the model to do it with; NULL: the one of its path is loaded first.
 * `problem`: why there is no engine to do it with; NULL. */
static void
do_decode (MezzotintEngineThread *thread, Decode *decode, MzModel *loaded, const GError *problem)
{
  g_autoptr (GError) error = problem != NULL ? g_error_copy (problem) : NULL;
  MzModel *model = loaded;
  MzPicture *picture = NULL;

  g_mutex_lock (&thread->mutex);
  thread->decoding = mz_cancel_ref (decode->cancel);
  if (thread->quits)
    mz_cancel_trigger (decode->cancel);
  g_mutex_unlock (&thread->mutex);
  if (problem == NULL && model == NULL)
    model = mezzotint_engine_slot_load (thread->slot, decode->model, decode->cancel, NULL, NULL, &error);
  if (model != NULL)
    picture = mz_snapshot_decode (decode->snapshot, model, decode->cancel, &error);
  g_mutex_lock (&thread->mutex);
  g_clear_pointer (&thread->decoding, mz_cancel_unref);
  g_mutex_unlock (&thread->mutex);
  if (picture != NULL)
    g_task_return_pointer (decode->task, mezzotint_pixels_new (picture), unref_pixels_cb);
  else
    g_task_return_error (decode->task, g_steal_pointer (&error));
  free_decode (decode);
}

/* The first that waits and is of the loaded model; NULL: none. */
static Decode *
take_decode_of_loaded (MezzotintEngineThread *thread)
{
  const char *path = mezzotint_engine_slot_get_path (thread->slot);
  Decode *decode = NULL;

  g_mutex_lock (&thread->mutex);
  for (GList *link = thread->decodes.head; link != NULL && decode == NULL; link = link->next)
    if (g_strcmp0 (((Decode *) link->data)->model, path) == 0)
      {
        decode = link->data;
        g_queue_delete_link (&thread->decodes, link);
      }
  g_mutex_unlock (&thread->mutex);
  return decode;
}

/* A run is using the model: though its file may have changed meanwhile, it is not loaded again here. */
static void
between_steps (gpointer data)
{
  MezzotintEngineThread *thread = data;
  Decode *decode;

  while ((decode = take_decode_of_loaded (thread)) != NULL)
    do_decode (thread, decode, mezzotint_engine_slot_get_model (thread->slot), NULL);
}

/* ---- Runs and loading ahead ---- */

/* Takes `run` over. */
static void
do_run (MezzotintEngineThread *thread, MezzotintRun *run, const GError *problem)
{
  MezzotintRunEvent ended = { .kind = MEZZOTINT_RUN_ENDED };

  if (problem != NULL)
    ended.error = g_error_copy (problem);
  else
    mezzotint_run_perform (run, thread->slot, between_steps, thread, &ended.error);
  mezzotint_run_post (run, &ended);
  g_mutex_lock (&thread->mutex);
  thread->current = NULL;
  g_mutex_unlock (&thread->mutex);
  mezzotint_run_unref (run);
}

static gboolean
is_of_model (MezzotintRun *run, const char *path)
{
  return g_strcmp0 (mezzotint_recipe_get_model (mezzotint_run_get_options (run)->recipe), path) == 0;
}

/* A run that has come meanwhile and waits for the same model sees how far it is. */
static void
preload_progress_cb (gpointer data, double fraction)
{
  MezzotintEngineThread *thread = data;

  g_mutex_lock (&thread->mutex);
  if (thread->runs.head != NULL && is_of_model (thread->runs.head->data, thread->preload))
    mezzotint_run_post (thread->runs.head->data,
                        &(MezzotintRunEvent){ .kind = MEZZOTINT_RUN_LOADING, .fraction = fraction });
  g_mutex_unlock (&thread->mutex);
}

/* What goes wrong is the next job's to tell. */
static void
do_preload (MezzotintEngineThread *thread, const GError *problem)
{
  g_autofree char *path = NULL;
  MzCancel *cancel;

  g_mutex_lock (&thread->mutex);
  path = g_strdup (thread->preload);
  cancel = thread->preload_cancel;
  g_mutex_unlock (&thread->mutex);
  if (problem == NULL)
    mezzotint_engine_slot_load (thread->slot, path, cancel, preload_progress_cb, thread, NULL);
  g_mutex_lock (&thread->mutex);
  g_clear_pointer (&thread->preload_cancel, mz_cancel_unref);
  g_mutex_unlock (&thread->mutex);
}

/* ---- The thread ---- */

/* Workers of the engine inherit this. A batch thread never takes the processor from the one that draws the
 * window, and with a lower priority that one gets it at once. */
static void
give_way (void)
{
#ifdef __linux__
  const struct sched_param none = { 0 };

  sched_setscheduler (0, SCHED_BATCH, &none);                                /* 0: this thread */
  setpriority (PRIO_PROCESS, 0, getpriority (PRIO_PROCESS, 0) + NICE_STEPS); /* likewise on Linux */
#endif
}

/* What is to be done next. */
typedef struct
{
  MezzotintRun *run;
  Decode *decode;              /* or this */
  MezzotintEstimate *estimate; /* or this; or, when all are NULL, loading ahead */
  char *device;
  int n_threads;
  MezzotintEngineLimits limits;
} Piece;

/* Waits for it. FALSE at the end. */
static gboolean
take_piece (MezzotintEngineThread *thread, Piece *piece)
{
  gboolean goes_on;

  *piece = (Piece){ 0 };
  g_mutex_lock (&thread->mutex);
  while (!thread->quits && thread->runs.head == NULL && thread->decodes.head == NULL
         && thread->estimate == NULL && !thread->wants_preload)
    {
      if (thread->is_busy)
        {
          thread->is_busy = FALSE;
          report_status (thread);
        }
      g_cond_wait (&thread->wake, &thread->mutex);
    }
  goes_on = !thread->quits;
  if (goes_on && thread->runs.head != NULL)
    piece->run = thread->current = g_queue_pop_head (&thread->runs);
  else if (goes_on && thread->decodes.head != NULL)
    piece->decode = g_queue_pop_head (&thread->decodes);
  else if (goes_on && thread->estimate != NULL)
    piece->estimate = g_steal_pointer (&thread->estimate);
  else if (goes_on)
    {
      thread->wants_preload = FALSE;
      thread->preload_cancel = mz_cancel_new ();
    }
  piece->device = g_strdup (thread->device);
  piece->n_threads = thread->n_threads;
  piece->limits = thread->limits;
  g_mutex_unlock (&thread->mutex);
  return goes_on;
}

static void
do_piece (MezzotintEngineThread *thread, Piece *piece)
{
  g_autoptr (GError) error = NULL;

  mezzotint_engine_slot_set_limits (thread->slot, &piece->limits);
  if (piece->estimate != NULL)
    { /* too short to be called busy */
      mezzotint_estimate_answer (piece->estimate, thread->slot, piece->device, piece->n_threads);
      return;
    }
  thread->is_busy = TRUE;
  report_status (thread);
  mezzotint_engine_slot_open (thread->slot, piece->device, piece->n_threads, &error);
  if (piece->run != NULL)
    do_run (thread, piece->run, error);
  else if (piece->decode != NULL)
    do_decode (thread, piece->decode, NULL, error);
  else
    do_preload (thread, error);
}

static gpointer
thread_main (gpointer data)
{
  MezzotintEngineThread *thread = data;
  Piece piece;

  give_way ();
  while (take_piece (thread, &piece))
    {
      do_piece (thread, &piece);
      g_free (piece.device);
    }
  g_free (piece.device);
  return NULL;
}

/* ---- The main thread's side ---- */

MezzotintEngineThread *
mezzotint_engine_thread_new (MezzotintEngineStatusFunc func, gpointer user)
{
  MezzotintEngineThread *thread = g_new0 (MezzotintEngineThread, 1);

  thread->listener = g_new0 (Listener, 1);
  g_atomic_ref_count_init (&thread->listener->ref_count);
  thread->listener->func = func;
  thread->listener->user = user;
  thread->slot = mezzotint_engine_slot_new (report_status, thread);
  thread->device = g_strdup ("auto");
  g_mutex_init (&thread->mutex);
  g_cond_init (&thread->wake);
  g_queue_init (&thread->runs);
  g_queue_init (&thread->decodes);
  return thread;
}

/* Under the mutex. */
static void
cancel_all (MezzotintEngineThread *thread)
{
  thread->quits = TRUE;
  if (thread->current != NULL)
    {
      mezzotint_run_close (thread->current);
      mezzotint_run_cancel (thread->current);
    }
  if (thread->decoding != NULL)
    mz_cancel_trigger (thread->decoding);
  if (thread->preload_cancel != NULL)
    mz_cancel_trigger (thread->preload_cancel);
  g_cond_signal (&thread->wake);
}

static void
drop_waiting (MezzotintEngineThread *thread)
{
  MezzotintRun *run;
  Decode *decode;

  while ((run = g_queue_pop_head (&thread->runs)) != NULL)
    {
      mezzotint_run_close (run);
      mezzotint_run_unref (run);
    }
  while ((decode = g_queue_pop_head (&thread->decodes)) != NULL)
    {
      g_task_return_new_error (decode->task, MZ_ERROR, MZ_ERROR_CANCELLED, "The program ends.");
      free_decode (decode);
    }
  g_clear_pointer (&thread->estimate, mezzotint_estimate_drop);
}

void
mezzotint_engine_thread_free (MezzotintEngineThread *thread)
{
  thread->listener->func = NULL;
  g_mutex_lock (&thread->mutex);
  cancel_all (thread);
  g_mutex_unlock (&thread->mutex);
  if (thread->thread != NULL)
    g_thread_join (thread->thread);
  drop_waiting (thread);
  mezzotint_engine_slot_free (thread->slot);
  unref_listener (thread->listener);
  g_mutex_clear (&thread->mutex);
  g_cond_clear (&thread->wake);
  g_free (thread->device);
  g_free (thread->preload);
  g_free (thread);
}

void
mezzotint_engine_thread_set_device (MezzotintEngineThread *thread, const char *device, int n_threads)
{
  g_mutex_lock (&thread->mutex);
  g_free (thread->device);
  thread->device = g_strdup (device);
  thread->n_threads = n_threads;
  g_mutex_unlock (&thread->mutex);
}

void
mezzotint_engine_thread_set_limits (MezzotintEngineThread *thread, const MezzotintEngineLimits *limits)
{
  g_mutex_lock (&thread->mutex);
  thread->limits = *limits;
  g_mutex_unlock (&thread->mutex);
}

/* Under the mutex: there is something to do. */
static void
wake (MezzotintEngineThread *thread)
{
  if (thread->thread == NULL)
    thread->thread = g_thread_new ("engine", thread_main, thread);
  g_cond_signal (&thread->wake);
}

void
mezzotint_engine_thread_run (MezzotintEngineThread *thread, MezzotintRun *run)
{
  g_mutex_lock (&thread->mutex);
  g_queue_push_tail (&thread->runs, mezzotint_run_ref (run));
  if (thread->preload_cancel != NULL && !is_of_model (run, thread->preload))
    mz_cancel_trigger (thread->preload_cancel);
  wake (thread);
  g_mutex_unlock (&thread->mutex);
}

void
mezzotint_engine_thread_decode (MezzotintEngineThread *thread,
                                MzSnapshot *snapshot,
                                const char *model,
                                GTask *task)
{
  Decode *decode = g_new0 (Decode, 1);
  GCancellable *cancellable = g_task_get_cancellable (task);

  decode->snapshot = mz_snapshot_ref (snapshot);
  decode->model = g_strdup (model);
  decode->task = g_object_ref (task);
  decode->cancel = mz_cancel_new ();
  if (cancellable != NULL)
    decode->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                                  mz_cancel_ref (decode->cancel), unref_cancel_cb);
  g_mutex_lock (&thread->mutex);
  g_queue_push_tail (&thread->decodes, decode);
  wake (thread);
  g_mutex_unlock (&thread->mutex);
}

void
mezzotint_engine_thread_estimate (MezzotintEngineThread *thread,
                                  MzRequest *request,
                                  const char *model,
                                  GTask *task)
{
  MezzotintEstimate *before;

  g_mutex_lock (&thread->mutex);
  before = thread->estimate;
  thread->estimate = mezzotint_estimate_new (request, model, task);
  wake (thread);
  g_mutex_unlock (&thread->mutex);
  g_clear_pointer (&before, mezzotint_estimate_drop);
}

void
mezzotint_engine_thread_preload (MezzotintEngineThread *thread, const char *path)
{
  g_mutex_lock (&thread->mutex);
  if (thread->preload_cancel == NULL || g_strcmp0 (thread->preload, path) != 0)
    {
      if (thread->preload_cancel != NULL)
        mz_cancel_trigger (thread->preload_cancel);
      g_free (thread->preload);
      thread->preload = g_strdup (path);
      thread->wants_preload = TRUE;
      wake (thread);
    }
  g_mutex_unlock (&thread->mutex);
}

int
mezzotint_engine_thread_count_tokens (MezzotintEngineThread *thread, const char *text, GArray **part_ends)
{
  return mezzotint_engine_slot_count_tokens (thread->slot, text, part_ends);
}
