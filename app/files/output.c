/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Names of pictures, and saving them. */
#include "app/files/output.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#include "app/files/png-file.h"

struct _MezzotintOutput
{
  char *folder; /* "." for the current one: left out of names */
  char *stem;   /* the chosen file name without its suffix; NULL: named after the seed */
  char *suffix; /* ".png", or as it was chosen */
  int count;
  char *pattern; /* NULL: "mezzotint-SEED" */
  MezzotintNameFacts facts;
  char *prompt, *model, *sampler; /* what the facts point to */
  GHashTable *promised;           /* index -> path that it was told to get */
};

/* Suffixes of pictures that are no PNG: writing one under such a name would lie. */
static const char *const other_suffixes[]
    = { ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".jxl", ".svg", NULL };

static gboolean
has_suffix (const char *name, const char *suffix)
{
  gsize n = strlen (name), n_suffix = strlen (suffix);

  return n > n_suffix && g_ascii_strcasecmp (name + n - n_suffix, suffix) == 0;
}

/* Splits a chosen file name. */
static gboolean
choose_name (MezzotintOutput *output, const char *where, GError **error)
{
  g_autofree char *name = g_path_get_basename (where);
  gsize n_stem = strlen (name);

  if (g_file_test (where, G_FILE_TEST_EXISTS) && !g_file_test (where, G_FILE_TEST_IS_REGULAR))
    { /* a device, say: no suffix makes it a picture */
      g_autoptr (MezzotintAtomicFile) refused = mezzotint_atomic_file_new (where, error);

      return refused != NULL;
    }
  output->folder = g_path_get_dirname (where);
  for (int i = 0; other_suffixes[i] != NULL; i++)
    if (has_suffix (name, other_suffixes[i]))
      {
        g_autofree char *shown = g_filename_display_name (name);

        g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                     _ ("Pictures are written as PNG only: give “%s” a name that ends in “.png”."), shown);
        return FALSE;
      }
  if (has_suffix (name, ".png"))
    n_stem -= strlen (".png");
  output->suffix = g_strdup (name[n_stem] != '\0' ? name + n_stem : ".png");
  output->stem = g_strndup (name, n_stem);
  return TRUE;
}

static gboolean
choose_folder (MezzotintOutput *output, const char *where, GError **error)
{
  output->folder = g_strdup (where);
  output->suffix = g_strdup (".png");
  if (g_file_test (where, G_FILE_TEST_IS_DIR) || g_mkdir (where, 0777) == 0)
    return TRUE;
  mezzotint_set_write_error (error, where, errno == EEXIST ? ENOTDIR : errno);
  return FALSE;
}

static char *
build_path (const MezzotintOutput *output, const char *name)
{
  return g_str_equal (output->folder, ".") ? g_strdup (name) : g_build_filename (output->folder, name, NULL);
}

static int
count_digits (int n)
{
  int digits = 1;

  for (; n >= 10; n /= 10)
    digits++;
  return digits;
}

/* "NAME.png" or "NAME-03.png". */
static char *
chosen_path (const MezzotintOutput *output, int index)
{
  g_autofree char *name = NULL;

  if (output->count == 1)
    name = g_strconcat (output->stem, output->suffix, NULL);
  else
    name = g_strdup_printf ("%s-%0*d%s", output->stem, count_digits (output->count), index + 1,
                            output->suffix);
  return build_path (output, name);
}

MezzotintOutput *
mezzotint_output_new (const char *where, int count, GError **error)
{
  g_autoptr (MezzotintOutput) output = g_new0 (MezzotintOutput, 1);
  g_autoptr (MezzotintAtomicFile) trial = NULL;
  g_autofree char *path = NULL;
  gboolean chosen;

  output->promised = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  output->count = count;
  if (where == NULL || *where == '\0')
    where = ".";
  if (g_str_has_suffix (where, G_DIR_SEPARATOR_S) || g_file_test (where, G_FILE_TEST_IS_DIR))
    chosen = choose_folder (output, where, error);
  else
    chosen = choose_name (output, where, error);
  if (!chosen)
    return NULL;
  path = output->stem != NULL ? chosen_path (output, 0) : build_path (output, "mezzotint-0.png");
  trial = mezzotint_atomic_file_new (path, error); /* gone again at the end of this function */
  return trial != NULL ? g_steal_pointer (&output) : NULL;
}

MezzotintOutput *
mezzotint_output_new_with_pattern (const char *folder,
                                   const char *pattern,
                                   const MezzotintNameFacts *facts,
                                   GError **error)
{
  g_autoptr (MezzotintOutput) output = NULL;

  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      mezzotint_set_write_error (error, folder, errno);
      return NULL;
    }
  output = mezzotint_output_new (folder, facts->count, error);
  if (output == NULL)
    return NULL;
  output->pattern = g_strdup (pattern);
  output->facts = *facts;
  output->facts.prompt = output->prompt = g_strdup (facts->prompt);
  output->facts.model = output->model = g_strdup (facts->model);
  output->facts.sampler = output->sampler = g_strdup (facts->sampler);
  return g_steal_pointer (&output);
}

