/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The innermost loops, one table of them for each instruction set: what runs inside one task on one thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Floats from one row of a gathered A tile to the next. A constant, so that all rows of a register tile are
 * reached from one pointer; 21 cache lines, an odd number, so that the rows spread over all sets of the L1
 * cache. */
#define MZ_CPU_PITCH 336
/* Deepest product one call of `tile` computes. */
#define MZ_CPU_MAX_DEPTH 320

/* The same for Winograd's transformed inputs: nine cache lines, and 128 channels at a time. */
#define MZ_CPU_WINOGRAD_PITCH 144
#define MZ_CPU_WINOGRAD_DEPTH 128
/* A tile of 6x6 inputs makes 4x4 results. */
#define MZ_CPU_WINOGRAD_IN 6
#define MZ_CPU_WINOGRAD_OUT 4
#define MZ_CPU_WINOGRAD_POINTS 36 /* products that take the place of 144 */

typedef enum
{
  MZ_CPU_STORE_PLAIN,
  MZ_CPU_STORE_SILU,
  MZ_CPU_STORE_GELU,
  MZ_CPU_STORE_QUICK_GELU,
  MZ_CPU_STORE_RELU,  /* after the residual */
  MZ_CPU_STORE_GEGLU, /* each panel is nr/2 columns of values, then their nr/2 gates */
} MzCpuStore;

/* What turns one row of sums into one row of the result: out = store (sum * scale + bias + add) + residual.
 */
typedef struct
{
  const float *sums;      /* panels of nr columns */
  ptrdiff_t panel_stride; /* floats from one panel to the next */
  int n_columns;          /* of the result */
  const float *scale;     /* whole panels, or NULL: what sums are multiplied by first */
  const float *bias;      /* whole panels */
  const float *add;       /* [n_columns] or NULL */
  const float *residual;  /* [n_columns] or NULL; may be `out` */
  float *out;             /* [n_columns] */
  MzCpuStore store;
} MzCpuRow;

typedef struct
{
  const char *name; /* "AVX-512" */
  int mr, nr;       /* rows and columns of a register tile; a panel is nr columns of a matrix */

  /* c [rows, nr] (= or, unless `first`, +=) a [rows, depth; pitch MZ_CPU_PITCH] b [depth, nr].
   * rows 1..mr, depth 1..MZ_CPU_MAX_DEPTH. b and c are 64-byte aligned. Each sum is taken in the order of
   * depth, from zero, and then added to c. Meanwhile `depth` cache lines from `ahead` on are fetched. */
  void (*tile) (int rows, int depth, const float *a, const float *b, float *c, int first, const void *ahead);
  /* c [rows, nr] = c * alpha [nr] + a^T b, with a [depth, rows; pitch lda]. */
  void (*tile_scaled) (int rows,
                       int depth,
                       const float *a,
                       ptrdiff_t lda,
                       const float *b,
                       float *c,
                       const float *alpha);
  /* Half floats to float32; n is a multiple of nr. */
  void (*widen_f16) (const uint16_t *from, float *to, size_t n);
  void (*widen_bf16) (const uint16_t *from, float *to, size_t n);
  void (*widen_i8) (const int8_t *from, float *to, size_t n);
  void (*store_row) (const MzCpuRow *row);

  /* `tile` with pitch MZ_CPU_WINOGRAD_PITCH, and Winograd's three transforms (see simd/winograd.c). Result
   * number i of the 36 lies `stride` floats after number i - 1.
   * Inputs: `n` channels of 6x6 pixels, which begin where `pixels` says. May write up to a vector more. */
  void (*tile_winograd) (int rows,
                         int depth,
                         const float *a,
                         const float *b,
                         float *c,
                         int first,
                         const void *ahead);
  void (*winograd_input) (const float *const pixels[MZ_CPU_WINOGRAD_POINTS],
                          int n,
                          float *to,
                          ptrdiff_t stride);
  /* Weights: 3x3 taps of n floats each, tap_stride apart; n is a multiple of nr. */
  void (*winograd_weights) (const float *taps, ptrdiff_t tap_stride, size_t n, float *to, ptrdiff_t stride);
  /* Results: 36 sums for nr columns, `stride` apart, become 16 pixels, pixel_stride apart. */
  void (*winograd_output) (const float *from, ptrdiff_t stride, float *to, ptrdiff_t pixel_stride);

  /* One step of the softmax that runs over keys while they stream by, for nr queries side by side.
   * s [n_keys, nr] holds scores in units of log2 e; becomes 2^(s - m). m, l [nr]: largest score and sum of
   * weights so far (begin with -INFINITY and 0); alpha [nr] gets what earlier sums must be multiplied by. Key
   * i is hidden from query j where j < i + diagonal; INT_MIN/2 hides none. */
  void (*softmax) (float *s, int n_keys, int diagonal, float *m, float *l, float *alpha);

  /* n rows of `width` floats, `stride` apart, n <= nr, become columns: to [width, nr] = scale * from; what is
   * missing to nr is zero. */
  void (*to_columns) (const float *from, ptrdiff_t stride, int n, int width, float scale, float *to);
  /* And back: row i, `stride` apart, = factors[i] * column i of from [width, nr]. */
  void (*to_rows) (const float *from, const float *factors, int n, int width, float *to, ptrdiff_t stride);

  /* sums [c] and squares [c] += x - shift and its square, over n rows of c floats, `stride` apart. */
  void (*moments) (const float *x,
                   ptrdiff_t stride,
                   int n,
                   int c,
                   const float *shift,
                   double *sums,
                   double *squares);
  /* out [c] = (x [c] - centre [c]) * scale [c] + shift [c], then the activation (not GEGLU). */
  void (*scale_row) (const float *x,
                     float *out,
                     int c,
                     const float *centre,
                     const float *scale,
                     const float *shift,
                     MzCpuStore store);
  /* out [c] = (x - mean) / sqrt (variance + epsilon) * gamma + beta. */
  void (*layer_norm_row) (const float *x,
                          float *out,
                          int c,
                          const float *gamma,
                          const float *beta,
                          float epsilon);
} MzCpuKernels;

/* Only those that were built; see device.c. */
extern const MzCpuKernels mz_cpu_kernels_avx512;
extern const MzCpuKernels mz_cpu_kernels_avx2;
extern const MzCpuKernels mz_cpu_kernels_baseline;
