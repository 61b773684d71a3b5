/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What only moves: between the host's planes and channels last, and the text encoder's table of tokens. */
#include "backends/cuda/simt.h"

namespace
{

const int THREADS = 256;

__global__ void
__launch_bounds__ (THREADS)
    from_planes_kernel (MzElement *out, const float *planes, int c, int64_t pixels, int64_t n)
{
  int64_t i = (int64_t) blockIdx.x * THREADS + threadIdx.x, pixel = i / c, sample = pixel / pixels;

  if (i < n)
    out[i] = mz_from_float (planes[(sample * c + (i - pixel * c)) * pixels + (pixel - sample * pixels)]);
}

__global__ void
__launch_bounds__ (THREADS)
    to_planes_kernel (float *planes, const MzElement *in, int c, int64_t pixels, int64_t n)
{
  int64_t i = (int64_t) blockIdx.x * THREADS + threadIdx.x, plane = i / pixels, sample = plane / c;

  if (i < n)
    planes[i] = mz_to_float (in[(sample * pixels + (i - plane * pixels)) * c + (plane - sample * c)]);
}

__global__ void
__launch_bounds__ (THREADS) embed_kernel (MzElement *out,
                                          const int32_t *ids,
                                          const MzElement *table,
                                          const MzElement *positions,
                                          int tokens,
                                          int c,
                                          int64_t n)
{
  int64_t i = (int64_t) blockIdx.x * THREADS + threadIdx.x, token = i / c;
  int channel = (int) (i - token * c);

  if (i < n)
    out[i] = mz_from_float (mz_to_float (table[(int64_t) ids[token] * c + channel])
                            + mz_to_float (positions[token % tokens * c + channel]));
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
mz_cuda_from_planes (void *out, const float *planes, int n, int c, int64_t pixels, cudaStream_t stream)
{
  int64_t all = (int64_t) n * c * pixels;

  MZ_LAUNCH (from_planes_kernel, blocks_for (all), THREADS, 0, stream, (MzElement *) out, planes, c, pixels,
             all);
  return cudaGetLastError ();
}

cudaError_t
mz_cuda_to_planes (float *planes, const void *in, int n, int c, int64_t pixels, cudaStream_t stream)
{
  int64_t all = (int64_t) n * c * pixels;

  MZ_LAUNCH (to_planes_kernel, blocks_for (all), THREADS, 0, stream, planes, (const MzElement *) in, c,
             pixels, all);
  return cudaGetLastError ();
}

cudaError_t
mz_cuda_embed (void *out,
               const int32_t *ids,
               const void *table,
               const void *positions,
               int n,
               int tokens,
               int c,
               cudaStream_t stream)
{
  int64_t all = (int64_t) n * tokens * c;

  MZ_LAUNCH (embed_kernel, blocks_for (all), THREADS, 0, stream, (MzElement *) out, ids,
             (const MzElement *) table, (const MzElement *) positions, tokens, c, all);
  return cudaGetLastError ();
}

}
