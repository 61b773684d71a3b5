/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A tensor's elements as they stand in a file, to where products read them: channels last, rows of values and
 * gates in turn, as elements. What an element or a float cannot hold is noted. */
#include "backends/cuda/simt.h"

namespace
{

const int THREADS = 256;
const unsigned INFINITE = 0x7f800000u;
#ifdef MZ_CUDA_BFLOAT16
const float MOST = 0x1.fep127f; /* that an element can hold */
#else
const float MOST = 65504.0f;
#endif

/* Element i as the bits of a float32. */
template <int DTYPE>
__device__ __forceinline__ unsigned
read_bits (const void *from, int64_t i)
{
  if (DTYPE == MZ_CUDA_FROM_F32)
    return ((const unsigned *) from)[i];
  if (DTYPE == MZ_CUDA_FROM_BF16)
    return (unsigned) ((const unsigned short *) from)[i] << 16;
  return __float_as_uint (__half2float (__ushort_as_half (((const unsigned short *) from)[i])));
}

template <int DTYPE>
__global__ void
__launch_bounds__ (THREADS) lay_kernel (MzCudaLaying l)
{
  int64_t i = (int64_t) blockIdx.x * THREADS + threadIdx.x, e = l.first + i;
  int64_t line = e / l.taps, row = line / l.inner, at;
  unsigned bits;
  float value;

  if (i >= l.n)
    return;
  bits = read_bits<DTYPE> (l.from, i);
  value = __uint_as_float (bits);
  if ((bits & INFINITE) == INFINITE || (l.to_elements && fabsf (value) > MOST))
    mz_least (l.fault, (uint64_t) e << 32 | bits);
  at = (e - line * l.taps) * l.inner + (line - row * l.inner);
  row += l.first_row;
  if (l.half_rows > 0)
    row = row < l.half_rows ? 2 * row : 2 * (row - l.half_rows) + 1;
  at += row * l.row_stride;
  if (l.to_elements)
    ((MzElement *) l.to)[at] = mz_from_float (value);
  else
    ((float *) l.to)[at] = value;
}

}

namespace MZ_CUDA_ELEMENT
{

cudaError_t
mz_cuda_lay (const MzCudaLaying *l, cudaStream_t stream)
{
  unsigned blocks = (unsigned) ((l->n + THREADS - 1) / THREADS);

  if (l->dtype == MZ_CUDA_FROM_F32)
    MZ_LAUNCH (lay_kernel<MZ_CUDA_FROM_F32>, blocks, THREADS, 0, stream, *l);
  else if (l->dtype == MZ_CUDA_FROM_BF16)
    MZ_LAUNCH (lay_kernel<MZ_CUDA_FROM_BF16>, blocks, THREADS, 0, stream, *l);
  else
    MZ_LAUNCH (lay_kernel<MZ_CUDA_FROM_F16>, blocks, THREADS, 0, stream, *l);
  return cudaGetLastError ();
}

}
