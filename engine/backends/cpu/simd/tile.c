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

/* A function for each number of rows, so that rows are left over only at a tile's price of their own. One
 * function with all of them is more than compilers like, above all when sanitizers have their say in it. */
#if MR == 14
#define FOR_EACH_ROWS(ROWS)                                                                                  \
  ROWS (1)                                                                                                   \
  ROWS (2)                                                                                                   \
  ROWS (3)                                                                                                   \
  ROWS (4) ROWS (5) ROWS (6) ROWS (7) ROWS (8) ROWS (9) ROWS (10) ROWS (11) ROWS (12) ROWS (13) ROWS (14)
#else
#define FOR_EACH_ROWS(ROWS) ROWS (1) ROWS (2) ROWS (3) ROWS (4) ROWS (5) ROWS (6)
#endif

typedef void (*PlainTile) (int depth, const float *a, const float *b, float *c, int first, const void *ahead);
typedef void (
    *ScaledTile) (int depth, const float *a, ptrdiff_t lda, const float *b, float *c, const float *alpha);

#define ROWS(n)                                                                                              \
  static void product_##n (int depth, const float *a, const float *b, float *c, int first,                   \
                           const void *ahead)                                                                \
  {                                                                                                          \
    plain_tile (n, depth, a, MZ_CPU_PITCH, b, c, first, ahead);                                              \
  }                                                                                                          \
                                                                                                             \
  static void winograd_##n (int depth, const float *a, const float *b, float *c, int first,                  \
                            const void *ahead)                                                               \
  {                                                                                                          \
    plain_tile (n, depth, a, MZ_CPU_WINOGRAD_PITCH, b, c, first, ahead);                                     \
  }                                                                                                          \
                                                                                                             \
  static void scaled_##n (int depth, const float *a, ptrdiff_t lda, const float *b, float *c,                \
                          const float *alpha)                                                                \
  {                                                                                                          \
    scaled_tile (n, depth, a, lda, b, c, alpha);                                                             \
  }
FOR_EACH_ROWS (ROWS)
#undef ROWS

void
MZ_SIMD (
    mz_tile) (int rows, int depth, const float *a, const float *b, float *c, int first, const void *ahead)
{
#define ROWS(n) product_##n,
  static const PlainTile tiles[] = { FOR_EACH_ROWS (ROWS) };
#undef ROWS

  tiles[rows - 1](depth, a, b, c, first, ahead);
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
#define ROWS(n) winograd_##n,
  static const PlainTile tiles[] = { FOR_EACH_ROWS (ROWS) };
#undef ROWS

  tiles[rows - 1](depth, a, b, c, first, ahead);
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
#define ROWS(n) scaled_##n,
  static const ScaledTile tiles[] = { FOR_EACH_ROWS (ROWS) };
#undef ROWS

  tiles[rows - 1](depth, a, lda, b, c, alpha);
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
