/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The emulated GPU has no libraries: products go through our kernels, by plan rather than by measuring. */
#include "backends/cuda/library.h"

MzCudaLibraries *
mz_cuda_libraries_open (const MzCudaKernels *kernels)
{
  return NULL;
}

void
mz_cuda_libraries_close (MzCudaLibraries *libraries)
{
}

const char *
mz_cuda_libraries_describe (const MzCudaLibraries *libraries)
{
  return "emulated";
}

MzCudaWays *
mz_cuda_ways_new (MzCudaLibraries *libraries,
                  MzCudaEngine engine,
                  const MzCudaProduct *product,
                  gsize scratch_bytes)
{
  return NULL;
}

void
mz_cuda_ways_free (MzCudaWays *ways)
{
}

guint
mz_cuda_ways_count (const MzCudaWays *ways)
{
  return 0;
}

const char *
mz_cuda_ways_run (MzCudaWays *ways,
                  guint index,
                  const MzCudaProduct *product,
                  const MzCudaScratch *scratch,
                  cudaStream_t stream)
{
  return "there is no library";
}
