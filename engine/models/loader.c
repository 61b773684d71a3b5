/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From names in a file to prepared weights on a device. */
#include <glib/gi18n-lib.h>

#include "models/loader.h"

/* Query, key and value: no layer of the family is stacked of more. */
#define MAX_PARTS 3

void
mz_weight_set_init (MzWeightSet *set, MzDevice *device)
{
  set->device = device;
  set->list = g_ptr_array_new ();
  set->names = g_ptr_array_new_with_free_func (g_free);
  set->n_bytes = set->n_file_bytes = 0;
}

void
mz_weight_set_clear (MzWeightSet *set)
{
  if (set->list == NULL)
    return;
  for (guint i = 0; i < set->list->len; i++)
    set->device->backend->release_weight (set->device, g_ptr_array_index (set->list, i));
  g_clear_pointer (&set->list, g_ptr_array_unref);
  g_clear_pointer (&set->names, g_ptr_array_unref);
}

static gboolean
can_prepare (MzLoader *loader)
{
  return loader->device != NULL && loader->error == NULL
         && !mz_cancel_set_error (loader->cancel, &loader->error);
}

static const MzView *
take (MzLoader *loader,
      const char *prefix,
      const char *suffix,
      const char *kind,
      int n_dims,
      const gint64 *shape)
{
  g_autofree char *name = g_strconcat (prefix, suffix, kind, NULL);

  return mz_weights_take (loader->weights, name, n_dims, shape);
}

static void
name_failure (MzLoader *loader, const char *name)
{
  if (!g_error_matches (loader->error, MZ_ERROR, MZ_ERROR_CANCELLED))
    g_prefix_error (&loader->error, _ ("“%s”, tensor %s: "), mz_weights_origin (loader->weights), name);
}

void
mz_weight_set_finish (MzWeightSet *set, MzLoader *loader)
{
  const MzWeight *bad = NULL;
  guint i;

  if (can_prepare (loader) && !mz_device_finish_weights (loader->device, &bad, &loader->error) && bad != NULL
      && g_ptr_array_find (set->list, bad, &i))
    name_failure (loader, g_ptr_array_index (set->names, i));
  g_ptr_array_set_size (set->names, 0);
}

/* Keeps a weight that was prepared from `views` (of which any may be NULL), or says which tensor the failure
 * was about. */
static const MzWeight *
keep (MzLoader *loader,
      MzWeightSet *set,
      MzWeight *weight,
      const char *name,
      int n_views,
      const MzView *const *views)
{
  gsize n_file_bytes = 0;

  if (weight == NULL)
    {
      name_failure (loader, name);
      return NULL;
    }
  g_ptr_array_add (set->list, weight);
  g_ptr_array_add (set->names, g_strdup (name));
  set->n_bytes += weight->n_bytes;
  for (int i = 0; i < n_views; i++)
    if (views[i] != NULL)
      {
        n_file_bytes += views[i]->n_bytes;
        mz_weights_drop (loader->weights, views[i]);
      }
  set->n_file_bytes += n_file_bytes;
  if (loader->progress != NULL)
    loader->progress (loader->user, n_file_bytes);
  return weight;
}

const MzWeight *
mz_load_conv (MzLoader *loader, MzWeightSet *set, const char *prefix, int out, int in, int kernel)
{
  const gint64 shape[4] = { out, in, kernel, kernel };
  const MzView *views[]
      = { take (loader, prefix, "", ".weight", 4, shape), take (loader, prefix, "", ".bias", 1, shape) };

  if (views[0] == NULL || views[1] == NULL || !can_prepare (loader))
    return NULL;
  return keep (loader, set,
               loader->device->backend->prepare_matrix (loader->device, MZ_MATRIX_CONV, 1, &views[0],
                                                        &views[1], &loader->error),
               prefix, 2, views);
}

