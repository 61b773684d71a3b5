/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Hashing models in the background. */
#include "app/jobs/model-hash.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "app/files/atomic-file.h"

/* How often a wait looks whether it was cancelled. */
#define POLL_MS 20

#define CACHE_FILE "model-hashes"

struct _MezzotintModelHash
{
  MzModel *model;
  char *cache_path;
  char *sha256; /* once known */
  MzCancel *stop;
  GThread *thread; /* NULL when there is nothing to wait for */
  GMutex mutex;
  GCond ended;
  gboolean has_ended; /* under the mutex, as is error */
  GError *error;
};

/* ---- On disk: a group for each file, by its path's checksum ---- */

static char *
group_of (const char *path)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);
}

/* What changes when the file does. */
static char *
state_of (const char *path)
{
  struct stat info;

  if (stat (path, &info) != 0)
    return NULL;
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld",
                          (guint64) info.st_ino, (guint64) info.st_size, (gint64) info.st_mtim.tv_sec,
                          (long) info.st_mtim.tv_nsec);
}

static char *
recall (MezzotintModelHash *hash)
{
  const char *path = mz_model_get_hashed_file (hash->model);
  g_autoptr (GKeyFile) cache = g_key_file_new ();
  g_autofree char *group = group_of (path);
  g_autofree char *state = state_of (path);
  g_autofree char *known = NULL;

  if (state == NULL || !g_key_file_load_from_file (cache, hash->cache_path, G_KEY_FILE_NONE, NULL))
    return NULL;
  known = g_key_file_get_string (cache, group, "state", NULL);
  if (g_strcmp0 (known, state) != 0)
    return NULL;
  return g_key_file_get_string (cache, group, "sha256", NULL);
}

/* Failure costs nothing but the time to hash once more. */
static void
remember (MezzotintModelHash *hash, const char *state_before, const char *sha256)
{
  const char *path = mz_model_get_hashed_file (hash->model);
  g_autoptr (GKeyFile) cache = g_key_file_new ();
  g_autoptr (MezzotintAtomicFile) file = NULL;
  g_autofree char *group = group_of (path);
  g_autofree char *state = state_of (path);
  g_autofree char *folder = g_path_get_dirname (hash->cache_path);
  g_autofree char *text = NULL;
  gsize n;

  if (state == NULL || g_strcmp0 (state, state_before) != 0 || g_mkdir_with_parents (folder, 0700) != 0)
    return;
  g_key_file_load_from_file (cache, hash->cache_path, G_KEY_FILE_NONE, NULL);
  g_key_file_set_string (cache, group, "state", state);
  g_key_file_set_string (cache, group, "sha256", sha256);
  text = g_key_file_to_data (cache, &n, NULL);
  file = mezzotint_atomic_file_new (hash->cache_path, NULL);
  if (file == NULL)
    return;
  fwrite (text, 1, n, mezzotint_atomic_file_get_stream (file));
  mezzotint_atomic_file_commit (file, TRUE, NULL);
}

/* ---- Beside the work ---- */

static gpointer
hash_thread (gpointer data)
{
  MezzotintModelHash *hash = data;
  g_autofree char *state = state_of (mz_model_get_hashed_file (hash->model));
  g_autoptr (GError) error = NULL;
  const char *sha256 = mz_model_get_hash (hash->model, hash->stop, &error);

  if (sha256 != NULL)
    remember (hash, state, sha256);
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

  hash->model = mz_model_ref (model);
  hash->stop = mz_cancel_new ();
  g_mutex_init (&hash->mutex);
  g_cond_init (&hash->ended);
  if (cache_folder != NULL)
    hash->cache_path = g_build_filename (cache_folder, CACHE_FILE, NULL);
  else
    hash->cache_path = g_build_filename (g_get_user_cache_dir (), "mezzotint", CACHE_FILE, NULL);
  hash->sha256 = recall (hash);
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
  g_free (hash->cache_path);
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
