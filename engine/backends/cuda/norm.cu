/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Group norm in three steps (moments of chunks of pixels, their union, the scaled result with its
 * activation), and layer norm, a warp a row. Moments are taken around the first value and joined by Chan's
 * rule, so that no large mean costs digits, and always in the same order. */
#include "backends/cuda/simt.h"

namespace
{

const int THREADS = 256;
const int VECTOR = 8;

struct Moments
{
  float n, mean, m2;
};

__device__ __forceinline__ Moments
join (const Moments &a, const Moments &b)
{
  Moments sum = { a.n + b.n, a.mean, a.m2 };
  float delta = b.mean - a.mean;

  if (b.n == 0)
    return a;
  if (a.n == 0)
    return b;
  sum.mean += delta * (b.n / sum.n);
  sum.m2 += b.m2 + delta * delta * (a.n * (b.n / sum.n));
  return sum;
}

__device__ __forceinline__ float
read_channel (const MzCudaNorm &p, int64_t pixel, int c)
{
  if (c < p.c1)
    return __half2float (((const __half *) p.in)[pixel * p.c1 + c]);
  return __half2float (((const __half *) p.in2)[pixel * p.c2 + (c - p.c1)]);
}

/* A block takes one chunk of pixels: first each channel by itself, then the channels of each group. */
__global__ void
__launch_bounds__ (THREADS) moments_kernel (MzCudaNorm p)
{
  MZ_SHARED_BYTES (shared);
  int channels = p.c1 + p.c2, per_group = channels / p.groups;
  float *means = (float *) shared, *m2s = means + channels;
  int64_t first = (int64_t) blockIdx.x * p.pixels_per_chunk;
  int64_t n = p.pixels - first < p.pixels_per_chunk ? p.pixels - first : p.pixels_per_chunk;

  first += (int64_t) blockIdx.y * p.pixels;
  for (int c = (int) threadIdx.x; c < channels; c += THREADS)
    {
      float origin = read_channel (p, first, c), sum = 0.0f, squares = 0.0f;

      for (int64_t i = 1; i < n; i++)
        {
          float x = read_channel (p, first + i, c) - origin;

          sum += x;
          squares += x * x;
        }
      means[c] = origin + sum / (float) n;
      m2s[c] = fmaxf (squares - sum * (sum / (float) n), 0.0f);
    }
  __syncthreads ();
  for (int g = (int) threadIdx.x; g < p.groups; g += THREADS)
    {
      Moments all = { 0.0f, 0.0f, 0.0f };
      float *to = p.moments + (((int64_t) blockIdx.y * p.groups + g) * p.chunks + blockIdx.x) * 2;

      for (int c = g * per_group; c < (g + 1) * per_group; c++)
        all = join (all, Moments{ (float) n, means[c], m2s[c] });
      to[0] = all.mean;
      to[1] = all.m2;
    }
}

/* A warp joins the chunks of one group. */
__global__ void
__launch_bounds__ (THREADS) finish_kernel (MzCudaNorm p)
{
  int at = (int) (blockIdx.x * (THREADS / 32) + threadIdx.x / 32), lane = (int) threadIdx.x % 32;
  int per_group = (p.c1 + p.c2) / p.groups;
  Moments all = { 0.0f, 0.0f, 0.0f };

  if (at >= p.n * p.groups)
    return;
  for (int i = lane; i < p.chunks; i += 32)
    {
      int64_t left = p.pixels - (int64_t) i * p.pixels_per_chunk;
      float n = (float) (left < p.pixels_per_chunk ? left : p.pixels_per_chunk) * (float) per_group;
      const float *from = p.moments + ((int64_t) at * p.chunks + i) * 2;

      all = join (all, Moments{ n, from[0], from[1] });
    }
  for (int lanes = 16; lanes > 0; lanes /= 2)
    {
      Moments other
          = { __shfl_xor_sync (0xffffffffu, all.n, lanes), __shfl_xor_sync (0xffffffffu, all.mean, lanes),
              __shfl_xor_sync (0xffffffffu, all.m2, lanes) };

      all = lane & lanes ? join (other, all) : join (all, other);
    }
  if (lane == 0)
    {
      p.scales[2 * at] = all.mean;
      p.scales[2 * at + 1] = rsqrtf (all.m2 / all.n + p.epsilon);
    }
}

__device__ __forceinline__ float
scale_value (const MzCudaNorm &p, int sample, int c, float x)
{
  const float *scale = p.scales + 2 * (sample * p.groups + c / ((p.c1 + p.c2) / p.groups));

  return mz_activate ((x - scale[0]) * scale[1] * p.gamma[c] + p.beta[c], p.activation);
}

/* Eight channels a thread, or one. */
template <int N>
__global__ void
__launch_bounds__ (THREADS) scale_kernel (MzCudaNorm p)
{
  int channels = p.c1 + p.c2;
  int64_t i = ((int64_t) blockIdx.x * THREADS + threadIdx.x) * N, pixel = i / channels;
  int c = (int) (i - pixel * channels), sample;
  const __half *from;
  __align__ (16) __half values[N];

  if (pixel >= p.n * p.pixels)
    return;
  sample = (int) (pixel / p.pixels);
  from = c < p.c1 ? (const __half *) p.in + pixel * p.c1 + c
                  : (const __half *) p.in2 + pixel * p.c2 + (c - p.c1);
  if (N == VECTOR)
    *(uint4 *) values = *(const uint4 *) from;
  else
    values[0] = *from;
#pragma unroll
  for (int e = 0; e < N; e++)
    values[e] = __float2half_rn (scale_value (p, sample, c + e, __half2float (values[e])));
  if (N == VECTOR)
    *(uint4 *) ((__half *) p.out + i) = *(uint4 *) values;
  else
    ((__half *) p.out)[i] = values[0];
}

__device__ __forceinline__ float
sum_of_warp (float x)
{
  for (int lanes = 16; lanes > 0; lanes /= 2)
    x += __shfl_xor_sync (0xffffffffu, x, lanes);
  return x;
}

__global__ void
__launch_bounds__ (THREADS) layer_norm_kernel (__half *out,
                                               const __half *in,
                                               const float *gamma,
                                               const float *beta,
                                               int64_t rows,
                                               int c,
                                               float epsilon)
{
  int64_t row = (int64_t) blockIdx.x * (THREADS / 32) + threadIdx.x / 32;
  int lane = (int) threadIdx.x % 32;
  float mean = 0.0f, m2 = 0.0f, scale;

  if (row >= rows)
    return;
  in += row * c;
  out += row * c;
  for (int i = lane; i < c; i += 32)
    mean += __half2float (in[i]);
  mean = sum_of_warp (mean) / (float) c;
  for (int i = lane; i < c; i += 32)
    {
      float x = __half2float (in[i]) - mean;

      m2 += x * x;
    }
  scale = rsqrtf (sum_of_warp (m2) / (float) c + epsilon);
  for (int i = lane; i < c; i += 32)
    out[i] = __float2half_rn ((__half2float (in[i]) - mean) * scale * gamma[i] + beta[i]);
}

unsigned
blocks_for (int64_t n)
{
  return (unsigned) ((n + THREADS - 1) / THREADS);
}

}

