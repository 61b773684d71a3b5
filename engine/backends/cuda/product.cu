/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Convolutions and linear layers: one tiled matrix product on the tensor cores, whose input is gathered pixel
 * by pixel as it is copied to shared memory. That is where padding, stride, enlarging and the joining of two
 * inputs happen, so that none of them costs a pass over memory. */
#include "backends/cuda/product-parts.h"

namespace
{

const int THREADS = 256;
const int STAGES = 3;
/* Halves of a tile's row in shared memory: 8 more than it holds, so that 8 rows at the same depth lie in
 * different banks. */
const int PITCH = MZ_CUDA_DEPTH + 8;
const int VECTOR = 8;
const int VECTORS_PER_ROW = MZ_CUDA_DEPTH / VECTOR;

/* The input at depth (tap, c) of a pixel; NULL in the padding. */
__device__ __forceinline__ const MzElement *
find_input (const MzCudaProduct &p, const Pixel &pixel, int tap, int c)
{
  int ky = tap / p.kernel_w, kx = tap - ky * p.kernel_w;
  int y = pixel.y + ky, x = pixel.x + kx, shift = p.upsample - 1;
  int64_t at;

  if (!pixel.is_there || ky >= p.kernel_h || y < 0 || y >= p.large_h || x < 0 || x >= p.large_w)
    return NULL;
  at = pixel.sample + (int64_t) (y >> shift) * p.in_w + (x >> shift);
  if (c < p.c1)
    return (const MzElement *) p.in + at * p.c1 + c;
  return (const MzElement *) p.in2 + at * p.c2 + (c - p.c1);
}

/* Are the inputs no whole vectors, but latents' four channels or a multiple of them? */
__device__ __forceinline__ bool
are_fours (const MzCudaProduct &p)
{
  return p.c1 % 4 == 0 && p.c2 % 4 == 0 && ((uintptr_t) p.in | (uintptr_t) p.in2) % 8 == 0;
}

/* The same as copy_input() of inputs that are no whole vectors, N channels at a time. */
template <int ROWS, int N>
__device__ __forceinline__ void
copy_input_by (const MzCudaProduct &p, MzElement *tile, int depth)
{
  const int channels = p.c1 + p.c2;

  for (int i = (int) threadIdx.x * N; i < ROWS * MZ_CUDA_DEPTH; i += THREADS * N)
    {
      int row = i / MZ_CUDA_DEPTH, k = depth + i % MZ_CUDA_DEPTH, tap = k / channels;
      Pixel pixel = find_pixel (p, (int) blockIdx.x * ROWS + row);
      const MzElement *from = find_input (p, pixel, tap, k - tap * channels);
      MzElement *to = tile + row * PITCH + i % MZ_CUDA_DEPTH;

      if (N == 4)
        *(uint2 *) to = from != NULL ? *(const uint2 *) from : uint2{ 0, 0 };
      else
        *to = from != NULL ? *from : mz_zero ();
    }
}

/* A tile of the gathered input: ROWS rows from first_row, one block of depth. */
template <int ROWS, bool IS_VECTORS>
__device__ __forceinline__ void
copy_input (const MzCudaProduct &p, MzElement *tile, const Pixel *pixels, int depth)
{
  const int channels = p.c1 + p.c2;

  if constexpr (IS_VECTORS)
    {
      int k = depth + (int) (threadIdx.x % VECTORS_PER_ROW) * VECTOR;
      int tap = k / channels, c = k - tap * channels;

#pragma unroll
      for (int i = 0; i < ROWS * VECTORS_PER_ROW / THREADS; i++)
        {
          int row = (int) threadIdx.x / VECTORS_PER_ROW + i * (THREADS / VECTORS_PER_ROW);
          const MzElement *from = find_input (p, pixels[i], tap, c);

          mz_copy16 (tile + row * PITCH + (int) (threadIdx.x % VECTORS_PER_ROW) * VECTOR,
                     from != NULL ? from : (const MzElement *) p.in, from != NULL);
        }
    }
  else if (are_fours (p))
    copy_input_by<ROWS, 4> (p, tile, depth);
  else
    copy_input_by<ROWS, 1> (p, tile, depth);
}

template <int COLUMNS>
__device__ __forceinline__ void
copy_matrix (const MzCudaProduct &p, MzElement *tile, int first_column, int depth)
{
#pragma unroll
  for (int i = 0; i < COLUMNS * VECTORS_PER_ROW / THREADS; i++)
    {
      int at = (int) threadIdx.x + i * THREADS, row = at / VECTORS_PER_ROW, k = at % VECTORS_PER_ROW * VECTOR;
      int column = first_column + row;
      bool is_there = column < p.columns;

      mz_copy16 (tile + row * PITCH + k,
                 (const MzElement *) p.matrix + (int64_t) (is_there ? column : 0) * p.depth_padded + depth
                     + k,
                 is_there);
    }
}

__device__ __forceinline__ void
store_pair (const MzCudaProduct &p, int row, int column, float first, float second)
{
  if (p.splits > 1)
    {
      float *to = p.partial + ((int64_t) blockIdx.z * p.m + row) * p.columns + column;

      if (row < p.m && column < p.columns)
        to[0] = first;
      if (row < p.m && column + 1 < p.columns)
        to[1] = second;
      return;
    }
  finish (p, row, column, first, second);
  if (!p.geglu)
    finish (p, row, column + 1, second, 0.0f);
}

/* 16 of the depth as the tensor cores want it. */
template <int M_TILES, int N_TILES>
__device__ __forceinline__ void
load_operands (unsigned (*a)[4], unsigned (*b)[4], const MzElement *input, const MzElement *matrix, int lane)
{
#pragma unroll
  for (int i = 0; i < M_TILES; i++)
    mz_load_matrices (a[i], input + (i * 16 + lane % 16) * PITCH + lane / 16 * 8);
#pragma unroll
  for (int j = 0; j < (N_TILES + 1) / 2; j++)
    mz_load_matrices (b[j], matrix + (j * 16 + lane % 8 + lane / 16 * 8) * PITCH + lane / 8 % 2 * 8);
}

/* A warp's part of one block of the depth, [rows, columns] of its tile: sums += input x matrix^T, the block's
 * own sums as floats, or as halves. */
template <int M_TILES, int N_TILES, bool IN_HALVES>
__device__ __forceinline__ void
multiply_block (float (*sums)[N_TILES][4], const MzElement *input, const MzElement *matrix, int lane)
{
  unsigned halves[M_TILES][N_TILES][2] = {};

#pragma unroll
  for (int k = 0; k < MZ_CUDA_DEPTH; k += 16)
    {
      unsigned a[M_TILES][4], b[(N_TILES + 1) / 2][4];

      load_operands<M_TILES, N_TILES> (a, b, input + k, matrix + k, lane);
#pragma unroll
      for (int i = 0; i < M_TILES; i++)
#pragma unroll
        for (int j = 0; j < N_TILES; j++)
          if constexpr (IN_HALVES)
            mz_multiply_to_halves (halves[i][j], a[i], b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]);
          else
            mz_multiply (sums[i][j], a[i], b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]);
    }
  if constexpr (IN_HALVES)
