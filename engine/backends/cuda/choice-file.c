/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading and adding lines: "m,c1,…:engine index" or "m,c1,…:own rows columns splits blocks", "own-half …",
 * "own-group …".
 */
#include "backends/cuda/choice-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Of the ways that there are: raised when there are new ones, so that old choices are not kept for ever. */
#define EDITION 3
/* A file with more was not written by us. */
#define MAX_FILE_BYTES ((gsize) 4 << 20)

static const char *const names[] = { [MZ_CUDA_OWN] = "own",
                                     [MZ_CUDA_CUBLASLT] = "cublaslt",
                                     [MZ_CUDA_CUDNN] = "cudnn",
                                     [MZ_CUDA_OWN_HALF] = "own-half",
                                     [MZ_CUDA_OWN_GROUP] = "own-group" };

/* Path -> MzCudaChoiceFile, for as long as the program runs. */
static GHashTable *open_files;
static GMutex lock; /* of the table and of every file's */

struct _MzCudaChoiceFile
{
  char *path;
  GHashTable *ways; /* the shape's text -> MzCudaWay */
};

gboolean
mz_cuda_engine_is_own (MzCudaEngine engine)
{
  return engine == MZ_CUDA_OWN || engine == MZ_CUDA_OWN_HALF || engine == MZ_CUDA_OWN_GROUP;
}

gboolean
mz_cuda_engine_from_name (const char *name, MzCudaEngine *engine)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i], name))
      {
        *engine = (MzCudaEngine) i;
        return TRUE;
      }
  return FALSE;
}

static char *
text_of_shape (const MzCudaShape *shape)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < MZ_CUDA_SHAPE_NUMBERS; i++)
    g_string_append_printf (text, i > 0 ? ",%d" : "%d", shape->numbers[i]);
  return g_string_free (text, FALSE);
}

static gboolean
parse_way (const char *text, MzCudaWay *way)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 6);
  guint64 numbers[4] = { 0 };
  guint n = g_strv_length (words), n_wanted;

  if (n == 0 || !mz_cuda_engine_from_name (words[0], &way->engine))
    return FALSE;
  n_wanted = mz_cuda_engine_is_own (way->engine) ? 4 : 1;
  if (n != n_wanted + 1)
    return FALSE;
  for (guint i = 0; i < n_wanted; i++)
    if (!g_ascii_string_to_unsigned (words[i + 1], 10, 0, G_MAXINT, &numbers[i], NULL))
      return FALSE;
  if (mz_cuda_engine_is_own (way->engine))
    way->tile = (MzCudaTile){ (int) numbers[0], (int) numbers[1], (int) numbers[2], (int) numbers[3] };
  else
    way->index = (guint) numbers[0];
  return TRUE;
}

static void
read_lines (MzCudaChoiceFile *file, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *colon = strchr (lines[i], ':');
      MzCudaWay way = { 0 };

      if (colon != NULL && parse_way (colon + 1, &way))
        g_hash_table_replace (file->ways, g_strndup (lines[i], (gsize) (colon - lines[i])),
                              g_memdup2 (&way, sizeof way));
    }
}

static MzCudaChoiceFile *
read_file (const char *path)
{
  MzCudaChoiceFile *file = g_new0 (MzCudaChoiceFile, 1);
  g_autoptr (GMappedFile) mapped = g_mapped_file_new (path, FALSE, NULL);

  file->ways = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  file->path = g_strdup (path);
  if (mapped != NULL && g_mapped_file_get_length (mapped) <= MAX_FILE_BYTES)
    {
      g_autofree char *text
          = g_strndup (g_mapped_file_get_contents (mapped), g_mapped_file_get_length (mapped));

      read_lines (file, text);
    }
  return file;
}

MzCudaChoiceFile *
mz_cuda_choice_file_open (const char *card, const char *versions)
{
  g_autofree char *what = g_strdup_printf ("%s|%s|%d", card, versions, EDITION);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, what, -1);
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "mezzotint", NULL);
  g_autofree char *name = g_strdup_printf ("cuda-products-%.16s", hash);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new (&lock);
  MzCudaChoiceFile *file;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    g_debug ("The folder %s cannot be made: %s", folder, g_strerror (errno));
  if (open_files == NULL)
    open_files = g_hash_table_new (g_str_hash, g_str_equal);
  file = g_hash_table_lookup (open_files, path);
  if (file == NULL)
    {
      file = read_file (path);
      g_hash_table_insert (open_files, file->path, file);
    }
  return file;
}

gboolean
mz_cuda_choice_file_find (MzCudaChoiceFile *file, const MzCudaShape *shape, MzCudaWay *way)
{
  g_autofree char *text = text_of_shape (shape);
  g_autoptr (GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new (&lock);
  const MzCudaWay *found = g_hash_table_lookup (file->ways, text);

  if (found != NULL)
    *way = *found;
  return found != NULL;
}

void
mz_cuda_choice_file_add (MzCudaChoiceFile *file, const MzCudaShape *shape, const MzCudaWay *way)
{
  g_autofree char *text = text_of_shape (shape), *line = NULL;
  g_autoptr (GMutexLocker) locker = NULL;
  int fd;

  if (file == NULL)
    return;
  locker = g_mutex_locker_new (&lock);
  if (mz_cuda_engine_is_own (way->engine))
    line = g_strdup_printf ("%s:%s %d %d %d %d\n", text, names[way->engine], way->tile.rows,
                            way->tile.columns, way->tile.splits, way->tile.blocks_per_split);
  else
    line = g_strdup_printf ("%s:%s %u\n", text, names[way->engine], way->index);
  g_hash_table_replace (file->ways, g_steal_pointer (&text), g_memdup2 (way, sizeof *way));
  /* one write for one line: two programs that measure at once do not mix them */
  fd = open (file->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || write (fd, line, strlen (line)) != (gssize) strlen (line))
    g_debug ("%s cannot be written: %s", file->path, g_strerror (errno));
  if (fd >= 0)
    close (fd);
}
