/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What product.cu and product-group.cu have in common: where a row of the product begins to read, and what
 * follows the sums. */
#pragma once

#include "backends/cuda/simt.h"

namespace MZ_CUDA_ELEMENT
{

/* Of a depth in parts: sums the parts, always in the same order, and what follows. Both forms end with it. */
cudaError_t mz_cuda_finish_product (const MzCudaProduct *product, cudaStream_t stream);

}

namespace
{

using MZ_CUDA_ELEMENT::mz_cuda_finish_product;

/* Where the pixel of one row of the product begins to read. */
struct Pixel
{
  int64_t sample; /* index of the sample's first pixel */
  int y, x;       /* of the kernel's first tap, in the enlarged picture */
  bool is_there;
};

__device__ __forceinline__ Pixel
find_pixel (const MzCudaProduct &p, int row)
{
  int per_sample = p.out_h * p.out_w;
  int n = row / per_sample, rest = row - n * per_sample;
  int y = rest / p.out_w, x = rest - y * p.out_w;
  Pixel pixel;

  pixel.sample = (int64_t) n * p.in_h * p.in_w;
  pixel.y = y * p.stride - p.pad_top;
  pixel.x = x * p.stride - p.pad_left;
  pixel.is_there = row < p.m;
  return pixel;
}

/* Columns of the result. */
__device__ __forceinline__ int
out_width (const MzCudaProduct &p)
{
  return p.geglu ? p.columns / 2 : p.columns;
}

/* Of `add`, the first column of a row's sample. */
__device__ __forceinline__ const MzElement *
find_add (const MzCudaProduct &p, int row)
{
  return (const MzElement *) p.add
         + (p.add_is_shared ? 0 : (int64_t) (row / (p.out_h * p.out_w)) * p.columns);
}

/* The activation before a residual, and after it. */
__device__ __forceinline__ float
activate_sum (const MzCudaProduct &p, float value)
{
  return p.activation != MZ_CUDA_RELU ? mz_activate (value, p.activation) : value;
}

__device__ __forceinline__ float
activate_result (const MzCudaProduct &p, float value)
{
  return p.activation == MZ_CUDA_RELU ? mz_activate (value, MZ_CUDA_RELU) : value;
}

/* Bias, channel_add, activation, residual, store: of one column, or with GEGLU of a value and its gate. */
__device__ __forceinline__ void
finish (const MzCudaProduct &p, int row, int column, float value, float next)
{
  int width = out_width (p);

  if (row >= p.m || column >= p.columns)
    return;
  value += p.bias[column];
  if (p.geglu)
    {
      value *= mz_gelu (next + p.bias[column + 1]);
      column /= 2;
    }
  else
    {
      if (p.add != NULL)
        value += mz_to_float (find_add (p, row)[column]);
      value = activate_sum (p, value);
    }
  if (p.residual != NULL)
    value += mz_to_float (((const MzElement *) p.residual)[(int64_t) row * width + column]);
  ((MzElement *) p.out)[(int64_t) row * width + column] = mz_from_float (activate_result (p, value));
}

}