#pragma unroll
    for (int i = 0; i < M_TILES; i++)
#pragma unroll
      for (int j = 0; j < N_TILES; j++)
#pragma unroll
        for (int e = 0; e < 4; e += 2)
          {
            float first, second;

            mz_unpack (halves[i][j][e / 2], &first, &second);
            sums[i][j][e] += first;
            sums[i][j][e + 1] += second;
          }
}

/* 8 warps, two along the rows and four along the columns. */
template <int ROWS, int COLUMNS, bool IS_VECTORS, bool IN_HALVES>
__global__ void
__launch_bounds__ (THREADS) product_kernel (MzCudaProduct p)
{
  const int WARP_ROWS = ROWS / 2, WARP_COLUMNS = COLUMNS / 4;
  const int M_TILES = WARP_ROWS / 16, N_TILES = WARP_COLUMNS / 8;
  const int STAGE = (ROWS + COLUMNS) * PITCH;

  MZ_SHARED_BYTES (shared);
  MzElement *stages = (MzElement *) shared;
  int warp = (int) threadIdx.x / 32, lane = (int) threadIdx.x % 32;
  int warp_row = warp / 4 * WARP_ROWS, warp_column = warp % 4 * WARP_COLUMNS;
  int first_row = (int) blockIdx.x * ROWS, first_column = (int) blockIdx.y * COLUMNS;
  int first_block = (int) blockIdx.z * p.blocks_per_split;
  int n_blocks = min (p.blocks_per_split, p.depth_padded / MZ_CUDA_DEPTH - first_block);
  Pixel pixels[ROWS * VECTORS_PER_ROW / THREADS];
  float sums[M_TILES][N_TILES][4];

#pragma unroll
  for (int i = 0; i < ROWS * VECTORS_PER_ROW / THREADS; i++)
    pixels[i]
        = find_pixel (p, first_row + (int) threadIdx.x / VECTORS_PER_ROW + i * (THREADS / VECTORS_PER_ROW));
#pragma unroll
  for (int i = 0; i < M_TILES; i++)
#pragma unroll
    for (int j = 0; j < N_TILES; j++)
#pragma unroll
      for (int e = 0; e < 4; e++)
        sums[i][j][e] = 0.0f;

#pragma unroll
  for (int s = 0; s < STAGES - 1; s++)
    {
      if (s < n_blocks)
        {
          copy_input<ROWS, IS_VECTORS> (p, stages + s * STAGE, pixels, (first_block + s) * MZ_CUDA_DEPTH);
          copy_matrix<COLUMNS> (p, stages + s * STAGE + ROWS * PITCH, first_column,
                                (first_block + s) * MZ_CUDA_DEPTH);
        }
      mz_copies_commit ();
    }
  for (int block = 0; block < n_blocks; block++)
    {
      int ahead = block + STAGES - 1;
      const MzElement *input = stages + block % STAGES * STAGE, *matrix = input + ROWS * PITCH;

      mz_copies_wait<STAGES - 2> ();
      __syncthreads ();
      if (ahead < n_blocks)
        {
          MzElement *to = stages + ahead % STAGES * STAGE;

          copy_input<ROWS, IS_VECTORS> (p, to, pixels, (first_block + ahead) * MZ_CUDA_DEPTH);
          copy_matrix<COLUMNS> (p, to + ROWS * PITCH, first_column, (first_block + ahead) * MZ_CUDA_DEPTH);
        }
      mz_copies_commit ();
      multiply_block<M_TILES, N_TILES, IN_HALVES> (sums, input + warp_row * PITCH,
                                                   matrix + warp_column * PITCH, lane);
    }
#pragma unroll
  for (int i = 0; i < M_TILES; i++)
#pragma unroll
    for (int j = 0; j < N_TILES; j++)
      {
        int row = first_row + warp_row + i * 16 + lane / 4;
        int column = first_column + warp_column + j * 8 + lane % 4 * 2;

        store_pair (p, row, column, sums[i][j][0], sums[i][j][1]);
        store_pair (p, row + 8, column, sums[i][j][2], sums[i][j][3]);
      }
}

