/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The kernels of one variant, gathered. */
#include "backends/cpu/simd/tables.h"

const MzCpuKernels MZ_SIMD (mz_cpu_kernels) = {
#if MZ_SIMD_WIDTH == 16
  .name = "AVX-512",
#elif MZ_SIMD_WIDTH == 8
  .name = "AVX2",
#else
  .name = "portable code",
#endif
  .mr = MR,
  .nr = NR,
  .tile = MZ_SIMD (mz_tile),
  .tile_scaled = MZ_SIMD (mz_tile_scaled),
  .widen_f16 = MZ_SIMD (mz_widen_f16),
  .widen_bf16 = MZ_SIMD (mz_widen_bf16),
  .widen_i8 = MZ_SIMD (mz_widen_i8),
  .tile_winograd = MZ_SIMD (mz_tile_winograd),
  .winograd_input = MZ_SIMD (mz_winograd_input),
  .winograd_weights = MZ_SIMD (mz_winograd_weights),
  .winograd_output = MZ_SIMD (mz_winograd_output),
  .store_row = MZ_SIMD (mz_store_row),
  .softmax = MZ_SIMD (mz_softmax),
  .to_columns = MZ_SIMD (mz_to_columns),
  .to_rows = MZ_SIMD (mz_to_rows),
  .moments = MZ_SIMD (mz_moments),
  .scale_row = MZ_SIMD (mz_scale_row),
  .layer_norm_row = MZ_SIMD (mz_layer_norm_row),
};
