/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The queue's task in work: begun on the engine's thread, its events laid down in the task. */
#include "app/jobs/queue-private.h"

#include <glib/gi18n.h>

/* ---- Steps ---- */

/* The more pictures are drawn together the rarer, so that the disk has no more to do. */
static void
keep_place_if_due (MezzotintQueue *self, MezzotintQueueEntry *entry)
{
  gint64 since_us = g_get_monotonic_time () - entry->kept_us;

  if (since_us < self->keep_us * g_hash_table_size (entry->last))
    return;
  mezzotint_queue_keep_places (self, self->current);
  if (entry->n_begun > 0)
    {
      entry->n_begun = 0; /* it comes on */
      mezzotint_queue_save (self);
    }
}

/* All of a step at once: pictures that stand at the same step can go on together. */
static void
take_snapshot (MezzotintQueue *self, MezzotintQueueEntry *entry, const MezzotintRunEvent *event)
{
  GHashTableIter iter;
  gpointer index, snapshot;

  if (event->snapshot != NULL)
    g_hash_table_replace (entry->coming, GINT_TO_POINTER (event->picture), mz_snapshot_ref (event->snapshot));
  if (!event->completes_step || g_hash_table_size (entry->coming) == 0)
    return;
  g_hash_table_iter_init (&iter, entry->coming);
  while (g_hash_table_iter_next (&iter, &index, &snapshot))
    {
      g_hash_table_iter_steal (&iter);
      g_hash_table_replace (entry->last, index, snapshot);
    }
  keep_place_if_due (self, entry);
}

static void
take_frame (MezzotintQueue *self, MezzotintQueueEntry *entry, const MezzotintRunEvent *event)
{
  MezzotintTimeline *timeline
      = mezzotint_task_begin_timeline (self->current, event->picture, event->seed, event->step);
  int limit_mb;
  g_autofree char *preview = NULL;

  g_object_get (self->settings, "timeline-mb", &limit_mb, "preview", &preview, NULL);
  if (mezzotint_timeline_get_n_bytes (timeline)
      <= ((gsize) limit_mb << 20) / (gsize) MAX (1, mezzotint_queue_count_in_work (self->current)))
    mezzotint_timeline_append (timeline, event->step, event->steps, event->pixels, event->snapshot);
  mezzotint_queue_trim (self);
  if (!g_str_equal (preview, "off") && event->shown != NULL)
    mezzotint_task_set_preview (self->current, event->shown, event->step);
  take_snapshot (self, entry, event);
}

static void
take_progress (MezzotintQueue *self, const MezzotintTaskProgress *progress)
{
  mezzotint_task_set_progress (self->current, progress);
  mezzotint_queue_speed_add_step (self->speed, mezzotint_task_get_recipe (self->current),
                                  progress->step_seconds / MAX (1, progress->stepped));
  mezzotint_queue_notify_left (self);
}

/* ---- Pictures ---- */

static void
take_picture (MezzotintQueue *self, MezzotintQueueEntry *entry, const MezzotintRunEvent *event)
{
  g_autoptr (MezzotintTask) task = g_object_ref (self->current);
  MezzotintRecipe *recipe = mezzotint_task_get_recipe (task);
  const MzRequest *request = mezzotint_recipe_get_request (recipe);
  g_autoptr (MezzotintTaskPicture) picture
      = mezzotint_task_picture_new (event->picture, event->seed, event->pixels, event->path, event->text);
  MezzotintTaskProgress progress = {
    .phase = MZ_PHASE_DECODE,
    .picture = event->picture,
    .step = request->steps,
    .steps = request->steps,
    .fraction = (double) (event->picture + 1) / request->count,
    .seconds_left = -1,
  };

  if (entry->resume == NULL && request->start == NULL) /* else it was only a part of one */
    mezzotint_queue_speed_add_picture (self->speed, recipe, request->steps, event->seconds);
  entry->n_done = event->picture + 1;
  mezzotint_queue_forget_places (self, task, entry->n_done);
  g_hash_table_remove (entry->last, GINT_TO_POINTER (event->picture));
  g_clear_pointer (&entry->resume, g_ptr_array_unref);
  entry->n_begun = 0;
  entry->kept_us = g_get_monotonic_time ();
  mezzotint_timeline_finish (mezzotint_task_begin_timeline (task, event->picture, event->seed, G_MAXINT),
                             event->pixels);
  mezzotint_task_add_picture (task, picture);
  g_object_get (task, "step-seconds", &progress.step_seconds, NULL);
  mezzotint_task_set_progress (task, &progress);
  mezzotint_task_set_preview (task, event->pixels, request->steps);
  mezzotint_queue_trim (self);
  mezzotint_queue_save (self);
  mezzotint_queue_notify_left (self);
  if (event->path != NULL)
    mezzotint_queue_emit_saved (self, task, picture);
}

