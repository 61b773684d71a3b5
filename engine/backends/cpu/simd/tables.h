/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Prototypes of one variant's kernels, which simd/table.c gathers; what they do stands in simd/kernels.h. */
#pragma once

#include "backends/cpu/simd/kernels.h"
#include "backends/cpu/simd/vec-math.h"

void MZ_SIMD (
    mz_tile) (int rows, int depth, const float *a, const float *b, float *c, int first, const void *ahead);
void MZ_SIMD (mz_tile_winograd) (int rows,
                                 int depth,
                                 const float *a,
                                 const float *b,
                                 float *c,
                                 int first,
                                 const void *ahead);
void MZ_SIMD (mz_winograd_input) (const float *const pixels[MZ_CPU_WINOGRAD_POINTS],
                                  int n,
                                  float *to,
                                  ptrdiff_t stride);
void MZ_SIMD (
    mz_winograd_weights) (const float *taps, ptrdiff_t tap_stride, size_t n, float *to, ptrdiff_t stride);
void MZ_SIMD (mz_winograd_output) (const float *from, ptrdiff_t stride, float *to, ptrdiff_t pixel_stride);
void MZ_SIMD (mz_tile_scaled) (int rows,
                               int depth,
                               const float *a,
                               ptrdiff_t lda,
                               const float *b,
                               float *c,
                               const float *alpha);
void MZ_SIMD (mz_widen_f16) (const uint16_t *from, float *to, size_t n);
void MZ_SIMD (mz_widen_bf16) (const uint16_t *from, float *to, size_t n);
void MZ_SIMD (mz_widen_i8) (const int8_t *from, float *to, size_t n);
void MZ_SIMD (mz_store_row) (const MzCpuRow *row);
void MZ_SIMD (mz_softmax) (float *s, int n_keys, int diagonal, float *m, float *l, float *alpha);
void MZ_SIMD (mz_to_columns) (const float *from, ptrdiff_t stride, int n, int width, float scale, float *to);
void MZ_SIMD (
    mz_to_rows) (const float *from, const float *factors, int n, int width, float *to, ptrdiff_t stride);
void MZ_SIMD (mz_moments) (const float *x,
                           ptrdiff_t stride,
                           int n,
                           int c,
                           const float *shift,
                           double *sums,
                           double *squares);
void MZ_SIMD (mz_scale_row) (const float *x,
                             float *out,
                             int c,
                             const float *centre,
                             const float *scale,
                             const float *shift,
                             MzCpuStore store);
void MZ_SIMD (mz_layer_norm_row) (const float *x,
                                  float *out,
                                  int c,
                                  const float *gamma,
                                  const float *beta,
                                  float epsilon);
