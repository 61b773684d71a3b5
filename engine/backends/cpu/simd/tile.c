/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The register tile of every matrix product: mr x nr sums that stay in registers over the whole depth. */
#include "backends/cpu/simd/tables.h"

/* One step of the depth. `rows` is a constant where this is inlined. */
INLINE void
add_products (const int rows, const float *a, const ptrdiff_t row_step, const float *b, vf sums[MR][NV])
{
  vf y[NV];

  UNROLL for (int j = 0; j < NV; j++) y[j] = v_load (b + j * VW);
  UNROLL for (int i = 0; i < rows; i++)
  {
    vf x = v_splat (a[i * row_step]);

    UNROLL for (int j = 0; j < NV; j++) sums[i][j] += x * y[j];
  }
}

/* `rows` and `fetch_ahead` are constants where this is inlined. Row i of a at depth k is a[i * row_step + k *
 * depth_step]. Two steps a round: what counts beside the multiply-adds is the number of other instructions,
 * above all where a neighbour shares the core (5 to 8 % on a Zen 3; four steps brought no more). */
INLINE void
sum_products (const int rows,
              int depth,
              const float *a,
              const ptrdiff_t row_step,
              ptrdiff_t depth_step,
              const float *b,
              const int fetch_ahead,
              const char *ahead,
              vf sums[MR][NV])
{
  int k = 0;

  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < NV; j++) sums[i][j] = (vf){ 0 };
  for (; k + 2 <= depth; k += 2)
    {
      add_products (rows, a, row_step, b, sums);
      add_products (rows, a + depth_step, row_step, b + NR, sums);
      if (fetch_ahead)
        {
          __builtin_prefetch (ahead, 0, 2);
          __builtin_prefetch (ahead + 64, 0, 2);
          ahead += 128;
        }
      a += 2 * depth_step;
      b += 2 * NR;
    }
  if (k < depth)
    add_products (rows, a, row_step, b, sums);
}

INLINE void
plain_tile (const int rows,
            int depth,
            const float *a,
            const ptrdiff_t pitch,
            const float *b,
            float *c,
            int first,
            const void *ahead)
{
  vf sums[MR][NV];

  sum_products (rows, depth, a, pitch, 1, b, 1, ahead, sums);
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < NV; j++)
  {
    float *to = c + i * NR + j * VW;

    v_store (to, first ? sums[i][j] : v_load (to) + sums[i][j]);
  }
}

INLINE void
scaled_tile (const int rows,
             int depth,
             const float *a,
             ptrdiff_t lda,
             const float *b,
             float *c,
             const float *alpha)
{
  vf sums[MR][NV];

  sum_products (rows, depth, a, 1, lda, b, 0, NULL, sums);
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < NV; j++)
  {
    float *to = c + i * NR + j * VW;

    v_store (to, v_load (to) * v_load (alpha + j * VW) + sums[i][j]);
  }
}

/* A case for each number of rows, so that rows are left over only at a tile's price of their own. */
#if MR == 14
#define FOR_EACH_ROWS(CASE)                                                                                  \
  CASE (1)                                                                                                   \
  CASE (2)                                                                                                   \
  CASE (3)                                                                                                   \
  CASE (4) CASE (5) CASE (6) CASE (7) CASE (8) CASE (9) CASE (10) CASE (11) CASE (12) CASE (13) CASE (14)
#else
#define FOR_EACH_ROWS(CASE) CASE (1) CASE (2) CASE (3) CASE (4) CASE (5) CASE (6)
#endif

void
MZ_SIMD (
    mz_tile) (int rows, int depth, const float *a, const float *b, float *c, int first, const void *ahead)
{
#define CASE(n)                                                                                              \
  case n:                                                                                                    \
    plain_tile (n, depth, a, MZ_CPU_PITCH, b, c, first, ahead);                                              \
    break;
  switch (rows)
    {
      FOR_EACH_ROWS (CASE)
    }
#undef CASE
}

void
MZ_SIMD (mz_tile_winograd) (int rows,
                            int depth,
                            const float *a,
                            const float *b,
                            float *c,
                            int first,
                            const void *ahead)
{
#define CASE(n)                                                                                              \
  case n:                                                                                                    \
    plain_tile (n, depth, a, MZ_CPU_WINOGRAD_PITCH, b, c, first, ahead);                                     \
    break;
  switch (rows)
    {
      FOR_EACH_ROWS (CASE)
    }
#undef CASE
}

void
MZ_SIMD (mz_tile_scaled) (int rows,
                          int depth,
                          const float *a,
                          ptrdiff_t lda,
                          const float *b,
                          float *c,
                          const float *alpha)
{
#define CASE(n)                                                                                              \
  case n:                                                                                                    \
    scaled_tile (n, depth, a, lda, b, c, alpha);                                                             \
    break;
  switch (rows)
    {
      FOR_EACH_ROWS (CASE)
    }
#undef CASE
}

void
MZ_SIMD (mz_widen_f16) (const uint16_t *from, float *to, size_t n)
{
  for (size_t i = 0; i < n; i += VW)
    {
#if MZ_SIMD_WIDTH == 16
      _mm512_storeu_ps (to + i, _mm512_cvtph_ps (_mm256_loadu_si256 ((const void *) (from + i))));
#elif MZ_SIMD_WIDTH == 8
      _mm256_storeu_ps (to + i, _mm256_cvtph_ps (_mm_loadu_si128 ((const void *) (from + i))));
#else
      /* Exponent and mantissa moved into place and the bias mended by a product, which also makes subnormals
       * right. */
      uint32_t part[VW];
      float value[VW];

      for (int j = 0; j < VW; j++)
        {
          part[j] = (uint32_t) (from[i + j] & 0x7fff) << 13;
          memcpy (&value[j], &part[j], sizeof value[j]);
          value[j] *= 0x1p112f;
          to[i + j] = from[i + j] & 0x8000 ? -value[j] : value[j];
        }
#endif
    }
}

void
MZ_SIMD (mz_widen_bf16) (const uint16_t *from, float *to, size_t n)
{
  for (size_t i = 0; i < n; i++)
    {
      uint32_t bits = (uint32_t) from[i] << 16;

      memcpy (&to[i], &bits, sizeof bits);
    }
}

void
MZ_SIMD (mz_widen_i8) (const int8_t *from, float *to, size_t n)
{
  for (size_t i = 0; i < n; i++)
    to[i] = from[i];
}