cudaError_t
mz_cuda_group_moments (const MzCudaNorm *norm, cudaStream_t stream)
{
  dim3 grid ((unsigned) norm->chunks, (unsigned) norm->n);

  MZ_LAUNCH (moments_kernel, grid, THREADS, 2 * (norm->c1 + norm->c2) * (int) sizeof (float), stream, *norm);
  return cudaGetLastError ();
}

cudaError_t
mz_cuda_group_finish (const MzCudaNorm *norm, cudaStream_t stream)
{
  MZ_LAUNCH (finish_kernel, blocks_for ((int64_t) norm->n * norm->groups * 32), THREADS, 0, stream, *norm);
  return cudaGetLastError ();
}

cudaError_t
mz_cuda_group_scale (const MzCudaNorm *norm, cudaStream_t stream)
{
  int64_t n = norm->n * norm->pixels * (norm->c1 + norm->c2);

  if (norm->vectors)
    MZ_LAUNCH (scale_kernel<VECTOR>, blocks_for (n / VECTOR), THREADS, 0, stream, *norm);
  else
    MZ_LAUNCH (scale_kernel<1>, blocks_for (n), THREADS, 0, stream, *norm);
  return cudaGetLastError ();
}

cudaError_t
mz_cuda_layer_norm (void *out,
                    const void *in,
                    const float *gamma,
                    const float *beta,
                    int64_t rows,
                    int c,
                    float epsilon,
                    cudaStream_t stream)
{
  MZ_LAUNCH (layer_norm_kernel, blocks_for (rows * 32), THREADS, 0, stream, (__half *) out,
             (const __half *) in, gamma, beta, rows, c, epsilon);
  return cudaGetLastError ();
}
