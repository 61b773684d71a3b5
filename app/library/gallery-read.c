/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From a picture file to a row of the index. */
#include "app/library/gallery-read.h"

#include <string.h>
#include <sys/stat.h>

#include "app/files/metadata.h"
#include "app/files/parameters.h"
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

/* The names in <lora:NAME:WEIGHT>, a line each; NULL when there are none. */
static char *
find_loras (const char *prompt)
{
  static const char tag[] = "<lora:";
  GString *names = g_string_new (NULL);

  for (const char *p = prompt; (p = strstr (p, tag)) != NULL;)
    {
      gsize n;

      p += strlen (tag);
      n = strcspn (p, ":>\n");
      if (n > 0 && p[n] != '\n')
        g_string_append_printf (names, "%s%.*s", names->len > 0 ? "\n" : "", (int) n, p);
    }
  return names->len > 0 ? g_string_free (names, FALSE) : (g_string_free (names, TRUE), NULL);
}

static void
fill_settings (MezzotintIndexRow *row, const char *text)
{
  g_autoptr (MezzotintParameters) parameters = mezzotint_parameters_parse (text, NULL);

  row->parameters = g_strdup (text);
  if (parameters == NULL)
    return;
  row->prompt = g_strdup (parameters->prompt);
  row->negative = g_strdup (parameters->negative_prompt);
  row->model = g_strdup (mezzotint_parameters_get (parameters, "Model"));
  row->sampler = g_strdup (mezzotint_parameters_get (parameters, "Sampler"));
  row->seed = g_strdup (mezzotint_parameters_get (parameters, "Seed"));
  row->loras = find_loras (parameters->prompt);
}

gboolean
mezzotint_gallery_read_row (const char *root, const char *path, MezzotintIndexRow *row)
{
  g_autofree char *full = g_build_filename (root, path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintMetadata) metadata = NULL;
  const char *text;

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
  if ((text = mezzotint_metadata_get (metadata, MEZZOTINT_PNG_PARAMETERS)) != NULL)
    fill_settings (row, text);
  return TRUE;
}
