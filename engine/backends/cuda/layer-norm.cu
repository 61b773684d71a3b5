/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Layer norm. Eight lanes, a warp, or for long rows a block of their own hold a row in registers: its mean
 * first and then the squared distances from it. The warps of a block each do so for their part, and meet once
 * to join the parts' means and sums (Chan, Golub and LeVeque 1979). Gammas and betas are asked for before the
 * sums are taken, as they come from as far. Rows that are too long or no whole vectors are read three times.
 */
#include "backends/cuda/simt.h"

namespace
{

const int THREADS = 128;
const int LONG_THREADS = 1024; /* most of a row */
const int VECTOR = 8;
const unsigned ALL = 0xffffffffu;

struct __align__ (16) Vector { MzElement x[VECTOR]; };

struct Norm
{
  MzElement *out;
  const MzElement *in;
  const float *gamma, *beta;
  int64_t rows;
  int c;
  float share; /* 1 / c */
  float epsilon;
};

/* Of a vector's channels. */
struct Weights
{
  float4 gammas[2], betas[2];
};

template <int LANES>
__device__ __forceinline__ float
sum_of_lanes (float x)
{
  for (int lanes = LANES / 2; lanes > 0; lanes /= 2)
    x += __shfl_xor_sync (ALL, x, lanes);
  return x;
}

__device__ __forceinline__ Weights
read_weights (const Norm &p, int vector)
{
  const float4 *gammas = (const float4 *) p.gamma + 2 * vector, *betas = (const float4 *) p.beta + 2 * vector;

  return Weights{ { gammas[0], gammas[1] }, { betas[0], betas[1] } };
}

/* In pairs, so that no sum waits for all before it. */
__device__ __forceinline__ float
sum_of (const float x[VECTOR])
{
  return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
}

__device__ __forceinline__ float
sum_of (const Vector &vector)
{
  float x[VECTOR];

#pragma unroll
  for (int e = 0; e < VECTOR; e++)
    x[e] = mz_to_float (vector.x[e]);
  return sum_of (x);
}

/* Of the squared distances from the mean. */
__device__ __forceinline__ float
squares_of (const Vector &vector, float mean)
{
  float x[VECTOR];

#pragma unroll
  for (int e = 0; e < VECTOR; e++)
    {
      x[e] = mz_to_float (vector.x[e]) - mean;
      x[e] *= x[e];
    }
  return sum_of (x);
}

__device__ __forceinline__ Vector
scaled (const Vector &vector, const Weights &weights, float mean, float scale)
{
  const float *gammas = (const float *) weights.gammas, *betas = (const float *) weights.betas;
  Vector result;

#pragma unroll
  for (int e = 0; e < VECTOR; e++)
    result.x[e] = mz_from_float ((mz_to_float (vector.x[e]) - mean) * scale * gammas[e] + betas[e]);
  return result;
}

/* LANES a row, each with up to HELD vectors. */
template <int LANES, int HELD>
__global__ void
__launch_bounds__ (THREADS, 4) short_rows_kernel (Norm p)
{
  int64_t row = (int64_t) blockIdx.x * (THREADS / LANES) + (int) threadIdx.x / LANES;
  int lane = (int) threadIdx.x % LANES;
  int vectors = row < p.rows ? p.c / VECTOR : 0; /* lanes without a row still take part in the sums */
  const Vector *in = (const Vector *) (p.in + row * p.c) + lane;
  Vector *out = (Vector *) (p.out + row * p.c) + lane;
  Vector values[HELD];
  Weights weights[HELD];
  float mean = 0.0f, m2 = 0.0f, scale;

#pragma unroll
  for (int i = 0; i < HELD; i++)
    if (lane + i * LANES < vectors)
      values[i] = in[i * LANES];
#pragma unroll
  for (int i = 0; i < HELD; i++)
    if (lane + i * LANES < vectors)
      weights[i] = read_weights (p, lane + i * LANES);
#pragma unroll
  for (int i = 0; i < HELD; i++)
    if (lane + i * LANES < vectors)
      mean += sum_of (values[i]);
  mean = sum_of_lanes<LANES> (mean) * p.share;
#pragma unroll
  for (int i = 0; i < HELD; i++)
    if (lane + i * LANES < vectors)
      m2 += squares_of (values[i], mean);
  scale = rsqrtf (sum_of_lanes<LANES> (m2) * p.share + p.epsilon);
#pragma unroll
  for (int i = 0; i < HELD; i++)
    if (lane + i * LANES < vectors)
      out[i * LANES] = scaled (values[i], weights[i], mean, scale);
}

/* A block a row, each thread with a vector. */
__global__ void
__launch_bounds__ (LONG_THREADS) long_row_kernel (Norm p)
{
  MZ_SHARED_BYTES (bytes);
  float *parts = (float *) bytes; /* [warps, 2]: mean and sum of squared distances */
  int vectors = p.c / VECTOR, vector = (int) threadIdx.x, warps = (int) blockDim.x / 32, warp = vector / 32;
  int n_last = (vectors - (warps - 1) * 32) * VECTOR; /* channels of the last warp, others have 32 vectors */
  bool is_there = vector < vectors;
  float n = (float) (warp < warps - 1 ? 32 * VECTOR : n_last), mean = 0.0f, m2 = 0.0f, scale;
  Vector value;
  Weights weights;

  if (is_there)
    {
      value = ((const Vector *) (p.in + (int64_t) blockIdx.x * p.c))[vector];
      weights = read_weights (p, vector);
      mean = sum_of (value);
    }
  mean = mz_divide (sum_of_lanes<32> (mean), n);
  if (is_there)
    m2 = squares_of (value, mean);
  m2 = sum_of_lanes<32> (m2);
  if (vector % 32 == 0)
    {
      parts[2 * warp] = mean;
      parts[2 * warp + 1] = m2;
    }
  __syncthreads ();
  mean = 0.0f;
#pragma unroll 4
  for (int i = 0; i < warps; i++)
    mean += parts[2 * i] * (float) (i < warps - 1 ? 32 * VECTOR : n_last);
  mean *= p.share;
  m2 = 0.0f;
#pragma unroll 4
  for (int i = 0; i < warps; i++)
    {
      float delta = parts[2 * i] - mean;

      m2 += parts[2 * i + 1] + delta * delta * (float) (i < warps - 1 ? 32 * VECTOR : n_last);
    }
  scale = rsqrtf (m2 * p.share + p.epsilon);
  if (is_there)
    ((Vector *) (p.out + (int64_t) blockIdx.x * p.c))[vector] = scaled (value, weights, mean, scale);
}

/* Any row, a warp each. */
__global__ void
__launch_bounds__ (THREADS) any_row_kernel (Norm p)
{
  int64_t row = (int64_t) blockIdx.x * (THREADS / 32) + threadIdx.x / 32;
  int lane = (int) threadIdx.x % 32;
  const MzElement *in = p.in + row * p.c;
  MzElement *out = p.out + row * p.c;
  float mean = 0.0f, m2 = 0.0f, scale;

  if (row >= p.rows)
    return;
  for (int i = lane; i < p.c; i += 32)
    mean += mz_to_float (in[i]);
  mean = sum_of_lanes<32> (mean) * p.share;
  for (int i = lane; i < p.c; i += 32)
    {
      float x = mz_to_float (in[i]) - mean;

      m2 += x * x;
    }
  scale = rsqrtf (sum_of_lanes<32> (m2) * p.share + p.epsilon);
  for (int i = lane; i < p.c; i += 32)
    out[i] = mz_from_float ((mz_to_float (in[i]) - mean) * scale * p.gamma[i] + p.beta[i]);
}

/* Blocks for rows of so many lanes. */
unsigned
count_blocks (int64_t rows, int lanes)
{
  return (unsigned) ((rows + THREADS / lanes - 1) / (THREADS / lanes));
}

}