/* Sums the parts of the depth, always in the same order. */
__global__ void
__launch_bounds__ (THREADS) finish_kernel (MzCudaProduct p)
{
  int step = p.geglu ? 2 : 1;
  int64_t i = ((int64_t) blockIdx.x * THREADS + threadIdx.x) * step, n = (int64_t) p.m * p.columns;
  float value = 0, next = 0;

  if (i >= n)
    return;
  for (int s = 0; s < p.splits; s++)
    {
      value += p.partial[s * n + i];
      if (p.geglu)
        next += p.partial[s * n + i + 1];
    }
  finish (p, (int) (i / p.columns), (int) (i % p.columns), value, next);
}

template <int ROWS, int COLUMNS, bool IS_VECTORS, bool IN_HALVES>
cudaError_t
launch (const MzCudaProduct &p, cudaStream_t stream)
{
  const int n_bytes = STAGES * (ROWS + COLUMNS) * PITCH * (int) sizeof (MzElement);
  dim3 grid ((unsigned) ((p.m + ROWS - 1) / ROWS), (unsigned) ((p.columns + COLUMNS - 1) / COLUMNS),
             (unsigned) p.splits);
  cudaError_t status = mz_allow_shared (product_kernel<ROWS, COLUMNS, IS_VECTORS, IN_HALVES>, n_bytes);

  if (status != cudaSuccess)
    return status;
  MZ_LAUNCH ((product_kernel<ROWS, COLUMNS, IS_VECTORS, IN_HALVES>), grid, THREADS, n_bytes, stream, p);
  return p.splits > 1 ? mz_cuda_finish_product (&p, stream) : cudaGetLastError ();
}

template <bool IS_VECTORS, bool IN_HALVES>
cudaError_t
launch_tile (const MzCudaProduct &p, int rows, int columns, cudaStream_t stream)
{
  if constexpr (IS_VECTORS || MZ_HAS_ALL_TILES)
    {
      if (rows == 128 && columns == 128)
        return launch<128, 128, IS_VECTORS, IN_HALVES> (p, stream);
      if (rows == 128)
        return launch<128, 64, IS_VECTORS, IN_HALVES> (p, stream);
    }
  return launch<64, 64, IS_VECTORS, IN_HALVES> (p, stream);
}

}

namespace MZ_CUDA_ELEMENT
{

cudaError_t
mz_cuda_product (const MzCudaProduct *product, int rows, int columns, int vectors, cudaStream_t stream)
{
  if (!vectors)
    return launch_tile<false, false> (*product, rows, columns, stream);
  return product->half_sums ? launch_tile<true, MZ_HAS_HALF_SUMS> (*product, rows, columns, stream)
                            : launch_tile<true, false> (*product, rows, columns, stream);
}

cudaError_t
mz_cuda_finish_product (const MzCudaProduct *product, cudaStream_t stream)
{
  int64_t n = (int64_t) product->m * product->columns / (product->geglu ? 2 : 1);

  MZ_LAUNCH (finish_kernel, (unsigned) ((n + THREADS - 1) / THREADS), THREADS, 0, stream, *product);
  return cudaGetLastError ();
}

}
