/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a library's product needs before or after it: gates, an enlarged input, two inputs side by side, a
 * bias as elements. */
#include "backends/cuda/simt.h"

namespace
{

const int THREADS = 256;
const int VECTOR = 8;

__global__ void
__launch_bounds__ (THREADS)
    geglu_kernel (MzElement *out, const MzElement *pairs, const MzElement *residual, int64_t n_vectors)
{
  int64_t i = (int64_t) blockIdx.x * THREADS + threadIdx.x;
  float y[VECTOR / 2];
  uint4 raw;
  uint2 to;

  if (i >= n_vectors)
    return;
  raw = ((const uint4 *) pairs)[i];
#pragma unroll
  for (int e = 0; e < VECTOR / 2; e++)
    {
      const MzElement *pair = (const MzElement *) &raw + 2 * e;

      y[e] = mz_to_float (pair[0]) * mz_gelu (mz_to_float (pair[1]));
      if (residual != NULL)
        y[e] += mz_to_float (residual[i * (VECTOR / 2) + e]);
    }
  to.x = mz_pack (y[0], y[1]);
  to.y = mz_pack (y[2], y[3]);
  ((uint2 *) out)[i] = to;
}

__global__ void
__launch_bounds__ (THREADS) enlarge_kernel (uint4 *out,
                                            const uint4 *in,
                                            int h,
                                            int w,
                                            int large_h,
                                            int large_w,
                                            int vectors,
                                            int64_t n_vectors)
{
  int64_t i = (int64_t) blockIdx.x * THREADS + threadIdx.x, rest = i / vectors;
  int v = (int) (i - rest * vectors), x, y;

  if (i >= n_vectors)
    return;
  x = (int) (rest % large_w);
  rest /= large_w;
  y = (int) (rest % large_h);
  out[i] = in[((rest / large_h * h + y / 2) * w + x / 2) * vectors + v];
}

__global__ void
__launch_bounds__ (THREADS)
    join_kernel (uint4 *out, const uint4 *in, const uint4 *in2, int vectors, int vectors2, int64_t n_vectors)
{
  int64_t i = (int64_t) blockIdx.x * THREADS + threadIdx.x, row;
  int v;

  if (i >= n_vectors)
    return;
  row = i / (vectors + vectors2);
  v = (int) (i - row * (vectors + vectors2));
  out[i] = v < vectors ? in[row * vectors + v] : in2[row * vectors2 + v - vectors];
}

__global__ void
__launch_bounds__ (THREADS) bias_kernel (MzElement *out, const float *bias, const MzElement *add, int n)
{
  int i = (int) (blockIdx.x * THREADS + threadIdx.x);

  if (i < n)
    out[i] = mz_from_float (bias[i] + (add != NULL ? mz_to_float (add[i]) : 0.0f));
}

unsigned
blocks_for (int64_t n)
{
  return (unsigned) ((n + THREADS - 1) / THREADS);
}

}

namespace MZ_CUDA_ELEMENT
{

cudaError_t
mz_cuda_geglu (void *out, const void *pairs, const void *residual, int rows, int width, cudaStream_t stream)
{
  int64_t n = (int64_t) rows * width * 2 / VECTOR;

  MZ_LAUNCH (geglu_kernel, blocks_for (n), THREADS, 0, stream, (MzElement *) out, (const MzElement *) pairs,
             (const MzElement *) residual, n);
  return cudaGetLastError ();
}

cudaError_t
mz_cuda_enlarge (void *out,
                 const void *in,
                 int n,
                 int h,
                 int w,
                 int large_h,
                 int large_w,
                 int c,
                 cudaStream_t stream)
{
  int64_t n_vectors = (int64_t) n * large_h * large_w * (c / VECTOR);

  MZ_LAUNCH (enlarge_kernel, blocks_for (n_vectors), THREADS, 0, stream, (uint4 *) out, (const uint4 *) in, h,
             w, large_h, large_w, c / VECTOR, n_vectors);
  return cudaGetLastError ();
}

cudaError_t
mz_cuda_join (void *out, const void *in, const void *in2, int rows, int c, int c2, cudaStream_t stream)
{
  int64_t n_vectors = (int64_t) rows * ((c + c2) / VECTOR);

  MZ_LAUNCH (join_kernel, blocks_for (n_vectors), THREADS, 0, stream, (uint4 *) out, (const uint4 *) in,
             (const uint4 *) in2, c / VECTOR, c2 / VECTOR, n_vectors);
  return cudaGetLastError ();
}

cudaError_t
mz_cuda_round_bias (void *out, const float *bias, const void *add, int n, cudaStream_t stream)
{
  MZ_LAUNCH (bias_kernel, blocks_for (n), THREADS, 0, stream, (MzElement *) out, bias,
             (const MzElement *) add, n);
  return cudaGetLastError ();
}

}
