/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* In the place of the kernels for bfloat16 where no card that has it was built for. */
#include "backends/cuda/kernels.h"

const MzCudaKernels mz_cuda_kernels_bfloat16 = { 0 };
