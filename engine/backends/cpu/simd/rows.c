/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Loops over the channels of a row: what follows a product, the norms, and the running softmax. */
#include "backends/cpu/simd/tables.h"

/* ---- After a product
 * --------------------------------------------------------------------------------------------- */

INLINE vf
apply (const MzCpuStore store, vf x)
{
  switch (store)
    {
    case MZ_CPU_STORE_SILU:
      return v_silu (x);
    case MZ_CPU_STORE_GELU:
      return v_gelu (x);
    case MZ_CPU_STORE_QUICK_GELU:
      return v_quick_gelu (x);
    case MZ_CPU_STORE_RELU:
      return v_max (x, v_splat (0));
    default:
      return x;
    }
}

INLINE vf
scaled_sums (const float *sums, const float *scale, const float *bias)
{
  return scale != NULL ? v_load (sums) * v_load (scale) + v_load (bias) : v_load (sums) + v_load (bias);
}

/* Columns first..first+n of the result, n <= VW, from the sums at offset `at` of their panel. */
INLINE void
store_vector (const MzCpuRow *row,
              const MzCpuStore store,
              const float *sums,
              const float *scale,
              const float *bias,
              int first,
              int n)
{
  vf y = scaled_sums (sums, scale, bias);

  if (row->add != NULL)
    y += n == VW ? v_load (row->add + first) : v_load_n (row->add + first, n);
  if (store == MZ_CPU_STORE_GEGLU)
    y *= v_gelu (scaled_sums (sums + VW, scale != NULL ? scale + VW : NULL, bias + VW));
  else if (store != MZ_CPU_STORE_RELU)
    y = apply (store, y);
  if (row->residual != NULL)
    y += n == VW ? v_load (row->residual + first) : v_load_n (row->residual + first, n);
  if (store == MZ_CPU_STORE_RELU)
    y = apply (store, y);
  if (n == VW)
    v_store (row->out + first, y);
  else
    v_store_n (row->out + first, y, n);
}

/* A panel's results: NV vectors, or one where the other is the gate. `store` is a constant where inlined. */
INLINE void
store_as (const MzCpuRow *row, const MzCpuStore store)
{
  const int per_panel = store == MZ_CPU_STORE_GEGLU ? VW : NR;
  const float *sums = row->sums, *scale = row->scale, *bias = row->bias;

  for (int first = 0; first < row->n_columns; first += per_panel)
    {
      for (int j = 0; j < per_panel && first + j < row->n_columns; j += VW)
        {
          int left = row->n_columns - first - j;

          if (left >= VW)
            store_vector (row, store, sums + j, scale != NULL ? scale + j : NULL, bias + j, first + j, VW);
          else
            store_vector (row, store, sums + j, scale != NULL ? scale + j : NULL, bias + j, first + j, left);
        }
      if (scale != NULL)
        scale += NR;
      sums += row->panel_stride;
      bias += NR;
    }
}

void
MZ_SIMD (mz_store_row) (const MzCpuRow *row)
{
  switch (row->store)
    {
    case MZ_CPU_STORE_PLAIN:
      store_as (row, MZ_CPU_STORE_PLAIN);
      break;
    case MZ_CPU_STORE_SILU:
      store_as (row, MZ_CPU_STORE_SILU);
      break;
    case MZ_CPU_STORE_GELU:
      store_as (row, MZ_CPU_STORE_GELU);
      break;
    case MZ_CPU_STORE_QUICK_GELU:
      store_as (row, MZ_CPU_STORE_QUICK_GELU);
      break;
    case MZ_CPU_STORE_RELU:
      store_as (row, MZ_CPU_STORE_RELU);
      break;
    case MZ_CPU_STORE_GEGLU:
      store_as (row, MZ_CPU_STORE_GEGLU);
      break;
    }
}

/* ---- Softmax
 * ----------------------------------------------------------------------------------------------------- */

/* Scores of keys that a query must not see. Finite, so that differences stay numbers. */
static void
hide_later_keys (float *s, int n_keys, int diagonal)
{
  for (int i = 0; i < n_keys; i++)
    for (int j = 0; j < NR && j < i + diagonal; j++)
      s[i * NR + j] = -1e30f;
}

void
MZ_SIMD (mz_softmax) (float *s, int n_keys, int diagonal, float *m, float *l, float *alpha)
{
  vf top[NV], sum[NV];

  if (n_keys + diagonal > 1)
    hide_later_keys (s, n_keys, diagonal);
  UNROLL for (int j = 0; j < NV; j++) top[j] = v_load (m + j * VW);
  for (int i = 0; i < n_keys; i++)
    UNROLL for (int j = 0; j < NV; j++) top[j] = v_max (top[j], v_load (s + i * NR + j * VW));
  UNROLL for (int j = 0; j < NV; j++)
  {
    v_store (alpha + j * VW, v_exp2 (v_load (m + j * VW) - top[j]));
    v_store (m + j * VW, top[j]);
    sum[j] = (vf){ 0 };
  }
  for (int i = 0; i < n_keys; i++)
    UNROLL for (int j = 0; j < NV; j++)
    {
      vf p = v_exp2 (v_load (s + i * NR + j * VW) - top[j]);

      v_store (s + i * NR + j * VW, p);
      sum[j] += p;
    }
  UNROLL for (int j = 0; j < NV; j++)
      v_store (l + j * VW, v_load (l + j * VW) * v_load (alpha + j * VW) + sum[j]);
}

