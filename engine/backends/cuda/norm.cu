/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Group norm. A block takes a slab of whole groups (so many that its channels are whole vectors) of a chunk
 * of pixels and holds them in registers: their mean first, then the squared distances from it, so that no
 * large mean costs digits. Small pictures are one chunk, and scaled by the same block; the chunks of others
 * are joined by every block of a second launch, which needs no block to wait for another. All sums are taken
 * in the same order on every run. */
#include "backends/cuda/simt.h"

namespace
{

const int THREADS = MZ_CUDA_NORM_THREADS;
const int HELD = MZ_CUDA_NORM_PIXELS; /* pixels that a thread holds */
const int SCALED = HELD / 2;          /* when it only scales them */
const int VECTOR = 8;
const int FINISHERS = 128;     /* threads */
const int OTHER = -1;          /* an activation known at run time only */
const int LANES_OF_CHUNKS = 8; /* that join the chunks of a group */
const unsigned ALL = 0xffffffffu;

/* N channels of one pixel. */
template <int N> struct __align__ (2 * N) Vector { __half x[N]; };

/* What a thread works on: N channels, as many pixels as its rows. */
template <int N> struct Share
{
  bool is_there;
  int row, slot, slots; /* slot: where its sums stand, so that 32 rows are in 32 banks */
  int groups, first_group;
  int channel;      /* first, of all */
  int group;        /* of the first channel, within the slab */
  unsigned ends;    /* bit e: channel e is the last of its group */
  const __half *in; /* the channel at pixel 0 of the sample */
  int64_t stride;   /* from one pixel to the next */
};

/* The block's shared memory. */
struct Shared
{
  float *sums;    /* [groups] */
  float *scales;  /* [groups, 2]: mean and 1 / deviation; or mean and m2 */
  float *partial; /* [segments, slots] */
};

__device__ __forceinline__ float
sum_of_warp (float x)
{
  for (int lanes = 16; lanes > 0; lanes /= 2)
    x += __shfl_xor_sync (ALL, x, lanes);
  return x;
}

template <int N>
__device__ __forceinline__ Share<N>
take_share (const MzCudaNorm &p, int sample)
{
  int per_group = (p.c1 + p.c2) / p.groups, vectors = p.slab_groups * per_group / N, column;
  Share<N> s;

  s.row = (int) threadIdx.x / vectors;
  column = (int) threadIdx.x - s.row * vectors;
  s.slots = p.rows * (vectors | 1);
  s.slot = s.row * (vectors | 1) + column;
  s.first_group = (int) blockIdx.y * p.slab_groups;
  s.groups = min (p.slab_groups, p.groups - s.first_group);
  s.is_there = s.row < p.rows && column * N < s.groups * per_group;
  s.channel = s.first_group * per_group + column * N;
  s.group = column * N / per_group;
  s.ends = 0;
#pragma unroll
  for (int e = 0; e < N; e++)
    s.ends |= (unsigned) ((column * N + e + 1) % per_group == 0) << e;
  s.stride = s.channel < p.c1 ? p.c1 : p.c2;
  s.in = s.channel < p.c1 ? (const __half *) p.in + s.channel : (const __half *) p.in2 + (s.channel - p.c1);
  s.in += sample * p.pixels * s.stride;
  return s;
}

__device__ __forceinline__ Shared
lay_out (const MzCudaNorm &p, unsigned char *bytes)
{
  float *sums = (float *) bytes;

  return Shared{ sums, sums + p.slab_groups, sums + 3 * p.slab_groups };
}

/* Reads the thread's pixels of first .. end; returns how many. */
template <int N, int HOLD>
__device__ __forceinline__ int
read_pixels (const MzCudaNorm &p, const Share<N> &s, Vector<N> values[HOLD], int64_t first, int64_t end)
{
  int64_t left = end - first - s.row;
  int n = !s.is_there || left <= 0               ? 0
          : left > (int64_t) (HOLD - 1) * p.rows ? HOLD
                                                 : (int) (left - 1) / p.rows + 1;
  int64_t step = p.rows * s.stride;
  const __half *from = s.in + (first + s.row) * s.stride;

#pragma unroll
  for (int i = 0; i < HOLD; i++, from += step)
    if (i < n)
      values[i] = *(const Vector<N> *) from;
  return n;
}

/* Adds up what the threads have for their channels, group by group, into shared.sums. */
template <int N>
__device__ __forceinline__ void
sum_groups (const MzCudaNorm &p, const Share<N> &s, const Shared &shared, const float x[N])
{
  int per_group = (p.c1 + p.c2) / p.groups, pitch = p.slab_groups * per_group / N | 1;
  int warps = (int) blockDim.x / 32, lane = (int) threadIdx.x % 32;

  if (s.is_there)
    {
      float *to = shared.partial + s.slot, sum = 0.0f;

#pragma unroll
      for (int e = 0; e < N; e++)
        {
          sum += x[e];
          if (e == N - 1 || s.ends >> e & 1)
            {
              *to = sum;
              to += s.slots;
              sum = 0.0f;
            }
        }
    }
  __syncthreads ();
  for (int g = (int) threadIdx.x / 32; g < s.groups; g += warps)
    {
      int first = g * per_group / N, last = (g * per_group + per_group - 1) / N;
      float sum = 0.0f;

      for (int v = first; v <= last; v++)
        {
          const float *from = shared.partial + (g - v * N / per_group) * s.slots + v;

          for (int r = lane; r < p.rows; r += 32)
            sum += from[r * pitch];
        }
      sum = sum_of_warp (sum);
      if (lane == 0)
        shared.sums[g] = sum;
    }
  __syncthreads ();
}

/* Mean and sum of squared distances of n held pixels of each group: into shared.scales, after what is there
 * of `before` pixels. */
template <int N>
__device__ __forceinline__ void
measure (const MzCudaNorm &p,
         const Share<N> &s,
         const Shared &shared,
         const Vector<N> values[HELD],
         int n_held,
         int64_t n_pixels,
         int64_t before)
{
  int per_group = (p.c1 + p.c2) / p.groups;
  float n = (float) (n_pixels * per_group), n_before = (float) (before * per_group), share_of_one = 1.0f / n;
  float sums[N] = {}, means[N];
  int group = s.group;

#pragma unroll
  for (int i = 0; i < HELD; i++)
    if (i < n_held)
#pragma unroll
      for (int e = 0; e < N; e++)
        sums[e] += __half2float (values[i].x[e]);
  sum_groups<N> (p, s, shared, sums);
#pragma unroll
  for (int e = 0; e < N; e++)
    {
      means[e] = s.is_there ? shared.sums[group] * share_of_one : 0.0f;
      group += (int) (s.ends >> e & 1);
      sums[e] = 0.0f;
    }
  for (int g = (int) threadIdx.x; g < s.groups; g += (int) blockDim.x)
    {
      float *scale = shared.scales + 2 * g, mean = shared.sums[g] * share_of_one;
      float delta = before > 0 ? mean - scale[0] : 0.0f, share = n / (n + n_before);

      scale[0] = before > 0 ? scale[0] + delta * share : mean;
      scale[1] = before > 0 ? scale[1] + delta * delta * n_before * share : 0.0f;
    }
#pragma unroll
  for (int i = 0; i < HELD; i++)
    if (i < n_held)
#pragma unroll
      for (int e = 0; e < N; e++)
        {
          float x = __half2float (values[i].x[e]) - means[e];

          sums[e] += x * x;
        }
  sum_groups<N> (p, s, shared, sums);
  for (int g = (int) threadIdx.x; g < s.groups; g += (int) blockDim.x)
    shared.scales[2 * g + 1] += shared.sums[g];
}

__device__ __noinline__ float
activate_other (float x, int activation)
{
  return mz_activate (x, activation);
}

/* A thread's factors and what is added, from shared.scales. */
template <int N>
__device__ __forceinline__ void
read_factors (const MzCudaNorm &p,
              const Share<N> &s,
              const Shared &shared,
              float factors[N],
              float offsets[N])
{
  int group = s.group;

  if (s.is_there)
#pragma unroll
    for (int e = 0; e < N; e++)
      {
        factors[e] = shared.scales[2 * group + 1] * p.gamma[s.channel + e];
        offsets[e] = p.beta[s.channel + e] - shared.scales[2 * group] * factors[e];
        group += (int) (s.ends >> e & 1);
      }
}

/* Writes the held pixels, scaled. */
template <int N, int HOLD, int ACTIVATION>
__device__ __forceinline__ void
write_pixels (const MzCudaNorm &p,
              const Share<N> &s,
              const float factors[N],
              const float offsets[N],
              Vector<N> values[HOLD],
              int n_held,
              int64_t first)
{
  int channels = p.c1 + p.c2;
  int64_t step = (int64_t) p.rows * channels;
  __half *to = (__half *) p.out + (first + s.row) * channels + s.channel;

#pragma unroll
  for (int i = 0; i < HOLD; i++, to += step)
    if (i < n_held)
      {
#pragma unroll
        for (int e = 0; e < N; e++)
          {
            float x = __half2float (values[i].x[e]) * factors[e] + offsets[e];

            if (ACTIVATION == MZ_CUDA_SILU)
              x = mz_divide (x, 1.0f + mz_exp2 (-1.4426950408889634f * x));
            else if (ACTIVATION == OTHER)
              x = activate_other (x, p.activation);
            values[i].x[e] = __float2half_rn (x);
          }
        *(Vector<N> *) to = values[i];
      }
}

/* The chunks of one group, joined by LANES lanes: mean and 1 / deviation. */
template <int LANES>
__device__ __forceinline__ void
join_chunks (const MzCudaNorm &p, int64_t group, int lane, float *mean, float *factor)
{
  int per_group = (p.c1 + p.c2) / p.groups;
  float whole = (float) (p.pixels_per_chunk * (int64_t) per_group), all = (float) (p.pixels * per_group);
  float last = (float) ((p.pixels - (int64_t) (p.chunks - 1) * p.pixels_per_chunk) * per_group);
  const float *from = p.moments + group * p.moments_pitch * 2;
  float origin = from[0], shift = 0.0f, m2 = 0.0f;

#pragma unroll 4
  for (int i = lane; i < p.chunks; i += LANES)
    shift += (from[2 * i] - origin) * (i == p.chunks - 1 ? last : whole);
  for (int lanes = LANES / 2; lanes > 0; lanes /= 2)
    shift += __shfl_xor_sync (ALL, shift, lanes);
  shift /= all;
#pragma unroll 4
  for (int i = lane; i < p.chunks; i += LANES)
    {
      float delta = from[2 * i] - origin - shift;

      m2 += from[2 * i + 1] + delta * delta * (i == p.chunks - 1 ? last : whole);
    }
  for (int lanes = LANES / 2; lanes > 0; lanes /= 2)
    m2 += __shfl_xor_sync (ALL, m2, lanes);
  *mean = origin + shift;
  *factor = rsqrtf (m2 / all + p.epsilon);
}

/* The groups of a slab, eight lanes each, into shared.scales. */
template <int N>
__device__ __forceinline__ void
join_slab (const MzCudaNorm &p, const Share<N> &s, const Shared &shared, int sample)
{
  const int AT_ONCE = 32 / LANES_OF_CHUNKS;
  int warps = (int) blockDim.x / 32, lane = (int) threadIdx.x % LANES_OF_CHUNKS;

  for (int first = (int) threadIdx.x / 32 * AT_ONCE; first < s.groups; first += warps * AT_ONCE)
    {
      int wanted = first + (int) threadIdx.x % 32 / LANES_OF_CHUNKS, g = min (wanted, s.groups - 1);
      float mean, factor;

      join_chunks<LANES_OF_CHUNKS> (p, (int64_t) sample * p.groups + s.first_group + g, lane, &mean, &factor);
      if (lane == 0 && g == wanted)
        {
          shared.scales[2 * g] = mean;
          shared.scales[2 * g + 1] = factor;
        }
    }
}

/* A warp a group. */
__global__ void
__launch_bounds__ (FINISHERS) finish_kernel (MzCudaNorm p)
{
  int group = (int) (blockIdx.x * (FINISHERS / 32) + threadIdx.x / 32), lane = (int) threadIdx.x % 32;
  float mean, factor;

  if (group >= p.n * p.groups)
    return;
  join_chunks<32> (p, group, lane, &mean, &factor);
  if (lane == 0)
    {
      p.scales[2 * group] = mean;
      p.scales[2 * group + 1] = factor;
    }
}

template <int N>
__global__ void
__launch_bounds__ (THREADS, 2) moments_kernel (MzCudaNorm p)
{
  MZ_SHARED_BYTES (bytes);
  Shared shared = lay_out (p, bytes);
  Share<N> s = take_share<N> (p, (int) blockIdx.z);
  int64_t first = (int64_t) blockIdx.x * p.pixels_per_chunk, at;
  int64_t end = p.pixels < first + p.pixels_per_chunk ? p.pixels : first + p.pixels_per_chunk;
  Vector<N> values[HELD];

  for (at = first; at < end; at += p.rows * HELD)
    {
      int64_t next = end < at + p.rows * HELD ? end : at + p.rows * HELD;
      int n_held = read_pixels<N, HELD> (p, s, values, at, next);

      measure<N> (p, s, shared, values, n_held, next - at, at - first);
    }
  /* each thread writes what it joined itself */
  for (int g = (int) threadIdx.x; g < s.groups; g += (int) blockDim.x)
    {
      float *to = p.moments
                  + (((int64_t) blockIdx.z * p.groups + s.first_group + g) * p.moments_pitch + p.first_chunk
                     + blockIdx.x)
                        * 2;

      to[0] = shared.scales[2 * g];
      to[1] = shared.scales[2 * g + 1];
    }
}

template <int N, int ACTIVATION>
__global__ void
__launch_bounds__ (THREADS, 2) scale_kernel (MzCudaNorm p)
{
  MZ_SHARED_BYTES (bytes);
  Shared shared = lay_out (p, bytes);
  int sample = (int) blockIdx.z;
  Share<N> s = take_share<N> (p, sample);
  int64_t at = (int64_t) blockIdx.x * p.pixels_per_chunk, first_out = sample * p.pixels;
  int64_t end = p.pixels < at + p.pixels_per_chunk ? p.pixels : at + p.pixels_per_chunk;
  Vector<N> values[SCALED];
  float factors[N] = {}, offsets[N] = {};
  int n_held = read_pixels<N, SCALED> (p, s, values, at, end);

  if (p.scales == NULL)
    join_slab<N> (p, s, shared, sample);
  else
    for (int i = (int) threadIdx.x; i < 2 * s.groups; i += (int) blockDim.x)
      shared.scales[i] = p.scales[2 * (sample * p.groups + s.first_group) + i];
  __syncthreads ();
  read_factors<N> (p, s, shared, factors, offsets);
  for (;;)
    {
      write_pixels<N, SCALED, ACTIVATION> (p, s, factors, offsets, values, n_held, first_out + at);
      at += p.rows * SCALED;
      if (at >= end)
        return;
      n_held = read_pixels<N, SCALED> (p, s, values, at, end);
    }
}

/* A block has all pixels of its groups. */
template <int N, int ACTIVATION>
__global__ void
__launch_bounds__ (THREADS, 1) whole_kernel (MzCudaNorm p)
{
  MZ_SHARED_BYTES (bytes);
  Shared shared = lay_out (p, bytes);
  int sample = (int) blockIdx.z;
  Share<N> s = take_share<N> (p, sample);
  Vector<N> values[HELD];
  float factors[N] = {}, offsets[N] = {};
  int n_held = read_pixels<N, HELD> (p, s, values, 0, p.pixels);

  measure<N> (p, s, shared, values, n_held, p.pixels, 0);
  for (int g = (int) threadIdx.x; g < s.groups; g += (int) blockDim.x)
    {
      float *scale = shared.scales + 2 * g;

      scale[1] = rsqrtf (scale[1] / (float) (p.pixels * ((p.c1 + p.c2) / p.groups)) + p.epsilon);
    }
  __syncthreads ();
  read_factors<N> (p, s, shared, factors, offsets);
  write_pixels<N, HELD, ACTIVATION> (p, s, factors, offsets, values, n_held, sample * p.pixels);
}

struct Launch
{
  dim3 grid;
  unsigned threads;
  int n_bytes;
};

Launch
plan (const MzCudaNorm &p, int vector)
{
  int per_group = (p.c1 + p.c2) / p.groups, vectors = p.slab_groups * per_group / vector;
  int segments = (vector + per_group - 2) / per_group + 1;

  return Launch{ dim3 ((unsigned) p.chunks, (unsigned) ((p.groups + p.slab_groups - 1) / p.slab_groups),
                       (unsigned) p.n),
                 (unsigned) ((p.rows * vectors + 31) / 32 * 32),
                 (3 * p.slab_groups + segments * p.rows * (vectors | 1)) * (int) sizeof (float) };
}

template <int N, int ACTIVATION>
cudaError_t
launch (const MzCudaNorm &p, cudaStream_t stream)
{
  Launch l = plan (p, N);

  if (p.chunks == 1 && p.scales == NULL)
    MZ_LAUNCH ((whole_kernel<N, ACTIVATION>), l.grid, l.threads, l.n_bytes, stream, p);
  else
    MZ_LAUNCH ((scale_kernel<N, ACTIVATION>), l.grid, l.threads, l.n_bytes, stream, p);
  return cudaGetLastError ();
}

template <int N>
cudaError_t
choose (const MzCudaNorm &p, cudaStream_t stream)
{
  if (p.activation == MZ_CUDA_NONE)
    return launch<N, MZ_CUDA_NONE> (p, stream);
  if (p.activation == MZ_CUDA_SILU)
    return launch<N, MZ_CUDA_SILU> (p, stream);
  return launch<N, OTHER> (p, stream);
}

}

cudaError_t
mz_cuda_group_moments (const MzCudaNorm *norm, cudaStream_t stream)
{
  Launch l = plan (*norm, norm->vectors ? VECTOR : 1);

  if (norm->vectors)
    MZ_LAUNCH (moments_kernel<VECTOR>, l.grid, l.threads, l.n_bytes, stream, *norm);
  else
    MZ_LAUNCH (moments_kernel<1>, l.grid, l.threads, l.n_bytes, stream, *norm);
  return cudaGetLastError ();
}

cudaError_t
mz_cuda_group_finish (const MzCudaNorm *norm, cudaStream_t stream)
{
  MZ_LAUNCH (finish_kernel, (unsigned) ((norm->n * norm->groups * 32 + FINISHERS - 1) / FINISHERS), FINISHERS,
             0, stream, *norm);
  return cudaGetLastError ();
}

cudaError_t
mz_cuda_group_scale (const MzCudaNorm *norm, cudaStream_t stream)
{
  return norm->vectors ? choose<VECTOR> (*norm, stream) : choose<1> (*norm, stream);
}
