/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Weights at load: float16 on the card, laid out as product.cu reads them. */
#include "backends/cuda/cuda.h"

#include <math.h>
#include <string.h>

#include "core/half.h"
#include "ops/describe.h"

/* The largest float16. */
#define MAX_HALF 65504.0f

static gsize
round_up (gsize n, gsize multiple)
{
  return (n + multiple - 1) / multiple * multiple;
}

/* Copies to the card and waits. */
static gboolean
send (MzDevice *device, gpointer to, gconstpointer from, gsize n_bytes, GError **error)
{
  cudaStream_t stream = ((MzCudaDevice *) device)->stream;

  return MZ_CUDA_OK (cudaMemcpyAsync (to, from, n_bytes, cudaMemcpyHostToDevice, stream), error)
         && MZ_CUDA_OK (cudaStreamSynchronize (stream), error);
}

/* Row `row` of a view, [Cin, taps], as halves [taps, Cin]. */
static gboolean
pack_row (const MzView *view,
          gsize row,
          const MzWeight *base,
          const char *name,
          float *values,
          guint16 *to,
          GError **error)
{
  gsize n_in = (gsize) base->in_channels, n_taps = (gsize) base->kernel_h * (gsize) base->kernel_w;

  if (!mz_read_finite (view, row * n_in * n_taps, n_in * n_taps, name, values, error))
    return FALSE;
  for (gsize i = 0; i < n_in; i++)
    for (gsize t = 0; t < n_taps; t++)
      {
        float value = values[i * n_taps + t];

        if (fabsf (value) > MAX_HALF)
          {
            g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                         "holds %g, which is too large for the graphics card’s half precision.",
                         (double) value);
            return FALSE;
          }
        to[t * n_in + i] = mz_float_to_f16 (value);
      }
  return TRUE;
}

/* Where row `row` of all parts goes: values and gates in turn with GEGLU. */
static gsize
place_of_row (const MzWeight *base, gsize row)
{
  gsize n = (gsize) base->out_channels;

  if (base->kind != MZ_MATRIX_GEGLU)
    return row;
  return row < n ? 2 * row : 2 * (row - n) + 1;
}

static gboolean
pack_part (MzDevice *device,
           const MzCudaMatrix *m,
           const MzView *weight,
           const MzView *bias,
           const char *part,
           gsize first_row,
           guint16 *matrix,
           float *biases,
           GError **error)
{
  const MzWeight *base = &m->weight.base;
  gsize n_rows = (gsize) weight->shape[0];
  gsize depth = (gsize) base->in_channels * (gsize) base->kernel_h * (gsize) base->kernel_w;
  g_autofree float *values = g_new (float, MAX (depth, n_rows));
  g_autofree char *weight_name = g_strconcat ("weight", part, NULL),
                  *bias_name = g_strconcat ("bias", part, NULL);

  for (gsize r = 0; r < n_rows; r++)
    if (mz_cancel_set_error (device->cancel, error)
        || !pack_row (weight, r, base, weight_name, values,
                      matrix + place_of_row (base, first_row + r) * (gsize) m->depth_padded, error))
      return FALSE;
  if (bias == NULL)
    return TRUE;
  if (!mz_read_finite (bias, 0, n_rows, bias_name, values, error))
    return FALSE;
  for (gsize r = 0; r < n_rows; r++)
    biases[place_of_row (base, first_row + r)] = values[r];
  return TRUE;
}

