/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Weights at load: elements on the card, laid out as product.cu reads them. */
#include <glib/gi18n-lib.h>

#include "backends/cuda/cuda.h"
#include "ops/describe.h"

static gsize
round_up (gsize n, gsize multiple)
{
  return (n + multiple - 1) / multiple * multiple;
}

static gboolean
take_memory (MzCudaDevice *device, MzCudaWeight *weight, gsize n_bytes, GError **error)
{
  weight->memory = mz_cuda_blocks_take (device->blocks, &n_bytes, &weight->block, error);
  weight->base.n_bytes = n_bytes;
  return weight->memory != NULL;
}

/* One part of a matrix and its bias. */
static gboolean
send_part (MzCudaDevice *device,
           MzCudaMatrix *m,
           const MzView *weight,
           const MzView *bias,
           const char *part,
           gsize first_row,
           GError **error)
{
  const MzWeight *base = &m->weight.base;
  g_autofree char *weight_name = g_strconcat ("weight", part, NULL),
                  *bias_name = g_strconcat ("bias", part, NULL);
  MzCudaLaying laying = { .to = m->matrix,
                          .inner = base->in_channels,
                          .taps = base->kernel_h * base->kernel_w,
                          .row_stride = m->depth_padded,
                          .first_row = (gint64) first_row,
                          .half_rows = base->kind == MZ_MATRIX_GEGLU ? base->out_channels : 0,
                          .to_elements = TRUE };

  if (!mz_cuda_send (device, weight, base, weight_name, &laying, error))
    return FALSE;
  laying.to = m->bias;
  laying.inner = laying.taps = 1;
  laying.row_stride = 1;
  laying.to_elements = FALSE;
  return bias == NULL || mz_cuda_send (device, bias, base, bias_name, &laying, error);
}

static gboolean
send_matrix (MzCudaDevice *device,
             MzCudaMatrix *m,
             int n_parts,
             const MzView *const *weights,
             const MzView *const *biases,
             GError **error)
{
  const MzWeight *base = &m->weight.base;
  gsize depth = (gsize) base->in_channels * (gsize) base->kernel_h * (gsize) base->kernel_w, row = 0;
  gsize n_matrix = (gsize) m->columns * (gsize) m->depth_padded;
  gsize matrix_bytes = round_up (n_matrix * sizeof (guint16), MZ_CUDA_ALIGNMENT);
  gsize bias_bytes = round_up ((gsize) m->columns * sizeof (float), MZ_CUDA_ALIGNMENT),
        rounded_bytes = (gsize) m->columns * sizeof (guint16);
  gboolean has_all_biases = biases != NULL;

  if (!take_memory (device, &m->weight, matrix_bytes + bias_bytes + rounded_bytes, error))
    return FALSE;
  m->matrix = m->weight.memory;
  m->bias = (float *) ((guint8 *) m->weight.memory + matrix_bytes);
  m->bias_rounded = (guint8 *) m->bias + bias_bytes;
  for (int p = 0; p < n_parts && has_all_biases; p++)
    has_all_biases = biases[p] != NULL;
  if (depth != (gsize) m->depth_padded && !mz_cuda_send_zeros (device, m->matrix, matrix_bytes, error))
    return FALSE;
  if (!has_all_biases && !mz_cuda_send_zeros (device, m->bias, bias_bytes, error))
    return FALSE;
  for (int p = 0; p < n_parts; p++)
    {
      g_autofree char *part = n_parts > 1 ? g_strdup_printf (" %d", p + 1) : g_strdup ("");

      if (!send_part (device, m, weights[p], biases != NULL ? biases[p] : NULL, part, row, error))
        return FALSE;
      row += (gsize) weights[p]->shape[0];
    }
  return mz_cuda_send_rounded_bias (device, m->bias_rounded, m->bias, m->columns, error);
}

