/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The names of the index's files: "gallery-HASH.sqlite", then "gallery-HASH-1.sqlite" and so on. */
#include <glib/gstdio.h>
#include <string.h>

#include "app/library/gallery-index.h"

#define SUFFIX ".sqlite"
#define HASH_DIGITS 16
/* Bytes of a name that all databases of the same folder of pictures share. */
#define N_STEM (sizeof "gallery-" - 1 + HASH_DIGITS)
/* Of a number: what has more is not ours. */
#define MAX_DIGITS 9

/* The number in a name that begins as `stem` does; -1: it is another file's. With `beside`, in names of what
 * stands beside a database, too. */
static gint64
parse_name (const char *name, const char *stem, gboolean beside)
{
  gint64 number = 0;
  gsize n_digits = 0;

  if (strncmp (name, stem, N_STEM) != 0)
    return -1;
  name += N_STEM;
  if (*name == '-')
    {
      name++;
      n_digits = strspn (name, "0123456789");
      if (n_digits == 0 || n_digits > MAX_DIGITS || *name == '0')
        return -1;
      number = g_ascii_strtoll (name, NULL, 10);
      name += n_digits;
    }
  if (!g_str_has_prefix (name, SUFFIX))
    return -1;
  name += strlen (SUFFIX);
  return *name == '\0' || (beside && *name == '-') ? number : -1;
}

char *
mezzotint_index_find_path (const char *folder, const char *index_folder)
{
  /* Each folder has a name of its own, so that all is known at once when it is chosen again. */
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, folder, -1);
  g_autofree char *stem = g_strdup_printf ("gallery-%.*s", HASH_DIGITS, hash);
  g_autofree char *dir_name = index_folder != NULL
                                  ? g_strdup (index_folder)
                                  : g_build_filename (g_get_user_cache_dir (), "mezzotint", NULL);
  g_autofree char *newest = g_strconcat (stem, SUFFIX, NULL);
  g_autoptr (GDir) dir = g_dir_open (dir_name, 0, NULL);
  gint64 number, max = 0;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if ((number = parse_name (name, stem, FALSE)) > max)
      {
        max = number;
        g_free (newest);
        newest = g_strdup (name);
      }
  return g_build_filename (dir_name, newest, NULL);
}

void
mezzotint_index_delete (const char *path)
{
  static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *name = g_strconcat (path, suffixes[i], NULL);

      g_unlink (name);
    }
}

void
mezzotint_index_give_up (char **path)
{
  g_autofree char *dir = g_path_get_dirname (*path), *name = g_path_get_basename (*path), *next = NULL;

  mezzotint_index_delete (*path);
  next = g_strdup_printf ("%.*s-%" G_GINT64_FORMAT SUFFIX, (int) N_STEM, name,
                          parse_name (name, name, FALSE) + 1);
  g_free (*path);
  *path = g_build_filename (dir, next, NULL);
}

void
mezzotint_index_delete_older (const char *path)
{
  g_autofree char *dir_name = g_path_get_dirname (path), *ours = g_path_get_basename (path);
  gint64 number = parse_name (ours, ours, FALSE), other;
  g_autoptr (GDir) dir = g_dir_open (dir_name, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if ((other = parse_name (name, ours, TRUE)) >= 0 && other < number)
      {
        g_autofree char *old = g_build_filename (dir_name, name, NULL);

        g_unlink (old);
      }
}
