/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* *.safetensors.index.json: which of several files holds which tensor. */
#include <glib/gi18n-lib.h>

#include "io/shard-index.h"

#include <string.h>

#include "core/hash.h"
#include "core/json-scan.h"
#include "io/map-file.h"
#include "core/printable.h"

#define MAX_INDEX_BYTES (64u * 1024 * 1024)
#define MAX_SHARDS 1000

/* "“INDEX” BEFORE “WORD” AFTER." */
static gboolean
fail (const MzShardIndex *index, GError **error, const char *before, const char *word, const char *after)
{
  g_autofree char *shown = mz_printable (word);

  g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, "“%s” %s “%s”%s.", index->path, before, shown, after);
  return FALSE;
}

/* Is it a plain file name, that leads nowhere else and can be shown? */
static gboolean
is_shard_name (const char *name)
{
  return strpbrk (name, "/\\") == NULL && g_str_has_suffix (name, ".safetensors") && name[0] != '.'
         && mz_is_printable (name);
}

/* The index's own copy of a shard's name, added when it is new. `seen` holds those that were. */
static const char *
intern_shard (MzShardIndex *index, GHashTable *seen, const char *name)
{
  const char *shard = g_hash_table_lookup (seen, name);

  if (shard == NULL)
    {
      char *added = g_strdup (name);

      g_ptr_array_add (index->shards, added);
      g_hash_table_add (seen, added);
      shard = added;
    }
  return shard;
}

/* Problems of the JSON itself stay in `scan`, for the caller to report. */
static gboolean
read_weight_map (MzShardIndex *index, MzJsonScan *scan, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (mz_str_hash, g_str_equal);
  g_autoptr (GString) tensor = g_string_new (NULL), shard = g_string_new (NULL);

  mz_json_scan_begin (scan, '{');
  while (mz_json_scan_next (scan, '}'))
    {
      const char *name;

      if (!mz_json_scan_key (scan, tensor) || !mz_json_scan_string (scan, shard))
        break;
      if (!is_shard_name (shard->str))
        return fail (index, error, "names", shard->str,
                     ", which is not a .safetensors file in the same folder");
      name = intern_shard (index, seen, shard->str);
      if (index->shards->len > MAX_SHARDS)
        {
          g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED, _ ("“%s” names more than %d files."),
                       index->path, MAX_SHARDS);
          return FALSE;
        }
      if (!g_hash_table_insert (index->weight_map, g_strdup (tensor->str), (gpointer) name))
        return fail (index, error, "has the tensor", tensor->str, " twice");
    }
  return TRUE;
}

static gboolean
read_index (MzShardIndex *index, MzJsonScan *scan, GError **error)
{
  g_autoptr (GString) key = g_string_new (NULL);
  gboolean has_map = FALSE;

  mz_json_scan_begin (scan, '{');
  while (mz_json_scan_next (scan, '}'))
    {
      if (!mz_json_scan_key (scan, key))
        break;
      if (strcmp (key->str, "weight_map") != 0)
        mz_json_scan_skip (scan);
      else if (has_map)
        return fail (index, error, "has", key->str, " twice");
      else if (!read_weight_map (index, scan, error))
        return FALSE;
      else
        has_map = TRUE;
    }
  if (mz_json_scan_end (scan) && has_map)
    return TRUE;
  g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, "“%s” %s.", index->path,
               scan->problem != NULL ? scan->problem : _ ("has no “weight_map”"));
  return FALSE;
}

MzShardIndex *
mz_shard_index_open (const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = mz_map_file (path, MAX_INDEX_BYTES, error);
  g_autoptr (MzShardIndex) index = NULL;
  MzJsonScan scan;

  if (file == NULL)
    return NULL;
  index = g_new0 (MzShardIndex, 1);
  index->path = g_strdup (path);
  index->shards = g_ptr_array_new_with_free_func (g_free);
  index->weight_map = g_hash_table_new_full (mz_str_hash, g_str_equal, g_free, NULL);
  mz_json_scan_init (&scan, g_mapped_file_get_contents (file), g_mapped_file_get_length (file));
  return read_index (index, &scan, error) ? g_steal_pointer (&index) : NULL;
}

void
mz_shard_index_free (MzShardIndex *index)
{
  g_hash_table_unref (index->weight_map);
  g_ptr_array_unref (index->shards);
  g_free (index->path);
  g_free (index);
}
