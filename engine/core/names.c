/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Looking a name up in a list of known ones, and offering the nearest. */
#include <glib/gi18n-lib.h>

#include "core/names.h"

#include <string.h>

#define MAX_FOLDED 64
#define MAX_SHOWN 80

/* Writes the part of `name` that counts into folded; returns its length, at most MAX_FOLDED. */
static int
fold (const char *name, char folded[MAX_FOLDED])
{
  int n = 0;

  for (const char *c = name; *c != '\0' && n < MAX_FOLDED; c++)
    {
      if (strchr (" -_.", *c) == NULL)
        folded[n++] = *c == '+' ? 'p' : g_ascii_tolower (*c);
    }
  return n;
}

/* Optimal string alignment: insertions, deletions, replacements, and swaps of neighbours, each one edit. */
static int
edit_distance (const char *a, int n_a, const char *b, int n_b)
{
  int rows[3][MAX_FOLDED + 1];
  int *before = rows[0], *above = rows[1], *row = rows[2];

  for (int j = 0; j <= n_b; j++)
    row[j] = j;
  for (int i = 1; i <= n_a; i++)
    {
      int *oldest = before;

      before = above;
      above = row;
      row = oldest;
      row[0] = i;
      for (int j = 1; j <= n_b; j++)
        {
          int replace = above[j - 1] + (a[i - 1] != b[j - 1]);

          row[j] = MIN (replace, MIN (above[j], row[j - 1]) + 1);
          if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            row[j] = MIN (row[j], before[j - 2] + 1);
        }
    }
  return row[n_b];
}

gboolean
mz_names_match (const char *a, const char *b)
{
  char folded_a[MAX_FOLDED], folded_b[MAX_FOLDED];
  int n_a = fold (a, folded_a);
  int n_b = fold (b, folded_b);

  return n_a == n_b && memcmp (folded_a, folded_b, (gsize) n_a) == 0;
}

gboolean
mz_names_contain (const char *const *names, gsize n_names, const char *name)
{
  for (gsize k = 0; k < n_names; k++)
    {
      if (names[k] != NULL && mz_names_match (names[k], name))
        return TRUE;
    }
  return FALSE;
}

const char *
mz_nearest_name (const char *name, const char *const *names, gsize n_names)
{
  char folded[MAX_FOLDED], candidate[MAX_FOLDED];
  const char *nearest = NULL;
  int best = G_MAXINT;
  int n = fold (name, folded);

  if (n == 0)
    return NULL;
  for (gsize k = 0; k < n_names; k++)
    {
      int n_candidate, distance, farthest;

      if (names[k] == NULL)
        continue;
      n_candidate = fold (names[k], candidate);
      farthest = MAX (n, n_candidate) / 2;
      distance = edit_distance (folded, n, candidate, n_candidate);
      if (memcmp (folded, candidate, (gsize) MIN (n, n_candidate)) == 0)
        distance = MIN (distance, farthest);
      if (n_candidate > 0 && distance <= farthest && distance < best)
        {
          best = distance;
          nearest = names[k];
        }
    }
  return nearest;
}

void
mz_set_unknown_name_error (GError **error,
                           const char *what,
                           const char *name,
                           const char *const *names,
                           gsize n_names)
{
  const char *nearest = mz_nearest_name (name, names, n_names);
  g_autofree char *valid = g_utf8_make_valid (name, (gssize) strnlen (name, 4 * MAX_SHOWN));
  g_autofree char *shown
      = g_utf8_strlen (valid, -1) > MAX_SHOWN ? g_utf8_substring (valid, 0, MAX_SHOWN) : NULL;
  const char *quoted = shown != NULL ? shown : valid;
  const char *cut = shown != NULL ? "…" : "";

  if (nearest != NULL)
    /* Translators: what it is (“sampler”, “schedule”), its name, an ellipsis or nothing, the nearest name. */
    g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT, _ ("There is no %s named “%s%s”; did you mean “%s”?"),
                 what, quoted, cut, nearest);
  else
    /* Translators: what it is (“sampler”, “schedule”), its name, an ellipsis or nothing. */
    g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT, _ ("There is no %s named “%s%s”."), what, quoted, cut);
}
