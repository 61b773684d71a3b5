/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Attention by groups of four warps (Hopper): as attention.cu, but products run beside the weighing of the
 * keys before. A group has 64 queries, in registers, and takes the keys 64 at a time; the groups of a block
 * share the keys and values in shared memory. */
#include "backends/cuda/attention-group.h"

namespace
{

/* What a thread copies of each stage: some chunks of one row. */
template <typename S> struct Copier
{
  const __half *k, *v; /* its first chunk of the next stage */
  int row, chunk;
  int first; /* key of that stage */
};

/* Has the card fetch the next stage; the gate of its place opens when it is there. */
template <typename S>
__device__ __forceinline__ void
copy_stage (const MzCudaAttention &p, Copier<S> &copier, __half *tiles, uint64_t *gates)
{
  int stage = copier.first / STEP % STAGES;
  bool is_there = copier.first + copier.row < p.keys;
  __half *keys = tiles + stage * S::STAGE, *values = keys + S::PANELS * S::PANEL;

  if (copier.first >= p.keys)
    return;
#pragma unroll
  for (int i = 0; i < S::CHUNKS; i += S::SHARERS)
    {
      int chunk = copier.chunk + i;
      int place = chunk / 8 * S::PANEL + mz_group_place (copier.row, chunk % 8);

      if (i + S::SHARERS <= S::CHUNKS || chunk < S::CHUNKS)
        {
          mz_copy16 (keys + place, is_there ? copier.k + i * VECTOR : (const __half *) p.k, is_there);
          mz_copy16 (values + place, is_there ? copier.v + i * VECTOR : (const __half *) p.v, is_there);
        }
    }
  mz_gate_arrive_with_copies (gates + stage);
  copier.k += STEP * p.k_stride;
  copier.v += STEP * p.v_stride;
  copier.first += STEP;
}

/* Behind the keys' channels, up to a whole depth. */
template <typename S>
__device__ __forceinline__ void
clear_rest (__half *tiles)
{
  const int panel = (S::CHUNKS - 1) / 8 * S::PANEL;

  if (S::CHUNKS % 2 != 0)
    for (int i = (int) threadIdx.x; i < STAGES * STEP; i += S::THREADS)
      *(uint4 *) (tiles + i / STEP * S::STAGE + panel + mz_group_place (i % STEP, S::CHUNKS % 8))
          = uint4{ 0, 0, 0, 0 };
}

template <typename S>
__device__ __forceinline__ void
write_out (const MzCudaAttention &p, const Kept<S> &kept, int sample, int head, int first_query, int lane)
{
#pragma unroll
  for (int r = 0; r < 2; r++)
    {
      int query = first_query + lane / 4 + 8 * r;
      float sum = kept.sum[r], share;
      __half *to = (__half *) p.out + (((int64_t) sample * p.queries + query) * p.heads + head) * S::WIDTH;

      sum += __shfl_xor_sync (ALL, sum, 1);
      share = 1.0f / (sum + __shfl_xor_sync (ALL, sum, 2));
      if (query < p.queries)
#pragma unroll
        for (int j = 0; j < S::WIDTH / 8; j++)
          *(unsigned *) (to + j * 8 + lane % 4 * 2)
              = mz_pack (kept.out[4 * j + 2 * r] * share, kept.out[4 * j + 2 * r + 1] * share);
    }
}

template <typename S>
__global__ void
__launch_bounds__ (S::THREADS, 1) group_kernel (MzCudaAttention p)
{
#ifdef MZ_HAS_GROUPS
  MZ_SHARED_BYTES (shared);
  __half *tiles = (__half *) mz_align_shared (shared, MZ_GROUP_TILE_ALIGNMENT);
  int lane = (int) threadIdx.x % 32, head = (int) blockIdx.y, sample = (int) blockIdx.z;
  int first_query = (int) blockIdx.x * S::QUERIES + (int) threadIdx.x / 32 * 16;
  int row = (int) threadIdx.x / S::SHARERS, chunk = (int) threadIdx.x % S::SHARERS;
  int64_t key = (int64_t) sample * p.keys + row;
  Copier<S> copier
      = { (const __half *) p.k + key * p.k_stride + head * S::WIDTH + chunk * VECTOR,
          (const __half *) p.v + key * p.v_stride + head * S::WIDTH + chunk * VECTOR, row, chunk, 0 };
  uint64_t *gates = (uint64_t *) (tiles + STAGES * S::STAGE);
  float scale = p.scale * 1.4426950408889634f, scores[STEP / 2];
  unsigned q[S::DEPTHS][4], weights[STEP / 16][4];
  Kept<S> kept;

  if (threadIdx.x == 0)
    for (int i = 0; i < STAGES; i++)
      mz_gate_set (gates + i, S::THREADS);
  clear_rest<S> (tiles);
  mz_group_publish ();
  __syncthreads ();
  copy_stage<S> (p, copier, tiles, gates);
  copy_stage<S> (p, copier, tiles, gates);
  load_queries<S> (p, q, (const __half *) p.q + (int64_t) sample * p.queries * p.q_stride + head * S::WIDTH,
                   first_query, lane);
#pragma unroll
  for (int i = 0; i < S::WIDTH / 2; i++)
    kept.out[i] = 0.0f;
  kept.sum[0] = kept.sum[1] = 0.0f;
  kept.base[0] = kept.base[1] = NOTHING;
  mz_gate_wait (gates, 0);
  mz_group_publish ();
  mz_group_begin ();
  score<S> (scores, q, tiles);
  mz_group_commit ();
  mz_group_wait<0> ();
#pragma unroll 1
  for (int first = 0; first < p.keys; first += STEP)
    {
      const __half *keys = tiles + first / STEP % STAGES * S::STAGE;
      int next = first + STEP, stage = next / STEP;
      float sums[2];

      if (next > p.keys)
        mask (scores, p.keys - first, lane);
      weigh (scores, kept.base, scale, sums);
      mz_group_wait<0> (); /* for the values of the step before */
      if (__any_sync (ALL, !(sums[0] <= MOST && sums[1] <= MOST)))
        {
          score_again<S> (scores, q, keys, lane);
          if (next > p.keys)
            mask (scores, p.keys - first, lane);
          rebase<S> (kept, scores, scale);
          weigh (scores, kept.base, scale, sums);
        }
      kept.sum[0] += sums[0];
      kept.sum[1] += sums[1];
#pragma unroll
      for (int i = 0; i < STEP / 4; i++)
        weights[i / 4][i % 4] = mz_pack (scores[2 * i], scores[2 * i + 1]);
      if (next < p.keys)
        {
          mz_gate_wait (gates + stage % STAGES, stage / STAGES);
          mz_group_publish ();
          copy_stage<S> (p, copier, tiles, gates);
          mz_group_begin ();
          score<S> (scores, q, tiles + stage % STAGES * S::STAGE);
          mz_group_commit ();
        }
      else
        mz_group_begin ();
      add_values<S> (kept.out, weights, keys + S::PANELS * S::PANEL);
      mz_group_commit ();
      if (next < p.keys)
        mz_group_wait<1> (); /* for the scores */
      else
        mz_group_wait<0> ();
    }
  write_out<S> (p, kept, sample, head, first_query, lane);
#endif
}

template <typename S>
cudaError_t
launch (const MzCudaAttention &p, cudaStream_t stream)
{
  dim3 grid ((unsigned) ((p.queries + S::QUERIES - 1) / S::QUERIES), (unsigned) p.heads, (unsigned) p.batch);
  cudaError_t status = mz_allow_shared (group_kernel<S>, S::N_BYTES);

  if (status != cudaSuccess)
    return status;
  MZ_LAUNCH (group_kernel<S>, grid, S::THREADS, S::N_BYTES, stream, p);
  return cudaGetLastError ();
}

}

int
mz_cuda_has_groups (void)
{
#ifdef MZ_CUDA_GROUPS
  return 1;
#else
  return 0;
#endif
}

int
mz_cuda_attention_fits_groups (const MzCudaAttention *p)
{
  /* the largest shape's room, so that no width is a case of its own */
  return p->vectors && !p->causal && (p->width == 40 || p->width == 64 || p->width == 80)
         && Shape<80, 2>::N_BYTES <= p->shared_bytes;
}

cudaError_t
mz_cuda_attention_by_groups (const MzCudaAttention *attention, cudaStream_t stream)
{
  const MzCudaAttention &p = *attention;
  /* half as many queries a block where there are too few blocks for all multiprocessors */
  bool is_small
      = (int64_t) ((p.queries + 4 * STEP - 1) / (4 * STEP)) * p.heads * p.batch < p.n_multiprocessors;

  if (p.width == 40)
    return is_small ? launch<Shape<40, 2> > (p, stream) : launch<Shape<40, 4> > (p, stream);
  if (p.width == 64)
    return is_small ? launch<Shape<64, 2> > (p, stream) : launch<Shape<64, 4> > (p, stream);
  return launch<Shape<80, 2> > (p, stream); /* more groups have not the registers */
}
