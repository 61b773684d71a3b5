/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Attention for heads of up to MZ_CUDA_MAX_NARROW channels, in one pass over keys and values (Dao 2023,
 * arXiv:2307.08691): a block holds 64 queries in registers and walks the keys 64 at a time, keeping the
 * highest score and the sum of weights of each query. Scores never leave the registers. */
#include "backends/cuda/simt.h"

#include <math.h>

namespace
{

const int WARPS = 4;
const int THREADS = 32 * WARPS;
const int QUERIES = 16 * WARPS; /* of a block; 16 of a warp */
const int KEYS = 64;            /* of a tile */
const int VECTOR = 8;

/* Rows first..first+KEYS of one head, WIDTH channels each, to shared memory; zeros where there are none. */
template <int WIDTH>
__device__ __forceinline__ void
copy_rows (__half *tile, const __half *head, int64_t stride, int first, int n_rows, int width, int is_vectors)
{
  const int PITCH = WIDTH + VECTOR;

  if (is_vectors)
    for (int i = (int) threadIdx.x; i < KEYS * (WIDTH / VECTOR); i += THREADS)
      {
        int row = i / (WIDTH / VECTOR), c = i % (WIDTH / VECTOR) * VECTOR;
        bool is_there = first + row < n_rows && c < width;

        mz_copy16 (tile + row * PITCH + c, is_there ? head + (int64_t) (first + row) * stride + c : head,
                   is_there);
      }
  else
    for (int i = (int) threadIdx.x; i < KEYS * WIDTH; i += THREADS)
      {
        int row = i / WIDTH, c = i % WIDTH;
        bool is_there = first + row < n_rows && c < width;

        tile[row * PITCH + c] = is_there ? head[(int64_t) (first + row) * stride + c] : __ushort_as_half (0);
      }
}

/* Highest of the four lanes that share a row. */
__device__ __forceinline__ float
max_of_row (float x)
{
  x = fmaxf (x, __shfl_xor_sync (0xffffffffu, x, 1));
  return fmaxf (x, __shfl_xor_sync (0xffffffffu, x, 2));
}

__device__ __forceinline__ float
sum_of_row (float x)
{
  x += __shfl_xor_sync (0xffffffffu, x, 1);
  return x + __shfl_xor_sync (0xffffffffu, x, 2);
}

/* Scores of 16 queries and KEYS keys, in units of log2. */
template <int WIDTH>
__device__ __forceinline__ void
score (float scores[KEYS / 8][4], const unsigned q[WIDTH / 16][4], const __half *keys, int lane)
{
  const int PITCH = WIDTH + VECTOR;

#pragma unroll
  for (int j = 0; j < KEYS / 8; j++)
#pragma unroll
    for (int e = 0; e < 4; e++)
      scores[j][e] = 0.0f;
#pragma unroll
  for (int k = 0; k < WIDTH / 16; k++)
#pragma unroll
    for (int j = 0; j < KEYS / 16; j++)
      {
        unsigned b[4];

        mz_load_matrices (b, keys + (j * 16 + lane % 8 + lane / 16 * 8) * PITCH + k * 16 + lane / 8 % 2 * 8);
        mz_multiply (scores[2 * j], q[k], b[0], b[1]);
        mz_multiply (scores[2 * j + 1], q[k], b[2], b[3]);
      }
}

/* What a warp remembers of its queries: two rows a lane. */
struct Running
{
  float highest[2], sum[2];
};

/* Scores become weights, scaled by 2^-highest; `rescale` is what earlier sums must be multiplied by. */
__device__ __forceinline__ void
weigh (const MzCudaAttention &p,
       float scores[KEYS / 8][4],
       Running *running,
       float rescale[2],
       int first_key,
       int first_query,
       int lane)
{
  const float scale = p.scale * 1.4426950408889634f;

#pragma unroll
  for (int r = 0; r < 2; r++)
    {
      int query = first_query + lane / 4 + 8 * r;
      float highest = running->highest[r], sum = 0.0f, base;

#pragma unroll
      for (int j = 0; j < KEYS / 8; j++)
#pragma unroll
        for (int e = 0; e < 2; e++)
          {
            int key = first_key + j * 8 + lane % 4 * 2 + e;
            float *s = &scores[j][2 * r + e];

            *s = key < p.keys && (!p.causal || key <= query) ? *s * scale : -INFINITY;
            highest = fmaxf (highest, *s);
          }
      highest = max_of_row (highest);
      base = highest == -INFINITY ? 0.0f : highest; /* a row that sees no key yet */
#pragma unroll
      for (int j = 0; j < KEYS / 8; j++)
#pragma unroll
        for (int e = 0; e < 2; e++)
          {
            float *s = &scores[j][2 * r + e];

            *s = exp2f (*s - base);
            sum += *s;
          }
      rescale[r] = exp2f (running->highest[r] - base);
      running->sum[r] = running->sum[r] * rescale[r] + sum;
      running->highest[r] = highest;
    }
}

/* out [16, WIDTH] = out rescaled + weights x values. */
template <int WIDTH>
__device__ __forceinline__ void
add_values (float out[WIDTH / 8][4],
            const float weights[KEYS / 8][4],
            const float rescale[2],
            const __half *values,
            int lane)
{
  const int PITCH = WIDTH + VECTOR;

#pragma unroll
  for (int j = 0; j < WIDTH / 8; j++)
#pragma unroll
    for (int e = 0; e < 4; e++)
      out[j][e] *= rescale[e / 2];
#pragma unroll
  for (int k = 0; k < KEYS / 16; k++)
    {
      unsigned a[4]
          = { mz_pack (weights[2 * k][0], weights[2 * k][1]), mz_pack (weights[2 * k][2], weights[2 * k][3]),
              mz_pack (weights[2 * k + 1][0], weights[2 * k + 1][1]),
              mz_pack (weights[2 * k + 1][2], weights[2 * k + 1][3]) };

#pragma unroll
      for (int j = 0; j < WIDTH / 16; j++)
        {
          unsigned b[4];

          mz_load_matrices_transposed (b, values + (k * 16 + lane % 16) * PITCH + j * 16 + lane / 16 * 8);
          mz_multiply (out[2 * j], a, b[0], b[1]);
          mz_multiply (out[2 * j + 1], a, b[2], b[3]);
        }
    }
}

template <int WIDTH>
__global__ void
__launch_bounds__ (THREADS) attention_kernel (MzCudaAttention p)
{
  const int PITCH = WIDTH + VECTOR;

  MZ_SHARED_BYTES (shared);
  __half *keys = (__half *) shared, *values = keys + KEYS * PITCH;
  int warp = (int) threadIdx.x / 32, lane = (int) threadIdx.x % 32;
  int head = (int) blockIdx.y, sample = (int) blockIdx.z,
      first_query = (int) blockIdx.x * QUERIES + warp * 16;
  const __half *q = (const __half *) p.q + (int64_t) sample * p.queries * p.q_stride + head * p.width;
  const __half *k = (const __half *) p.k + (int64_t) sample * p.keys * p.k_stride + head * p.width;
  const __half *v = (const __half *) p.v + (int64_t) sample * p.keys * p.v_stride + head * p.width;
  int n_keys = p.causal ? min (p.keys, ((int) blockIdx.x + 1) * QUERIES) : p.keys;
  unsigned queries[WIDTH / 16][4];
  float out[WIDTH / 8][4];
  Running running = { { -INFINITY, -INFINITY }, { 0.0f, 0.0f } };

  copy_rows<WIDTH> (keys, q, p.q_stride, (int) blockIdx.x * QUERIES, p.queries, p.width, p.vectors);
  mz_copies_commit ();
  mz_copies_wait<0> ();
  __syncthreads ();
#pragma unroll
  for (int i = 0; i < WIDTH / 16; i++)
    mz_load_matrices (queries[i], keys + (warp * 16 + lane % 16) * PITCH + i * 16 + lane / 16 * 8);
#pragma unroll
  for (int j = 0; j < WIDTH / 8; j++)
#pragma unroll
    for (int e = 0; e < 4; e++)
      out[j][e] = 0.0f;
  __syncthreads ();
  copy_rows<WIDTH> (keys, k, p.k_stride, 0, p.keys, p.width, p.vectors);
  mz_copies_commit ();
  for (int first = 0; first < n_keys; first += KEYS)
    {
      float scores[KEYS / 8][4], rescale[2];

      copy_rows<WIDTH> (values, v, p.v_stride, first, p.keys, p.width, p.vectors);
      mz_copies_commit ();
      mz_copies_wait<1> ();
      __syncthreads ();
      score<WIDTH> (scores, queries, keys, lane);
      weigh (p, scores, &running, rescale, first, first_query, lane);
      __syncthreads ();
      if (first + KEYS < n_keys)
        copy_rows<WIDTH> (keys, k, p.k_stride, first + KEYS, p.keys, p.width, p.vectors);
      mz_copies_commit ();
      mz_copies_wait<1> ();
      __syncthreads ();
      add_values<WIDTH> (out, scores, rescale, values, lane);
      __syncthreads ();
    }
#pragma unroll
  for (int r = 0; r < 2; r++)
    {
      int query = first_query + lane / 4 + 8 * r;
      float share = 1.0f / sum_of_row (running.sum[r]);
      __half *to
          = (__half *) p.out + ((int64_t) sample * p.queries + query) * p.heads * p.width + head * p.width;

      if (query >= p.queries)
        continue;
#pragma unroll
      for (int j = 0; j < WIDTH / 8; j++)
#pragma unroll
        for (int e = 0; e < 2; e++)
          if (j * 8 + lane % 4 * 2 + e < p.width)
            to[j * 8 + lane % 4 * 2 + e] = __float2half_rn (out[j][2 * r + e] * share);
    }
}

template <int WIDTH>
cudaError_t
launch (const MzCudaAttention &p, cudaStream_t stream)
{
  const int n_bytes = 2 * KEYS * (WIDTH + VECTOR) * (int) sizeof (__half);
  dim3 grid ((unsigned) ((p.queries + QUERIES - 1) / QUERIES), (unsigned) p.heads, (unsigned) p.batch);
  cudaError_t status = mz_allow_shared (attention_kernel<WIDTH>, n_bytes);

  if (status != cudaSuccess)
    return status;
  MZ_LAUNCH (attention_kernel<WIDTH>, grid, THREADS, n_bytes, stream, p);
  return cudaGetLastError ();
}

}

cudaError_t
mz_cuda_attention (const MzCudaAttention *attention, cudaStream_t stream)
{
  const MzCudaAttention &p = *attention;

  if (p.width <= 16)
    return launch<16> (p, stream);
  if (p.width <= 32)
    return launch<32> (p, stream);
  if (p.width <= 48)
    return launch<48> (p, stream);
  if (p.width <= 64)
    return launch<64> (p, stream);
  if (p.width <= 80)
    return launch<80> (p, stream);
  if (p.width <= 128)
    return launch<128> (p, stream);
  return launch<160> (p, stream);
}
