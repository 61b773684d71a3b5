/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Attention for heads of up to MZ_CUDA_MAX_NARROW channels, in one pass over keys and values (Dao 2023,
 * arXiv:2307.08691): each warp keeps 16 or 32 queries in registers and takes the keys 32 at a time; scores
 * never leave the registers. Where queries are few, groups of warps take different keys and are joined at the
 * end, always in the same order. */
#include "backends/cuda/attention-warp.h"

namespace
{

/* How shared memory is used: one or two tiles, and queries in their place or behind them. */
struct Room
{
  int stages, query_offset, n_bytes;
};

/* Rows first..first+ROWS of one head to shared memory; zeros where there are none. */
template <typename S, int ROWS>
__device__ __forceinline__ void
copy_rows (MzElement *tile,
           const MzElement *head,
           int64_t stride,
           int first,
           int n_rows,
           int width,
           int is_vectors)
{
  const int VECTORS = S::WIDTH / VECTOR, ALL_VECTORS = ROWS * VECTORS;
  int thread = mz_thread (), pitch = (int) stride;

  head += first * stride;
  n_rows -= first;
  if (is_vectors && n_rows >= ROWS && width == S::WIDTH)
    {
#pragma unroll
      for (int i = 0; i < ALL_VECTORS; i += S::THREADS)
        {
          int row = (i + thread) / VECTORS, c = (i + thread) % VECTORS * VECTOR;

          if (i + S::THREADS <= ALL_VECTORS || i + thread < ALL_VECTORS)
            mz_copy16 (tile + row * S::PITCH + c, head + (row * pitch + c), true);
        }
    }
  else if (is_vectors)
#pragma unroll 1
    for (int i = thread; i < ALL_VECTORS; i += S::THREADS)
      {
        int row = i / VECTORS, c = i % VECTORS * VECTOR;
        bool is_there = row < n_rows && c < width;

        mz_copy16 (tile + row * S::PITCH + c, is_there ? head + (row * pitch + c) : head, is_there);
      }
  else
#pragma unroll 1
    for (int i = thread; i < ROWS * S::WIDTH; i += S::THREADS)
      {
        int row = i / S::WIDTH, c = i % S::WIDTH;
        bool is_there = row < n_rows && c < width;

        tile[row * S::PITCH + c] = is_there ? head[row * pitch + c] : mz_zero ();
      }
}

/* A tile of keys, and the values behind it. */
template <typename S>
__device__ __forceinline__ void
copy_tile (const MzCudaAttention &p, MzElement *tile, const MzElement *k, const MzElement *v, int first)
{
  copy_rows<S, S::KEYS> (tile, k, p.k_stride, first, p.keys, p.width, p.vectors);
  copy_rows<S, S::KEYS> (tile + S::KEYS * S::PITCH, v, p.v_stride, first, p.keys, p.width, p.vectors);
  mz_copies_commit ();
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

/* A query's result; two channels at once where every head begins at a whole vector. */
template <typename S>
__device__ __forceinline__ void
write_query (const MzCudaAttention &p,
             MzElement *to,
             const float out[S::WIDTH / 8][4],
             int r,
             float share,
             int lane)
{
  if (p.vectors)
    {
#pragma unroll
      for (int j = 0; j < S::WIDTH / 8; j++)
        if (j * 8 < p.width)
          *(unsigned *) (to + j * 8 + lane % 4 * 2)
              = mz_pack (out[j][2 * r] * share, out[j][2 * r + 1] * share);
      return;
    }
#pragma unroll
  for (int i = 0; i < S::WIDTH / 4; i++)
    if (i / 2 * 8 + lane % 4 * 2 + i % 2 < p.width)
      to[i / 2 * 8 + lane % 4 * 2 + i % 2] = mz_from_float (out[i / 2][2 * r + i % 2] * share);
}

template <typename S>
__device__ __forceinline__ void
write_out (const MzCudaAttention &p, const Kept<S> &kept, int sample, int head, int first_query, int lane)
{
  MzElement *out = (MzElement *) p.out + ((int64_t) sample * p.queries * p.heads + head) * p.width;

#pragma unroll
  for (int m = 0; m < S::M; m++)
#pragma unroll
    for (int r = 0; r < 2; r++)
      {
        int query = first_query + m * 16 + lane / 4 + 8 * r;
        float share = 1.0f / sum_of_row (kept.sum[m][r]);

        if (query < p.queries)
          write_query<S> (p, out + (int64_t) query * p.heads * p.width, kept.out[m], r, share, lane);
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
  const MzElement *q = (const MzElement *) p.q + (int64_t) sample * p.queries * p.q_stride + head * p.width;
  const MzElement *k = (const MzElement *) p.k + (int64_t) sample * p.keys * p.k_stride + head * p.width;
  const MzElement *v = (const MzElement *) p.v + (int64_t) sample * p.keys * p.v_stride + head * p.width;
  int n_keys = p.causal ? min (p.keys, block_query + S::QUERIES) : p.keys, stage = 0;
  int first_query = block_query + qwarp * 16 * S::M;
  MzElement *query_tile = (MzElement *) (shared + room.query_offset), *tile = (MzElement *) shared;
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
      tile = (MzElement *) (shared + stage * S::STAGE_BYTES);
      if (room.stages == 2 && next < n_keys)
        {
          stage = 1 - stage;
          copy_tile<S> (p, (MzElement *) (shared + stage * S::STAGE_BYTES), k, v, next);
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
  bool are_two = p.keys > S::KEYS && 2 * S::STAGE_BYTES * S::BLOCKS <= p.shared_bytes;
  Room room = { are_two ? 2 : 1, 0, 0 };
  cudaError_t status;

  room.n_bytes = room.stages * S::STAGE_BYTES;
  if ((room.n_bytes + S::QUERY_BYTES) * S::BLOCKS <= p.shared_bytes)
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

namespace MZ_CUDA_ELEMENT
{

cudaError_t
mz_cuda_attention (const MzCudaAttention *attention, cudaStream_t stream)
{
  const MzCudaAttention &p = *attention;

  if (p.width <= 16)
    return launch<Shape<16, 1, 2, 4, 32, 1> > (p, stream);
  if (p.width <= 40)
    return choose<Shape<40, 2, 8, 1, 128, 2>, Shape<40, 1, 2, 4, 32, 1> > (p, stream);
  if (p.width <= 64)
    return choose<Shape<64, 2, 4, 1, 64, 3>, Shape<64, 1, 2, 4, 32, 1> > (p, stream);
  if (p.width <= 80)
    return choose<Shape<80, 2, 4, 2, 32, 1>, Shape<80, 1, 2, 4, 32, 1> > (p, stream);
  return choose<Shape<160, 1, 4, 1, 32, 2>, Shape<160, 1, 2, 4, 32, 1> > (p, stream);
}

}
