/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Examples out of the files beside a model. */
#include "app/library/examples.h"

#include "app/files/import.h"
#include "app/files/picture-read.h"

static void
free_example (gpointer data)
{
  MezzotintExample *example = data;

  g_clear_pointer (&example->pixels, mezzotint_pixels_unref);
  mz_request_free (example->request);
  g_free (example);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

/* Names of the PNG files of a folder, in order. */
static GPtrArray *
list_pictures (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && names->len < MEZZOTINT_MAX_EXAMPLES && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".png"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* NULL: it cannot be shown, or not be made again. */
static MezzotintExample *
read_example (const char *path, GError **error)
{
  const MzRequest base = MZ_REQUEST_INIT;
  g_autoptr (MezzotintImport) import = mezzotint_import_read (path, &base, error);
  MzPicture *picture = import != NULL ? mezzotint_picture_read (path, NULL, error) : NULL;
  MezzotintExample *example;

  if (picture == NULL)
    return NULL;
  example = g_new0 (MezzotintExample, 1);
  example->pixels = mezzotint_pixels_new (picture);
  example->request = mz_request_copy (&import->request);
  example->request->count = 1;
  return example;
}

GPtrArray *
mezzotint_examples_read (const char *folder)
{
  GPtrArray *examples = g_ptr_array_new_with_free_func (free_example);
  g_autofree char *inside = g_build_filename (folder, "examples", NULL);
  g_autoptr (GPtrArray) names = list_pictures (inside);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (inside, g_ptr_array_index (names, i), NULL);
      g_autoptr (GError) error = NULL;
      MezzotintExample *example = read_example (path, &error);

      if (example != NULL)
        g_ptr_array_add (examples, example);
      else
        g_debug ("%s is left out: %s", path, error->message);
    }
  return examples;
}
