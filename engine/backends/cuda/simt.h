/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The few things that kernels ask of the machine beyond plain C++: copies into shared memory that run beside
 * the work, tensor cores, and launching. tests/emulation has the same for a processor, so that every kernel
 * is checked where there is no GPU.
 *
 * Kernels are built twice, with float16 elements and, with MZ_CUDA_BFLOAT16, with bfloat16 ones, which cards
 * before Ampere (8.0) do not multiply. What differs is MzElement and what is made of it here. Launchers are
 * in the namespace of their element, where kernels.cu finds them. */
#pragma once

#include "backends/cuda/kernels.h"

/* MZ_HAS_ALL_TILES: of products whose inputs are no whole vectors, too: a few convolutions, and half of the
 * code. bfloat16 is only for what halves overflow at. */
#ifdef MZ_CUDA_BFLOAT16
#define MZ_CUDA_ELEMENT mz_bfloat16
#define MZ_HAS_HALF_SUMS false
#define MZ_HAS_ALL_TILES false
#else
#define MZ_CUDA_ELEMENT mz_float16
#define MZ_HAS_HALF_SUMS true
#define MZ_HAS_ALL_TILES true
#endif

#ifdef MZ_CUDA_EMULATED
#include "cuda-emulation.h"
#else

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#ifdef MZ_CUDA_BFLOAT16
typedef __nv_bfloat16 MzElement;
#define MZ_ELEMENT_PTX "bf16"
#else
typedef __half MzElement;
#define MZ_ELEMENT_PTX "f16"
#endif

/* clang-format off */
#define MZ_LAUNCH(KERNEL, GRID, BLOCK, SHARED_BYTES, STREAM, ...) \
  KERNEL<<<(GRID), (BLOCK), (SHARED_BYTES), (STREAM)>>> (__VA_ARGS__)
/* clang-format on */
#define MZ_SHARED_BYTES(NAME) extern __shared__ __align__ (16) unsigned char NAME[]

/* 16 bytes to shared memory, or zeros where there is nothing to copy; both addresses aligned to 16. */
__device__ __forceinline__ void
mz_copy16 (void *shared, const void *global, bool is_there)
{
#if __CUDA_ARCH__ >= 800
  unsigned to = (unsigned) __cvta_generic_to_shared (shared);
  int n = is_there ? 16 : 0; /* what is missing of the 16 is filled with zeros */
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(to), "l"(global), "r"(n) : "memory");
#else
  *(uint4 *) shared = is_there ? *(const uint4 *) global : make_uint4 (0, 0, 0, 0);
#endif
}

/* Copies begun so far become one batch. */
__device__ __forceinline__ void
mz_copies_commit (void)
{
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;\n" ::: "memory");
#endif
}

/* Waits until no more than N batches of this thread are under way. */
template <int N>
__device__ __forceinline__ void
mz_copies_wait (void)
{
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;\n" ::"n"(N) : "memory");
#endif
}

/* Four 8x8 matrices of elements; lane i gives the address of row i % 8 of matrix i / 8, and gets of each
 * matrix the two numbers at row lane / 4, columns 2 (lane % 4) and the next. */
__device__ __forceinline__ void
mz_load_matrices (unsigned d[4], const void *shared)
{
  unsigned from = (unsigned) __cvta_generic_to_shared (shared);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n"
               : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
               : "r"(from)
               : "memory");
}

/* The same, each matrix transposed. */
__device__ __forceinline__ void
mz_load_matrices_transposed (unsigned d[4], const void *shared)
{
  unsigned from = (unsigned) __cvta_generic_to_shared (shared);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];\n"
               : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
               : "r"(from)
               : "memory");
}

/* d [16, 8] += a [16, 8] b [8, 8], elements into floats: the first 8 of the depth of mz_multiply(). */
__device__ __forceinline__ void
mz_multiply_half (float d[4], const unsigned a[2], unsigned b)
{
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32." MZ_ELEMENT_PTX "." MZ_ELEMENT_PTX
               ".f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};\n"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(b));
}

/* d [16, 8] += a [16, 16] b [16, 8], elements into floats. Lane l holds of d rows l / 4 and 8 more, columns
 * 2 (l % 4) and the next; of a the same rows, those columns and 8 more; of b those as rows, column l / 4. */
__device__ __forceinline__ void
mz_multiply (float d[4], const unsigned a[4], unsigned b0, unsigned b1)
{
#if __CUDA_ARCH__ >= 800
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32." MZ_ELEMENT_PTX "." MZ_ELEMENT_PTX
               ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};\n"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
  mz_multiply_half (d, a, b0);
  mz_multiply_half (d, a + 2, b1);
#endif
}

#ifndef MZ_CUDA_BFLOAT16
/* The same into halves: d[0] holds what the first two floats would, d[1] the other two. GeForce cards do it
 * in half the time. */
__device__ __forceinline__ void
mz_multiply_to_halves (unsigned d[2], const unsigned a[4], unsigned b0, unsigned b1)
{
#if __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3, %4, %5}, {%6, %7}, {%0, %1};\n"
      : "+r"(d[0]), "+r"(d[1])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3}, {%4}, {%0, %1};\n"
               : "+r"(d[0]), "+r"(d[1])
               : "r"(a[0]), "r"(a[1]), "r"(b0));
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3}, {%4}, {%0, %1};\n"
               : "+r"(d[0]), "+r"(d[1])
               : "r"(a[2]), "r"(a[3]), "r"(b1));