static gboolean
fill_matrix (MzDevice *device,
             MzCudaMatrix *m,
             int n_parts,
             const MzView *const *weights,
             const MzView *const *biases,
             GError **error)
{
  gsize n_matrix = (gsize) m->columns * (gsize) m->depth_padded, row = 0;
  gsize matrix_bytes = round_up (n_matrix * sizeof (guint16), MZ_CUDA_ALIGNMENT);
  gsize n_bytes = matrix_bytes + (gsize) m->columns * sizeof (float);
  g_autofree guint8 *host = g_try_malloc0 (n_bytes);

  if (host == NULL)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_MEMORY, "needs more memory than is free.");
      return FALSE;
    }
  for (int p = 0; p < n_parts; p++)
    {
      g_autofree char *part = n_parts > 1 ? g_strdup_printf (" %d", p + 1) : g_strdup ("");

      if (!pack_part (device, m, weights[p], biases != NULL ? biases[p] : NULL, part, row, (guint16 *) host,
                      (float *) (host + matrix_bytes), error))
        return FALSE;
      row += (gsize) weights[p]->shape[0];
    }
  m->weight.memory = mz_cuda_take (n_bytes, error);
  if (m->weight.memory == NULL || !send (device, m->weight.memory, host, n_bytes, error))
    return FALSE;
  m->weight.base.n_bytes = n_bytes;
  m->matrix = m->weight.memory;
  m->bias = (float *) ((guint8 *) m->weight.memory + matrix_bytes);
  return TRUE;
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

  m->weight.base.backend = device->backend;
  if (mz_describe_matrix (kind, n_parts, weights, biases, &m->weight.base, &m->columns, error))
    {
      depth = (gint64) m->weight.base.in_channels * m->weight.base.kernel_h * m->weight.base.kernel_w;
      m->depth_padded = (int) MIN (round_up ((gsize) depth, MZ_CUDA_DEPTH), G_MAXINT);
      if (depth > G_MAXINT - MZ_CUDA_DEPTH)
        g_set_error_literal (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED, "is too large a matrix.");
      else if (fill_matrix (device, m, n_parts, weights, biases, error))
        return &m->weight.base;
    }
  mz_cuda_release_weight (device, &m->weight.base);
  return NULL;
}

/* Two views as float32, one behind the other on the card; NULL with error. */
static float *
send_pair (MzDevice *device,
           MzCudaWeight *weight,
           const MzView *first,
           const char *first_name,
           const MzView *second,
           const char *second_name,
           GError **error)
{
  gsize n1 = mz_view_elements (first), n2 = mz_view_elements (second), n_bytes = (n1 + n2) * sizeof (float);
  g_autofree float *host = g_try_malloc (n_bytes);

  if (host == NULL)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_MEMORY, "needs more memory than is free.");
      return NULL;
    }
  if (!mz_read_finite (first, 0, n1, first_name, host, error)
      || !mz_read_finite (second, 0, n2, second_name, host + n1, error)
      || (weight->memory = mz_cuda_take (n_bytes, error)) == NULL
      || !send (device, weight->memory, host, n_bytes, error))
    return NULL;
  weight->base.n_bytes = n_bytes;
  return weight->memory;
}

MzWeight *
mz_cuda_prepare_norm (MzDevice *device, const MzView *gamma, const MzView *beta, GError **error)
{
  MzCudaNormWeight *norm = g_new0 (MzCudaNormWeight, 1);

  norm->weight.base.backend = device->backend;
  if (mz_describe_norm (gamma, beta, &norm->weight.base, error)
      && (norm->gamma = send_pair (device, &norm->weight, gamma, "weight", beta, "bias", error)) != NULL)
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

  embedding->weight.base.backend = device->backend;
  if (mz_describe_embedding (tokens, positions, &embedding->weight.base, error)
      && (embedding->tokens = send_pair (device, &embedding->weight, tokens, "token embedding", positions,
                                         "position embedding", error))
             != NULL)
    {
      embedding->positions = embedding->tokens + mz_view_elements (tokens);
      return &embedding->weight.base;
    }
  mz_cuda_release_weight (device, &embedding->weight.base);
  return NULL;
}

void
mz_cuda_release_weight (MzDevice *device, MzWeight *weight)
{
  if (weight == NULL)
    return;
  cudaFree (((MzCudaWeight *) weight)->memory);
  g_free (weight);
}
