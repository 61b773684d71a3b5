/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the threads of product-group.cu do for a tile: copy its stages, multiply one, and store the result. */
#pragma once

#include "backends/cuda/product-parts.h"
#include "backends/cuda/simt-group.h"

namespace
{

const int MULTIPLIERS = 2 * MZ_GROUP_THREADS; /* threads of the two groups that share a tile */
const int DEPTH = MZ_GROUP_ROW;               /* of a stage: 64 halves, two of MZ_CUDA_DEPTH */
const int VECTOR = 8;
const int CHUNKS = DEPTH / VECTOR; /* of a row of a stage: a thread copies the same one of each */
/* Blocks run in about the order of their numbers. Those that run at a time are so many tiles high, and as
 * wide as it takes, so that what they read is much the same and stays in L2. */
const int BAND = 16;
/* A row of no pixel: below every picture. */
const int FAR_BELOW = 1 << 30;

/* A tile, and how many blocks a multiprocessor has at once. With two, whose registers are few, all threads
 * copy: one block's groups multiply while the other's wait. A single block has a third group that does
 * nothing else, so that neither addresses nor waiting for copies stand in the way of products. */
template <int ROWS_, int COLUMNS_, int AT_ONCE_> struct Shape
{
  static const int ROWS = ROWS_, COLUMNS = COLUMNS_, AT_ONCE = AT_ONCE_;
  /* of the tile, that a group multiplies: the groups lie below each other, or else side by side */
  static const int GROUP_COLUMNS = ROWS == 128 ? COLUMNS : COLUMNS / 2;
  static const bool HAS_COPIERS = AT_ONCE == 1;
  static const int THREADS = MULTIPLIERS + (HAS_COPIERS ? MZ_GROUP_THREADS : 0);
  static const int COPIERS = HAS_COPIERS ? MZ_GROUP_THREADS : MULTIPLIERS, FIRST_COPIER = THREADS - COPIERS;
  static const int ROWS_AT_ONCE = COPIERS / CHUNKS; /* that all of them copy together */
  static const int MY_ROWS = ROWS / ROWS_AT_ONCE, MY_COLUMNS = COLUMNS / ROWS_AT_ONCE; /* and one of them */
  static const int STAGE = (ROWS + COLUMNS) * DEPTH; /* halves: input, then matrix */
  /* Of the sums, floats from one row to the next: 8 more than there are, so that four rows at the same
   * columns lie in different banks. They take the stages' place. */
  static const int PITCH = COLUMNS + 8;
  static const int SUMS_BYTES = ROWS * PITCH * (int) sizeof (float);
};

/* What a thread copies of each stage: one chunk of some rows of the input and of the matrix. Addresses are
 * numbers: those of what is not there are computed, too, but not read. */
template <typename S> struct Copier
{
  unsigned sample[S::MY_ROWS];      /* index of the sample's first pixel */
  int y[S::MY_ROWS], x[S::MY_ROWS]; /* of the kernel's first tap, in the enlarged picture */
  uint64_t matrix;                  /* its chunk of its first row in the next stage */
  int n_columns;                    /* of its rows of the matrix, that are there */
  int depth, c, ky, kx;             /* of its chunk in the next stage */
};

template <typename S>
__device__ __forceinline__ Copier<S>
begin_copies (const MzCudaProduct &p, int first_row, int first_column, int first_depth)
{
  const int channels = p.c1 + p.c2, row = ((int) threadIdx.x - S::FIRST_COPIER) / CHUNKS;
  Copier<S> copier;
  int tap;

#pragma unroll
  for (int i = 0; i < S::MY_ROWS; i++)
    {
      Pixel pixel = find_pixel (p, first_row + row + i * S::ROWS_AT_ONCE);

      copier.sample[i] = (unsigned) pixel.sample;
      copier.y[i] = pixel.is_there ? pixel.y : FAR_BELOW;
      copier.x[i] = pixel.x;
    }
  copier.depth = first_depth + (int) threadIdx.x % CHUNKS * VECTOR;
  tap = copier.depth / channels;
  copier.c = copier.depth - tap * channels;
  copier.ky = tap / p.kernel_w;
  copier.kx = tap - copier.ky * p.kernel_w;
  copier.matrix
      = (uint64_t) (uintptr_t) p.matrix
        + 2 * ((uint64_t) (first_column + row) * (unsigned) p.depth_padded + (unsigned) copier.depth);
  copier.n_columns = max (0, (p.columns - first_column - row + S::ROWS_AT_ONCE - 1) / S::ROWS_AT_ONCE);
  return copier;
}

/* Has the card fetch the next stage into `tile`, with zeros from depth `end` on; the gate opens when it is
 * there. */
template <typename S>
__device__ __forceinline__ void
copy_stage (const MzCudaProduct &p, Copier<S> &copier, int end, __half *tile, uint64_t *gate)
{
  const int channels = p.c1 + p.c2, shift = p.upsample - 1;
  bool is_depth = copier.depth < end, is_tap = is_depth && copier.ky < p.kernel_h, is_first = copier.c < p.c1;
  uint64_t from = (uint64_t) (uintptr_t) (is_first ? p.in : p.in2)
                  + 2 * (unsigned) (is_first ? copier.c : copier.c - p.c1);
  unsigned pixel_bytes = 2 * (unsigned) (is_first ? p.c1 : p.c2);

  tile += mz_group_place (((int) threadIdx.x - S::FIRST_COPIER) / CHUNKS, (int) threadIdx.x % CHUNKS);
#pragma unroll
  for (int i = 0; i < S::MY_ROWS; i++)
    {
      int y = copier.y[i] + copier.ky, x = copier.x[i] + copier.kx;
      bool is_there = is_tap && (unsigned) y < (unsigned) p.large_h && (unsigned) x < (unsigned) p.large_w;
      unsigned pixel
          = (unsigned) (y >> shift) * (unsigned) p.in_w + (copier.sample[i] + (unsigned) (x >> shift));

      mz_copy16 (tile + i * S::ROWS_AT_ONCE * DEPTH,
                 (const void *) (uintptr_t) (from + (uint64_t) pixel * pixel_bytes), is_there);
    }
#pragma unroll
  for (int i = 0; i < S::MY_COLUMNS; i++)
    mz_copy16 (
        tile + (S::ROWS + i * S::ROWS_AT_ONCE) * DEPTH,
        (const void *) (uintptr_t) (copier.matrix
                                    + (uint64_t) (unsigned) p.depth_padded * (2 * i * S::ROWS_AT_ONCE)),
        is_depth && i < copier.n_columns);
  mz_gate_arrive_with_copies (gate);
  copier.matrix += 2 * DEPTH;
  copier.depth += DEPTH;
  copier.c += DEPTH;
  while (copier.c >= channels) /* several taps where there are few channels */
    {
      copier.c -= channels;
      if (++copier.kx == p.kernel_w)
        {
          copier.kx = 0;
          copier.ky++;
        }
    }
}

/* Begins sums += input x matrix^T of a stage; they are set anew unless it `adds`. */
template <typename S>
__device__ __forceinline__ void
multiply_stage (float sums[S::GROUP_COLUMNS / 2], uint64_t input, uint64_t matrix, int adds)
{
#pragma unroll
  for (int k = 0; k < DEPTH; k += 16)
    mz_group_multiply_shared<S::GROUP_COLUMNS> (sums, mz_group_move (input, k), mz_group_move (matrix, k),
                                                adds || k > 0);
}

/* May four columns be read and written at once? */
__device__ __forceinline__ bool
are_fours (const MzCudaProduct &p)
{
  uintptr_t halves = (uintptr_t) p.add | (uintptr_t) p.residual | (uintptr_t) p.out;

  return p.columns % 4 == 0 && (p.splits > 1 || ((uintptr_t) p.bias % 16 == 0 && halves % 8 == 0));
}

/* finish() of two pairs of a value and its gate. */
__device__ __forceinline__ void
finish_pairs (const MzCudaProduct &p, int row, int column, float4 sums, float4 bias)
{
  int64_t at = (int64_t) row * out_width (p) + column / 2;
  float first = (sums.x + bias.x) * mz_gelu (sums.y + bias.y), low = 0.0f;
  float second = (sums.z + bias.z) * mz_gelu (sums.w + bias.w), high = 0.0f;

  if (p.residual != NULL)
    mz_unpack (*(const unsigned *) ((const __half *) p.residual + at), &low, &high);
  *(unsigned *) ((__half *) p.out + at)
      = mz_pack (activate_result (p, first + low), activate_result (p, second + high));
}

/* Adds four halves. */
__device__ __forceinline__ void
add_four (float values[4], const __half *halves)
{
  uint2 both = *(const uint2 *) halves;
  float low, high;

  mz_unpack (both.x, &low, &high);
  values[0] += low;
  values[1] += high;
  mz_unpack (both.y, &low, &high);
  values[2] += low;
  values[3] += high;
}

/* finish() of four columns. */
__device__ __forceinline__ void
finish_four (const MzCudaProduct &p, int row, int column, float4 sums, float4 bias)
{
  float values[4] = { sums.x + bias.x, sums.y + bias.y, sums.z + bias.z, sums.w + bias.w };
  int64_t at = (int64_t) row * p.columns + column;

  if (p.add != NULL)
    add_four (values, find_add (p, row) + column);
#pragma unroll
  for (int i = 0; i < 4; i++)
    values[i] = activate_sum (p, values[i]);
  if (p.residual != NULL)
    add_four (values, (const __half *) p.residual + at);
#pragma unroll
  for (int i = 0; i < 4; i++)
    values[i] = activate_result (p, values[i]);
  *(uint2 *) ((__half *) p.out + at)
      = uint2{ mz_pack (values[0], values[1]), mz_pack (values[2], values[3]) };
}

/* Four sums of a row whose columns are no fours; some may be beyond the last. */
__device__ __forceinline__ void
store_singly (const MzCudaProduct &p, int row, int column, const float *sums)
{
  float *to = p.partial + ((int64_t) blockIdx.z * p.m + row) * p.columns + column;

  if (p.splits > 1)
    for (int i = 0; i < min (4, p.columns - column); i++)
      to[i] = sums[i];
  else
    for (int i = 0; i < 4; i += p.geglu ? 2 : 1)
      finish (p, row, column + i, sums[i], p.geglu ? sums[i + 1] : 0.0f);
}

/* The group's sums into the tile's, in shared memory. */
template <typename S>
__device__ __forceinline__ void
stage_sums (const float sums[S::GROUP_COLUMNS / 2], float *staging)
{
  const int group = (int) threadIdx.x / MZ_GROUP_THREADS, lane = (int) threadIdx.x % 32;
  const int row
      = (int) threadIdx.x % MZ_GROUP_THREADS / 32 * 16 + lane / 4 + (S::ROWS == 128 ? group * 64 : 0);
  const int column = lane % 4 * 2 + (S::ROWS == 128 ? 0 : group * S::GROUP_COLUMNS);

#pragma unroll
  for (int i = 0; i < S::GROUP_COLUMNS / 2; i += 2)
    *(float2 *) (staging + (row + i / 2 % 2 * 8) * S::PITCH + column + i / 4 * 8)
        = float2{ sums[i], sums[i + 1] };
}

/* Each thread the same four columns of some rows, so that a warp's threads store side by side. */
template <typename S>
__device__ __forceinline__ void
store_tile (const MzCudaProduct &p, const float *staging, int first_row, int first_column)
{
  const int FOURS = S::COLUMNS / 4, ROWS_TOGETHER = S::THREADS / FOURS;
  const int four = (int) threadIdx.x % FOURS * 4, column = first_column + four;
  const int n_rows = min (S::ROWS, p.m - first_row);
  const bool as_fours = are_fours (p), is_part = p.splits > 1;
  float4 bias = { 0.0f, 0.0f, 0.0f, 0.0f };

  if ((int) threadIdx.x >= ROWS_TOGETHER * FOURS || column >= p.columns)
    return;
  if (as_fours && !is_part)
    bias = *(const float4 *) (p.bias + column);
#pragma unroll 2
  for (int r = (int) threadIdx.x / FOURS; r < n_rows; r += ROWS_TOGETHER)
    {
      const float *sums = staging + r * S::PITCH + four;
      int row = first_row + r;

      if (!as_fours)
        store_singly (p, row, column, sums);
      else if (is_part)
        *(float4 *) (p.partial + ((int64_t) blockIdx.z * p.m + row) * p.columns + column)
            = *(const float4 *) sums;
      else if (p.geglu)
        finish_pairs (p, row, column, *(const float4 *) sums, bias);
      else
        finish_four (p, row, column, *(const float4 *) sums, bias);
    }
}

/* The tile of a block: see BAND. */
template <typename S>
__device__ __forceinline__ void
find_tile (const MzCudaProduct &p, int *first_row, int *first_column)
{
  int n_rows = (p.m + S::ROWS - 1) / S::ROWS, n_columns = (p.columns + S::COLUMNS - 1) / S::COLUMNS;
  int band = (int) blockIdx.x / (BAND * n_columns), rest = (int) blockIdx.x - band * BAND * n_columns;
  int height = min (BAND, n_rows - band * BAND), column = rest / height;

  *first_row = (band * BAND + rest - column * height) * S::ROWS;
  *first_column = column * S::COLUMNS;
}

}