void
mezzotint_output_free (MezzotintOutput *output)
{
  g_clear_pointer (&output->promised, g_hash_table_unref);
  g_free (output->pattern);
  g_free (output->prompt);
  g_free (output->model);
  g_free (output->sampler);
  g_free (output->folder);
  g_free (output->stem);
  g_free (output->suffix);
  g_free (output);
}

/* In a folder, before what makes it unique. */
static char *
free_stem (const MezzotintOutput *output, int index, guint64 seed, GDateTime *when)
{
  if (output->pattern == NULL)
    return g_strdup_printf ("mezzotint-%" G_GUINT64_FORMAT, seed);
  return mezzotint_name_pattern_expand (output->pattern, &output->facts, index, seed, when);
}

/* Pictures that are drawn together may have one seed, and are named before any of them is there. */
static gboolean
is_promised (const MezzotintOutput *output, const char *path, int to_others_than)
{
  GHashTableIter iter;
  gpointer index, promised;

  g_hash_table_iter_init (&iter, output->promised);
  while (g_hash_table_iter_next (&iter, &index, &promised))
    if (GPOINTER_TO_INT (index) != to_others_than && g_str_equal (promised, path))
      return TRUE;
  return FALSE;
}

/* In a folder the first free name from "STEM-NUMBER" on; *number becomes its. A link that leads nowhere takes
 * its name too. */
static char *
find_path (const MezzotintOutput *output, int index, guint64 seed, GDateTime *when, guint *number)
{
  g_autofree char *stem = NULL;
  GStatBuf info;
  char *path;

  if (output->stem != NULL)
    return chosen_path (output, index);
  stem = free_stem (output, index, seed, when);
  for (;; (*number)++)
    {
      g_autofree char *tail = *number > 1 ? g_strdup_printf ("-%u", *number) : g_strdup ("");
      g_autofree char *name = g_strconcat (stem, tail, output->suffix, NULL);

      path = build_path (output, name);
      if (g_lstat (path, &info) != 0 && !is_promised (output, path, index))
        return path;
      g_free (path);
    }
}

const char *
mezzotint_output_get_path (MezzotintOutput *output, int index, guint64 seed)
{
  char *path = g_hash_table_lookup (output->promised, GINT_TO_POINTER (index));

  if (path == NULL)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_local ();
      guint number = 1;

      path = find_path (output, index, seed, now, &number);
      g_hash_table_insert (output->promised, GINT_TO_POINTER (index), path);
    }
  return path;
}

char *
mezzotint_output_save (MezzotintOutput *output,
                       int index,
                       guint64 seed,
                       const MzPicture *picture,
                       const char *parameters,
                       GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  guint number = 1;
  g_autofree char *path = find_path (output, index, seed, now, &number);
  g_autofree char *folder = output->pattern != NULL ? g_path_get_dirname (path) : NULL;
  g_autoptr (MezzotintAtomicFile) file = NULL;

  if (folder != NULL)
    g_mkdir_with_parents (folder,
                          0777); /* a pattern may have sub-folders; what fails shows in the next line */
  file = mezzotint_atomic_file_new (path, error);
  if (file == NULL || !mezzotint_png_write (file, picture, MEZZOTINT_PNG_PARAMETERS, parameters, error))
    return NULL;
  for (;;)
    {
      g_autoptr (GError) local_error = NULL;

      if (mezzotint_atomic_file_commit (file, output->stem != NULL, &local_error))
        return g_steal_pointer (&path);
      if (!g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_EXIST))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
      /* Another program was faster with that name. */
      number++;
      g_free (path);
      path = find_path (output, index, seed, now, &number);
      mezzotint_atomic_file_rename (file, path);
    }
}

char *
mezzotint_output_save_preview (MezzotintOutput *output,
                               const char *picture_path,
                               int step,
                               int steps,
                               const MzPicture *preview,
                               GError **error)
{
  gsize n_stem = strlen (picture_path) - (has_suffix (picture_path, ".png") ? strlen (".png") : 0);
  g_autofree char *path = g_strdup_printf ("%.*s-step%0*d.png", (int) n_stem, picture_path,
                                           MAX (2, count_digits (steps)), step);
  g_autoptr (MezzotintAtomicFile) file = mezzotint_atomic_file_new (path, error);

  if (file == NULL || !mezzotint_png_write (file, preview, MEZZOTINT_PNG_PARAMETERS, NULL, error))
    return NULL;
  for (guint number = 2;; number++)
    {
      g_autoptr (GError) local_error = NULL;

      if (mezzotint_atomic_file_commit (file, output->stem != NULL, &local_error))
        return g_steal_pointer (&path);
      if (!g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_EXIST))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
      g_free (path);
      path = g_strdup_printf ("%.*s-step%0*d-%u.png", (int) n_stem, picture_path,
                              MAX (2, count_digits (steps)), step, number);
      mezzotint_atomic_file_rename (file, path);
    }
}
