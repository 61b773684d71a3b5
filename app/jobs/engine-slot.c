/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Opens devices and loads models, one at a time. */
#include "app/jobs/engine-slot.h"

#include "app/files/hash-cache.h"

/* From so many processors on, one is left to the desktop. */
#define MANY_PROCESSORS 3

struct _MezzotintEngineSlot
{
  void (*changed) (gpointer user);
  gpointer user;

  MzEngine *engine;
  char *device;  /* as wished for */
  int n_threads; /* likewise */
  MezzotintEngineLimits limits;
  char *problem;

  GMutex mutex;   /* of `model`, for who counts tokens */
  MzModel *model; /* NULL: none */
  char *path, *state;
  MezzotintModelHash *hash;
};

MezzotintEngineSlot *
mezzotint_engine_slot_new (void (*changed) (gpointer user), gpointer user)
{
  MezzotintEngineSlot *slot = g_new0 (MezzotintEngineSlot, 1);

  slot->changed = changed;
  slot->user = user;
  g_mutex_init (&slot->mutex);
  return slot;
}

/* Freeing a model takes its time, and who counts tokens is the main thread: it is done outside the lock. */
static void
set_model (MezzotintEngineSlot *slot, MzModel *model)
{
  MzModel *old;

  g_mutex_lock (&slot->mutex);
  old = slot->model;
  slot->model = model;
  g_mutex_unlock (&slot->mutex);
  g_clear_pointer (&old, mz_model_unref);
}

static void
drop_model (MezzotintEngineSlot *slot)
{
  g_clear_pointer (&slot->hash, mezzotint_model_hash_free);
  set_model (slot, NULL);
  g_clear_pointer (&slot->path, g_free);
  g_clear_pointer (&slot->state, g_free);
}

static void
drop_engine (MezzotintEngineSlot *slot)
{
  drop_model (slot);
  g_clear_pointer (&slot->engine, mz_engine_unref);
  g_clear_pointer (&slot->device, g_free);
  g_clear_pointer (&slot->problem, g_free);
}

void
mezzotint_engine_slot_free (MezzotintEngineSlot *slot)
{
  drop_engine (slot);
  g_mutex_clear (&slot->mutex);
  g_free (slot);
}

static int
choose_threads (int wished)
{
  int n = (int) g_get_num_processors ();

  if (wished > 0)
    return wished;
  return n >= MANY_PROCESSORS ? n - 1 : 0;
}

static void
apply_limits (MezzotintEngineSlot *slot)
{
  if (slot->engine == NULL)
    return;
  mz_engine_set_memory_limit (slot->engine, slot->limits.memory);
  mz_engine_set_card_limit (slot->engine, slot->limits.card);
  mz_engine_set_half_sums (slot->engine, slot->limits.half_sums);
}

void
mezzotint_engine_slot_set_limits (MezzotintEngineSlot *slot, const MezzotintEngineLimits *limits)
{
  slot->limits = *limits;
  apply_limits (slot);
}

static gboolean
is_open (MezzotintEngineSlot *slot, const char *device, int n_threads)
{
  return slot->engine != NULL && g_str_equal (slot->device, device) && slot->n_threads == n_threads;
}

