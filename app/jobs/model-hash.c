/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Hashing models in the background. */
#include "app/jobs/model-hash.h"

#include "app/files/hash-cache.h"

/* How often a wait looks whether it was cancelled. */
#define POLL_MS 20

struct _MezzotintModelHash
{
  char *path;         /* NULL: the built-in model */
  char *cache_folder; /* NULL: the user's own */
  MzCancel *stop;
  GThread *thread;
  GMutex mutex;
  GCond ended;
  gboolean has_ended; /* under the mutex, as what follows */
  char *sha256;       /* once known */
  GError *error;
};

/* ---- Beside the work ---- */

/* The hash that is remembered, or is remembered from now on. */
static char *
find_hash (MezzotintModelHash *hash, GError **error)
{
  MzModelInfo *info = mz_model_inspect (hash->path, error); /* which of a folder's files it is */
  g_autofree char *file = info != NULL ? g_strdup (info->hashed_file) : NULL, *state = NULL;
  g_autoptr (MezzotintHashCache) cache = NULL;
  char *sha256;

  g_clear_pointer (&info, mz_model_info_free);
  if (file == NULL)
    return NULL;
  cache = mezzotint_hash_cache_open (hash->cache_folder);
  sha256 = mezzotint_hash_cache_find (cache, file);
  if (sha256 != NULL)
    return sha256;
  state = mezzotint_hash_cache_get_state (file);
  sha256 = mz_hash_file (file, hash->stop, error);
  if (sha256 != NULL)
    mezzotint_hash_cache_add (hash->cache_folder, file, state, sha256);
  return sha256;
}

static gpointer
hash_thread (gpointer data)
{
  MezzotintModelHash *hash = data;
  g_autoptr (GError) error = NULL;
  char *sha256 = find_hash (hash, &error);

  g_mutex_lock (&hash->mutex);
  hash->sha256 = sha256;
  hash->error = g_steal_pointer (&error);
  hash->has_ended = TRUE;
  g_cond_signal (&hash->ended);
  g_mutex_unlock (&hash->mutex);
  return NULL;
}

MezzotintModelHash *
mezzotint_model_hash_new (const char *path, const char *cache_folder)
{
  MezzotintModelHash *hash = g_new0 (MezzotintModelHash, 1);

  hash->path = g_strdup (path);
  hash->stop = mz_cancel_new ();
  g_mutex_init (&hash->mutex);
  g_cond_init (&hash->ended);
  hash->cache_folder = g_strdup (cache_folder);
  hash->thread = g_thread_new ("model-hash", hash_thread, hash);
  return hash;
}

void
mezzotint_model_hash_free (MezzotintModelHash *hash)
{
  mz_cancel_trigger (hash->stop);
  g_thread_join (hash->thread);
  g_mutex_clear (&hash->mutex);
  g_cond_clear (&hash->ended);
  g_clear_error (&hash->error);
  mz_cancel_unref (hash->stop);
  g_free (hash->path);
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

gboolean
mezzotint_model_hash_has_ended (MezzotintModelHash *hash)
{
  gboolean has_ended;

  g_mutex_lock (&hash->mutex);
  has_ended = hash->has_ended;
  g_mutex_unlock (&hash->mutex);
  return has_ended;
}
