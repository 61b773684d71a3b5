/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Group norm. A block takes a slab of whole groups (so many that its channels are whole vectors) of a chunk
 * of pixels and holds them in registers. Each thread finds the mean of its own values first and then their
 * squared distances from it, and the threads' means and sums are joined as one would join samples (Chan,
 * Golub and LeVeque 1979), so that no large mean costs digits and the block meets only once. Small pictures
 * are one chunk, and scaled by the same block; the chunks of others are joined by every block of a second
 * launch, which needs no block to wait for another. All sums are taken in the same order on every run. */
#include "backends/cuda/simt.h"

namespace
{

const int THREADS = MZ_CUDA_NORM_THREADS;
const int HELD = MZ_CUDA_NORM_PIXELS; /* pixels that a thread holds */
const int SCALED = HELD / 2;          /* when it only scales them */
const int VECTOR = 8;
const int FINISHERS = 128;   /* threads */
const int OTHER = -1;        /* an activation known at run time only */
const int CACHED_CHUNKS = 2; /* of a lane, read once */
const unsigned ALL = 0xffffffffu;

/* N channels of one pixel. */
template <int N> struct __align__ (2 * N) Vector { MzElement x[N]; };

/* What a thread works on: N channels of one group or of two, as many pixels as its rows. */
template <int N> struct Share
{
  bool is_there;
  int row, slot, slots; /* slot: where its sums stand, so that 32 rows are in 32 banks */
  int groups, first_group;
  int channel;         /* first, of all */
  int group;           /* of the first channel, within the slab */
  int split;           /* channels before this one belong to it, the others to the next group */
  const MzElement *in; /* the channel at pixel 0 of the sample */
  int64_t stride;      /* from one pixel to the next */
};

/* The block's shared memory. */
struct Shared
{
  float *scales;  /* [groups, 2]: mean and 1 / deviation; or mean and m2 */
  float *partial; /* [own group, next one][mean, m2][slots] */
};

__device__ __forceinline__ float
sum_of_warp (float x)
{
  for (int lanes = 16; lanes > 0; lanes /= 2)
    x += __shfl_xor_sync (ALL, x, lanes);
  return x;
}

/* x / n of small numbers, without a division. */
__device__ __forceinline__ int
divide_small (int x, int n)
{
  return (int) (((float) x + 0.5f) * mz_divide (1.0f, (float) n));
}

template <int N>
__device__ __forceinline__ Share<N>
take_share (const MzCudaNorm &p, int sample)
{
  int vectors = p.slab_vectors, column;
  Share<N> s;

  s.row = divide_small ((int) threadIdx.x, vectors);
  column = (int) threadIdx.x - s.row * vectors;
  s.slots = p.rows * (vectors | 1);
  s.slot = s.row * (vectors | 1) + column;
  s.first_group = (int) blockIdx.y * p.slab_groups;
  s.groups = min (p.slab_groups, p.groups - s.first_group);
  s.is_there = s.row < p.rows && column * N < s.groups * p.per_group;
  s.channel = s.first_group * p.per_group + column * N;
  s.group = divide_small (column * N, p.per_group);
  s.split = min (N, (s.group + 1) * p.per_group - column * N);
  s.stride = s.channel < p.c1 ? p.c1 : p.c2;
  s.in = s.channel < p.c1 ? (const MzElement *) p.in + s.channel
                          : (const MzElement *) p.in2 + (s.channel - p.c1);
  s.in += sample * p.pixels * s.stride;
  return s;
}

__device__ __forceinline__ Shared
lay_out (const MzCudaNorm &p, unsigned char *bytes)
{
  float *scales = (float *) bytes;

  return Shared{ scales, scales + 2 * p.slab_groups };
}

/* Reads the thread's pixels of first .. end; returns how many. */
template <int N, int HOLD>
__device__ __forceinline__ int
read_pixels (const MzCudaNorm &p, const Share<N> &s, Vector<N> values[HOLD], int64_t first, int64_t end)
{
  int64_t left = end - first - s.row;
  int n = !s.is_there || left <= 0               ? 0
          : left > (int64_t) (HOLD - 1) * p.rows ? HOLD
                                                 : divide_small ((int) left - 1, p.rows) + 1;
  int64_t step = p.rows * s.stride;
  const MzElement *from = s.in + (first + s.row) * s.stride;

#pragma unroll
  for (int i = 0; i < HOLD; i++, from += step)
    if (i < n)
      values[i] = *(const Vector<N> *) from;
  return n;
}

/* Sums of the channels before the split and of the others. */
template <int N>
__device__ __forceinline__ void
sum_parts (const Share<N> &s, const float x[N], float parts[2])
{
  parts[0] = parts[1] = 0.0f;
#pragma unroll
  for (int e = 0; e < N; e++)
    {
      parts[0] += e < s.split ? x[e] : 0.0f;
      parts[1] += e < s.split ? 0.0f : x[e];
    }
}

/* Mean and sum of squared distances of the thread's own values, into shared.partial. */
template <int N>
__device__ __forceinline__ void
measure_own (const Share<N> &s, const Shared &shared, const Vector<N> values[HELD], int n_held)
{
  float sums[N] = {}, means[2], parts[2];

#pragma unroll
  for (int i = 0; i < HELD; i++)
    if (i < n_held)
#pragma unroll
      for (int e = 0; e < N; e++)
        sums[e] += mz_to_float (values[i].x[e]);
  sum_parts<N> (s, sums, means);
  means[0] = n_held > 0 ? means[0] / (float) (n_held * s.split) : 0.0f;
  means[1] = n_held > 0 && s.split < N ? means[1] / (float) (n_held * (N - s.split)) : 0.0f;
#pragma unroll
  for (int e = 0; e < N; e++)
    sums[e] = 0.0f;
#pragma unroll
  for (int i = 0; i < HELD; i++)
    if (i < n_held)
#pragma unroll
      for (int e = 0; e < N; e++)
        {
          float x = mz_to_float (values[i].x[e]) - (e < s.split ? means[0] : means[1]);

          sums[e] += x * x;
        }
  sum_parts<N> (s, sums, parts);
  if (!s.is_there)
    return;
  shared.partial[s.slot] = means[0];
  shared.partial[s.slots + s.slot] = parts[0];
  if (N > 1)
    {
      shared.partial[2 * s.slots + s.slot] = means[1];
      shared.partial[3 * s.slots + s.slot] = parts[1];
    }
}

/* Of parts of a sample: their distances from an origin near to them, and what they have of squares. */
struct Joined
{
  float origin, shift, squares;
};

__device__ __forceinline__ void
join (Joined *joined, float mean, float m2, float n)
{
  float delta = mean - joined->origin;

  joined->shift += n * delta;
  joined->squares += m2 + n * delta * delta;
}

/* From the sums over all n. The origin is the mean of one of the parts, so that little cancels. */
__device__ __forceinline__ void
finish_join (const Joined &joined, float n, float *mean, float *m2)
{
  float delta = n > 0.0f ? mz_divide (joined.shift, n) : 0.0f,
        squares = joined.squares - joined.shift * delta;

  *mean = joined.origin + delta;
  *m2 = squares < 0.0f ? 0.0f : squares; /* what is not a number stays so */
}

/* Mean and sum of squared distances of n_pixels pixels of group g, of what the threads have: in all lanes of
 * a warp. Each lane takes one of the group's vectors, and of the rows every so many. The mean that a thread
 * used need not be exact: its distance from the true one is of its rounding. */
template <int N>
__device__ __forceinline__ void
join_threads (const MzCudaNorm &p,
              const Share<N> &s,
              const Shared &shared,
              int g,
              int n_pixels,
              float *mean,
              float *m2)
{
  int pitch = p.slab_vectors | 1, lane = (int) threadIdx.x % 32, begin = g * p.per_group;
  int end = begin + p.per_group, each = divide_small (n_pixels, p.rows), more = n_pixels - each * p.rows;
  int first = begin / N, vectors = (end - 1) / N + 1 - first, lanes = 1; /* lanes: side by side in a row */
  Joined all;

  while (lanes < 32 && lanes < vectors)
    lanes *= 2;
  all.origin = shared.partial[first + (first * N < begin ? 2 * s.slots : 0)];
  all.shift = all.squares = 0.0f;
  for (int v = first + lane % lanes; v < first + vectors; v += lanes)
    {
      const float *from = shared.partial + v + (v * N < begin ? 2 * s.slots : 0);
      int channels = min (end, v * N + N) - max (begin, v * N);

#pragma unroll 4
      for (int r = lane / lanes; r < p.rows; r += 32 / lanes)
        join (&all, from[r * pitch], from[s.slots + r * pitch], (float) (channels * (each + (r < more))));
    }
  all.shift = sum_of_warp (all.shift);
  all.squares = sum_of_warp (all.squares);
  finish_join (all, (float) (n_pixels * p.per_group), mean, m2);
}

/* Mean and sum of squared distances of n_pixels held pixels of each group: into shared.scales, after what is
 * there of `before` pixels. */
template <int N>
__device__ __forceinline__ void
measure (const MzCudaNorm &p,
         const Share<N> &s,
         const Shared &shared,
         const Vector<N> values[HELD],
         int n_held,
         int n_pixels,
         int before)
{
  int warps = (int) blockDim.x / 32;

  measure_own<N> (s, shared, values, n_held);
  __syncthreads ();
  for (int g = (int) threadIdx.x / 32; g < s.groups; g += warps)
    {
      float *scale = shared.scales + 2 * g, mean, m2;

      join_threads<N> (p, s, shared, g, n_pixels, &mean, &m2);
      if (before > 0)
        {
          float n = (float) (n_pixels * p.per_group), n_before = (float) (before * p.per_group);
          float delta = mean - scale[0], share = n / (n + n_before);

          mean = scale[0] + delta * share;
          m2 += scale[1] + delta * delta * n_before * share;
          __syncwarp ();
        }
      if (threadIdx.x % 32 == 0)
        {
          scale[0] = mean;
          scale[1] = m2;
        }
    }
  __syncthreads ();
}

__device__ __noinline__ float
activate_other (float x, int activation)
{
  return mz_activate (x, activation);
}

/* Gamma and beta of the thread's channels; read early, as they come from far. */
template <int N>
__device__ __forceinline__ void
read_weights (const MzCudaNorm &p, const Share<N> &s, float gammas[N], float betas[N])
{
  if (!s.is_there)
    return;
  if constexpr (N == VECTOR)
    {
#pragma unroll
      for (int e = 0; e < N; e += 4)
        {
          float4 gamma = *(const float4 *) (p.gamma + s.channel + e);
          float4 beta = *(const float4 *) (p.beta + s.channel + e);

          gammas[e] = gamma.x, gammas[e + 1] = gamma.y, gammas[e + 2] = gamma.z, gammas[e + 3] = gamma.w;
          betas[e] = beta.x, betas[e + 1] = beta.y, betas[e + 2] = beta.z, betas[e + 3] = beta.w;
        }
    }
  else
    {
      static_assert (N == 1, "a thread takes a vector or one channel");
      gammas[0] = p.gamma[s.channel];
      betas[0] = p.beta[s.channel];
    }
}

/* From gamma and beta to what is multiplied with and what is added, by shared.scales; `share` is 0 where they
 * have 1 / deviation, else what m2 is multiplied with to be the variance. */
template <int N>
__device__ __forceinline__ void
make_factors (const MzCudaNorm &p,
              const Share<N> &s,
              const Shared &shared,
              float share,
              float factors[N],
              float offsets[N])
{
  float means[2], scales[2];

  if (!s.is_there)
    return;
#pragma unroll
  for (int i = 0; i < (N > 1 ? 2 : 1); i++)
    {
      const float *from = shared.scales + 2 * min (s.group + i, s.groups - 1);

      means[i] = from[0];
      scales[i] = share > 0.0f ? rsqrtf (from[1] * share + p.epsilon) : from[1];
    }
#pragma unroll
  for (int e = 0; e < N; e++)
    {
      factors[e] *= N == 1 || e < s.split ? scales[0] : scales[1];
      offsets[e] -= (N == 1 || e < s.split ? means[0] : means[1]) * factors[e];
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
  MzElement *to = (MzElement *) p.out + (first + s.row) * channels + s.channel;

#pragma unroll
  for (int i = 0; i < HOLD; i++, to += step)
    if (i < n_held)
      {
#pragma unroll
        for (int e = 0; e < N; e++)
          {
            float x = mz_to_float (values[i].x[e]) * factors[e] + offsets[e];

            if (ACTIVATION == MZ_CUDA_SILU)
              x *= mz_reciprocal (1.0f + mz_exp2 (-1.4426950408889634f * x));
            else if (ACTIVATION == OTHER)
              x = activate_other (x, p.activation);
            values[i].x[e] = mz_from_float (x);
          }
        *(Vector<N> *) to = values[i];
      }
}

/* The chunks of one group, joined by a warp: mean and 1 / deviation. */
__device__ __forceinline__ void
join_chunks (const MzCudaNorm &p, int group, float *mean, float *factor)
{
  float whole = (float) (p.pixels_per_chunk * (int64_t) p.per_group), all = (float) (p.pixels * p.per_group);
  float last = (float) ((p.pixels - (int64_t) (p.chunks - 1) * p.pixels_per_chunk) * p.per_group);
  const float *from = p.moments + (int64_t) group * p.moments_pitch * 2;
  int lane = (int) threadIdx.x % 32;
  float origin = from[0], shift = 0.0f, m2 = 0.0f, held[CACHED_CHUNKS][2];

#pragma unroll
  for (int i = 0; i < CACHED_CHUNKS; i++)
    if (lane + i * 32 < p.chunks)
      {
        held[i][0] = from[2 * (lane + i * 32)];
        held[i][1] = from[2 * (lane + i * 32) + 1];
      }
#pragma unroll
  for (int i = 0; i < CACHED_CHUNKS; i++)
    if (lane + i * 32 < p.chunks)
      shift += (held[i][0] - origin) * (lane + i * 32 == p.chunks - 1 ? last : whole);
#pragma unroll 1
  for (int i = lane + CACHED_CHUNKS * 32; i < p.chunks; i += 32)
    shift += (from[2 * i] - origin) * (i == p.chunks - 1 ? last : whole);
  shift = sum_of_warp (shift) / all;
#pragma unroll
  for (int i = 0; i < CACHED_CHUNKS; i++)
    if (lane + i * 32 < p.chunks)
      {
        float delta = held[i][0] - origin - shift;

        m2 += held[i][1] + delta * delta * (lane + i * 32 == p.chunks - 1 ? last : whole);
      }
#pragma unroll 1
  for (int i = lane + CACHED_CHUNKS * 32; i < p.chunks; i += 32)
    {
      float delta = from[2 * i] - origin - shift;

      m2 += from[2 * i + 1] + delta * delta * (i == p.chunks - 1 ? last : whole);
    }
  m2 = sum_of_warp (m2);
  *mean = origin + shift;
  *factor = rsqrtf (m2 / all + p.epsilon);
}

/* The groups of a slab, a warp each, into shared.scales. */
template <int N>
__device__ __forceinline__ void
join_slab (const MzCudaNorm &p, const Share<N> &s, const Shared &shared, int sample)
{
  for (int g = (int) threadIdx.x / 32; g < s.groups; g += (int) blockDim.x / 32)
    {
      float mean, factor;

      join_chunks (p, sample * p.groups + s.first_group + g, &mean, &factor);
      if (threadIdx.x % 32 == 0)
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
  join_chunks (p, group, &mean, &factor);
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

      measure<N> (p, s, shared, values, n_held, (int) (next - at), (int) (at - first));
    }
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
  read_weights<N> (p, s, factors, offsets);
  __syncthreads ();
  make_factors<N> (p, s, shared, 0.0f, factors, offsets);
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

  read_weights<N> (p, s, factors, offsets);
  measure<N> (p, s, shared, values, n_held, (int) p.pixels, 0);
  make_factors<N> (p, s, shared, 1.0f / (float) (p.pixels * p.per_group), factors, offsets);
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
  int slots = p.rows * (p.slab_vectors | 1);

  return Launch{ dim3 ((unsigned) p.chunks, (unsigned) ((p.groups + p.slab_groups - 1) / p.slab_groups),
                       (unsigned) p.n),
                 (unsigned) ((p.rows * p.slab_vectors + 31) / 32 * 32),
                 (2 * p.slab_groups + (vector > 1 ? 4 : 2) * slots) * (int) sizeof (float) };
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

namespace MZ_CUDA_ELEMENT
{

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

}
