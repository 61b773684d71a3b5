/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* CUDA on a processor, as much of it as backends/cuda/simt.h offers to kernels: each thread of a block is a
 * fiber, the 32 of a warp meet where the hardware's would, and blocks run one after another. Slow and exact:
 * it is there to check kernels where there is no GPU. Built as C++ in place of nvcc. */
#pragma once

#include <cuda_runtime_api.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/half.h"

#define __global__ static
#define __device__ static
#define __host__
#define __forceinline__ inline
#define __noinline__ __attribute__ ((noinline))
#define __launch_bounds__(...)
#define __align__(N) alignas (N)

struct dim3
{
  unsigned x, y, z;
  dim3 (unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x (x_), y (y_), z (z_) {}
};

struct uint2
{
  unsigned x, y;
};

struct alignas (8) float2 { float x, y; };

struct alignas (16) uint4 { unsigned x, y, z, w; };

struct alignas (16) float4 { float x, y, z, w; };

/* Of the fiber that runs. */
extern dim3 threadIdx, blockIdx, blockDim, gridDim;
/* Of the block that runs; filled with a pattern before it. */
extern unsigned char *mz_emulated_shared;

/* Where fibers meet. */
void mz_emulated_meet_block (void);
/* Each lane hands in `n` bytes and gets the whole warp's, [32, n]; valid until its next call. */
const void *mz_emulated_meet_warp (const void *mine, int n);

void mz_emulated_launch (dim3 grid, dim3 block, int shared_bytes, void (*run) (void *), void *data);

#define MZ_SHARED_BYTES(NAME) unsigned char *NAME = mz_emulated_shared
#define MZ_LAUNCH(KERNEL, GRID, BLOCK, SHARED_BYTES, STREAM, ...)                                            \
  do                                                                                                         \
    {                                                                                                        \
      auto run = [&] { (KERNEL) (__VA_ARGS__); };                                                            \
      mz_emulated_launch ((GRID), (BLOCK), (SHARED_BYTES),                                                   \
                          [] (void *data) { (*(decltype (run) *) data) (); }, &run);                         \
      (void) (STREAM);                                                                                       \
    }                                                                                                        \
  while (0)

static inline void
__syncthreads (void)
{
  mz_emulated_meet_block ();
}

template <typename T>
static inline T
__shfl_xor_sync (unsigned, T value, int mask)
{
  const T *all = (const T *) mz_emulated_meet_warp (&value, sizeof value);

  return all[(threadIdx.x % 32) ^ (unsigned) mask];
}

template <typename T>
static inline T
__shfl_sync (unsigned, T value, int lane)
{
  return ((const T *) mz_emulated_meet_warp (&value, sizeof value))[lane];
}

static inline int
__any_sync (unsigned, bool value)
{
  const bool *all = (const bool *) mz_emulated_meet_warp (&value, sizeof value);
  int any = 0;

  for (int i = 0; i < 32; i++)
    any |= all[i];
  return any;
}

static inline void
__syncwarp (void)
{
  mz_emulated_meet_warp (NULL, 0);
}

template <typename T>
static inline T
min (T a, T b)
{
  return a < b ? a : b;
}

template <typename T>
static inline T
max (T a, T b)
{
  return a > b ? a : b;
}

/* ---- Halves, and what kernels are built for ---- */

struct __half
{
  guint16 bits;
};

static inline float
__half2float (__half x)
{
  return mz_f16_to_float (x.bits);
}

static inline __half
__ushort_as_half (unsigned short bits)
{
  return __half{ bits };
}

#ifdef MZ_CUDA_BFLOAT16

struct MzBfloat16
{
  guint16 bits;
};

typedef MzBfloat16 MzElement;

static inline float
mz_emulated_value (guint16 bits)
{
  return mz_bf16_to_float (bits);
}

static inline float
mz_above (float x, float scale, float base)
{
  return x * scale - base;
}

static inline guint16
mz_emulated_bits (float x)
{
  return mz_float_to_bf16 (x);
}

#else

typedef __half MzElement;

static inline float
mz_emulated_value (guint16 bits)
{
  return mz_f16_to_float (bits);
}

static inline float
mz_above (float x, float scale, float base)
{
  return fmaf (x, scale, -base);
}

static inline guint16
mz_emulated_bits (float x)
{
  return mz_float_to_f16 (x);
}

#endif

static inline float
mz_to_float (MzElement x)
{
  return mz_emulated_value (x.bits);
}

static inline MzElement
mz_from_float (float x)
{
  return MzElement{ mz_emulated_bits (x) };
}

static inline MzElement
mz_zero (void)
{
  return MzElement{ 0 };
}

static inline unsigned
__float_as_uint (float x)
{
  unsigned bits;

  memcpy (&bits, &x, sizeof bits);
  return bits;
}

static inline float
__uint_as_float (unsigned bits)
{
  float x;

  memcpy (&x, &bits, sizeof x);
  return x;
}

static inline float
rsqrtf (float x)
{
  return 1.0f / sqrtf (x);
}

/* ---- What simt.h has in machine code ---- */

void mz_copy16 (void *shared, const void *global, bool is_there);
void mz_load_matrices (unsigned d[4], const void *shared);
void mz_load_matrices_transposed (unsigned d[4], const void *shared);
/* element_values: of all elements, as their bits say */
void mz_emulated_multiply (float d[4],
                           const unsigned a[4],
                           unsigned b0,
                           unsigned b1,
                           const float element_values[1 << 16]);
extern float mz_emulated_halves[1 << 16], mz_emulated_bfloats[1 << 16];
void mz_multiply_to_halves (unsigned d[2], const unsigned a[4], unsigned b0, unsigned b1);

static inline void
mz_multiply (float d[4], const unsigned a[4], unsigned b0, unsigned b1)
{
#ifdef MZ_CUDA_BFLOAT16
  mz_emulated_multiply (d, a, b0, b1, mz_emulated_bfloats);
#else
  mz_emulated_multiply (d, a, b0, b1, mz_emulated_halves);
#endif
}

static inline void
mz_multiply_half (float d[4], const unsigned a[2], unsigned b)
{
  const unsigned whole[4] = { a[0], a[1], 0, 0 };

  mz_multiply (d, whole, b, 0);
}

/* Of simt-group.h. As late as the card may: sums are made, and a and b read, when they are waited for, and
 * until then d is wrong; copies arrive when their gate is waited for, and must then be published. Operands
 * are addresses; the order of a row's chunks comes from their bits, as on the card. */
#define MZ_HAS_GROUPS 1
#define MZ_CUDA_GROUPS 1
#define MZ_EMULATED_ROW_BYTES 128 /* of a tile */

void
mz_emulated_group_multiply (float *d, const unsigned a[4], uint64_t b, int columns, int transposed, int adds);
void mz_emulated_group_multiply_shared (float *d, uint64_t a, uint64_t b, int columns, int adds);
void mz_emulated_group_wait (int n);
void mz_group_commit (void);
void mz_group_publish (void);

template <int COLUMNS, int TRANSPOSED>
static inline void
mz_group_multiply (float *d, const unsigned a[4], uint64_t b, int adds)
{
  mz_emulated_group_multiply (d, a, b, COLUMNS, TRANSPOSED, adds);
}

template <int COLUMNS>
static inline void
mz_group_multiply_shared (float *d, uint64_t a, uint64_t b, int adds)
{
  mz_emulated_group_multiply_shared (d, a, b, COLUMNS, adds);
}

template <int N>
static inline void
mz_group_wait (void)
{
  mz_emulated_group_wait (N);
}

void mz_gate_set (uint64_t *gate, int n);
void mz_gate_arrive (uint64_t *gate);
void mz_gate_arrive_with_copies (uint64_t *gate);
void mz_gate_wait (uint64_t *gate, int time);

static inline uint64_t
mz_group_operand (const void *tile, int row, int halves)
{
  return (uint64_t) (uintptr_t) tile + (uint64_t) (row * MZ_EMULATED_ROW_BYTES + halves * 2);
}

static inline uint64_t
mz_group_move (uint64_t operand, int halves)
{
  return operand + (uint64_t) (halves * 2);
}

static inline unsigned char *
mz_align_shared (unsigned char *shared, unsigned alignment)
{
  return shared + (-(uintptr_t) shared & (alignment - 1));
}

static inline void
mz_group_begin (void)
{
}

static inline unsigned
mz_pack (float low, float high)
{
  return (unsigned) mz_emulated_bits (low) | (unsigned) mz_emulated_bits (high) << 16;
}

static inline void
mz_unpack (unsigned both, float *low, float *high)
{
  *low = mz_emulated_value ((guint16) both);
  *high = mz_emulated_value ((guint16) (both >> 16));
}

static inline int
mz_thread (void)
{
  return (int) threadIdx.x;
}

static inline float
mz_exp2 (float x)
{
  return exp2f (x);
}

static inline float
mz_divide (float a, float b)
{
  return a / b;
}

static inline float
mz_reciprocal (float x)
{
  return 1.0f / x;
}

static inline void
mz_least (uint64_t *at, uint64_t value)
{
  if (value < *at)
    *at = value;
}

void mz_emulated_copies_wait (int n);
void mz_copies_commit (void);

template <int N>
static inline void
mz_copies_wait (void)
{
  mz_emulated_copies_wait (N);
}

template <typename Kernel>
static inline cudaError_t
mz_allow_shared (Kernel, int n_bytes)
{
  return n_bytes <= MZ_EMULATED_SHARED_BYTES ? cudaSuccess : cudaErrorInvalidValue;
}