namespace MZ_CUDA_ELEMENT
{

cudaError_t
mz_cuda_layer_norm (void *out,
                    const void *in,
                    const float *gamma,
                    const float *beta,
                    int64_t rows,
                    int c,
                    float epsilon,
                    int vectors,
                    cudaStream_t stream)
{
  Norm p = { (MzElement *) out, (const MzElement *) in, gamma, beta, rows, c, 1.0f / (float) c, epsilon };

  if (!vectors || c > LONG_THREADS * VECTOR)
    MZ_LAUNCH (any_row_kernel, count_blocks (rows, 32), THREADS, 0, stream, p);
  else if (c <= 8 * 5 * VECTOR)
    MZ_LAUNCH ((short_rows_kernel<8, 5>), count_blocks (rows, 8), THREADS, 0, stream, p);
  else if (c <= 32 * 3 * VECTOR)
    MZ_LAUNCH ((short_rows_kernel<32, 3>), count_blocks (rows, 32), THREADS, 0, stream, p);
  else
    {
      unsigned warps = (unsigned) ((c / VECTOR + 31) / 32);

      MZ_LAUNCH (long_row_kernel, (unsigned) rows, 32 * warps, 2 * warps * (unsigned) sizeof (float), stream,
                 p);
    }
  return cudaGetLastError ();
}

}
