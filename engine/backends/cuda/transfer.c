/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Between host and card: tensors up and down, tokens, and copies on the card. */
#include "backends/cuda/cuda.h"

#include <string.h>

gboolean
mz_cuda_is_vectors (const MzTensor *t)
{
  return t == NULL
         || (t->c % MZ_CUDA_VECTOR == 0
             && GPOINTER_TO_SIZE (t->data) % (MZ_CUDA_VECTOR * sizeof (guint16)) == 0);
}

gboolean
mz_cuda_upload (MzDevice *base, const MzTensor *tensor, const float *nchw, GError **error)
{
  MzCudaDevice *device = (MzCudaDevice *) base;
  gsize n_bytes = mz_tensor_elements (tensor) * sizeof (float);

  mz_cuda_enter (device);
  if (device->recording != NULL)
    return mz_cuda_record_upload (device, tensor, nchw, error);
  if (!mz_cuda_stage (device, n_bytes, error))
    return FALSE;
  memcpy (device->pinned, nchw, n_bytes);
  return MZ_CUDA_OK (cudaMemcpyAsync (device->staging, device->pinned, n_bytes, cudaMemcpyHostToDevice,
                                      device->stream),
                     error)
         && MZ_CUDA_OK (device->kernels->from_planes (tensor->data, device->staging, tensor->n, tensor->c,
                                                      (int64_t) mz_tensor_pixels (tensor), device->stream),
                        error)
         && MZ_CUDA_OK (cudaStreamSynchronize (device->stream), error);
}

gboolean
mz_cuda_download (MzDevice *base, const MzTensor *tensor, float *nchw, GError **error)
{
  MzCudaDevice *device = (MzCudaDevice *) base;
  gsize n_bytes = mz_tensor_elements (tensor) * sizeof (float);

  mz_cuda_enter (device);
  if (device->recording != NULL)
    return mz_cuda_record_download (device, tensor, error);
  if (!mz_cuda_stage (device, n_bytes, error)
      || !MZ_CUDA_OK (device->kernels->to_planes (device->staging, tensor->data, tensor->n, tensor->c,
                                                  (int64_t) mz_tensor_pixels (tensor), device->stream),
                      error)
      || !MZ_CUDA_OK (
          cudaMemcpyAsync (device->pinned, device->staging, n_bytes, cudaMemcpyDeviceToHost, device->stream),
          error)
      || !MZ_CUDA_OK (cudaStreamSynchronize (device->stream), error))
    return FALSE;
  memcpy (nchw, device->pinned, n_bytes);
  return TRUE;
}

gboolean
mz_cuda_copy (MzExec *exec, const MzTensor *out, const MzTensor *in, GError **error)
{
  MzCudaDevice *device = (MzCudaDevice *) exec->device;
  gsize n_bytes = mz_tensor_elements (in) * mz_dtype_size (in->dtype);

  return mz_cuda_may_begin (exec, error)
         && mz_cuda_enqueued (
             exec, cudaMemcpyAsync (out->data, in->data, n_bytes, cudaMemcpyDeviceToDevice, device->stream),
             "copy", error);
}

gboolean
mz_cuda_run_embed (MzExec *exec,
                   const MzTensor *out,
                   const gint32 *ids,
                   const MzWeight *embedding,
                   GError **error)
{
  MzCudaDevice *device = (MzCudaDevice *) exec->device;
  const MzCudaEmbedding *e = (const MzCudaEmbedding *) embedding;
  gsize n_bytes = mz_tensor_rows (out) * sizeof *ids;

  if (!mz_cuda_may_begin (exec, error) || !mz_cuda_stage (device, n_bytes, error))
    return FALSE;
  memcpy (device->pinned, ids, n_bytes);
  return MZ_CUDA_OK (cudaMemcpyAsync (device->staging, device->pinned, n_bytes, cudaMemcpyHostToDevice,
                                      device->stream),
                     error)
         && MZ_CUDA_OK (device->kernels->embed (out->data, device->staging, e->tokens, e->positions, out->n,
                                                out->w, out->c, device->stream),
                        error)
         && MZ_CUDA_OK (cudaStreamSynchronize (device->stream), error);
}