MzWeight *
mz_cuda_prepare_matrix (MzDevice *device,
                        MzMatrixKind kind,
                        int n_parts,
                        const MzView *const *weights,
                        const MzView *const *biases,
                        GError **error)
{
  MzCudaMatrix *m = g_new0 (MzCudaMatrix, 1);
  gint64 depth;

  mz_cuda_enter ((MzCudaDevice *) device);
  m->weight.base.backend = device->backend;
  if (mz_describe_matrix (kind, n_parts, weights, biases, &m->weight.base, &m->columns, error))
    {
      depth = (gint64) m->weight.base.in_channels * m->weight.base.kernel_h * m->weight.base.kernel_w;
      m->depth_padded = (int) MIN (round_up ((gsize) depth, MZ_CUDA_DEPTH), G_MAXINT);
      if (depth > G_MAXINT - MZ_CUDA_DEPTH)
        g_set_error_literal (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED, _ ("is too large a matrix."));
      else if (send_matrix ((MzCudaDevice *) device, m, n_parts, weights, biases, error))
        return &m->weight.base;
    }
  mz_cuda_release_weight (device, &m->weight.base);
  return NULL;
}

/* Two views as float32 or elements, one behind the other on the card; NULL with error. */
static gpointer
send_pair (MzCudaDevice *device,
           MzCudaWeight *weight,
           gboolean to_elements,
           const MzView *first,
           const char *first_name,
           const MzView *second,
           const char *second_name,
           GError **error)
{
  gsize n1 = mz_view_elements (first), n2 = mz_view_elements (second);
  MzCudaLaying laying = { .inner = 1, .row_stride = 1, .taps = 1, .to_elements = to_elements };

  if (!take_memory (device, weight, (n1 + n2) * (to_elements ? sizeof (guint16) : sizeof (float)), error))
    return NULL;
  laying.to = weight->memory;
  if (!mz_cuda_send (device, first, &weight->base, first_name, &laying, error))
    return NULL;
  laying.first_row = (gint64) n1;
  if (!mz_cuda_send (device, second, &weight->base, second_name, &laying, error))
    return NULL;
  return weight->memory;
}

MzWeight *
mz_cuda_prepare_norm (MzDevice *device, const MzView *gamma, const MzView *beta, GError **error)
{
  MzCudaNormWeight *norm = g_new0 (MzCudaNormWeight, 1);

  mz_cuda_enter ((MzCudaDevice *) device);
  norm->weight.base.backend = device->backend;
  if (mz_describe_norm (gamma, beta, &norm->weight.base, error)
      && (norm->gamma
          = send_pair ((MzCudaDevice *) device, &norm->weight, FALSE, gamma, "weight", beta, "bias", error))
             != NULL)
    {
      norm->beta = norm->gamma + norm->weight.base.out_channels;
      return &norm->weight.base;
    }
  mz_cuda_release_weight (device, &norm->weight.base);
  return NULL;
}

MzWeight *
mz_cuda_prepare_embedding (MzDevice *device, const MzView *tokens, const MzView *positions, GError **error)
{
  MzCudaEmbedding *embedding = g_new0 (MzCudaEmbedding, 1);

  mz_cuda_enter ((MzCudaDevice *) device);
  embedding->weight.base.backend = device->backend;
  if (mz_describe_embedding (tokens, positions, &embedding->weight.base, error)
      && (embedding->tokens = send_pair ((MzCudaDevice *) device, &embedding->weight, TRUE, tokens,
                                         "token embedding", positions, "position embedding", error))
             != NULL)
    {
      embedding->positions = (guint16 *) embedding->tokens + mz_view_elements (tokens);
      return &embedding->weight.base;
    }
  mz_cuda_release_weight (device, &embedding->weight.base);
  return NULL;
}

void
mz_cuda_release_weight (MzDevice *base, MzWeight *weight)
{
  MzCudaDevice *device = (MzCudaDevice *) base;
  MzCudaWeight *w = (MzCudaWeight *) weight;

  if (weight == NULL)
    return;
  mz_cuda_enter (device);
  base->generation++;
  mz_cuda_forget_weight (device, weight);
  if (w->memory != NULL)
    mz_cuda_blocks_give (device->blocks, w->block);
  g_free (weight);
}
