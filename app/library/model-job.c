/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A worker that reads folders and headers. */
#include "app/library/model-job.h"

#include "app/files/main-thread.h"

typedef struct
{
  gatomicrefcount ref_count;
  const MezzotintModelJobListener *listener;
  GWeakRef user;
  GCancellable *cancellable;
  GStrv places;
  GHashTable *known;
} Job;

typedef struct
{
  Job *job;
  MezzotintScan *scan; /* this and path are NULL at the end */
  char *path, *state;
  MzModelInfo *info;
  GError *error;
} Message;

static void
job_unref (gpointer data)
{
  Job *job = data;

  if (!g_atomic_ref_count_dec (&job->ref_count))
    return;
  g_weak_ref_clear (&job->user);
  g_object_unref (job->cancellable);
  g_strfreev (job->places);
  g_hash_table_unref (job->known);
  g_free (job);
}

static void
free_message_cb (gpointer data)
{
  Message *message = data;

  job_unref (message->job);
  g_clear_pointer (&message->scan, mezzotint_scan_free);
  g_clear_pointer (&message->info, mz_model_info_free);
  g_clear_error (&message->error);
  g_free (message->path);
  g_free (message->state);
  g_free (message);
}

static void
deliver_cb (gpointer data)
{
  Message *message = data;
  const MezzotintModelJobListener *listener = message->job->listener;
  g_autoptr (GObject) user = NULL;

  if (g_cancellable_is_cancelled (message->job->cancellable)
      || (user = g_weak_ref_get (&message->job->user)) == NULL)
    return;
  if (message->scan != NULL)
    listener->scanned (user, message->scan);
  else if (message->path != NULL)
    listener->inspected (user, message->path, message->state, g_steal_pointer (&message->info),
                         message->error);
  else
    listener->ended (user);
}

static void
send (Job *job, MezzotintScan *scan, const MezzotintFoundModel *model, MzModelInfo *info, GError *error)
{
  Message *message = g_new0 (Message, 1);

  g_atomic_ref_count_inc (&job->ref_count);
  message->job = job;
  message->scan = scan;
  message->path = model != NULL ? g_strdup (model->path) : NULL;
  message->state = model != NULL ? g_strdup (model->state) : NULL;
  message->info = info;
  message->error = error;
  mezzotint_call_on_main (deliver_cb, message, free_message_cb);
}

static void
inspect (Job *job, const MezzotintFoundModel *model)
{
  g_autoptr (GError) error = NULL;
  MzModelInfo *info = mz_model_inspect (model->path, &error);

  send (job, NULL, model, info, g_steal_pointer (&error));
}

static void
run_cb (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  MezzotintScan *scan = mezzotint_scan_new ((const char *const *) job->places, cancellable);
  g_autoptr (GPtrArray) models = g_ptr_array_ref (scan->models);

  send (job, scan, NULL, NULL, NULL);
  for (guint i = 0; i < models->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      const MezzotintFoundModel *model = g_ptr_array_index (models, i);

      if (g_strcmp0 (g_hash_table_lookup (job->known, model->path), model->state) != 0)
        inspect (job, model);
    }
  send (job, NULL, NULL, NULL, NULL);
  g_task_return_boolean (task, TRUE);
}

void
mezzotint_model_job_start (const char *const *places,
                           GHashTable *known,
                           const MezzotintModelJobListener *listener,
                           GObject *user,
                           GCancellable *cancellable)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, NULL, NULL);
  Job *job = g_new0 (Job, 1);

  g_atomic_ref_count_init (&job->ref_count);
  job->listener = listener;
  g_weak_ref_init (&job->user, user);
  job->cancellable = g_object_ref (cancellable);
  job->places = g_strdupv ((GStrv) places);
  job->known = g_hash_table_ref (known);
  g_task_set_task_data (task, job, job_unref);
  g_task_run_in_thread (task, run_cb);
}
