/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One vector type for every instruction set: the files of this folder are written once with it and compiled
 * per variant, with MZ_SIMD_WIDTH floats in a vector and MZ_SIMD_SUFFIX at the end of every symbol.
 *
 * Arithmetic uses the compilers' vector extensions (a * b + c becomes a fused multiply-add where there is
 * one); only what they cannot say is an intrinsic: masks, half floats, scaling by a power of two. Width 4 is
 * portable C. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef MZ_SIMD_WIDTH
#error "compile with -DMZ_SIMD_WIDTH=16, 8 or 4"
#endif
#if MZ_SIMD_WIDTH > 4
#include <immintrin.h>
#endif

#define MZ_SIMD_PASTE2(a, b) a##_##b
#define MZ_SIMD_PASTE(a, b) MZ_SIMD_PASTE2 (a, b)
/* The name of a symbol in this variant: MZ_SIMD (mz_tile) is mz_tile_avx2. */
#define MZ_SIMD(name) MZ_SIMD_PASTE (name, MZ_SIMD_SUFFIX)

#define VW MZ_SIMD_WIDTH

/* Rows and columns of a register tile: accumulators fill the register file but for the operands.
 * 32 registers: 14 x 2 + 2 + 1; 16 registers: 6 x 2 + 2 + 1. */
#if MZ_SIMD_WIDTH == 16
#define MR 14
#else
#define MR 6
#endif
#define NV 2
#define NR (NV * VW)

typedef float vf __attribute__ ((vector_size (VW * 4)));
typedef int32_t vi __attribute__ ((vector_size (VW * 4)));
typedef float vfu __attribute__ ((vector_size (VW * 4), aligned (4), may_alias));

#define INLINE static inline __attribute__ ((always_inline))
#ifdef __clang__
#define UNROLL _Pragma ("clang loop unroll(full)")
#else
#define UNROLL _Pragma ("GCC unroll 32")
#endif

INLINE vf
v_splat (float x)
{
  return x - (vf){ 0 };
}

INLINE vf
v_load (const float *p)
{
  return *(const vfu *) p;
}

INLINE void
v_store (float *p, vf v)
{
  *(vfu *) p = v;
}

/* The first n <= VW floats, zeros after them; memory behind them is not touched. */
INLINE vf
v_load_n (const float *p, int n)
{
#if MZ_SIMD_WIDTH == 16
  return (vf) _mm512_maskz_loadu_ps ((__mmask16) ((1u << n) - 1u), p);
#else
  float part[VW] = { 0 };

  memcpy (part, p, (size_t) n * sizeof (float));
  return v_load (part);
#endif
}

INLINE void
v_store_n (float *p, vf v, int n)
{
#if MZ_SIMD_WIDTH == 16
  _mm512_mask_storeu_ps (p, (__mmask16) ((1u << n) - 1u), (__m512) v);
#else
  memcpy (p, &v, (size_t) n * sizeof (float));
#endif
}

/* The larger of each pair; a NaN in `b` is dropped. */
INLINE vf
v_max (vf a, vf b)
{
#if MZ_SIMD_WIDTH == 16
  return (vf) _mm512_max_ps ((__m512) b, (__m512) a);
#elif MZ_SIMD_WIDTH == 8
  return (vf) _mm256_max_ps ((__m256) b, (__m256) a);
#else
  vi greater = b > a;

  return (vf) (((vi) b & greater) | ((vi) a & ~greater));
#endif
}

INLINE vf
v_min (vf a, vf b)
{
  return -v_max (-a, -b);
}

/* mask ? a : b, lane by lane; mask lanes are 0 or -1. */
INLINE vf
v_select (vi mask, vf a, vf b)
{
  return (vf) (((vi) a & mask) | ((vi) b & ~mask));
}
