/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The transforms of Winograd's convolution F(4x4, 3x3): 4x4 results of a 3x3 convolution from 36 products
 * instead of 144 (Lavin and Gray 2015).
 *
 * Along one line, inputs d and taps g are polynomials; their values at six points are multiplied, and the
 * result's coefficients found from the products. The usual points 0, 1, -1, 2, -2 and infinity lose a digit;
 * ours are 0, 5/8, -5/8, 3/2, -3/2 and infinity, which float32 holds exactly as it does their powers.
 * Squared error over 320 channels, relative to the results': 1.3e-11 with the usual points, 2.6e-12 with
 * these, 0.9e-12 summing directly. (Barabasz et al. 2020, "Error analysis and improving the accuracy of
 * Winograd convolution", is the source of the idea.) */
#include "backends/cpu/simd/tables.h"

#define P 0.625f
#define Q 1.5f
#define P2 (P * P)
#define Q2 (Q * Q)

/* From d [6], `step` vectors apart, to the values at the points. */
INLINE void
transform_inputs (const vf d[6], vf v[6])
{
  const vf p2 = v_splat (P2), q2 = v_splat (Q2), p2q2 = v_splat (P2 * Q2), sum = v_splat (P2 + Q2);
  vf even_p = d[4] - q2 * d[2], odd_p = v_splat (P) * (d[3] - q2 * d[1]);
  vf even_q = d[4] - p2 * d[2], odd_q = v_splat (Q) * (d[3] - p2 * d[1]);

  v[0] = (p2q2 * d[0] + d[4]) - sum * d[2];
  v[1] = even_p + odd_p;
  v[2] = even_p - odd_p;
  v[3] = even_q + odd_q;
  v[4] = even_q - odd_q;
  v[5] = (p2q2 * d[1] + d[5]) - sum * d[3];
}

INLINE void
input_vector (const float *const pixels[MZ_CPU_WINOGRAD_POINTS], int at, int n, float *to, ptrdiff_t stride)
{
  vf columns[6][6];

  UNROLL for (int x = 0; x < 6; x++)
  {
    vf d[6], v[6];

    UNROLL for (int y = 0; y < 6; y++)
    {
      const float *from = pixels[y * 6 + x] + at;

      d[y] = n == VW ? v_load (from) : v_load_n (from, n);
    }
    transform_inputs (d, v);
    UNROLL for (int y = 0; y < 6; y++) columns[y][x] = v[y];
  }
  UNROLL for (int y = 0; y < 6; y++)
  {
    vf v[6];

    transform_inputs (columns[y], v);
    UNROLL for (int x = 0; x < 6; x++) v_store (to + (y * 6 + x) * stride + at, v[x]);
  }
}

void
MZ_SIMD (mz_winograd_input) (const float *const pixels[MZ_CPU_WINOGRAD_POINTS],
                             int n,
                             float *to,
                             ptrdiff_t stride)
{
  int at = 0;

  for (; at + VW <= n; at += VW)
    input_vector (pixels, at, VW, to, stride);
  if (at < n)
    input_vector (pixels, at, n - at, to, stride);
}

/* From taps g [3] to their values at the points, over what interpolation divides by. */
INLINE void
transform_taps (const vf g[3], vf u[6])
{
  const vf at_p = v_splat (1 / (2 * P2 * (P2 - Q2))), at_q = v_splat (1 / (2 * Q2 * (Q2 - P2)));
  vf even_p = at_p * g[0] + v_splat (1 / (2 * (P2 - Q2))) * g[2];
  vf even_q = at_q * g[0] + v_splat (1 / (2 * (Q2 - P2))) * g[2];
  vf odd_p = v_splat (1 / (2 * P * (P2 - Q2))) * g[1], odd_q = v_splat (1 / (2 * Q * (Q2 - P2))) * g[1];

  u[0] = v_splat (1 / (P2 * Q2)) * g[0];
  u[1] = even_p + odd_p;
  u[2] = even_p - odd_p;
  u[3] = even_q + odd_q;
  u[4] = even_q - odd_q;
  u[5] = g[2];
}

void
MZ_SIMD (mz_winograd_weights) (const float *taps, ptrdiff_t tap_stride, size_t n, float *to, ptrdiff_t stride)
{
  for (size_t at = 0; at < n; at += VW)
    {
      vf columns[6][3];

      UNROLL for (int x = 0; x < 3; x++)
      {
        vf g[3], u[6];

        UNROLL for (int y = 0; y < 3; y++) g[y] = v_load (taps + (y * 3 + x) * tap_stride + at);
        transform_taps (g, u);
        UNROLL for (int y = 0; y < 6; y++) columns[y][x] = u[y];
      }
      UNROLL for (int y = 0; y < 6; y++)
      {
        vf u[6];

        transform_taps (columns[y], u);
        UNROLL for (int x = 0; x < 6; x++) v_store (to + (y * 6 + x) * stride + at, u[x]);
      }
    }
}

/* From products at the points to four results. */
INLINE void
transform_products (const vf m[6], vf y[4])
{
  vf even_p = m[1] + m[2], odd_p = m[1] - m[2], even_q = m[3] + m[4], odd_q = m[3] - m[4];

  y[0] = (m[0] + even_p) + even_q;
  y[1] = v_splat (P) * odd_p + v_splat (Q) * odd_q;
  y[2] = v_splat (P2) * even_p + v_splat (Q2) * even_q;
  y[3] = (v_splat (P2 * P) * odd_p + m[5]) + v_splat (Q2 * Q) * odd_q;
}

void
MZ_SIMD (mz_winograd_output) (const float *from, ptrdiff_t stride, float *to, ptrdiff_t pixel_stride)
{
  for (int at = 0; at < NR; at += VW)
    {
      vf columns[4][6];

      UNROLL for (int x = 0; x < 6; x++)
      {
        vf m[6], y[4];

        UNROLL for (int i = 0; i < 6; i++) m[i] = v_load (from + (i * 6 + x) * stride + at);
        transform_products (m, y);
        UNROLL for (int i = 0; i < 4; i++) columns[i][x] = y[i];
      }
      UNROLL for (int i = 0; i < 4; i++)
      {
        vf y[4];

        transform_products (columns[i], y);
        UNROLL for (int x = 0; x < 4; x++) v_store (to + (i * 4 + x) * pixel_stride + at, y[x]);
      }
    }
}
