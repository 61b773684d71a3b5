/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Convolutions and linear layers of whole vectors by products of four warps (Hopper): as product.cu, but
 * input and matrix are multiplied where they lie in shared memory, beside the copying of what comes next. Two
 * groups share a tile. No thread waits for another but at gates, one that opens when a stage has arrived, and
 * one that opens when both groups are done with it. */
#include "backends/cuda/product-group.h"

namespace
{

const int MAX_STAGES = 8;
/* Shared memory of a multiprocessor, of which a block has what it asks for and RESERVED besides, and most of
 * a block. */
const int SHARED_BYTES = 228 * 1024, RESERVED_BYTES = 1024, MAX_BLOCK_BYTES = 227 * 1024;
/* In front of the stages: up to the first aligned address, and the gates. */
const int HEAD_BYTES = 2 * MZ_GROUP_TILE_ALIGNMENT;
/* Where the stage of a step stands, and how often it has been filled before. */
struct Turn
{
  int stage, time;
};

__device__ __forceinline__ Turn
next_turn (Turn turn, int n_stages)
{
  return turn.stage + 1 == n_stages ? Turn{ 0, turn.time + 1 } : Turn{ turn.stage + 1, turn.time };
}

/* What a block's threads share. */
struct Pipe
{
  uint64_t *arrived, *done; /* gates of each stage */
  __half *stages;
  int n_stages, n_steps, end; /* end: of the depth */
};

/* All steps of a copying thread that does nothing else. */
template <typename S>
__device__ __forceinline__ void
copy_steps (const MzCudaProduct &p, const Pipe &pipe, Copier<S> &copier)
{
  Turn turn = { 0, 0 };

#pragma unroll 1
  for (int step = 0; step < pipe.n_steps; step++)
    {
      if (turn.time > 0)
        mz_gate_wait (pipe.done + turn.stage, turn.time - 1);
      copy_stage<S> (p, copier, pipe.end, pipe.stages + turn.stage * S::STAGE, pipe.arrived + turn.stage);
      turn = next_turn (turn, pipe.n_stages);
    }
}

/* The sums of a group's part of the tile. */
template <typename S>
__device__ __forceinline__ void
multiply_steps (const MzCudaProduct &p,
                const Pipe &pipe,
                int group,
                float sums[S::GROUP_COLUMNS / 2],
                Copier<S> *copier)
{
  /* what the group multiplies of the first stage */
  uint64_t input = mz_group_operand (pipe.stages, S::ROWS == 128 ? group * 64 : 0, 0);
  uint64_t matrix
      = mz_group_operand (pipe.stages, S::ROWS + (S::ROWS == 128 ? 0 : group * S::GROUP_COLUMNS), 0);
  Turn turn = { 0, 0 }, last = { 0, 0 };

#pragma unroll 1
  for (int step = 0; step < pipe.n_steps; step++)
    {
      mz_gate_wait (pipe.arrived + turn.stage, turn.time);
      mz_group_publish ();
      mz_group_begin ();
      multiply_stage<S> (sums, mz_group_move (input, turn.stage * S::STAGE),
                         mz_group_move (matrix, turn.stage * S::STAGE), step > 0);
      mz_group_commit ();
      mz_group_wait<1> (); /* for the step before, whose stage is filled anew while this one is multiplied */
      if (step > 0 && step - 1 + pipe.n_stages < pipe.n_steps)
        {
          if (threadIdx.x % 32 == 0)
            mz_gate_arrive (pipe.done + last.stage);
          if constexpr (!S::HAS_COPIERS)
            {
              mz_gate_wait (pipe.done + last.stage, last.time);
              copy_stage<S> (p, *copier, pipe.end, pipe.stages + last.stage * S::STAGE,
                             pipe.arrived + last.stage);
            }
        }
      last = turn;
      turn = next_turn (turn, pipe.n_stages);
    }
  mz_group_wait<0> ();
}

template <typename S>
__global__ void
__launch_bounds__ (S::THREADS, S::AT_ONCE) group_kernel (MzCudaProduct p, int n_stages)
{
#ifdef MZ_HAS_GROUPS
  MZ_SHARED_BYTES (shared);
  uint64_t *gates = (uint64_t *) mz_align_shared (shared, MZ_GROUP_TILE_ALIGNMENT);
  /* the same for a warp, which the compiler does not see by itself */
  int group = __shfl_sync (0xffffffffu, (int) threadIdx.x / MZ_GROUP_THREADS, 0);
  int begin = (int) blockIdx.z * p.blocks_per_split * MZ_CUDA_DEPTH;
  int end = min (begin + p.blocks_per_split * MZ_CUDA_DEPTH, p.depth_padded);
  Pipe pipe = { gates,
                gates + MAX_STAGES,
                (__half *) gates + MZ_GROUP_TILE_ALIGNMENT / 2,
                n_stages,
                (end - begin + DEPTH - 1) / DEPTH,
                end };
  int first_row, first_column;
  float sums[S::GROUP_COLUMNS / 2];

  if (threadIdx.x < (unsigned) n_stages)
    {
      mz_gate_set (pipe.arrived + threadIdx.x, S::COPIERS);
      mz_gate_set (pipe.done + threadIdx.x, MULTIPLIERS / 32);
    }
  find_tile<S> (p, &first_row, &first_column);
  __syncthreads ();
  if constexpr (S::HAS_COPIERS)
    {
      if (group == MULTIPLIERS / MZ_GROUP_THREADS)
        {
          Copier<S> copier = begin_copies<S> (p, first_row, first_column, begin);

          copy_steps<S> (p, pipe, copier);
        }
      else
        multiply_steps<S> (p, pipe, group, sums, NULL);
    }
  else
    {
      Copier<S> copier = begin_copies<S> (p, first_row, first_column, begin);

      for (int i = 0; i < min (n_stages, pipe.n_steps); i++)
        copy_stage<S> (p, copier, end, pipe.stages + i * S::STAGE, pipe.arrived + i);
      multiply_steps<S> (p, pipe, group, sums, &copier);
    }
  __syncthreads ();
  if (group < MULTIPLIERS / MZ_GROUP_THREADS)
    stage_sums<S> (sums, (float *) pipe.stages);
  __syncthreads ();
  store_tile<S> (p, (const float *) pipe.stages, first_row, first_column);
#endif
}

/* Stages of a block: as many as there is room for beside the other blocks of its multiprocessor. */
template <typename S>
int
count_stages (const MzCudaProduct &p)
{
  int room = SHARED_BYTES / S::AT_ONCE - RESERVED_BYTES - HEAD_BYTES;
  int n_steps = (p.blocks_per_split * MZ_CUDA_DEPTH + DEPTH - 1) / DEPTH;
  int n = room / (S::STAGE * (int) sizeof (__half));

  n = n < MAX_STAGES ? n : MAX_STAGES;
  n = n < n_steps ? n : n_steps;
  return n > 2 ? n : 2; /* a step's stage is filled while the next is multiplied */
}

template <typename S>
cudaError_t
launch (const MzCudaProduct &p, int64_t n_tiles, cudaStream_t stream)
{
  int n_stages = count_stages<S> (p), n_bytes = n_stages * S::STAGE * (int) sizeof (__half);
  cudaError_t status = mz_allow_shared (group_kernel<S>, MAX_BLOCK_BYTES);

  if (status != cudaSuccess)
    return status;
  n_bytes = HEAD_BYTES + (n_bytes > S::SUMS_BYTES ? n_bytes : S::SUMS_BYTES);
  MZ_LAUNCH (group_kernel<S>, dim3 ((unsigned) n_tiles, 1, (unsigned) p.splits), S::THREADS, n_bytes, stream,
             p, n_stages);
  return p.splits > 1 ? mz_cuda_finish_product (&p, stream) : cudaGetLastError ();
}

/* MOST: blocks of a multiprocessor at once, if there are enough. */
template <int ROWS, int COLUMNS, int MOST>
cudaError_t
launch_tile (const MzCudaProduct &p, int n_multiprocessors, cudaStream_t stream)
{
  int64_t n_tiles = (int64_t) ((p.m + ROWS - 1) / ROWS) * ((p.columns + COLUMNS - 1) / COLUMNS);

  if (n_tiles * p.splits <= n_multiprocessors)
    return launch<Shape<ROWS, COLUMNS, 1> > (p, n_tiles, stream);
  return launch<Shape<ROWS, COLUMNS, MOST> > (p, n_tiles, stream);
}

}

int
mz_cuda_product_fits_groups (const MzCudaProduct *p)
{
  int64_t n = p->m / ((int64_t) p->out_h * p->out_w);

  /* pixels are counted in 32 bits, and so are tiles */
  return mz_cuda_has_groups () && n * p->in_h * p->in_w <= INT32_MAX
         && (int64_t) (p->m / 64 + 1) * (p->columns / 64 + 1) <= INT32_MAX;
}

cudaError_t
mz_cuda_product_by_groups (const MzCudaProduct *product,
                           int rows,
                           int columns,
                           int n_multiprocessors,
                           cudaStream_t stream)
{
  const MzCudaProduct &p = *product;

  if (rows == 64)
    return launch_tile<64, 128, 2> (p, n_multiprocessors, stream);
  switch (columns)
    {
    case 256:
      return launch_tile<128, 256, 1> (p, n_multiprocessors, stream);
    case 160:
      return launch_tile<128, 160, 2> (p, n_multiprocessors, stream);
    case 128:
      return launch_tile<128, 128, 2> (p, n_multiprocessors, stream);
    default:
      return launch_tile<128, 64, 2> (p, n_multiprocessors, stream);
    }
}
