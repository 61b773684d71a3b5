/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* First an evaluation runs op by op (a backend may measure its ways meanwhile), then it is recorded, and from
 * then on replayed. */
#include "ops/recorder.h"

/* Recordings kept at a time; one for each slice of a batch is enough. */
#define MAX_KEPT 8

typedef enum
{
  OFF,
  PLAIN,
  RECORDING,
  REPLAYING,
} Mode;

typedef struct
{
  gboolean has_run;   /* op by op */
  gboolean cannot;    /* recording was tried and failed: not again */
  gpointer recording; /* the backend's, or NULL */
  guint64 hash;       /* of the ops that it holds */
  guint n_down;
} Kept;

typedef struct
{
  float *to;
  gsize n;
} Download;

struct _MzRecorder
{
  MzDevice *device;
  GHashTable *kept; /* key -> Kept */
  Kept *now;
  Mode mode;
  gboolean is_refused; /* by an op of this evaluation */
  guint64 hash;
  guint n_up;
  GArray *downloads; /* of Download */
};

static void
drop (MzRecorder *recorder, Kept *kept)
{
  if (kept->recording != NULL)
    recorder->device->backend->recording_free (recorder->device, kept->recording);
  kept->recording = NULL;
  kept->has_run = FALSE;
}

static void
forget_all (MzRecorder *recorder)
{
  GHashTableIter iter;
  gpointer kept;

  g_hash_table_iter_init (&iter, recorder->kept);
  while (g_hash_table_iter_next (&iter, NULL, &kept))
    drop (recorder, kept);
  g_hash_table_remove_all (recorder->kept);
}

void
mz_recorder_free (MzRecorder *recorder)
{
  if (recorder == NULL)
    return;
  forget_all (recorder);
  g_hash_table_unref (recorder->kept);
  g_array_free (recorder->downloads, TRUE);
  g_free (recorder);
}

static MzRecorder *
recorder_new (MzDevice *device)
{
  MzRecorder *recorder = g_new0 (MzRecorder, 1);

  recorder->device = device;
  recorder->kept = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  recorder->downloads = g_array_new (FALSE, FALSE, sizeof (Download));
  return recorder;
}

static Kept *
find_kept (MzRecorder *recorder, guint key)
{
  Kept *kept = g_hash_table_lookup (recorder->kept, GUINT_TO_POINTER (key));

  if (kept != NULL)
    return kept;
  if (g_hash_table_size (recorder->kept) >= MAX_KEPT)
    forget_all (recorder);
  kept = g_new0 (Kept, 1);
  g_hash_table_insert (recorder->kept, GUINT_TO_POINTER (key), kept);
  return kept;
}

void
mz_exec_begin_evaluation (MzExec *exec, guint key)
{
  const MzBackend *backend = exec->device->backend;
  MzRecorder *r;

  if (backend->record_begin == NULL || exec->planning || exec->error != NULL || exec->trace != NULL)
    return;
  if (exec->recorder == NULL)
    exec->recorder = recorder_new (exec->device);
  r = exec->recorder;
  r->now = find_kept (r, key);
  r->hash = 14695981039346656037u;
  r->n_up = 0;
  r->is_refused = FALSE;
  g_array_set_size (r->downloads, 0);
  mz_recorder_note (r, (const gint64[]){ (gint64) exec->device->generation }, 1);
  if (r->now->recording != NULL)
    r->mode = REPLAYING;
  else if (!r->now->has_run || r->now->cannot)
    r->mode = PLAIN;
  else if (backend->record_begin (exec->device, NULL))
    r->mode = RECORDING;
  else
    {
      r->now->cannot = TRUE;
      r->mode = PLAIN;
    }
}

void
mz_recorder_note (MzRecorder *recorder, const gint64 *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      recorder->hash = (recorder->hash ^ (guint64) values[i]) * 1099511628211u;
      recorder->hash ^= recorder->hash >> 29;
    }
}

gboolean
mz_recorder_replays (const MzRecorder *recorder)
{
  return recorder->mode == REPLAYING;
}

void
mz_recorder_refuse (MzRecorder *recorder)
{
  recorder->is_refused = TRUE;
}

gboolean
mz_recorder_upload (MzExec *exec, const MzTensor *tensor, const float *nchw)
{
  MzRecorder *r = exec->recorder;

  if (r->mode != REPLAYING)
    return FALSE;
  if (!exec->device->backend->recording_give (exec->device, r->now->recording, r->n_up++, nchw,
                                              mz_tensor_elements (tensor)))
    r->is_refused = TRUE;
  return TRUE;
}

gboolean
mz_recorder_download (MzExec *exec, const MzTensor *tensor, float *nchw)
{
  MzRecorder *r = exec->recorder;
  Download download = { nchw, mz_tensor_elements (tensor) };

  if (r->mode != REPLAYING && r->mode != RECORDING)
    return FALSE;
  g_array_append_val (r->downloads, download);
  return r->mode == REPLAYING;
}

/* Runs what is recorded, and hands out its results. */
static void
replay (MzExec *exec)
{
  MzRecorder *r = exec->recorder;
  const MzBackend *backend = exec->device->backend;

  if (!backend->recording_run (exec->device, r->now->recording, exec->cancel, &exec->error))
    return;
  for (guint i = 0; i < r->downloads->len; i++)
    {
      Download *download = &g_array_index (r->downloads, Download, i);

      g_warn_if_fail (backend->recording_get (exec->device, r->now->recording, i, download->to, download->n));
    }
}

/* Returns whether the evaluation has to be run again. */
static gboolean
end_recording (MzExec *exec)
{
  MzRecorder *r = exec->recorder;
  g_autoptr (GError) reason = NULL;

  r->now->recording = exec->device->backend->record_end (exec->device, &reason);
  if (g_error_matches (exec->error, MZ_ERROR, MZ_ERROR_CANCELLED))
    {
      drop (r, r->now);
      return FALSE;
    }
  if (r->now->recording == NULL || exec->error != NULL || r->is_refused)
    {
      g_debug ("An evaluation cannot be recorded: %s", exec->error != NULL ? exec->error->message
                                                       : reason != NULL    ? reason->message
                                                                           : "an op refuses");
      drop (r, r->now);
      r->now->cannot = TRUE;
      g_clear_error (&exec->error);
      return TRUE;
    }
  r->now->hash = r->hash;
  r->now->n_down = r->downloads->len;
  replay (exec);
  return FALSE;
}

gboolean
mz_exec_end_evaluation (MzExec *exec)
{
  MzRecorder *r = exec->recorder;
  Mode mode = r != NULL ? r->mode : OFF;

  if (mode == OFF)
    return FALSE;
  r->mode = OFF;
  if (mode == RECORDING)
    return end_recording (exec);
  if (mode == PLAIN)
    {
      r->now->has_run = exec->error == NULL && !r->is_refused;
      return FALSE;
    }
  if (exec->error != NULL)
    return FALSE;
  if (r->is_refused || r->hash != r->now->hash || r->downloads->len != r->now->n_down)
    {
      drop (r, r->now);
      return TRUE;
    }
  replay (exec);
  return FALSE;
}
