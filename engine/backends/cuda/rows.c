/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The ops as the table knows them: from tensors to what the kernels are told. */
#include "backends/cuda/cuda.h"

#include <math.h>

#include "backends/cuda/plan.h"

/* Pixels of a chunk whose moments are taken together. */
#define PIXELS_PER_CHUNK 64
/* Chunks of a picture: more would only be joined again. */
#define MAX_CHUNKS 256
#define VECTOR 8

G_STATIC_ASSERT ((int) MZ_ACTIVATION_SILU == MZ_CUDA_SILU && (int) MZ_ACTIVATION_GELU == MZ_CUDA_GELU
                 && (int) MZ_ACTIVATION_QUICK_GELU == MZ_CUDA_QUICK_GELU);

static MzCudaDevice *
device_of (MzExec *exec)
{
  return (MzCudaDevice *) exec->device;
}

static gboolean
is_vectors (const MzTensor *t)
{
  return t == NULL || (t->c % VECTOR == 0 && GPOINTER_TO_SIZE (t->data) % (VECTOR * sizeof (guint16)) == 0);
}

/* ---- Products ---- */

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
  MzCudaDevice *device = device_of (exec);
  const MzCudaMatrix *m = (const MzCudaMatrix *) weight;
  gsize rows = mz_tensor_rows (out);
  MzCudaTile tile;
  MzCudaProduct p = {
    .in = in->data,
    .in2 = in2 != NULL ? in2->data : NULL,
    .matrix = m->matrix,
    .bias = m->bias,
    .add = epilogue->channel_add != NULL ? epilogue->channel_add->data : NULL,
    .residual = epilogue->residual != NULL ? epilogue->residual->data : NULL,
    .out = out->data,
    .partial = device->scratch,
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
  };

  if (rows > G_MAXINT - 128)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                           "The picture is too large for the graphics card.");
      return FALSE;
    }
  if (!mz_cuda_may_begin (exec, error))
    return FALSE;
  p.m = (int) rows;
  tile = mz_cuda_plan_product (p.m, p.columns, p.depth_padded / MZ_CUDA_DEPTH, device->n_multiprocessors,
                               MZ_CUDA_SCRATCH_BYTES);
  p.splits = tile.splits;
  p.blocks_per_split = tile.blocks_per_split;
  return mz_cuda_enqueued (
      exec,
      mz_cuda_product (&p, tile.rows, tile.columns, is_vectors (in) && is_vectors (in2), device->stream), op,
      error);
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

/* ---- Norms ---- */

static MzCudaNorm
describe_norm (MzExec *exec,
               const MzTensor *out,
               const MzTensor *in,
               const MzTensor *in2,
               const MzWeight *weight,
               int n_groups,
               float epsilon,
               MzActivation activation)
{
  const MzCudaNormWeight *w = (const MzCudaNormWeight *) weight;

  return (MzCudaNorm){
    .in = in->data,
    .in2 = in2 != NULL ? in2->data : NULL,
    .out = out != NULL ? out->data : NULL,
    .gamma = w != NULL ? w->gamma : NULL,
    .beta = w != NULL ? w->beta : NULL,
    .c1 = in->c,
    .c2 = in2 != NULL ? in2->c : 0,
    .n = in->n,
    .groups = n_groups,
    .activation = (int) activation,
    .pixels = (int64_t) mz_tensor_pixels (in),
    .epsilon = epsilon,
    .vectors = is_vectors (in) && is_vectors (in2) && (out == NULL || is_vectors (out)),
  };
}

/* Cuts the pixels into chunks and lays moments and scales into the scratch. */
static gboolean
plan_moments (MzCudaDevice *device, MzCudaNorm *norm, int64_t pixels_per_chunk, GError **error)
{
  gsize n_scales = (gsize) norm->n * (gsize) norm->groups * 2, n_moments;

  norm->pixels_per_chunk = (int) pixels_per_chunk;
  norm->chunks = (int) ((norm->pixels + pixels_per_chunk - 1) / pixels_per_chunk);
  n_moments = n_scales * (gsize) norm->chunks;
  if (norm->c1 + norm->c2 > MZ_CUDA_MAX_NORM_CHANNELS
      || (n_scales + n_moments) * sizeof (float) > MZ_CUDA_SCRATCH_BYTES)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                           "A norm of the model has more channels than the graphics card’s engine can take.");
      return FALSE;
    }
  norm->scales = device->scratch;
  norm->moments = norm->scales + n_scales;
  return TRUE;
}

