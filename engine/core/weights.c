/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of a model's tensors, and the list of what did not fit. */
#include <glib/gi18n-lib.h>

#include "core/weights.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/hash.h"

/* So many problems are spelled out in one error; the rest is counted. */
#define PROBLEMS_SHOWN 4

typedef struct
{
  MzView view;
  gboolean used;
} Entry;

typedef struct
{
  gpointer data;
  GDestroyNotify destroy;
} Owner;

struct _MzWeights
{
  gatomicrefcount ref_count;
  char *origin;
  GHashTable *entries; /* name -> Entry */
  GArray *owners;      /* Owner */
  GPtrArray *problems; /* char * */
  gboolean any_missing;
  gboolean is_mapped;
};

MzWeights *
mz_weights_new (const char *origin)
{
  MzWeights *weights = g_new0 (MzWeights, 1);

  g_atomic_ref_count_init (&weights->ref_count);
  weights->origin = g_strdup (origin);
  weights->entries = g_hash_table_new_full (mz_str_hash, g_str_equal, g_free, g_free);
  weights->owners = g_array_new (FALSE, FALSE, sizeof (Owner));
  weights->problems = g_ptr_array_new_with_free_func (g_free);
  return weights;
}

MzWeights *
mz_weights_ref (MzWeights *weights)
{
  g_atomic_ref_count_inc (&weights->ref_count);
  return weights;
}

void
mz_weights_unref (MzWeights *weights)
{
  if (!g_atomic_ref_count_dec (&weights->ref_count))
    return;
  g_hash_table_unref (weights->entries);
  for (guint i = 0; i < weights->owners->len; i++)
    {
      Owner *owner = &g_array_index (weights->owners, Owner, i);
      owner->destroy (owner->data);
    }
  g_array_unref (weights->owners);
  g_ptr_array_unref (weights->problems);
  g_free (weights->origin);
  g_free (weights);
}

void
mz_weights_add_owner (MzWeights *weights, gpointer owner, GDestroyNotify destroy)
{
  Owner entry = { owner, destroy };

  g_array_append_val (weights->owners, entry);
}

gboolean
mz_weights_add (MzWeights *weights, const char *name, const MzView *view)
{
  Entry *entry;

  if (g_hash_table_contains (weights->entries, name))
    return FALSE;
  entry = g_new0 (Entry, 1);
  entry->view = *view;
  g_hash_table_insert (weights->entries, g_strdup (name), entry);
  return TRUE;
}

const MzView *
mz_weights_lookup (MzWeights *weights, const char *name)
{
  Entry *entry = g_hash_table_lookup (weights->entries, name);

  return entry != NULL ? &entry->view : NULL;
}

gboolean
mz_weights_has_prefix (MzWeights *weights, const char *prefix)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, weights->entries);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (g_str_has_prefix (name, prefix))
      return TRUE;
  return FALSE;
}

/* Equal, or equal once trailing dimensions of 1 are dropped (down to two). */
static gboolean
shapes_agree (const MzView *view, int n_dims, const gint64 *shape)
{
  int a = view->n_dims, b = n_dims;

  while (a > 2 && view->shape[a - 1] == 1)
    a--;
  while (b > 2 && shape[b - 1] == 1)
    b--;
  if (a != b)
    return FALSE;
  for (int i = 0; i < a; i++)
    if (view->shape[i] != shape[i])
      return FALSE;
  return TRUE;
}

const MzView *
mz_weights_take (MzWeights *weights, const char *name, int n_dims, const gint64 *shape)
{
  Entry *entry = g_hash_table_lookup (weights->entries, name);
  MzView wanted = { .n_dims = n_dims };
  g_autofree char *has = NULL, *wants = NULL;

  memcpy (wanted.shape, shape, (gsize) n_dims * sizeof *shape);
  if (entry == NULL)
    {
      wants = mz_view_shape_string (&wanted);
      g_ptr_array_add (weights->problems, g_strdup_printf ("%s %s is missing", name, wants));
      weights->any_missing = TRUE;
      return NULL;
    }
  entry->used = TRUE;
  if (!shapes_agree (&entry->view, n_dims, shape))
    {
      wants = mz_view_shape_string (&wanted);
      has = mz_view_shape_string (&entry->view);
      g_ptr_array_add (weights->problems, g_strdup_printf ("%s is %s instead of %s", name, has, wants));
      return NULL;
    }
  return &entry->view;
}

gboolean
mz_weights_check (MzWeights *weights, GError **error)
{
  g_autoptr (GString) list = NULL;
  guint n = weights->problems->len;

  if (n == 0)
    return TRUE;
  list = g_string_new (NULL);
  for (guint i = 0; i < MIN (n, PROBLEMS_SHOWN); i++)
    g_string_append_printf (list, "%s%s", i > 0 ? "; " : "",
                            (char *) g_ptr_array_index (weights->problems, i));
  if (n > PROBLEMS_SHOWN)
    g_string_append_printf (list, "; and %u more", n - PROBLEMS_SHOWN);
  g_set_error (error, MZ_ERROR, weights->any_missing ? MZ_ERROR_MISSING : MZ_ERROR_FORMAT,
               _ ("The model “%s” does not fit its architecture: %s."), weights->origin, list->str);
  return FALSE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char **
mz_weights_unused (MzWeights *weights)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, weights->entries);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!((Entry *) value)->used)
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_steal (names, NULL);
}

const char **
mz_weights_names (MzWeights *weights, guint *n_names)
{
  gpointer *keys = g_hash_table_get_keys_as_array (weights->entries, n_names);

  qsort (keys, *n_names, sizeof *keys, compare_names);
  return (const char **) keys;
}

const char *const *
mz_weights_problems (MzWeights *weights, guint *n_problems)
{
  *n_problems = weights->problems->len;
  return (const char *const *) weights->problems->pdata;
}

void
mz_weights_set_mapped (MzWeights *weights)
{
  weights->is_mapped = TRUE;
}

void
mz_weights_drop (MzWeights *weights, const MzView *view)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);
  gsize begin = ((gsize) view->data + page - 1) & ~(page - 1);
  gsize end = ((gsize) view->data + view->n_bytes) & ~(page - 1);

  if (weights->is_mapped && begin < end)
    (void) madvise ((gpointer) begin, end - begin, MADV_DONTNEED); /* a refusal costs memory alone */
}

const char *
mz_weights_origin (MzWeights *weights)
{
  return weights->origin;
}