/* ---- Its end ---- */

static MezzotintTaskState
end_state (const GError *error)
{
  if (error == NULL)
    return MEZZOTINT_TASK_FINISHED;
  return g_error_matches (error, MZ_ERROR, MZ_ERROR_CANCELLED) ? MEZZOTINT_TASK_CANCELLED
                                                               : MEZZOTINT_TASK_FAILED;
}

/* It was only held up: it waits at the front, and goes on where it stopped. */
static gboolean
only_pauses (const MezzotintQueueEntry *entry, MezzotintTaskState state)
{
  return state == MEZZOTINT_TASK_CANCELLED
         && (entry->is_restored || (!entry->is_stopped && !entry->is_removed));
}

static void
end (MezzotintQueue *self, MezzotintQueueEntry *entry, const GError *error)
{
  g_autoptr (MezzotintTask) task = g_steal_pointer (&self->current);
  MezzotintTaskState state = end_state (error);
  gboolean is_removed = entry->is_removed, pauses = only_pauses (entry, state);

  g_clear_pointer (&self->run, mezzotint_run_unref);
  g_clear_pointer (&entry->resume, g_ptr_array_unref);
  g_hash_table_remove_all (entry->last);
  g_hash_table_remove_all (entry->coming);
  mezzotint_queue_forget_places (self, task, G_MAXINT);
  entry->n_begun = 0;
  entry->is_stopped = entry->is_removed = entry->is_restored = FALSE;
  if (pauses)
    mezzotint_task_set_state (task, MEZZOTINT_TASK_WAITING);
  else
    {
      if (state == MEZZOTINT_TASK_FAILED)
        mezzotint_task_set_error (task, error->message);
      mezzotint_queue_take_out (self, task);
      mezzotint_queue_keep_start (self, task, NULL);
      mezzotint_task_set_state (task, state);
      entry->was_removed_at_work = is_removed && state == MEZZOTINT_TASK_CANCELLED; /* else nothing is left */
      if (!is_removed)
        mezzotint_queue_add_recent (self, task);
    }
  mezzotint_queue_notify_current (self);
  mezzotint_queue_notify_left (self);
  mezzotint_queue_save (self);
  if (!pauses)
    mezzotint_queue_emit_ended (self, task);
  mezzotint_queue_run_next (self);
}

/* ---- Events ---- */

static void
take_started (MezzotintQueue *self, MezzotintQueueEntry *entry, const MezzotintRunEvent *event)
{
  mezzotint_task_set_recipe (self->current, event->recipe);
  mezzotint_task_set_model_name (self->current, event->text);
  if (!event->goes_on)
    { /* it could not, or there was nothing to go on from */
      g_clear_pointer (&entry->resume, g_ptr_array_unref);
      mezzotint_queue_forget_places (self, self->current, G_MAXINT);
    }
  entry->run_n_done = event->picture;
  g_free (entry->model_state);
  entry->model_state = g_strdup (event->state);
  entry->kept_us = g_get_monotonic_time ();
  mezzotint_task_set_state (self->current, MEZZOTINT_TASK_RUNNING);
  mezzotint_queue_save (self);
}

static void
take_loading (MezzotintQueue *self, double fraction)
{
  const MezzotintTaskProgress progress = {
    .steps = mezzotint_recipe_get_request (mezzotint_task_get_recipe (self->current))->steps,
    .fraction = CLAMP (fraction, 0, 1),
    .seconds_left = -1,
  };

  mezzotint_task_set_progress (self->current, &progress);
}

