/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Remembered hashes: a key file with a group for each file, by its path's checksum. */
#include "app/files/hash-cache.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "app/files/atomic-file.h"

#define CACHE_FILE "model-hashes"

struct _MezzotintHashCache
{
  GKeyFile *file;
};

static char *
cache_path (const char *folder)
{
  if (folder != NULL)
    return g_build_filename (folder, CACHE_FILE, NULL);
  return g_build_filename (g_get_user_cache_dir (), "mezzotint", CACHE_FILE, NULL);
}

static char *
group_of (const char *path)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);
}

char *
mezzotint_hash_cache_get_state (const char *path)
{
  struct stat info;

  if (stat (path, &info) != 0)
    return NULL;
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld",
                          (guint64) info.st_ino, (guint64) info.st_size, (gint64) info.st_mtim.tv_sec,
                          (long) info.st_mtim.tv_nsec);
}

MezzotintHashCache *
mezzotint_hash_cache_open (const char *folder)
{
  MezzotintHashCache *cache = g_new0 (MezzotintHashCache, 1);
  g_autofree char *path = cache_path (folder);

  cache->file = g_key_file_new ();
  g_key_file_load_from_file (cache->file, path, G_KEY_FILE_NONE, NULL);
  return cache;
}

void
mezzotint_hash_cache_free (MezzotintHashCache *cache)
{
  g_key_file_unref (cache->file);
  g_free (cache);
}

char *
mezzotint_hash_cache_find (MezzotintHashCache *cache, const char *path)
{
  g_autofree char *group = group_of (path);
  g_autofree char *known = g_key_file_get_string (cache->file, group, "state", NULL);
  g_autofree char *state = known != NULL ? mezzotint_hash_cache_get_state (path) : NULL;

  if (state == NULL || !g_str_equal (known, state))
    return NULL;
  return g_key_file_get_string (cache->file, group, "sha256", NULL);
}

void
mezzotint_hash_cache_add (const char *folder, const char *path, const char *state_before, const char *sha256)
{
  g_autoptr (MezzotintHashCache) cache = mezzotint_hash_cache_open (folder);
  g_autoptr (MezzotintAtomicFile) file = NULL;
  g_autofree char *into = cache_path (folder);
  g_autofree char *into_folder = g_path_get_dirname (into);
  g_autofree char *group = group_of (path);
  g_autofree char *state = mezzotint_hash_cache_get_state (path);
  g_autofree char *text = NULL;
  gsize n;

  if (state == NULL || g_strcmp0 (state, state_before) != 0 || g_mkdir_with_parents (into_folder, 0700) != 0)
    return;
  g_key_file_set_string (cache->file, group, "state", state);
  g_key_file_set_string (cache->file, group, "sha256", sha256);
  text = g_key_file_to_data (cache->file, &n, NULL);
  file = mezzotint_atomic_file_new (into, NULL);
  if (file == NULL)
    return;
  fwrite (text, 1, n, mezzotint_atomic_file_get_stream (file));
  mezzotint_atomic_file_commit (file, TRUE, NULL);
}
