/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One question to the engine's thread: what memory would a request take? */
#include "app/jobs/estimate.h"

#include "app/files/main-thread.h"
#include "app/jobs/memory-need.h"

struct _MezzotintEstimate
{
  MzRequest *request;
  char *model;
  GTask *task;
};

MezzotintEstimate *
mezzotint_estimate_new (MzRequest *request, const char *model, GTask *task)
{
  MezzotintEstimate *estimate = g_new0 (MezzotintEstimate, 1);

  estimate->request = request;
  estimate->model = g_strdup (model);
  estimate->task = g_object_ref (task);
  return estimate;
}

static void
nothing_cb (gpointer data)
{
}

/* The task holds the service: its last reference must not go on the thread that the service joins. */
static void
free_estimate (MezzotintEstimate *estimate)
{
  mezzotint_call_on_main (nothing_cb, estimate->task, g_object_unref);
  mz_request_free (estimate->request);
  g_free (estimate->model);
  g_free (estimate);
}

static void
free_need_cb (gpointer need)
{
  mezzotint_memory_need_free (need);
}

static MezzotintMemoryNeed *
find_need (const MezzotintEstimate *estimate,
           MezzotintEngineSlot *slot,
           const char *device,
           int n_threads,
           GError **error)
{
  MzEngine *engine;
  MzModel *model = mezzotint_engine_slot_peek (slot, device, n_threads, estimate->model, &engine);

  if (model != NULL)
    return mezzotint_memory_need_new (model, engine, estimate->request, error);
  g_set_error (error, MZ_ERROR, MZ_ERROR_MISSING, "The model is not loaded.");
  return NULL;
}

void
mezzotint_estimate_answer (MezzotintEstimate *estimate,
                           MezzotintEngineSlot *slot,
                           const char *device,
                           int n_threads)
{
  g_autoptr (GError) error = NULL;
  MezzotintMemoryNeed *need;

  if (!g_task_return_error_if_cancelled (estimate->task))
    {
      need = find_need (estimate, slot, device, n_threads, &error);
      if (need != NULL)
        g_task_return_pointer (estimate->task, need, free_need_cb);
      else
        g_task_return_error (estimate->task, g_steal_pointer (&error));
    }
  free_estimate (estimate);
}

void
mezzotint_estimate_drop (MezzotintEstimate *estimate)
{
  g_task_return_new_error (estimate->task, MZ_ERROR, MZ_ERROR_CANCELLED, "It was asked anew.");
  free_estimate (estimate);
}
