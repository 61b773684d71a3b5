/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Hashing models in the background. */
#include "app/jobs/model-hash.h"

#include "app/files/hash-cache.h"

/* How often a wait looks whether it was cancelled. */
#define POLL_MS 20

struct _MezzotintModelHash
{
  MzModel *model;
  char *cache_folder; /* NULL: the user's own */
  char *sha256;       /* once known */
  MzCancel *stop;
  GThread *thread; /* NULL when there is nothing to wait for */
  GMutex mutex;
  GCond ended;
  gboolean has_ended; /* under the mutex, as is error */
  GError *error;
};

/* ---- Beside the work ---- */

static gpointer
hash_thread (gpointer data)
{
  MezzotintModelHash *hash = data;
  const char *path = mz_model_get_hashed_file (hash->model);
  g_autofree char *state = mezzotint_hash_cache_get_state (path);
  g_autoptr (GError) error = NULL;
  const char *sha256 = mz_model_get_hash (hash->model, hash->stop, &error);

  if (sha256 != NULL)
    mezzotint_hash_cache_add (hash->cache_folder, path, state, sha256);
  g_mutex_lock (&hash->mutex);
  hash->sha256 = g_strdup (sha256);
  hash->error = g_steal_pointer (&error);
  hash->has_ended = TRUE;
  g_cond_signal (&hash->ended);
  g_mutex_unlock (&hash->mutex);
  return NULL;
}

MezzotintModelHash *
mezzotint_model_hash_new (MzModel *model, const char *cache_folder)
{
  MezzotintModelHash *hash = g_new0 (MezzotintModelHash, 1);
  g_autoptr (MezzotintHashCache) cache = mezzotint_hash_cache_open (cache_folder);

  hash->model = mz_model_ref (model);
  hash->stop = mz_cancel_new ();
  g_mutex_init (&hash->mutex);
  g_cond_init (&hash->ended);
  hash->cache_folder = g_strdup (cache_folder);
  hash->sha256 = mezzotint_hash_cache_find (cache, mz_model_get_hashed_file (model));
  hash->has_ended = hash->sha256 != NULL;
  if (!hash->has_ended)
    hash->thread = g_thread_new ("model-hash", hash_thread, hash);
  return hash;
}

void
mezzotint_model_hash_free (MezzotintModelHash *hash)
{
  mz_cancel_trigger (hash->stop);
  if (hash->thread != NULL)
    g_thread_join (hash->thread);
  g_mutex_clear (&hash->mutex);
  g_cond_clear (&hash->ended);
  g_clear_error (&hash->error);
  mz_cancel_unref (hash->stop);
  mz_model_unref (hash->model);
  g_free (hash->sha256);
  g_free (hash->cache_folder);
  g_free (hash);
}

const char *
mezzotint_model_hash_wait (MezzotintModelHash *hash, MzCancel *cancel, GError **error)
{
  const char *sha256;

  g_mutex_lock (&hash->mutex);
  while (!hash->has_ended && !mz_cancel_is_triggered (cancel))
    g_cond_wait_until (&hash->ended, &hash->mutex, g_get_monotonic_time () + POLL_MS * 1000);
  sha256 = hash->sha256;
  if (hash->error != NULL)
    g_propagate_error (error, g_error_copy (hash->error));
  else if (sha256 == NULL)
    mz_cancel_set_error (cancel, error);
  g_mutex_unlock (&hash->mutex);
  return sha256;
}
