/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Attention for heads of up to MZ_CUDA_MAX_NARROW channels, in one pass over keys and values (Dao 2023,
 * arXiv:2307.08691): each warp keeps 16 or 32 queries in registers and takes the keys 32 at a time; scores
 * never leave the registers. Where queries are few, groups of warps take different keys and are joined at the
 * end, always in the same order.
 *
 * Weights are 2^(score - base). The base is the highest score of a query only when it was last looked at:
 * as long as no score is more than HEADROOM above it, weights stay within what a half holds, and neither the
 * lanes of a row need to agree on a maximum nor sums to be rescaled. */
#include "backends/cuda/simt.h"

#include <math.h>

namespace
{

const int VECTOR = 8;
const int STEP = 32; /* keys that a warp takes at a time */
const float HEADROOM = 8.0f;
const float NOTHING = -1e30f; /* the base of a query that has seen no key */
const unsigned ALL = 0xffffffffu;

/* WIDTH channels of a head, 16 M queries of a warp, QWARPS warps for different queries times GROUPS for
 * different keys, SPAN keys of a group in a tile; BLOCKS on a multiprocessor. */
template <int WIDTH_, int M_, int QWARPS_, int GROUPS_, int SPAN_, int BLOCKS_> struct Shape
{
  static const int WIDTH = WIDTH_, M = M_, QWARPS = QWARPS_, GROUPS = GROUPS_, SPAN = SPAN_, BLOCKS = BLOCKS_;
  static const int THREADS = 32 * QWARPS * GROUPS;
  static const int QUERIES = 16 * M * QWARPS;
  static const int KEYS = SPAN * GROUPS;                  /* of a tile */
  static const int PITCH = (WIDTH / VECTOR | 1) * VECTOR; /* eight rows lie in different banks */
  static const int DEPTHS = (WIDTH + 15) / 16; /* products that make a score; the last may be a half */
  static const int STAGE_BYTES = 2 * KEYS * PITCH * (int) sizeof (__half);
  static const int QUERY_BYTES = QUERIES * PITCH * (int) sizeof (__half);
  static const int KEPT = M * (4 + WIDTH / 2); /* floats that a lane remembers */
  static const int JOIN_BYTES = (GROUPS - 1) * QWARPS * KEPT * 32 * (int) sizeof (float);
};

/* How shared memory is used: one or two tiles, and queries in their place or behind them. */
struct Room
{
  int stages, query_offset, n_bytes;
};

/* What a lane remembers of its queries: rows lane / 4 and 8 more of each 16. */
template <typename S> struct Kept
{
  float base[S::M][2], sum[S::M][2], out[S::M][S::WIDTH / 8][4];
};

/* Rows first..first+ROWS of one head to shared memory; zeros where there are none. */
template <typename S, int ROWS>
__device__ __forceinline__ void
copy_rows (__half *tile, const __half *head, int64_t stride, int first, int n_rows, int width, int is_vectors)
{
  head += first * stride;
  n_rows -= first;
  if (is_vectors)
    {
#pragma unroll
      for (int i = (int) threadIdx.x; i < ROWS * (S::WIDTH / VECTOR); i += S::THREADS)
        {
          int row = i / (S::WIDTH / VECTOR), c = i % (S::WIDTH / VECTOR) * VECTOR;
          bool is_there = row < n_rows && c < width;

          mz_copy16 (tile + row * S::PITCH + c, is_there ? head + row * (int) stride + c : head, is_there);
        }
    }
  else
    for (int i = (int) threadIdx.x; i < ROWS * S::WIDTH; i += S::THREADS)
      {
        int row = i / S::WIDTH, c = i % S::WIDTH;
        bool is_there = row < n_rows && c < width;

        tile[row * S::PITCH + c] = is_there ? head[row * stride + c] : __ushort_as_half (0);
      }
}

/* A tile of keys, and the values behind it. */
template <typename S>
__device__ __forceinline__ void
copy_tile (const MzCudaAttention &p, __half *tile, const __half *k, const __half *v, int first)
{
  copy_rows<S, S::KEYS> (tile, k, p.k_stride, first, p.keys, p.width, p.vectors);
  copy_rows<S, S::KEYS> (tile + S::KEYS * S::PITCH, v, p.v_stride, first, p.keys, p.width, p.vectors);
  mz_copies_commit ();
}

template <typename S>
__device__ __forceinline__ void
clear (Kept<S> &kept)
{
#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int r = 0; r < 2; r++)
      {
        kept.base[m][r] = NOTHING;
        kept.sum[m][r] = 0.0f;
#pragma unroll
        for (int i = 0; i < S::WIDTH / 4; i++)
          kept.out[m][i / 2][2 * r + i % 2] = 0.0f;
      }
}

/* Highest of the four lanes that share a row. */
__device__ __forceinline__ float
max_of_row (float x)
{
  x = fmaxf (x, __shfl_xor_sync (ALL, x, 1));
  return fmaxf (x, __shfl_xor_sync (ALL, x, 2));
}

__device__ __forceinline__ float
sum_of_row (float x)
{
  x += __shfl_xor_sync (ALL, x, 1);
  return x + __shfl_xor_sync (ALL, x, 2);
}

template <typename S>
__device__ __forceinline__ void
load_queries (unsigned q[S::M][S::DEPTHS][4], const __half *tile, int lane)
{
#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int k = 0; k < S::DEPTHS; k++)
      /* of half a depth, the second half of the lanes only repeats addresses */
      mz_load_matrices (q[m][k], tile + (m * 16 + lane % 16) * S::PITCH + k * 16
                                     + (k * 16 + 8 < S::WIDTH ? lane / 16 * 8 : 0));
}

/* Scores of a warp's queries and STEP keys. */
template <typename S>
__device__ __forceinline__ void
score (float scores[S::M][STEP / 8][4], const unsigned q[S::M][S::DEPTHS][4], const __half *keys, int lane)
{
#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int j = 0; j < STEP / 8; j++)
#pragma unroll
      for (int e = 0; e < 4; e++)
        scores[m][j][e] = 0.0f;
#pragma unroll
  for (int k = 0; k < S::WIDTH / 16; k++)
#pragma unroll
    for (int j = 0; j < STEP / 16; j++)
      {
        unsigned b[4];

        mz_load_matrices (b,
                          keys + (j * 16 + lane % 8 + lane / 16 * 8) * S::PITCH + k * 16 + lane / 8 % 2 * 8);
#pragma unroll
        for (int m = 0; m < S::M; m++)
          {
            mz_multiply (scores[m][2 * j], q[m][k], b[0], b[1]);
            mz_multiply (scores[m][2 * j + 1], q[m][k], b[2], b[3]);
          }
      }
  if (S::WIDTH % 16 != 0)
    {
      unsigned b[4];

      mz_load_matrices (b, keys + lane * S::PITCH + S::WIDTH - 8);
#pragma unroll
      for (int j = 0; j < STEP / 8; j++)
#pragma unroll
        for (int m = 0; m < S::M; m++)
          mz_multiply_half (scores[m][j], q[m][S::DEPTHS - 1], b[j]);
    }
}

/* Scores that do not count become minus infinity. */
template <typename S>
__device__ __forceinline__ void
mask (float scores[S::M][STEP / 8][4], const MzCudaAttention &p, int first_key, int first_query, int lane)
{
#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int j = 0; j < STEP / 8; j++)
#pragma unroll
      for (int e = 0; e < 4; e++)
        {
          int key = first_key + j * 8 + lane % 4 * 2 + e % 2,
              query = first_query + m * 16 + lane / 4 + e / 2 * 8;

          if (key >= p.keys || (p.causal && key > query))
            scores[m][j][e] = -INFINITY;
        }
}

/* New bases, and all that was summed by the old ones made smaller. */
template <typename S>
__device__ __forceinline__ void
rebase (Kept<S> &kept, float highest[S::M][2], float scale)
{
#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int r = 0; r < 2; r++)
      {
        float base = fmaxf (kept.base[m][r], max_of_row (highest[m][r]) * scale);
        float factor = mz_exp2 (kept.base[m][r] - base);

        kept.base[m][r] = base;
        kept.sum[m][r] *= factor;
#pragma unroll
        for (int j = 0; j < S::WIDTH / 8; j++)
          {
            kept.out[m][j][2 * r] *= factor;
            kept.out[m][j][2 * r + 1] *= factor;
          }
      }
}

/* Scores become weights; `scale` is in units of log2. */
template <typename S>
__device__ __forceinline__ void
weigh (Kept<S> &kept, float scores[S::M][STEP / 8][4], float scale)
{
  float highest[S::M][2];
  bool is_above = false;

#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int r = 0; r < 2; r++)
      {
        highest[m][r] = scores[m][0][2 * r];
#pragma unroll
        for (int i = 1; i < STEP / 4; i++)
          highest[m][r] = fmaxf (highest[m][r], scores[m][i / 2][2 * r + i % 2]);
        is_above = is_above || fmaf (highest[m][r], scale, -kept.base[m][r]) > HEADROOM;
      }
  if (__any_sync (ALL, is_above))
    rebase<S> (kept, highest, scale);
#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int j = 0; j < STEP / 8; j++)
#pragma unroll
      for (int e = 0; e < 4; e++)
        {
          scores[m][j][e] = mz_exp2 (fmaf (scores[m][j][e], scale, -kept.base[m][e / 2]));
          kept.sum[m][e / 2] += scores[m][j][e];
        }
}

/* out += weights x values. */
template <typename S>
__device__ __forceinline__ void
add_values (Kept<S> &kept, const float weights[S::M][STEP / 8][4], const __half *values, int lane)
{
  unsigned a[S::M][STEP / 16][4], b[4];

#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int k = 0; k < STEP / 16; k++)
#pragma unroll
      for (int i = 0; i < 4; i++)
        a[m][k][i] = mz_pack (weights[m][2 * k + i / 2][i % 2 * 2], weights[m][2 * k + i / 2][i % 2 * 2 + 1]);
#pragma unroll
  for (int j = 0; j < S::WIDTH / 16; j++)
#pragma unroll
    for (int k = 0; k < STEP / 16; k++)
      {
        mz_load_matrices_transposed (b, values + (k * 16 + lane % 16) * S::PITCH + j * 16 + lane / 16 * 8);
#pragma unroll
        for (int m = 0; m < S::M; m++)
          {
            mz_multiply (kept.out[m][2 * j], a[m][k], b[0], b[1]);
            mz_multiply (kept.out[m][2 * j + 1], a[m][k], b[2], b[3]);
          }
      }
  if (S::WIDTH % 16 != 0)
    {
      mz_load_matrices_transposed (b, values + lane * S::PITCH + S::WIDTH - 8);
#pragma unroll
      for (int k = 0; k < STEP / 16; k++)
#pragma unroll
        for (int m = 0; m < S::M; m++)
          mz_multiply (kept.out[m][S::WIDTH / 8 - 1], a[m][k], b[2 * k], b[2 * k + 1]);
    }
}

/* A warp's part of a tile. */
template <typename S>
__device__ __forceinline__ void
take_keys (const MzCudaAttention &p,
           Kept<S> &kept,
           const unsigned q[S::M][S::DEPTHS][4],
           const __half *keys,
           const __half *values,
           int first_key,
           int first_query,
           int lane)
{
  int n_keys = p.causal ? min (p.keys, first_query + 16 * S::M) : p.keys;

#pragma unroll 1
  for (int i = 0; i < S::SPAN && first_key + i < n_keys; i += STEP)
    {
      float scores[S::M][STEP / 8][4];

      score<S> (scores, q, keys + i * S::PITCH, lane);
      if (first_key + i + STEP > p.keys || (p.causal && first_key + i + STEP > first_query))
        mask<S> (scores, p, first_key + i, first_query, lane);
      weigh<S> (kept, scores, p.scale * 1.4426950408889634f);
      add_values<S> (kept, scores, values + i * S::PITCH, lane);
    }
}

/* The groups' sums, in the first group's warps. */
template <typename S>
__device__ __forceinline__ void
join_groups (Kept<S> &kept, float *room, int group, int qwarp, int lane)
{
  __syncthreads ();
  if (group > 0)
    {
      float *to = room + ((group - 1) * S::QWARPS + qwarp) * S::KEPT * 32 + lane;
      const float *from = (const float *) &kept;

#pragma unroll
      for (int i = 0; i < S::KEPT; i++)
        to[i * 32] = from[i];
    }
  __syncthreads ();
  for (int other = 1; group == 0 && other < S::GROUPS; other++)
    {
      const float *from = room + ((other - 1) * S::QWARPS + qwarp) * S::KEPT * 32 + lane;

#pragma unroll
      for (int m = 0; m < S::M; m++)
#pragma unroll
        for (int r = 0; r < 2; r++)
          {
            float theirs = from[(m * 2 + r) * 32], base = fmaxf (kept.base[m][r], theirs);
            float factor = mz_exp2 (kept.base[m][r] - base), their_factor = mz_exp2 (theirs - base);

            kept.base[m][r] = base;
            kept.sum[m][r] = kept.sum[m][r] * factor + from[(S::M * 2 + m * 2 + r) * 32] * their_factor;
#pragma unroll
            for (int i = 0; i < S::WIDTH / 4; i++)
              {
                float *x = &kept.out[m][i / 2][2 * r + i % 2];

                *x = *x * factor
                     + from[(S::M * 4 + (m * (S::WIDTH / 8) + i / 2) * 4 + 2 * r + i % 2) * 32]
                           * their_factor;
              }
          }
    }
}

template <typename S>
__device__ __forceinline__ void
write_out (const MzCudaAttention &p, const Kept<S> &kept, int sample, int head, int first_query, int lane)
{
#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int r = 0; r < 2; r++)
      {
        int query = first_query + m * 16 + lane / 4 + 8 * r;
        float share = 1.0f / sum_of_row (kept.sum[m][r]);
        __half *to
            = (__half *) p.out + ((int64_t) sample * p.queries + query) * p.heads * p.width + head * p.width;

        if (query >= p.queries)
          continue;
#pragma unroll
        for (int j = 0; j < S::WIDTH / 8; j++)
          {
            int c = j * 8 + lane % 4 * 2;
            float x = kept.out[m][j][2 * r] * share, next = kept.out[m][j][2 * r + 1] * share;

            if (p.vectors && c < p.width)
              *(unsigned *) (to + c) = mz_pack (x, next);
            else if (c < p.width)
              {
                to[c] = __float2half_rn (x);
                if (c + 1 < p.width)
                  to[c + 1] = __float2half_rn (next);
              }
          }
      }
}

template <typename S>
__global__ void
__launch_bounds__ (S::THREADS, S::BLOCKS) attention_kernel (MzCudaAttention p, Room room)
{
  MZ_SHARED_BYTES (shared);
  int lane = (int) threadIdx.x % 32, group = (int) threadIdx.x / 32 / S::QWARPS;
  int qwarp = (int) threadIdx.x / 32 % S::QWARPS;
  int head = (int) blockIdx.y, sample = (int) blockIdx.z, block_query = (int) blockIdx.x * S::QUERIES;
  const __half *q = (const __half *) p.q + (int64_t) sample * p.queries * p.q_stride + head * p.width;
  const __half *k = (const __half *) p.k + (int64_t) sample * p.keys * p.k_stride + head * p.width;
  const __half *v = (const __half *) p.v + (int64_t) sample * p.keys * p.v_stride + head * p.width;
  int n_keys = p.causal ? min (p.keys, block_query + S::QUERIES) : p.keys, stage = 0;
  int first_query = block_query + qwarp * 16 * S::M;
  __half *query_tile = (__half *) (shared + room.query_offset), *tile = (__half *) shared;
  unsigned queries[S::M][S::DEPTHS][4];
  Kept<S> kept;

  clear<S> (kept);
  copy_rows<S, S::QUERIES> (query_tile, q, p.q_stride, block_query, p.queries, p.width, p.vectors);
  if (room.query_offset > 0)
    copy_tile<S> (p, tile, k, v, 0);
  mz_copies_commit ();
  mz_copies_wait<0> ();
  __syncthreads ();
  load_queries<S> (queries, query_tile + qwarp * 16 * S::M * S::PITCH, lane);
  if (room.query_offset == 0)
    {
      __syncthreads ();
      copy_tile<S> (p, tile, k, v, 0);
    }
  for (int first = 0; first < n_keys; first += S::KEYS)
    {
      int next = first + S::KEYS;

      mz_copies_wait<0> ();
      __syncthreads ();
      tile = (__half *) (shared + stage * S::STAGE_BYTES);
      if (room.stages == 2 && next < n_keys)
        {
          stage = 1 - stage;
          copy_tile<S> (p, (__half *) (shared + stage * S::STAGE_BYTES), k, v, next);
        }
      take_keys<S> (p, kept, queries, tile + group * S::SPAN * S::PITCH,
                    tile + (S::KEYS + group * S::SPAN) * S::PITCH, first + group * S::SPAN, first_query,
                    lane);
      if (room.stages == 1 && next < n_keys)
        {
          __syncthreads ();
          copy_tile<S> (p, tile, k, v, next);
        }
    }
  if (S::GROUPS > 1)
    join_groups<S> (kept, (float *) shared, group, qwarp, lane);
  if (group == 0)
    write_out<S> (p, kept, sample, head, first_query, lane);
}

unsigned
blocks_of (const MzCudaAttention &p, int queries)
{
  return (unsigned) ((p.queries + queries - 1) / queries);
}

template <typename S>
cudaError_t
launch (const MzCudaAttention &p, cudaStream_t stream)
{
  dim3 grid (blocks_of (p, S::QUERIES), (unsigned) p.heads, (unsigned) p.batch);
  bool are_two = p.keys > S::KEYS && 2 * S::STAGE_BYTES <= p.shared_bytes;
  Room room = { are_two ? 2 : 1, 0, 0 };
  cudaError_t status;

  room.n_bytes = room.stages * S::STAGE_BYTES;
  if (room.n_bytes + S::QUERY_BYTES <= p.shared_bytes)
    {
      room.query_offset = room.n_bytes;
      room.n_bytes += S::QUERY_BYTES;
    }
  room.n_bytes = room.n_bytes > S::QUERY_BYTES ? room.n_bytes : S::QUERY_BYTES;
  room.n_bytes = room.n_bytes > S::JOIN_BYTES ? room.n_bytes : S::JOIN_BYTES;
  if (room.n_bytes > p.shared_bytes)
    return cudaErrorInvalidValue;
  status = mz_allow_shared (attention_kernel<S>, room.n_bytes);
  if (status != cudaSuccess)
    return status;
  MZ_LAUNCH (attention_kernel<S>, grid, S::THREADS, room.n_bytes, stream, p, room);
  return cudaGetLastError ();
}

/* LARGE where its blocks give most multiprocessors work, or SMALL has not the room. */
template <typename LARGE, typename SMALL>
cudaError_t
choose (const MzCudaAttention &p, cudaStream_t stream)
{
  int64_t blocks = (int64_t) blocks_of (p, LARGE::QUERIES) * p.heads * p.batch;

  return blocks * 4 >= (int64_t) p.n_multiprocessors * 3 || SMALL::STAGE_BYTES > p.shared_bytes
                 || SMALL::JOIN_BYTES > p.shared_bytes
             ? launch<LARGE> (p, stream)
             : launch<SMALL> (p, stream);
}

}

cudaError_t
mz_cuda_attention (const MzCudaAttention *attention, cudaStream_t stream)
{
  const MzCudaAttention &p = *attention;

  if (p.width <= 16)
    return launch<Shape<16, 1, 2, 4, 32, 1> > (p, stream);
  if (p.width <= 40)
    return choose<Shape<40, 2, 8, 1, 64, 2>, Shape<40, 1, 2, 4, 32, 1> > (p, stream);
  if (p.width <= 64)
    return choose<Shape<64, 2, 4, 1, 64, 3>, Shape<64, 1, 2, 4, 32, 1> > (p, stream);
  if (p.width <= 80)
    return choose<Shape<80, 2, 4, 2, 32, 1>, Shape<80, 1, 2, 4, 32, 1> > (p, stream);
  return choose<Shape<160, 1, 4, 1, 32, 2>, Shape<160, 1, 2, 4, 32, 1> > (p, stream);
}