const MzWeight *
mz_load_conv_without_bias (MzLoader *loader,
                           MzWeightSet *set,
                           const char *prefix,
                           int out,
                           int in,
                           int kernel)
{
  const gint64 shape[4] = { out, in, kernel, kernel };
  const MzView *view = take (loader, prefix, "", ".weight", 4, shape);

  if (view == NULL || !can_prepare (loader))
    return NULL;
  return keep (loader, set,
               loader->device->backend->prepare_matrix (loader->device, MZ_MATRIX_CONV, 1, &view, NULL,
                                                        &loader->error),
               prefix, 1, &view);
}

const MzWeight *
mz_load_linear (MzLoader *loader,
                MzWeightSet *set,
                MzMatrixKind kind,
                const char *prefix,
                int n_parts,
                const char *const *suffixes,
                int out,
                int in,
                gboolean has_bias)
{
  const gint64 shape[2] = { kind == MZ_MATRIX_GEGLU ? 2 * (gint64) out : out, in };
  const MzView *views[2 * MAX_PARTS] = { NULL }, **biases = views + MAX_PARTS;
  g_autofree char *name = g_strconcat (prefix, suffixes[0], NULL);
  gboolean complete = TRUE;

  g_return_val_if_fail (n_parts >= 1 && n_parts <= MAX_PARTS, NULL);
  for (int i = 0; i < n_parts; i++)
    {
      views[i] = take (loader, prefix, suffixes[i], ".weight", 2, shape);
      if (has_bias)
        biases[i] = take (loader, prefix, suffixes[i], ".bias", 1, shape);
      complete = complete && views[i] != NULL && (!has_bias || biases[i] != NULL);
    }
  if (!complete || !can_prepare (loader))
    return NULL;
  return keep (loader, set,
               loader->device->backend->prepare_matrix (loader->device, kind, n_parts, views,
                                                        has_bias ? biases : NULL, &loader->error),
               name, 2 * MAX_PARTS, views);
}

const MzWeight *
mz_load_linears (MzLoader *loader, MzWeightSet *set, int n, const char *const *names, const int *outs, int in)
{
  g_autofree const MzView **views = g_new0 (const MzView *, 2 * (gsize) n);
  const MzView **biases = views + n;
  gboolean complete = TRUE;

  for (int i = 0; i < n; i++)
    {
      views[i] = take (loader, names[i], "", ".weight", 2, (gint64[]){ outs[i], in });
      biases[i] = take (loader, names[i], "", ".bias", 1, (gint64[]){ outs[i] });
      complete = complete && views[i] != NULL && biases[i] != NULL;
    }
  if (!complete || !can_prepare (loader))
    return NULL;
  return keep (loader, set,
               loader->device->backend->prepare_matrix (loader->device, MZ_MATRIX_LINEAR, n, views, biases,
                                                        &loader->error),
               names[0], 2 * n, views);
}

const MzWeight *
mz_load_norm (MzLoader *loader, MzWeightSet *set, const char *prefix, int c)
{
  const gint64 shape[1] = { c };
  const MzView *views[]
      = { take (loader, prefix, "", ".weight", 1, shape), take (loader, prefix, "", ".bias", 1, shape) };

  if (views[0] == NULL || views[1] == NULL || !can_prepare (loader))
    return NULL;
  return keep (loader, set,
               loader->device->backend->prepare_norm (loader->device, views[0], views[1], &loader->error),
               prefix, 2, views);
}

const MzWeight *
mz_load_embedding (MzLoader *loader,
                   MzWeightSet *set,
                   const char *tokens,
                   const char *positions,
                   int n_tokens,
                   int n_positions,
                   int c)
{
  const gint64 token_shape[2] = { n_tokens, c }, position_shape[2] = { n_positions, c };
  const MzView *views[] = { mz_weights_take (loader->weights, tokens, 2, token_shape),
                            mz_weights_take (loader->weights, positions, 2, position_shape) };

  if (views[0] == NULL || views[1] == NULL || !can_prepare (loader))
    return NULL;
  return keep (
      loader, set,
      loader->device->backend->prepare_embedding (loader->device, views[0], views[1], &loader->error), tokens,
      2, views);
}