static void
event_cb (gpointer user, const MezzotintRunEvent *event)
{
  MezzotintQueue *self = user;
  MezzotintQueueEntry *entry = mezzotint_queue_get_entry (self->current);

  g_object_ref (self);
  switch (event->kind)
    {
    case MEZZOTINT_RUN_LOADING:
      take_loading (self, event->fraction);
      break;
    case MEZZOTINT_RUN_STARTED:
      take_started (self, entry, event);
      break;
    case MEZZOTINT_RUN_NOTE:
      mezzotint_task_add_note (self->current, event->text);
      break;
    case MEZZOTINT_RUN_PROGRESS:
      take_progress (self, &event->progress);
      break;
    case MEZZOTINT_RUN_FRAME:
      take_frame (self, entry, event);
      break;
    case MEZZOTINT_RUN_SHOWN:
      mezzotint_task_set_preview (self->current, event->pixels, event->steps);
      break;
    case MEZZOTINT_RUN_PICTURE:
      take_picture (self, entry, event);
      break;
    case MEZZOTINT_RUN_ENDED:
    default:
      end (self, entry, event->error);
    }
  g_object_unref (self);
}

/* ---- Beginning ---- */

static MezzotintPreview
get_preview (MezzotintQueue *self)
{
  g_autofree char *preview = NULL;

  g_object_get (self->settings, "preview", &preview, NULL);
  return g_str_equal (preview, "vae") ? MEZZOTINT_PREVIEW_VAE : MEZZOTINT_PREVIEW_LINEAR;
}

static MezzotintRunOptions
make_options (MezzotintQueue *self, MezzotintTask *task, const MezzotintQueueEntry *entry)
{
  MezzotintRunOptions options = {
    .recipe = mezzotint_recipe_ref (mezzotint_task_get_recipe (task)),
    .n_done = entry->n_done,
    .preview = get_preview (self),
    .folder = mezzotint_settings_get_output_folder (self->settings),
  };

  g_object_get (self->settings, "file-name-pattern", &options.pattern, "at-once", &options.at_once, NULL);
  if (entry->resume != NULL)
    {
      options.resume = g_ptr_array_ref (entry->resume);
      options.resume_n_done = entry->resume_n_done;
      options.model_state = g_strdup (entry->model_state);
    }
  return options;
}

void
mezzotint_queue_run_next (MezzotintQueue *self)
{
  MezzotintTask *task = self->tasks->len > 0 ? g_ptr_array_index (self->tasks, 0) : NULL;
  MezzotintQueueEntry *entry;
  MezzotintRunOptions options;

  if (task == NULL || self->current != NULL || !self->is_started || self->is_paused)
    return;
  entry = mezzotint_queue_get_entry (task);
  options = make_options (self, task, entry);
  entry->n_begun++;
  entry->run_n_done = entry->resume != NULL ? entry->resume_n_done : entry->n_done;
  entry->kept_us = g_get_monotonic_time ();
  self->current = g_object_ref (task);
  self->run = mezzotint_run_new (&options, event_cb, self);
  mezzotint_queue_save (self); /* before anything can end the program */
  mezzotint_task_set_state (task, MEZZOTINT_TASK_LOADING);
  mezzotint_queue_notify_current (self);
  mezzotint_engine_service_run (self->engine, self->run);
}

/* ---- How long it will take ---- */

static int
pictures_left (MezzotintTask *task)
{
  return MAX (0, mezzotint_recipe_get_request (mezzotint_task_get_recipe (task))->count
                     - mezzotint_queue_get_entry (task)->n_done);
}

int
mezzotint_queue_count_pictures (MezzotintQueue *self)
{
  int n = 0;

  for (guint i = 0; i < self->tasks->len; i++)
    n += pictures_left (g_ptr_array_index (self->tasks, i));
  return n;
}

double
mezzotint_queue_estimate (MezzotintQueue *self)
{
  double sum = 0;

  for (guint i = 0; i < self->tasks->len; i++)
    {
      MezzotintTask *task = g_ptr_array_index (self->tasks, i);
      double seconds = -1;

      if (task == self->current)
        g_object_get (task, "seconds-left", &seconds, NULL);
      if (seconds < 0)
        {
          double picture = mezzotint_queue_speed_estimate (self->speed, mezzotint_task_get_recipe (task));

          seconds = picture >= 0 ? picture * pictures_left (task) : -1;
        }
      if (seconds < 0)
        return -1;
      sum += seconds;
    }
  return sum;
}
