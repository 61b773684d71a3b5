/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* exp, sigmoid and the activations on vectors, within 2 units in the last place where not said otherwise.
 * The coefficients are our own minimax fits (Lawson iteration, in double precision). */
#pragma once

#include "backends/cpu/simd/vec.h"

/* p 2^n for a whole number n that `shifted` holds in its low bits, p in [1/2, 2). Without AVX-512, n must be
 * in
 * [-126, 127]. */
INLINE vf
v_scale (vf p, vf n, vf shifted)
{
#if MZ_SIMD_WIDTH == 16
  return (vf) _mm512_scalef_ps ((__m512) p, (__m512) n);
#else
  return (vf) ((vi) p + ((vi) shifted << 23));
#endif
}

/* Adding this rounds to a whole number, which then stands in the low bits. */
#define V_ROUNDING 0x1.8p23f

/* 2^x for x up to 127; below -126 it is 0 or nearly so. NaN stays NaN. */
INLINE vf
v_exp2 (vf x)
{
  vf t = v_max (x, v_splat (VW == 16 ? -160.f : -126.f));
  vf shifted = t + v_splat (V_ROUNDING);
  vf n = shifted - v_splat (V_ROUNDING);
  vf f = t - n; /* in [-1/2, 1/2] */
  /* 2^f, relative error 1.9e-9 before rounding */
  vf p = v_splat (1.53458081e-4f);

  p = p * f + v_splat (1.33999307e-3f);
  p = p * f + v_splat (9.61848907e-3f);
  p = p * f + v_splat (5.55032864e-2f);
  p = p * f + v_splat (2.40226462e-1f);
  p = p * f + v_splat (6.93147182e-1f);
  p = p * f + v_splat (1.f);
  p = v_scale (p, n, shifted);
  return VW == 16 ? p : v_select (x < v_splat (-126.f), v_splat (0.f), p);
}

/* e^x for x in [-87, 88]; beyond, the value at the nearer end. NaN stays NaN. */
INLINE vf
v_exp (vf x)
{
  vf t = v_min (v_max (x, v_splat (-87.f)), v_splat (88.f));
  vf shifted = t * v_splat (1.44269504f) + v_splat (V_ROUNDING);
  vf n = shifted - v_splat (V_ROUNDING);
  /* x - n ln 2 after Cody and Waite: ln 2 in two parts, the first so short that n times it is exact. */
  vf f = (t - n * v_splat (0x1.62e4p-1f)) - n * v_splat (1.42860677e-6f);
  /* e^f on [-ln 2 / 2, ln 2 / 2], relative error 3.1e-9 before rounding */
  vf p = v_splat (1.38145965e-3f);

  p = p * f + v_splat (8.36871751e-3f);
  p = p * f + v_splat (4.1668389e-2f);
  p = p * f + v_splat (1.66665211e-1f);
  p = p * f + v_splat (4.9999994e-1f);
  p = p * f + v_splat (1.f);
  p = p * f + v_splat (1.f);
  return v_scale (p, n, shifted);
}

/* x / (1 + e^-x) */
INLINE vf
v_silu (vf x)
{
  return x / (v_splat (1.f) + v_exp (-x));
}

/* x / (1 + e^(-1.702 x)) */
INLINE vf
v_quick_gelu (vf x)
{
  return x / (v_splat (1.f) + v_exp (x * v_splat (-1.702f)));
}

/* x/2 (1 + erf (x / sqrt 2)), which is x P(x) with the normal distribution P. The tail q = P(-|x|) is
 * 2^r(|x|) with one smooth r, so that a polynomial and an exp2 do for all x; absolute error of q 2.9e-8, half
 * a unit of P. */
INLINE vf
v_gelu (vf x)
{
  vf t = v_min (v_max (x, -x), v_splat (6.f)); /* beyond 6 the tail is below 1e-9 */
  vf r = v_splat (5.06848039e-7f);
  vf q;

  r = r * t + v_splat (-9.47280023e-6f);
  r = r * t + v_splat (7.44529825e-5f);
  r = r * t + v_splat (-2.82698747e-4f);
  r = r * t + v_splat (1.19811002e-5f);
  r = r * t + v_splat (6.93433452e-3f);
  r = r * t + v_splat (-5.24367131e-2f);
  r = r * t + v_splat (-4.59220827e-1f);
  r = r * t + v_splat (-1.15110433f);
  r = r * t + v_splat (-1.f);
  q = x * v_exp2 (r);
  return v_select (x < v_splat (0.f), q, x - q);
}
