/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Convolution and linear layer as the table knows them: one product, by our kernel or by a library. */
#include <glib/gi18n-lib.h>

#include "backends/cuda/cuda.h"

G_STATIC_ASSERT ((int) MZ_ACTIVATION_SILU == MZ_CUDA_SILU && (int) MZ_ACTIVATION_GELU == MZ_CUDA_GELU
                 && (int) MZ_ACTIVATION_QUICK_GELU == MZ_CUDA_QUICK_GELU
                 && (int) MZ_ACTIVATION_RELU == MZ_CUDA_RELU);

static gboolean
run_product (MzExec *exec,
             const MzTensor *out,
             const MzTensor *in,
             const MzTensor *in2,
             const MzWeight *weight,
             const MzConvGeometry *geometry,
             const MzEpilogue *epilogue,
             const char *op,
             GError **error)
{
  MzCudaDevice *device = (MzCudaDevice *) exec->device;
  MzCudaMatrix *m = (MzCudaMatrix *) weight;
  gsize rows = mz_tensor_rows (out);
  MzCudaScratch scratch = { device->scratch, MZ_CUDA_SCRATCH_BYTES };
  MzCudaVectors vectors = mz_cuda_is_vectors (in) && mz_cuda_is_vectors (in2)
                              ? mz_cuda_is_vectors (out) && mz_cuda_is_vectors (epilogue->residual)
                                    ? MZ_CUDA_ALL_VECTORS
                                    : MZ_CUDA_VECTORS_IN
                              : MZ_CUDA_NO_VECTORS;
  const char *failure;
  MzCudaProduct p = {
    .in = in->data,
    .in2 = in2 != NULL ? in2->data : NULL,
    .matrix = m->matrix,
    .bias = m->bias,
    .bias_rounded = m->bias_rounded,
    .add_is_shared = epilogue->channel_add != NULL && epilogue->channel_add->n == 1,
    .add = epilogue->channel_add != NULL ? epilogue->channel_add->data : NULL,
    .residual = epilogue->residual != NULL ? epilogue->residual->data : NULL,
    .out = out->data,
    .c1 = in->c,
    .c2 = in2 != NULL ? in2->c : 0,
    .in_h = in->h,
    .in_w = in->w,
    .large_h = in->h * geometry->upsample - geometry->crop_bottom,
    .large_w = in->w * geometry->upsample - geometry->crop_right,
    .out_h = out->h,
    .out_w = out->w,
    .kernel_h = weight->kernel_h,
    .kernel_w = weight->kernel_w,
    .stride = geometry->stride,
    .upsample = geometry->upsample,
    .pad_top = geometry->pad_top,
    .pad_left = geometry->pad_left,
    .columns = m->columns,
    .depth_padded = m->depth_padded,
    .activation = (int) epilogue->activation,
    .geglu = weight->kind == MZ_MATRIX_GEGLU,
    .half_sums = device->base.uses_half_sums,
  };

  if (rows > G_MAXINT - 128)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                           _ ("The picture is too large for the graphics card."));
      return FALSE;
    }
  if (!mz_cuda_may_begin (exec, error))
    return FALSE;
  p.m = (int) rows;
  failure = mz_cuda_chooser_run (device->chooser, &p, vectors, device->recording != NULL, &scratch,
                                 device->bias_sum, device->stream);
  if (failure != NULL)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_BACKEND, _ ("The graphics card failed: %s (%s)."), failure, op);
      return FALSE;
    }
  return mz_cuda_enqueued (exec, cudaGetLastError (), op, error);
}

gboolean
mz_cuda_conv2d (MzExec *exec,
                const MzTensor *out,
                const MzTensor *in,
                const MzTensor *in2,
                const MzWeight *weight,
                const MzConvGeometry *geometry,
                const MzEpilogue *epilogue,
                GError **error)
{
  return run_product (exec, out, in, in2, weight, geometry, epilogue, "conv2d", error);
}

gboolean
mz_cuda_linear (MzExec *exec,
                const MzTensor *out,
                const MzTensor *in,
                const MzTensor *in2,
                const MzWeight *weight,
                const MzEpilogue *epilogue,
                GError **error)
{
  static const MzConvGeometry plain = { .stride = 1, .upsample = 1 };

  return run_product (exec, out, in, in2, weight, &plain, epilogue, "linear", error);
}
