/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* In cudnn.c's place where its headers were missing when this was built. */
#include "backends/cuda/library-private.h"

MzCudnn *
mz_cudnn_open (const MzCudaKernels *kernels, char **version, char **reason)
{
  *reason = g_strdup ("this program was built without it");
  return NULL;
}

void
mz_cudnn_close (MzCudnn *cudnn)
{
}

MzCudaWays *
mz_cudnn_ways (MzCudnn *cudnn, const MzCudaProduct *product, gsize scratch_bytes)
{
  return NULL;
}