#endif
}
#endif /* !MZ_CUDA_BFLOAT16 */

/* threadIdx.x, asked for anew: what is computed from it is not kept in registers from one use to the next. */
__device__ __forceinline__ int
mz_thread (void)
{
  int x;

  asm volatile("mov.u32 %0, %%tid.x;\n" : "=r"(x));
  return x;
}

/* 2^x and a / b as the machine has them: within 2 units in the last place; what is below 2^-126 is 0. */
__device__ __forceinline__ float
mz_exp2 (float x)
{
  float y;

  asm("ex2.approx.ftz.f32 %0, %1;\n" : "=f"(y) : "f"(x));
  return y;
}

__device__ __forceinline__ float
mz_divide (float a, float b)
{
  return __fdividef (a, b);
}

/* 1 / x as the machine has it: within a unit in the last place; 0 of what is above 2^126. */
__device__ __forceinline__ float
mz_reciprocal (float x)
{
  float y;

  asm("rcp.approx.ftz.f32 %0, %1;\n" : "=f"(y) : "f"(x));
  return y;
}

/* Elements from and to floats, two of them in one register, and none. */
#ifdef MZ_CUDA_BFLOAT16

__device__ __forceinline__ float
mz_to_float (MzElement x)
{
  return __bfloat162float (x);
}

__device__ __forceinline__ MzElement
mz_from_float (float x)
{
  return __float2bfloat16_rn (x);
}

__device__ __forceinline__ unsigned
mz_pack (float low, float high)
{
  __nv_bfloat162 both = __floats2bfloat162_rn (low, high);

  return *(const unsigned *) &both;
}

__device__ __forceinline__ MzElement
mz_zero (void)
{
  return __ushort_as_bfloat16 (0);
}

/* x scale - base, where base is the rounded product of some x. In bfloat16 such products may be so large that
 * their rounding alone is beyond what 2^ can take: each is rounded before, so that for that x it is 0. */
__device__ __forceinline__ float
mz_above (float x, float scale, float base)
{
  return __fadd_rn (__fmul_rn (x, scale), -base);
}

#else

__device__ __forceinline__ float
mz_to_float (MzElement x)
{
  return __half2float (x);
}

__device__ __forceinline__ MzElement
mz_from_float (float x)
{
  return __float2half_rn (x);
}

__device__ __forceinline__ unsigned
mz_pack (float low, float high)
{
  __half2 both = __floats2half2_rn (low, high);

  return *(const unsigned *) &both;
}

__device__ __forceinline__ void
mz_unpack (unsigned both, float *low, float *high)
{
  float2 values = __half22float2 (*(const __half2 *) &both);

  *low = values.x;
  *high = values.y;
}

__device__ __forceinline__ MzElement
mz_zero (void)
{
  return __ushort_as_half (0);
}

__device__ __forceinline__ float
mz_above (float x, float scale, float base)
{
  return fmaf (x, scale, -base);
}

#endif

/* The number at `at` becomes no more than `value`, whoever else does the same. */
__device__ __forceinline__ void
mz_least (uint64_t *at, uint64_t value)
{
  atomicMin ((unsigned long long *) at, (unsigned long long) value);
}

/* More than 48 kB of shared memory must be asked for. */
template <typename Kernel>
static inline cudaError_t
mz_allow_shared (Kernel kernel, int n_bytes)
{
  return n_bytes <= 48 * 1024
             ? cudaSuccess
             : cudaFuncSetAttribute (kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, n_bytes);
}

#endif /* !MZ_CUDA_EMULATED */

__device__ __forceinline__ float
mz_silu (float x)
{
  return x / (1.0f + expf (-x));
}

/* x Phi (x), with Phi (-|x|) = erfc (|x| / sqrt (2)) / 2 by Abramowitz and Stegun, 7.1.26: off by at
 * most 7.5e-8 |x|, in half of the instructions of erff(). Products pay for it in their epilogues. */
__device__ __forceinline__ float
mz_gelu (float x)
{
  float t = mz_reciprocal (fmaf (fabsf (x), 0.3275911f * 0.70710678f, 1.0f));
  float sum = fmaf (fmaf (fmaf (fmaf (1.061405429f, t, -1.453152027f), t, 1.421413741f), t, -0.284496736f), t,
                    0.254829592f)
              * t;
  float tail = 0.5f * sum * mz_exp2 (x * x * -0.72134752f); /* e^(-x^2 / 2) */

  return fmaxf (x, 0.0f) - fabsf (x) * tail;
}

__device__ __forceinline__ float
mz_activate (float x, int activation)
{
  switch (activation)
    {
    case MZ_CUDA_SILU:
      return mz_silu (x);
    case MZ_CUDA_GELU:
      return mz_gelu (x);
    case MZ_CUDA_QUICK_GELU:
      return x / (1.0f + expf (-1.702f * x));
    case MZ_CUDA_RELU:
      return x < 0.0f ? 0.0f : x;
    default:
      return x;
    }
}
