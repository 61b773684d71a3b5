/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Attention as the table knows it: from tensors to what the kernels are told. */
#include <glib/gi18n-lib.h>

#include "backends/cuda/cuda.h"

#include <math.h>

#define VECTOR 8

static MzCudaDevice *
device_of (MzExec *exec)
{
  return (MzCudaDevice *) exec->device;
}

static gboolean
is_head_vectors (const MzTensor *t, int width)
{
  return width % VECTOR == 0 && t->row_stride % VECTOR == 0
         && GPOINTER_TO_SIZE (t->data) % (VECTOR * sizeof (guint16)) == 0;
}

gboolean
mz_cuda_run_attention (MzExec *exec,
                       const MzTensor *out,
                       const MzTensor *q,
                       const MzTensor *k,
                       const MzTensor *v,
                       int n_heads,
                       gboolean causal,
                       GError **error)
{
  MzCudaDevice *device = device_of (exec);
  int width = q->c / n_heads;
  cudaError_t status;
  MzCudaAttention a = {
    .q = q->data,
    .k = k->data,
    .v = v->data,
    .out = out->data,
    .q_stride = q->row_stride,
    .k_stride = k->row_stride,
    .v_stride = v->row_stride,
    .batch = q->n,
    .heads = n_heads,
    .queries = (int) mz_tensor_pixels (q),
    .keys = (int) mz_tensor_pixels (k),
    .width = width,
    .causal = causal,
    .vectors = is_head_vectors (q, width) && is_head_vectors (k, width) && is_head_vectors (v, width)
               && is_head_vectors (out, width),
    .scale = 1.0f / sqrtf ((float) width),
    .n_multiprocessors = device->n_multiprocessors,
    .shared_bytes = (int) device->shared_bytes,
  };

  if (width > MZ_CUDA_MAX_WIDE)
    {
      g_set_error (
          error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
          _ ("An attention head of the model has %d channels; the graphics card’s engine takes at most %d."),
          width, MZ_CUDA_MAX_WIDE);
      return FALSE;
    }
  if (!mz_cuda_may_begin (exec, error))
    return FALSE;
  if (device->attends_by_groups && mz_cuda_attention_fits_groups (&a))
    status = mz_cuda_attention_by_groups (&a, device->stream);
  else
    status = width <= MZ_CUDA_MAX_NARROW ? device->kernels->attention (&a, device->stream)
                                         : device->kernels->attention_wide (&a, device->stream);
  return mz_cuda_enqueued (exec, status, "attention", error);
}
