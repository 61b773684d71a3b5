/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Differences of lists that are mostly the same. */
#include "app/library/gallery-splices.h"

/* A part of a list of ids. */
typedef struct
{
  const gint64 *ids; /* [n] */
  guint n;
} Part;

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  gint64 first = *(const gint64 *) a, second = *(const gint64 *) b;

  return (first > second) - (first < second);
}

static gboolean
is_changed (const GArray *changed, gint64 id)
{
  return changed->len > 0 && g_array_binary_search ((GArray *) changed, &id, compare_ids, NULL);
}

/* Takes off both what they have in common at their beginning; returns how many. */
static guint
trim_start (Part *before, Part *after, const GArray *changed)
{
  guint n = 0;

  while (n < before->n && n < after->n && before->ids[n] == after->ids[n]
         && !is_changed (changed, after->ids[n]))
    n++;
  *before = (Part){ before->ids + n, before->n - n };
  *after = (Part){ after->ids + n, after->n - n };
  return n;
}

static void
trim_end (Part *before, Part *after, const GArray *changed)
{
  while (before->n > 0 && after->n > 0 && before->ids[before->n - 1] == after->ids[after->n - 1]
         && !is_changed (changed, after->ids[after->n - 1]))
    {
      before->n--;
      after->n--;
    }
}

/* The ids that may stay where they are. */
static GHashTable *
set_of (Part part, const GArray *changed)
{
  GHashTable *set = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (guint i = 0; i < part.n; i++)
    if (!is_changed (changed, part.ids[i]))
      g_hash_table_add (set, (gpointer) &part.ids[i]);
  return set;
}

/* Walks through both at once. FALSE when something moved, or when it takes too many splices. */
static gboolean
add_splices (GArray *splices, Part before, Part after, guint position, const GArray *changed)
{
  g_autoptr (GHashTable) old = set_of (before, changed), new = set_of (after, changed);
  guint i = 0, j = 0;

  while (i < before.n || j < after.n)
    {
      MezzotintSplice splice = { position + j, 0, 0 };

      for (; i < before.n && !g_hash_table_contains (new, &before.ids[i]); i++)
        splice.n_removed++;
      for (; j < after.n && !g_hash_table_contains (old, &after.ids[j]); j++)
        splice.n_added++;
      if (splice.n_removed + splice.n_added > 0)
        {
          if (splices->len == MEZZOTINT_MAX_SPLICES)
            return FALSE;
          g_array_append_val (splices, splice);
        }
      if (i == before.n || j == after.n)
        {
          if (i < before.n || j < after.n)
            return FALSE;
          break;
        }
      if (before.ids[i] != after.ids[j])
        return FALSE;
      i++;
      j++;
    }
  return TRUE;
}

GArray *
mezzotint_splices_new (const GArray *before, const GArray *after, const GArray *changed)
{
  GArray *splices = g_array_new (FALSE, FALSE, sizeof (MezzotintSplice));
  Part old = { (const gint64 *) (gpointer) before->data, before->len };
  Part new = { (const gint64 *) (gpointer) after->data, after->len };
  guint start = trim_start (&old, &new, changed);

  trim_end (&old, &new, changed);
  if (old.n == 0 && new.n == 0)
    return splices;
  if (!add_splices (splices, old, new, start, changed))
    {
      MezzotintSplice all = { start, old.n, new.n };

      g_array_set_size (splices, 0);
      g_array_append_val (splices, all);
    }
  return splices;
}