gboolean
mezzotint_engine_slot_open (MezzotintEngineSlot *slot, const char *device, int n_threads, GError **error)
{
  g_autoptr (GError) problem = NULL;
  gboolean is_auto = g_str_equal (device, "auto");
  int n = choose_threads (n_threads);

  if (is_open (slot, device, n_threads))
    return TRUE;
  drop_engine (slot);
  slot->engine = mz_engine_new (is_auto ? NULL : device, n, &problem);
  if (slot->engine == NULL && !is_auto)
    {
      slot->problem = g_strdup (problem->message);
      g_clear_error (&problem);
      slot->engine = mz_engine_new (NULL, n, &problem);
    }
  slot->device = g_strdup (device);
  slot->n_threads = n_threads;
  apply_limits (slot);
  slot->changed (slot->user);
  if (slot->engine != NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

/* A model whose file is gone is still as good as it was when it was loaded. */
static gboolean
is_loaded (MezzotintEngineSlot *slot, const char *path)
{
  g_autofree char *state = NULL;

  if (slot->model == NULL || g_strcmp0 (slot->path, path) != 0)
    return FALSE;
  state = mezzotint_hash_cache_get_state (mz_model_get_hashed_file (slot->model));
  return state == NULL || g_strcmp0 (state, slot->state) == 0;
}

/* A model that no card of this machine has room for is computed on the processor, when nobody asked for the
 * card. */
static gboolean
can_leave_card (MezzotintEngineSlot *slot, const GError *error)
{
  return g_error_matches (error, MZ_ERROR, MZ_ERROR_MEMORY) && g_str_equal (slot->device, "auto")
         && mz_engine_computes_on_card (slot->engine);
}

static gboolean
leave_card (MezzotintEngineSlot *slot, GError **error)
{
  MzEngine *engine = mz_engine_new ("cpu", choose_threads (slot->n_threads), error);

  if (engine == NULL)
    return FALSE;
  mz_engine_unref (slot->engine);
  slot->engine = engine;
  apply_limits (slot);
  return TRUE;
}

static MzModel *
load (MezzotintEngineSlot *slot,
      const char *path,
      MzCancel *cancel,
      MzLoadFunc progress,
      gpointer user,
      GError **error)
{
  g_autoptr (GError) problem = NULL;
  MzModel *model = mz_model_load (slot->engine, path, cancel, progress, user, &problem);

  if (model != NULL)
    return model;
  if (can_leave_card (slot, problem) && leave_card (slot, NULL))
    {
      g_free (slot->problem);
      slot->problem = g_strdup (problem->message);
      return mz_model_load (slot->engine, path, cancel, progress, user, error);
    }
  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}

MzModel *
mezzotint_engine_slot_load (MezzotintEngineSlot *slot,
                            const char *path,
                            MzCancel *cancel,
                            MzLoadFunc progress,
                            gpointer user,
                            GError **error)
{
  MzModel *model;

  if (is_loaded (slot, path))
    return slot->model;
  if (slot->model != NULL)
    {
      drop_model (slot);
      slot->changed (slot->user);
    }
  slot->hash = mezzotint_model_hash_new (path, NULL);
  model = load (slot, path, cancel, progress, user, error);
  if (model == NULL)
    {
      g_clear_pointer (&slot->hash, mezzotint_model_hash_free);
      return NULL;
    }
  slot->path = g_strdup (path);
  slot->state = mezzotint_hash_cache_get_state (mz_model_get_hashed_file (model));
  set_model (slot, model);
  slot->changed (slot->user);
  return model;
}

MzModel *
mezzotint_engine_slot_peek (MezzotintEngineSlot *slot,
                            const char *device,
                            int n_threads,
                            const char *path,
                            MzEngine **engine)
{
  if (!is_open (slot, device, n_threads) || !is_loaded (slot, path))
    return NULL;
  *engine = slot->engine;
  return slot->model;
}

MzModel *
mezzotint_engine_slot_get_model (MezzotintEngineSlot *slot)
{
  return slot->model;
}

const char *
mezzotint_engine_slot_get_path (MezzotintEngineSlot *slot)
{
  return slot->path;
}

const char *
mezzotint_engine_slot_get_state (MezzotintEngineSlot *slot)
{
  return slot->state;
}

MezzotintModelHash *
mezzotint_engine_slot_get_hash (MezzotintEngineSlot *slot)
{
  return slot->hash;
}

const char *
mezzotint_engine_slot_get_description (MezzotintEngineSlot *slot)
{
  return slot->engine != NULL ? mz_engine_get_description (slot->engine) : NULL;
}

const char *
mezzotint_engine_slot_get_problem (MezzotintEngineSlot *slot)
{
  return slot->problem;
}

int
mezzotint_engine_slot_count_tokens (MezzotintEngineSlot *slot, const char *text, GArray **part_ends)
{
  int n = -1;

  g_mutex_lock (&slot->mutex);
  if (slot->model != NULL)
    n = mz_model_count_tokens (slot->model, text, NULL, part_ends, NULL);
  g_mutex_unlock (&slot->mutex);
  return n;
}
