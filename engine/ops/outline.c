/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A device whose weights are shapes without numbers: for planning a network that is not loaded. */
#include <glib/gi18n-lib.h>

#include "ops/ops.h"

typedef struct
{
  MzDevice base;
  MzBackend table;
} Outline;

static void
close_outline (MzDevice *device)
{
  g_free (device);
}

static gpointer
refuse_memory (MzDevice *device, gsize n_bytes, GError **error)
{
  g_set_error_literal (error, MZ_ERROR, MZ_ERROR_BACKEND, _ ("An outline of a network cannot be run."));
  return NULL;
}

static gboolean
is_shape_of (const MzView *view, int n_dims)
{
  return view != NULL && view->n_dims >= n_dims;
}

static MzWeight *
refuse_shape (GError **error)
{
  g_set_error_literal (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("has too few dimensions"));
  return NULL;
}

static MzWeight *
outline_weight (MzDevice *device, MzMatrixKind kind, gint64 out, gint64 in, gint64 height, gint64 width)
{
  MzWeight *weight = g_new0 (MzWeight, 1);

  weight->backend = device->backend;
  weight->kind = kind;
  weight->out_channels = (int) (kind == MZ_MATRIX_GEGLU ? out / 2 : out);
  weight->in_channels = (int) in;
  weight->kernel_h = (int) height;
  weight->kernel_w = (int) width;
  return weight;
}

static MzWeight *
outline_matrix (MzDevice *device,
                MzMatrixKind kind,
                int n_parts,
                const MzView *const *weights,
                const MzView *const *biases,
                GError **error)
{
  const MzView *first = weights[0];
  gboolean is_conv = kind == MZ_MATRIX_CONV;
  gint64 rows = 0;

  for (int i = 0; i < n_parts; i++)
    {
      if (!is_shape_of (weights[i], is_conv ? 4 : 2))
        return refuse_shape (error);
      rows += weights[i]->shape[0];
    }
  return outline_weight (device, kind, rows, first->shape[1], is_conv ? first->shape[2] : 1,
                         is_conv ? first->shape[3] : 1);
}

static MzWeight *
outline_norm (MzDevice *device, const MzView *gamma, const MzView *beta, GError **error)
{
  if (!is_shape_of (gamma, 1))
    return refuse_shape (error);
  return outline_weight (device, MZ_MATRIX_LINEAR, gamma->shape[0], gamma->shape[0], 1, 1);
}

static MzWeight *
outline_embedding (MzDevice *device, const MzView *tokens, const MzView *positions, GError **error)
{
  if (!is_shape_of (tokens, 2) || !is_shape_of (positions, 2))
    return refuse_shape (error);
  return outline_weight (device, MZ_MATRIX_LINEAR, tokens->shape[1], tokens->shape[0], positions->shape[0],
                         1);
}

static void
release_outline (MzDevice *device, MzWeight *weight)
{
  g_free (weight);
}

MzDevice *
mz_device_new_outline (const MzBackend *like)
{
  Outline *outline = g_new0 (Outline, 1);

  outline->table = (MzBackend){
    .name = "outline",
    .activation_dtype = like->activation_dtype,
    .alignment = like->alignment,
    .close = close_outline,
    .alloc = refuse_memory,
    .prepare_matrix = outline_matrix,
    .prepare_norm = outline_norm,
    .prepare_embedding = outline_embedding,
    .release_weight = release_outline,
  };
  outline->base.backend = &outline->table;
  outline->base.description = g_strdup ("shapes without numbers");
  return &outline->base;
}
