/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Attention for wide heads (512 channels in the autoencoder): too wide for one warp's registers, so each warp
 * has 64 of the channels. It scores 32 queries and 16 keys over its own channels, the block adds the warps'
 * scores up, and each warp weighs its own channels of the values. One pass over keys and values, as in
 * attention.cu; the next are fetched meanwhile where there is room for two tiles. */
#include "backends/cuda/simt.h"

#include <math.h>

namespace
{

const int SLICE = 64; /* channels of a warp */
const int QUERIES = 32;
const int KEYS = 16;
const int VECTOR = 8;
const int WEIGHT_PITCH = KEYS + VECTOR;

/* The block's shared memory; `pitch` is the padded width of a row. */
struct Shared
{
  MzElement *tiles;   /* [stages, 2, KEYS, pitch]: keys, values; the last is the queries' at first */
  float *scores;      /* [warps, QUERIES, KEYS] */
  MzElement *weights; /* [QUERIES, WEIGHT_PITCH] */
  float *highest, *sum, *rescale; /* [QUERIES] */
};

static_assert (QUERIES == 2 * KEYS, "queries take the place of a tile");

__host__ __device__ inline int
count_bytes (int warps, int stages)
{
  int pitch = warps * SLICE + VECTOR;

  return stages * QUERIES * pitch * 2 + warps * QUERIES * KEYS * 4 + QUERIES * WEIGHT_PITCH * 2
         + 3 * QUERIES * 4;
}

__device__ __forceinline__ Shared
lay_out (unsigned char *bytes, int warps, int stages)
{
  int pitch = warps * SLICE + VECTOR;
  Shared s;

  s.tiles = (MzElement *) bytes;
  s.scores = (float *) (s.tiles + stages * QUERIES * pitch);
  s.weights = (MzElement *) (s.scores + warps * QUERIES * KEYS);
  s.highest = (float *) (s.weights + QUERIES * WEIGHT_PITCH);
  s.sum = s.highest + QUERIES;
  s.rescale = s.sum + QUERIES;
  return s;
}

/* Rows first..first+n of a head, a warp a row; zeros where there are none. */
__device__ __forceinline__ void
copy_rows (MzElement *tile,
           int pitch,
           int n,
           const MzElement *head,
           int64_t stride,
           int first,
           int n_rows,
           int width,
           int is_vectors)
{
  int lane = (int) threadIdx.x % 32;

  for (int row = (int) threadIdx.x / 32; row < n; row += (int) blockDim.x / 32)
    {
      bool is_there = first + row < n_rows;
      const MzElement *from = is_there ? head + (first + row) * stride : head;
      MzElement *to = tile + row * pitch;

      if (is_vectors)
        for (int c = lane * VECTOR; c < pitch - VECTOR; c += 32 * VECTOR)
          mz_copy16 (to + c, from + (c < width ? c : 0), is_there && c < width);
      else
        for (int c = lane; c < pitch - VECTOR; c += 32)
          to[c] = is_there && c < width ? from[c] : mz_zero ();
    }
}

/* A tile of keys, and the values behind it. */
__device__ __forceinline__ void
copy_tile (const MzCudaAttention &p,
           MzElement *tile,
           int pitch,
           const MzElement *k,
           const MzElement *v,
           int first)
{
  copy_rows (tile, pitch, KEYS, k, p.k_stride, first, p.keys, p.width, p.vectors);
  copy_rows (tile + KEYS * pitch, pitch, KEYS, v, p.v_stride, first, p.keys, p.width, p.vectors);
  mz_copies_commit ();
}

/* A warp's part of the scores, from its own channels. */
__device__ __forceinline__ void
score_slice (float *to,
             const unsigned q[2][SLICE / 16][4],
             const MzElement *keys,
             int pitch,
             int warp,
             int lane)
{
  float scores[2][2][4] = {};

#pragma unroll
  for (int k = 0; k < SLICE / 16; k++)
    {
      unsigned b[4];

      mz_load_matrices (b,
                        keys + (lane % 8 + lane / 16 * 8) * pitch + warp * SLICE + k * 16 + lane / 8 % 2 * 8);
#pragma unroll
      for (int i = 0; i < 2; i++)
        {
          mz_multiply (scores[i][0], q[i][k], b[0], b[1]);
          mz_multiply (scores[i][1], q[i][k], b[2], b[3]);
        }
    }
#pragma unroll
  for (int i = 0; i < 2; i++)
#pragma unroll
    for (int j = 0; j < 2; j++)
#pragma unroll
      for (int e = 0; e < 4; e++)
        to[(i * 16 + lane / 4 + e / 2 * 8) * KEYS + j * 8 + lane % 4 * 2 + e % 2] = scores[i][j][e];
}

/* Adds the warps' scores up and makes weights of them; half a warp a query. */
__device__ __forceinline__ void
weigh (const MzCudaAttention &p, const Shared &s, int warps, int first_key, int first_query)
{
  const float scale = p.scale * 1.4426950408889634f;

  for (int i = (int) threadIdx.x; i < QUERIES * KEYS; i += (int) blockDim.x)
    {
      int row = i / KEYS, key = first_key + i % KEYS;
      float score = 0.0f, highest, weight, sum, base, before = s.highest[row];

      for (int w = 0; w < warps; w++)
        score += s.scores[w * QUERIES * KEYS + i];
      score = key < p.keys && (!p.causal || key <= first_query + row) ? score * scale : -INFINITY;
      highest = score;
      for (int lanes = KEYS / 2; lanes > 0; lanes /= 2)
        highest = fmaxf (highest, __shfl_xor_sync (0xffffffffu, highest, lanes));
      highest = fmaxf (highest, before);
      base = highest == -INFINITY ? 0.0f : highest;
      weight = exp2f (score - base);
      sum = weight;
      for (int lanes = KEYS / 2; lanes > 0; lanes /= 2)
        sum += __shfl_xor_sync (0xffffffffu, sum, lanes);
      s.weights[row * WEIGHT_PITCH + i % KEYS] = mz_from_float (weight);
      __syncwarp (); /* all have read what was highest */
      if (i % KEYS == 0)
        {
          s.rescale[row] = exp2f (before - base);
          s.sum[row] = s.sum[row] * s.rescale[row] + sum;
          s.highest[row] = highest;
        }
    }
}

__device__ __forceinline__ void
add_values (float out[2][SLICE / 8][4],
            const Shared &s,
            const MzElement *values,
            int pitch,
            int warp,
            int lane)
{
#pragma unroll
  for (int i = 0; i < 2; i++)
    {
      unsigned a[4];

#pragma unroll
      for (int j = 0; j < SLICE / 8; j++)
#pragma unroll
        for (int e = 0; e < 4; e++)
          out[i][j][e] *= s.rescale[i * 16 + lane / 4 + e / 2 * 8];
      mz_load_matrices (a, s.weights + (i * 16 + lane % 16) * WEIGHT_PITCH + lane / 16 * 8);
#pragma unroll
      for (int j = 0; j < SLICE / 16; j++)
        {
          unsigned b[4];

          mz_load_matrices_transposed (b,
                                       values + (lane % 16) * pitch + warp * SLICE + j * 16 + lane / 16 * 8);
          mz_multiply (out[i][2 * j], a, b[0], b[1]);
          mz_multiply (out[i][2 * j + 1], a, b[2], b[3]);
        }
    }
}

__global__ void __launch_bounds__ (32 * MZ_CUDA_MAX_WIDE / SLICE)
    attention_wide_kernel (MzCudaAttention p, int stages)
{
  MZ_SHARED_BYTES (bytes);
  int warps = (int) blockDim.x / 32, pitch = warps * SLICE + VECTOR;
  int warp = (int) threadIdx.x / 32, lane = (int) threadIdx.x % 32;
  int head = (int) blockIdx.y, sample = (int) blockIdx.z, first_query = (int) blockIdx.x * QUERIES;
  const MzElement *q = (const MzElement *) p.q + (int64_t) sample * p.queries * p.q_stride + head * p.width;
  const MzElement *k = (const MzElement *) p.k + (int64_t) sample * p.keys * p.k_stride + head * p.width;
  const MzElement *v = (const MzElement *) p.v + (int64_t) sample * p.keys * p.v_stride + head * p.width;
  int n_keys = p.causal ? min (p.keys, first_query + QUERIES) : p.keys;
  Shared s = lay_out (bytes, warps, stages);
  MzElement *last = s.tiles + (stages - 1) * QUERIES * pitch;
  unsigned queries[2][SLICE / 16][4];
  float out[2][SLICE / 8][4] = {};

  copy_rows (last, pitch, QUERIES, q, p.q_stride, first_query, p.queries, p.width, p.vectors);
  if (stages == 2)
    copy_tile (p, s.tiles, pitch, k, v, 0);
  mz_copies_commit ();
  for (int i = (int) threadIdx.x; i < QUERIES; i += (int) blockDim.x)
    {
      s.highest[i] = -INFINITY;
      s.sum[i] = 0.0f;
    }
  mz_copies_wait<0> ();
  __syncthreads ();
#pragma unroll
  for (int i = 0; i < 2; i++)
#pragma unroll
    for (int c = 0; c < SLICE / 16; c++)
      mz_load_matrices (queries[i][c],
                        last + (i * 16 + lane % 16) * pitch + warp * SLICE + c * 16 + lane / 16 * 8);
  if (stages == 1)
    {
      __syncthreads ();
      copy_tile (p, s.tiles, pitch, k, v, 0);
    }
  for (int first = 0, stage = 0; first < n_keys; first += KEYS, stage = stages - 1 - stage)
    {
      const MzElement *keys = s.tiles + stage * QUERIES * pitch;

      mz_copies_wait<0> ();
      __syncthreads ();
      if (stages == 2 && first + KEYS < n_keys)
        copy_tile (p, s.tiles + (1 - stage) * QUERIES * pitch, pitch, k, v, first + KEYS);
      score_slice (s.scores + warp * QUERIES * KEYS, queries, keys, pitch, warp, lane);
      __syncthreads ();
      weigh (p, s, warps, first, first_query);
      __syncthreads ();
      add_values (out, s, keys + KEYS * pitch, pitch, warp, lane);
      if (stages == 1 && first + KEYS < n_keys)
        {
          __syncthreads ();
          copy_tile (p, s.tiles, pitch, k, v, first + KEYS);
        }
    }
#pragma unroll
  for (int i = 0; i < 2; i++)
#pragma unroll
    for (int e = 0; e < 4; e++)
      {
        int row = i * 16 + lane / 4 + e / 2 * 8;
        float share = 1.0f / s.sum[row];
        MzElement *to = (MzElement *) p.out
                        + ((int64_t) sample * p.queries + first_query + row) * p.heads * p.width
                        + head * p.width;

        if (first_query + row >= p.queries)
          continue;
#pragma unroll
        for (int j = 0; j < SLICE / 8; j++)
          {
            int c = warp * SLICE + j * 8 + lane % 4 * 2 + e % 2;

            if (c < p.width)
              to[c] = mz_from_float (out[i][j][e] * share);
          }
      }
}

}

namespace MZ_CUDA_ELEMENT
{

cudaError_t
mz_cuda_attention_wide (const MzCudaAttention *attention, cudaStream_t stream)
{
  const MzCudaAttention &p = *attention;
  int warps = (p.width + SLICE - 1) / SLICE;
  dim3 grid ((unsigned) ((p.queries + QUERIES - 1) / QUERIES), (unsigned) p.heads, (unsigned) p.batch);
  int stages = count_bytes (warps, 2) <= p.shared_bytes ? 2 : 1, n_bytes = count_bytes (warps, stages);
  cudaError_t status = mz_allow_shared (attention_wide_kernel, n_bytes);

  if (status != cudaSuccess)
    return status;
  MZ_LAUNCH (attention_wide_kernel, grid, (unsigned) (32 * warps), n_bytes, stream, p, stages);
  return cudaGetLastError ();
}

}
