/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A run's way between two threads: orders one way, events the other. */
#include "app/jobs/run.h"

/* Events are given to the main thread at most once a frame of the screen. */
#define FRAME_US 16000

struct _MezzotintRun
{
  gatomicrefcount ref_count;
  MezzotintRunOptions options;
  MzCancel *cancel;
  gint stops_after_picture; /* atomic */

  MezzotintRunFunc func; /* main thread only; NULL: closed */
  gpointer user;

  GMutex mutex; /* of the rest */
  GQueue events;
  GList *progress; /* the newest progress or loading in the queue; NULL: none */
  gboolean is_scheduled;
  gint64 delivered_us; /* when the last delivery was */
};

void
mezzotint_run_options_clear (MezzotintRunOptions *options)
{
  g_clear_pointer (&options->recipe, mezzotint_recipe_unref);
  g_clear_pointer (&options->resume, g_ptr_array_unref);
  g_clear_pointer (&options->model_state, g_free);
  g_clear_pointer (&options->folder, g_free);
  g_clear_pointer (&options->pattern, g_free);
}

static void
free_event (MezzotintRunEvent *event)
{
  g_clear_pointer (&event->recipe, mezzotint_recipe_unref);
  g_clear_pointer (&event->pixels, mezzotint_pixels_unref);
  g_clear_pointer (&event->shown, mezzotint_pixels_unref);
  g_clear_pointer (&event->snapshot, mz_snapshot_unref);
  g_clear_error (&event->error);
  g_free (event->text);
  g_free (event->state);
  g_free (event->path);
  g_free (event);
}

MezzotintRun *
mezzotint_run_new (MezzotintRunOptions *options, MezzotintRunFunc func, gpointer user)
{
  MezzotintRun *run = g_new0 (MezzotintRun, 1);

  g_atomic_ref_count_init (&run->ref_count);
  run->options = *options;
  *options = (MezzotintRunOptions){ 0 };
  run->cancel = mz_cancel_new ();
  run->func = func;
  run->user = user;
  g_mutex_init (&run->mutex);
  g_queue_init (&run->events);
  return run;
}

MezzotintRun *
mezzotint_run_ref (MezzotintRun *run)
{
  g_atomic_ref_count_inc (&run->ref_count);
  return run;
}

void
mezzotint_run_unref (MezzotintRun *run)
{
  MezzotintRunEvent *event;

  if (!g_atomic_ref_count_dec (&run->ref_count))
    return;
  while ((event = g_queue_pop_head (&run->events)) != NULL)
    free_event (event);
  g_mutex_clear (&run->mutex);
  mz_cancel_unref (run->cancel);
  mezzotint_run_options_clear (&run->options);
  g_free (run);
}

void
mezzotint_run_close (MezzotintRun *run)
{
  run->func = NULL;
}

void
mezzotint_run_cancel (MezzotintRun *run)
{
  mz_cancel_trigger (run->cancel);
}

void
mezzotint_run_set_stop_after_picture (MezzotintRun *run, gboolean stop)
{
  g_atomic_int_set (&run->stops_after_picture, stop);
}

const MezzotintRunOptions *
mezzotint_run_get_options (MezzotintRun *run)
{
  return &run->options;
}

MzCancel *
mezzotint_run_get_cancel (MezzotintRun *run)
{
  return run->cancel;
}

gboolean
mezzotint_run_stops_after_picture (MezzotintRun *run)
{
  return g_atomic_int_get (&run->stops_after_picture);
}

/* ---- Events ---- */

static gboolean
deliver_cb (gpointer data)
{
  MezzotintRun *run = data;
  GQueue events;
  MezzotintRunEvent *event;

  g_mutex_lock (&run->mutex);
  events = run->events;
  g_queue_init (&run->events);
  run->progress = NULL;
  run->is_scheduled = FALSE;
  run->delivered_us = g_get_monotonic_time ();
  g_mutex_unlock (&run->mutex);
  while ((event = g_queue_pop_head (&events)) != NULL)
    {
      if (run->func != NULL)
        run->func (run->user, event);
      free_event (event);
    }
  return G_SOURCE_REMOVE;
}

static void
release_cb (gpointer data)
{
  mezzotint_run_unref (data);
}

/* Under the mutex. */
static void
schedule (MezzotintRun *run)
{
  GSource *source;
  gint64 wait_us = run->delivered_us + FRAME_US - g_get_monotonic_time ();

  if (run->is_scheduled)
    return;
  run->is_scheduled = TRUE;
  source = g_timeout_source_new (wait_us > 0 && run->delivered_us > 0 ? (guint) (wait_us / 1000) : 0);
  g_source_set_static_name (source, "mezzotint_run_post");
  g_source_set_callback (source, deliver_cb, mezzotint_run_ref (run), release_cb);
  g_source_attach (source, NULL);
  g_source_unref (source);
}

void
mezzotint_run_post (MezzotintRun *run, const MezzotintRunEvent *event)
{
  g_mutex_lock (&run->mutex);
  if (run->progress != NULL && (event->kind == MEZZOTINT_RUN_PROGRESS || event->kind == MEZZOTINT_RUN_LOADING)
      && ((MezzotintRunEvent *) run->progress->data)->kind == event->kind)
    {
      free_event (run->progress->data);
      g_queue_delete_link (&run->events, run->progress);
      run->progress = NULL;
    }
  g_queue_push_tail (&run->events, g_memdup2 (event, sizeof *event));
  if (event->kind == MEZZOTINT_RUN_PROGRESS || event->kind == MEZZOTINT_RUN_LOADING)
    run->progress = g_queue_peek_tail_link (&run->events);
  schedule (run);
  g_mutex_unlock (&run->mutex);
}
