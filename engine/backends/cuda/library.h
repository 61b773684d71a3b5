/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* NVIDIA's libraries for products, each of which may be missing: cuBLASLt for linear layers, cuDNN for
 * convolutions. They are opened at run time and never linked; what they cannot do, our kernels do. */
#pragma once

#include <glib.h>

#include "backends/cuda/kernels.h"

G_BEGIN_DECLS

typedef struct _MzCudaLibraries MzCudaLibraries;

/* Opens what is there, for products of the kernels' elements. Never NULL, but in the emulation, which has
 * none. Of the thread that uses the device.
 */
MzCudaLibraries *mz_cuda_libraries_open (const MzCudaKernels *kernels);
void mz_cuda_libraries_close (MzCudaLibraries *libraries);
/* "cuBLASLt 13.1, cuDNN 9.19", or why one is not used; for people. */
const char *mz_cuda_libraries_describe (const MzCudaLibraries *libraries);

/* What a library can do with products of one shape: ways to do it, best guess first. */
typedef struct _MzCudaWays MzCudaWays;

typedef enum
{
  MZ_CUDA_OWN,
  MZ_CUDA_CUBLASLT,
  MZ_CUDA_CUDNN,
  MZ_CUDA_OWN_HALF,  /* our kernel, with half sums */
  MZ_CUDA_OWN_GROUP, /* our kernel, by products of four warps */
} MzCudaEngine;

/* Scratch that a way may use: see MZ_CUDA_SCRATCH_BYTES. */
typedef struct
{
  gpointer memory;
  gsize n_bytes;
} MzCudaScratch;

/* NULL when `engine` is not there or has no way for this shape. Only shapes, flags and alignments of
 * `product` are looked at. Ways of which two runs may differ are left out. */
MzCudaWays *mz_cuda_ways_new (MzCudaLibraries *libraries,
                              MzCudaEngine engine,
                              const MzCudaProduct *product,
                              gsize scratch_bytes);
void mz_cuda_ways_free (MzCudaWays *ways);
guint mz_cuda_ways_count (const MzCudaWays *ways);
/* Enqueues the product by way `index`. NULL, or what failed. */
const char *mz_cuda_ways_run (MzCudaWays *ways,
                              guint index,
                              const MzCudaProduct *product,
                              const MzCudaScratch *scratch,
                              cudaStream_t stream);

G_END_DECLS