/* ---- Rows to columns and back ---- */

#if VW == 16
#define LOW(a, b) __builtin_shufflevector (a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH(a, b)                                                                                           \
  __builtin_shufflevector (a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif VW == 8
#define LOW(a, b) __builtin_shufflevector (a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH(a, b) __builtin_shufflevector (a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define LOW(a, b) __builtin_shufflevector (a, b, 0, 4, 1, 5)
#define HIGH(a, b) __builtin_shufflevector (a, b, 2, 6, 3, 7)
#endif

/* Row i becomes column i: rounds of taking one of each of two rows that are half a square apart. */
INLINE void
transpose (vf r[VW])
{
  UNROLL for (int round = 1; round < VW; round *= 2)
  {
    vf t[VW];

    UNROLL for (int i = 0; i < VW / 2; i++)
    {
      t[2 * i] = LOW (r[i], r[i + VW / 2]);
      t[2 * i + 1] = HIGH (r[i], r[i + VW / 2]);
    }
    UNROLL for (int i = 0; i < VW; i++) r[i] = t[i];
  }
}

/* A square of n rows and `width` columns; both are VW where they are constants. */
INLINE void
square_to_columns (const float *from, ptrdiff_t stride, const int n, const int width, vf scale, float *to)
{
  vf r[VW];

  UNROLL for (int k = 0; k < VW; k++)
  {
    r[k] = (vf){ 0 };
    if (k < n)
      r[k] = (width == VW ? v_load (from + k * stride) : v_load_n (from + k * stride, width)) * scale;
  }
  transpose (r);
  UNROLL for (int k = 0; k < VW; k++) if (k < width) v_store (to + k * NR, r[k]);
}

INLINE void
square_to_rows (const float *from, vf factors, const int n, const int width, float *to, ptrdiff_t stride)
{
  vf r[VW];

  UNROLL for (int k = 0; k < VW; k++) r[k] = k < width ? v_load (from + k * NR) * factors : (vf){ 0 };
  transpose (r);
  UNROLL for (int k = 0; k < VW; k++) if (k < n)
  {
    if (width == VW)
      v_store (to + k * stride, r[k]);
    else
      v_store_n (to + k * stride, r[k], width);
  }
}

static int
at_most_a_vector (int n)
{
  return n < 0 ? 0 : n < VW ? n : VW;
}

void
MZ_SIMD (mz_to_columns) (const float *from, ptrdiff_t stride, int n, int width, float scale, float *to)
{
  for (int i = 0; i < NR; i += VW)
    for (int d = 0; d < width; d += VW)
      if (i + VW <= n && d + VW <= width)
        square_to_columns (from + i * stride + d, stride, VW, VW, v_splat (scale), to + d * NR + i);
      else
        square_to_columns (from + i * stride + d, stride, at_most_a_vector (n - i),
                           at_most_a_vector (width - d), v_splat (scale), to + d * NR + i);
}

void
MZ_SIMD (mz_to_rows) (const float *from, const float *factors, int n, int width, float *to, ptrdiff_t stride)
{
  for (int i = 0; i < n; i += VW)
    for (int d = 0; d < width; d += VW)
      if (i + VW <= n && d + VW <= width)
        square_to_rows (from + d * NR + i, v_load (factors + i), VW, VW, to + i * stride + d, stride);
      else
        square_to_rows (from + d * NR + i, v_load_n (factors + i, at_most_a_vector (n - i)),
                        at_most_a_vector (n - i), at_most_a_vector (width - d), to + i * stride + d, stride);
}

/* ---- Norms
 * ------------------------------------------------------------------------------------------------------- */

/* Rows whose sums stay in float32, added pairwise; from there on sums are in double precision. */
#define ROWS_AT_ONCE 8

INLINE void
add_lanes (double *to, vf v, int n)
{
  float lane[VW];

  memcpy (lane, &v, sizeof lane);
  for (int i = 0; i < n; i++)
    to[i] += (double) lane[i];
}

/* Pairwise sums of d and d^2. `rows` is a constant where inlined, ROWS_AT_ONCE or 1. */
INLINE void
add_moments (vf d[ROWS_AT_ONCE], const int rows, double *sums, double *squares, int n)
{
  vf q[ROWS_AT_ONCE];

  UNROLL for (int i = 0; i < rows; i++) q[i] = d[i] * d[i];
  UNROLL for (int step = rows / 2; step > 0; step /= 2) UNROLL for (int i = 0; i < step; i++)
  {
    d[i] += d[i + step];
    q[i] += q[i + step];
  }
  add_lanes (sums, d[0], n);
  add_lanes (squares, q[0], n);
}

INLINE void
moments_of_rows (const float *x,
                 ptrdiff_t stride,
                 const int rows,
                 int c,
                 const float *shift,
                 double *sums,
                 double *squares)
{
  vf d[ROWS_AT_ONCE];
  int at = 0;

  for (; at + VW <= c; at += VW)
    {
      UNROLL for (int i = 0; i < rows; i++) d[i] = v_load (x + i * stride + at) - v_load (shift + at);
      add_moments (d, rows, sums + at, squares + at, VW);
    }
  if (at < c)
    {
      UNROLL for (int i = 0; i < rows; i++) d[i]
          = v_load_n (x + i * stride + at, c - at) - v_load_n (shift + at, c - at);
      add_moments (d, rows, sums + at, squares + at, c - at);
    }
}

void
MZ_SIMD (mz_moments) (const float *x,
                      ptrdiff_t stride,
                      int n,
                      int c,
                      const float *shift,
                      double *sums,
                      double *squares)
{
  for (; n >= ROWS_AT_ONCE; n -= ROWS_AT_ONCE, x += ROWS_AT_ONCE * stride)
    moments_of_rows (x, stride, ROWS_AT_ONCE, c, shift, sums, squares);
  for (; n > 0; n--, x += stride)
    moments_of_rows (x, stride, 1, c, shift, sums, squares);
}

INLINE void
scale_as (const float *x,
          float *out,
          int c,
          const float *centre,
          const float *scale,
          const float *shift,
          const MzCpuStore store)
{
  int at = 0, left;

  for (; at + VW <= c; at += VW)
    v_store (out + at, apply (store, (v_load (x + at) - v_load (centre + at)) * v_load (scale + at)
                                         + v_load (shift + at)));
  left = c - at;
  if (left > 0)
    v_store_n (
        out + at,
        apply (store, (v_load_n (x + at, left) - v_load_n (centre + at, left)) * v_load_n (scale + at, left)
                          + v_load_n (shift + at, left)),
        left);
}

void
MZ_SIMD (mz_scale_row) (const float *x,
                        float *out,
                        int c,
                        const float *centre,
                        const float *scale,
                        const float *shift,
                        MzCpuStore store)
{
  switch (store)
    {
    case MZ_CPU_STORE_SILU:
      scale_as (x, out, c, centre, scale, shift, MZ_CPU_STORE_SILU);
      break;
    case MZ_CPU_STORE_GELU:
      scale_as (x, out, c, centre, scale, shift, MZ_CPU_STORE_GELU);
      break;
    case MZ_CPU_STORE_QUICK_GELU:
      scale_as (x, out, c, centre, scale, shift, MZ_CPU_STORE_QUICK_GELU);
      break;
    case MZ_CPU_STORE_RELU:
      scale_as (x, out, c, centre, scale, shift, MZ_CPU_STORE_RELU);
      break;
    default:
      scale_as (x, out, c, centre, scale, shift, MZ_CPU_STORE_PLAIN);
      break;
    }
}

/* Sum of f (x) over a row: eight vectors pairwise in float32, from there on in double precision. f is x -
 * mean or its square. */
INLINE double
sum_row (const float *x, int c, const int squared, vf mean)
{
  double sums[VW] = { 0 };
  int at = 0;

  for (; at + 8 * VW <= c; at += 8 * VW)
    {
      vf d[8];

      UNROLL for (int j = 0; j < 8; j++)
      {
        d[j] = v_load (x + at + j * VW) - mean;
        d[j] = squared ? d[j] * d[j] : d[j];
      }
      add_lanes (sums, ((d[0] + d[1]) + (d[2] + d[3])) + ((d[4] + d[5]) + (d[6] + d[7])), VW);
    }
  for (; at < c; at += VW)
    {
      int n = c - at < VW ? c - at : VW;
      vf d = v_load_n (x + at, n) - mean;

      add_lanes (sums, squared ? d * d : d, n);
    }
  for (int i = 1; i < VW; i++)
    sums[0] += sums[i];
  return sums[0];
}

void
MZ_SIMD (mz_layer_norm_row) (const float *x,
                             float *out,
                             int c,
                             const float *gamma,
                             const float *beta,
                             float epsilon)
{
  float mean = (float) (sum_row (x, c, 0, v_splat (0)) / c);
  double variance = sum_row (x, c, 1, v_splat (mean)) / c;
  float factor = (float) (1 / __builtin_sqrt (variance + (double) epsilon));
  vf centre = v_splat (mean), scale = v_splat (factor);
  int at = 0;

  for (; at + VW <= c; at += VW)
    v_store (out + at, (v_load (x + at) - centre) * scale * v_load (gamma + at) + v_load (beta + at));
  if (at < c)
    {
      int left = c - at;

      v_store_n (out + at,
                 (v_load_n (x + at, left) - centre) * scale * v_load_n (gamma + at, left)
                     + v_load_n (beta + at, left),
                 left);
    }
}
