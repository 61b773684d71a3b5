/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Layer norm: eight lanes, half a warp or a warp hold a row in registers, its mean first and then the squared
 * distances from it; rows that are too long or no whole vectors are read three times. */
#include "backends/cuda/simt.h"

namespace
{

const int THREADS = 128;
const int VECTOR = 8;
const int HELD = 5; /* vectors of a lane */

struct __align__ (16) Vector { __half x[VECTOR]; };

template <int LANES>
__device__ __forceinline__ float
sum_of_lanes (float x)
{
  for (int lanes = LANES / 2; lanes > 0; lanes /= 2)
    x += __shfl_xor_sync (0xffffffffu, x, lanes);
  return x;
}

template <int LANES>
__global__ void
__launch_bounds__ (THREADS) layer_norm_kernel (__half *out,
                                               const __half *in,
                                               const float *gamma,
                                               const float *beta,
                                               int64_t rows,
                                               int c,
                                               float epsilon)
{
  int64_t row = (int64_t) blockIdx.x * (THREADS / LANES) + (int) threadIdx.x / LANES;
  int lane = (int) threadIdx.x % LANES;
  int vectors = row < rows ? c / VECTOR : 0; /* lanes without a row still take part in the sums */
  Vector values[HELD];
  float mean = 0.0f, m2 = 0.0f, scale;

  in += row * c;
  out += row * c;
#pragma unroll
  for (int i = 0; i < HELD; i++)
    if (lane + i * LANES < vectors)
      values[i] = *(const Vector *) (in + (lane + i * LANES) * VECTOR);
#pragma unroll
  for (int i = 0; i < HELD; i++)
    if (lane + i * LANES < vectors)
#pragma unroll
      for (int e = 0; e < VECTOR; e++)
        mean += __half2float (values[i].x[e]);
  mean = sum_of_lanes<LANES> (mean) / (float) c;
#pragma unroll
  for (int i = 0; i < HELD; i++)
    if (lane + i * LANES < vectors)
#pragma unroll
      for (int e = 0; e < VECTOR; e++)
        {
          float x = __half2float (values[i].x[e]) - mean;

          m2 += x * x;
        }
  scale = rsqrtf (sum_of_lanes<LANES> (m2) / (float) c + epsilon);
#pragma unroll
  for (int i = 0; i < HELD; i++)
    if (lane + i * LANES < vectors)
      {
        int first = (lane + i * LANES) * VECTOR;
        float4 gammas[2] = { *(const float4 *) (gamma + first), *(const float4 *) (gamma + first + 4) };
        float4 betas[2] = { *(const float4 *) (beta + first), *(const float4 *) (beta + first + 4) };

#pragma unroll
        for (int e = 0; e < VECTOR; e++)
          values[i].x[e]
              = __float2half_rn ((__half2float (values[i].x[e]) - mean) * scale * ((const float *) gammas)[e]
                                 + ((const float *) betas)[e]);
        *(Vector *) (out + first) = values[i];
      }
}

/* Any row, a warp each. */
__global__ void
__launch_bounds__ (THREADS) any_row_kernel (__half *out,
                                            const __half *in,
                                            const float *gamma,
                                            const float *beta,
                                            int64_t rows,
                                            int c,
                                            float epsilon)
{
  int64_t row = (int64_t) blockIdx.x * (THREADS / 32) + threadIdx.x / 32;
  int lane = (int) threadIdx.x % 32;
  float mean = 0.0f, m2 = 0.0f, scale;

  if (row >= rows)
    return;
  in += row * c;
  out += row * c;
  for (int i = lane; i < c; i += 32)
    mean += __half2float (in[i]);
  mean = sum_of_lanes<32> (mean) / (float) c;
  for (int i = lane; i < c; i += 32)
    {
      float x = __half2float (in[i]) - mean;

      m2 += x * x;
    }
  scale = rsqrtf (sum_of_lanes<32> (m2) / (float) c + epsilon);
  for (int i = lane; i < c; i += 32)
    out[i] = __float2half_rn ((__half2float (in[i]) - mean) * scale * gamma[i] + beta[i]);
}

}

#define LAUNCH(KERNEL, LANES)                                                                                \
  MZ_LAUNCH (KERNEL, (unsigned) ((rows + THREADS / (LANES) -1) / (THREADS / (LANES))), THREADS, 0, stream,   \
             (__half *) out, (const __half *) in, gamma, beta, rows, c, epsilon)

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
  if (!vectors || c > 32 * HELD * VECTOR)
    LAUNCH (any_row_kernel, 32);
  else if (c <= 8 * HELD * VECTOR)
    LAUNCH (layer_norm_kernel<8>, 8);
  else if (c <= 16 * HELD * VECTOR)
    LAUNCH (layer_norm_kernel<16>, 16);
  else
    LAUNCH (layer_norm_kernel<32>, 32);
  return cudaGetLastError ();
}
