/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From a picture file to a row of the index. */
#include "app/library/gallery-read.h"

#include <string.h>
#include <sys/stat.h>

#include "app/files/import.h"
#include "app/files/png-file.h"

gboolean
mezzotint_gallery_read_stamp (const char *root, const char *path, gint64 *mtime_ns, gint64 *size)
{
  g_autofree char *full = g_build_filename (root, path, NULL);
  struct stat info;

  if (stat (full, &info) != 0 || !S_ISREG (info.st_mode))
    return FALSE;
  *mtime_ns = (gint64) info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
  *size = info.st_size;
  return TRUE;
}

/* Only what the picture says itself, under the name that is known here, so that filters find it whatever
 * program it comes from. */
static const char *
sampler_name (const MezzotintImport *import)
{
  if (!g_strv_contains ((const char *const *) import->recall.understood, "Sampler"))
    return NULL;
  return mz_find_sampler (import->request.sampler, NULL)->label;
}

static char *
seed_text (const MezzotintImport *import)
{
  if (!g_strv_contains ((const char *const *) import->recall.understood, "Seed"))
    return NULL;
  return g_strdup_printf ("%" G_GUINT64_FORMAT, import->request.seed);
}

static void
fill_settings (MezzotintIndexRow *row, const MezzotintMetadata *metadata)
{
  const MzRequest base = MZ_REQUEST_INIT;
  g_autoptr (MezzotintImport) import = mezzotint_import_new (metadata, &base, NULL);

  row->parameters = g_strdup (mezzotint_metadata_get (metadata, MEZZOTINT_PNG_PARAMETERS));
  if (import == NULL)
    return;
  row->prompt = g_strdup (import->request.prompt);
  row->negative = g_strdup (import->request.negative_prompt);
  row->model = g_strdup (import->recall.model);
  row->sampler = g_strdup (sampler_name (import));
  row->seed = seed_text (import);
  row->loras = import->loras[0] != NULL ? g_strjoinv ("\n", import->loras) : NULL;
}

gboolean
mezzotint_gallery_read_row (const char *root, const char *path, MezzotintIndexRow *row)
{
  g_autofree char *full = g_build_filename (root, path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintMetadata) metadata = NULL;

  memset (row, 0, sizeof *row);
  if (!mezzotint_gallery_read_stamp (root, path, &row->mtime_ns, &row->size))
    return FALSE;
  row->path = g_strdup (path);
  metadata = mezzotint_metadata_read (full, &error);
  if (metadata == NULL)
    {
      row->problem = g_strdup (error->message);
      return TRUE;
    }
  row->width = metadata->width;
  row->height = metadata->height;
  row->problem = g_strdup (metadata->problem);
  fill_settings (row, metadata);
  return TRUE;
}
