/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of the launchers of one type of elements. Each is declared as the table's row wants it. */
#include "backends/cuda/simt.h"

#include <type_traits>

#define DECLARE(ROW, LAUNCHER) std::remove_pointer<decltype (MzCudaKernels::ROW)>::type LAUNCHER

namespace MZ_CUDA_ELEMENT
{

DECLARE (product, mz_cuda_product);
DECLARE (geglu, mz_cuda_geglu);
DECLARE (enlarge, mz_cuda_enlarge);
DECLARE (join, mz_cuda_join);
DECLARE (round_bias, mz_cuda_round_bias);
DECLARE (attention, mz_cuda_attention);
DECLARE (attention_wide, mz_cuda_attention_wide);
DECLARE (group_moments, mz_cuda_group_moments);
DECLARE (group_finish, mz_cuda_group_finish);
DECLARE (group_scale, mz_cuda_group_scale);
DECLARE (layer_norm, mz_cuda_layer_norm);
DECLARE (from_planes, mz_cuda_from_planes);
DECLARE (to_planes, mz_cuda_to_planes);
DECLARE (embed, mz_cuda_embed);
DECLARE (lay, mz_cuda_lay);

}

using namespace MZ_CUDA_ELEMENT;

#ifdef MZ_CUDA_BFLOAT16
#define TABLE mz_cuda_kernels_bfloat16
#define IS_BFLOAT16 1
#else
#define TABLE mz_cuda_kernels_float16
#define IS_BFLOAT16 0
#endif

const MzCudaKernels TABLE
    = { IS_BFLOAT16,           mz_cuda_product,      mz_cuda_geglu,       mz_cuda_enlarge,
        mz_cuda_join,          mz_cuda_round_bias,   mz_cuda_attention,   mz_cuda_attention_wide,
        mz_cuda_group_moments, mz_cuda_group_finish, mz_cuda_group_scale, mz_cuda_layer_norm,
        mz_cuda_from_planes,   mz_cuda_to_planes,    mz_cuda_embed,       mz_cuda_lay };