gboolean
mz_cuda_group_norm (MzExec *exec,
                    const MzTensor *out,
                    const MzTensor *in,
                    const MzTensor *in2,
                    const MzWeight *weight,
                    int n_groups,
                    float epsilon,
                    MzActivation activation,
                    GError **error)
{
  MzCudaDevice *device = device_of (exec);
  MzCudaNorm norm = describe_norm (exec, out, in, in2, weight, n_groups, epsilon, activation);
  int64_t per_chunk = MAX (PIXELS_PER_CHUNK, (norm.pixels + MAX_CHUNKS - 1) / MAX_CHUNKS);

  return mz_cuda_may_begin (exec, error) && plan_moments (device, &norm, per_chunk, error)
         && mz_cuda_enqueued (exec, mz_cuda_group_moments (&norm, device->stream), "group norm", error)
         && mz_cuda_enqueued (exec, mz_cuda_group_finish (&norm, device->stream), "group norm", error)
         && mz_cuda_enqueued (exec, mz_cuda_group_scale (&norm, device->stream), "group norm", error);
}

gboolean
mz_cuda_run_group_moments (MzExec *exec, const MzTensor *in, int n_groups, MzMoments *moments, GError **error)
{
  MzCudaDevice *device = device_of (exec);
  MzCudaNorm norm = describe_norm (exec, NULL, in, NULL, NULL, n_groups, 0, MZ_ACTIVATION_NONE);
  gsize n_groups_all = (gsize) in->n * (gsize) n_groups, n_bytes;
  const float *rows;

  /* a chunk is a row of the picture, so that bands end where chunks do */
  if (!mz_cuda_may_begin (exec, error) || !plan_moments (device, &norm, in->w, error))
    return FALSE;
  n_bytes = n_groups_all * (gsize) norm.chunks * 2 * sizeof (float);
  if (!mz_cuda_stage (device, n_bytes, error)
      || !mz_cuda_enqueued (exec, mz_cuda_group_moments (&norm, device->stream), "group moments", error)
      || !MZ_CUDA_OK (
          cudaMemcpyAsync (device->pinned, norm.moments, n_bytes, cudaMemcpyDeviceToHost, device->stream),
          error)
      || !MZ_CUDA_OK (cudaStreamSynchronize (device->stream), error))
    return FALSE;
  rows = device->pinned;
  for (gsize g = 0; g < n_groups_all; g++)
    for (int i = 0; i < norm.chunks; i++, rows += 2)
      {
        MzMoments row = { (double) in->w * (in->c / n_groups), (double) rows[0], (double) rows[1] };

        mz_moments_join (&moments[g], &row);
      }
  return TRUE;
}

gboolean
mz_cuda_run_group_scale (MzExec *exec,
                         const MzTensor *out,
                         const MzTensor *in,
                         const MzMoments *moments,
                         const MzWeight *weight,
                         int n_groups,
                         float epsilon,
                         MzActivation activation,
                         GError **error)
{
  MzCudaDevice *device = device_of (exec);
  MzCudaNorm norm = describe_norm (exec, out, in, NULL, weight, n_groups, epsilon, activation);
  gsize n = (gsize) in->n * (gsize) n_groups, n_bytes = 2 * n * sizeof (float);
  float *scales;

  if (!mz_cuda_may_begin (exec, error) || !plan_moments (device, &norm, norm.pixels, error)
      || !mz_cuda_stage (device, n_bytes, error))
    return FALSE;
  scales = device->pinned;
  for (gsize i = 0; i < n; i++)
    {
      scales[2 * i] = (float) moments[i].mean;
      scales[2 * i + 1] = (float) (1 / sqrt (moments[i].m2 / moments[i].n + (double) epsilon));
    }
  return MZ_CUDA_OK (cudaMemcpyAsync (norm.scales, scales, n_bytes, cudaMemcpyHostToDevice, device->stream),
                     error)
         && MZ_CUDA_OK (cudaStreamSynchronize (device->stream), error)
         && mz_cuda_enqueued (exec, mz_cuda_group_scale (&norm, device->stream), "group scale", error);
}

gboolean
mz_cuda_run_layer_norm (MzExec *exec,
                        const MzTensor *out,
                        const MzTensor *in,
                        const MzWeight *weight,
                        float epsilon,
                        GError **error)
{
  const MzCudaNormWeight *w = (const MzCudaNormWeight *) weight;

  return mz_cuda_may_begin (exec, error)
         && mz_cuda_enqueued (exec,
                              mz_cuda_layer_norm (out->data, in->data, w->gamma, w->beta,
                                                  (int64_t) mz_tensor_rows (in), in->c, epsilon,
                                                  device_of (exec)->stream),
                              "layer norm", error);
}

/* ---- Attention ---- */

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
    .vectors = is_head_vectors (q, width) && is_head_vectors (k, width) && is_head_vectors (v, width),
    .scale = 1.0f / sqrtf ((float) width),
  };

  if (width > MZ_CUDA_MAX_WIDE)
    {
      g_set_error (
          error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
          "An attention head of the model has %d channels; the graphics card’s engine takes at most %d.",
          width, MZ_CUDA_MAX_WIDE);
      return FALSE;
    }
  return mz_cuda_may_begin (exec, error)
         && mz_cuda_enqueued (exec,
                              width <= MZ_CUDA_MAX_NARROW ? mz_cuda_attention (&a, device->stream)
                                                          : mz_cuda_attention_wide (&a, device->stream),
                              "attention", error);
}
