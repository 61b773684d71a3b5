/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From names in a file to prepared weights on a device. */
#include "models/loader.h"

/* Query, key and value: no layer of the family is stacked of more. */
#define MAX_PARTS 3

void
mz_weight_set_init (MzWeightSet *set, MzDevice *device)
{
  set->device = device;
  set->list = g_ptr_array_new ();
  set->n_bytes = 0;
}

void
mz_weight_set_clear (MzWeightSet *set)
{
  if (set->list == NULL)
    return;
  for (guint i = 0; i < set->list->len; i++)
    set->device->backend->release_weight (set->device, g_ptr_array_index (set->list, i));
  g_clear_pointer (&set->list, g_ptr_array_unref);
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

/* Keeps a prepared weight, or says which tensor the failure was about. */
static const MzWeight *
keep (MzLoader *loader, MzWeightSet *set, MzWeight *weight, const char *name, gsize n_file_bytes)
{
  if (weight == NULL)
    {
      if (!g_error_matches (loader->error, MZ_ERROR, MZ_ERROR_CANCELLED))
        g_prefix_error (&loader->error, "“%s”, tensor %s: ", mz_weights_origin (loader->weights), name);
      return NULL;
    }
  g_ptr_array_add (set->list, weight);
  set->n_bytes += weight->n_bytes;
  if (loader->progress != NULL)
    loader->progress (loader->user, n_file_bytes);
  return weight;
}

const MzWeight *
mz_load_conv (MzLoader *loader, MzWeightSet *set, const char *prefix, int out, int in, int kernel)
{
  const gint64 shape[4] = { out, in, kernel, kernel };
  const MzView *weight = take (loader, prefix, "", ".weight", 4, shape);
  const MzView *bias = take (loader, prefix, "", ".bias", 1, shape);

  if (weight == NULL || bias == NULL || !can_prepare (loader))
    return NULL;
  return keep (loader, set,
               loader->device->backend->prepare_matrix (loader->device, MZ_MATRIX_CONV, 1, &weight, &bias,
                                                        &loader->error),
               prefix, weight->n_bytes + bias->n_bytes);
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
  const MzView *weights[MAX_PARTS] = { NULL }, *biases[MAX_PARTS] = { NULL };
  g_autofree char *name = g_strconcat (prefix, suffixes[0], NULL);
  gboolean complete = TRUE;
  gsize n_bytes = 0;

  g_return_val_if_fail (n_parts >= 1 && n_parts <= MAX_PARTS, NULL);
  for (int i = 0; i < n_parts; i++)
    {
      weights[i] = take (loader, prefix, suffixes[i], ".weight", 2, shape);
      if (has_bias)
        biases[i] = take (loader, prefix, suffixes[i], ".bias", 1, shape);
      complete = complete && weights[i] != NULL && (!has_bias || biases[i] != NULL);
      if (complete)
        n_bytes += weights[i]->n_bytes + (has_bias ? biases[i]->n_bytes : 0);
    }
  if (!complete || !can_prepare (loader))
    return NULL;
  return keep (loader, set,
               loader->device->backend->prepare_matrix (loader->device, kind, n_parts, weights,
                                                        has_bias ? biases : NULL, &loader->error),
               name, n_bytes);
}

const MzWeight *
mz_load_norm (MzLoader *loader, MzWeightSet *set, const char *prefix, int c)
{
  const gint64 shape[1] = { c };
  const MzView *gamma = take (loader, prefix, "", ".weight", 1, shape);
  const MzView *beta = take (loader, prefix, "", ".bias", 1, shape);

  if (gamma == NULL || beta == NULL || !can_prepare (loader))
    return NULL;
  return keep (loader, set,
               loader->device->backend->prepare_norm (loader->device, gamma, beta, &loader->error), prefix,
               gamma->n_bytes + beta->n_bytes);
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
  const MzView *token_view = mz_weights_take (loader->weights, tokens, 2, token_shape);
  const MzView *position_view = mz_weights_take (loader->weights, positions, 2, position_shape);

  if (token_view == NULL || position_view == NULL || !can_prepare (loader))
    return NULL;
  return keep (
      loader, set,
      loader->device->backend->prepare_embedding (loader->device, token_view, position_view, &loader->error),
      tokens, token_view->n_bytes + position_view->n_bytes);
}
