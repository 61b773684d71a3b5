/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What library.c, cublaslt.c and cudnn.c share. */
#pragma once

#include <gmodule.h>

#include "backends/cuda/library.h"

G_BEGIN_DECLS

/* At most so many ways are kept for a shape: the first of the library's own order. */
#define MZ_CUDA_MAX_WAYS 16

typedef struct _MzCublasLt MzCublasLt;
typedef struct _MzCudnn MzCudnn;

/* What every library's ways begin with. */
struct _MzCudaWays
{
  guint n;
  const char *(*run) (MzCudaWays *ways,
                      guint index,
                      const MzCudaProduct *product,
                      const MzCudaScratch *scratch,
                      cudaStream_t stream);
  void (*free) (MzCudaWays *ways);
};

/* One function of a library: its name, and where its address goes. */
typedef struct
{
  const char *name;
  gpointer *address;
} MzCudaSymbol;

/* Opens `file` with all `symbols`, for as long as the program runs; or says why not, in a new string. */
gboolean mz_cuda_library_open (const char *file, const MzCudaSymbol *symbols, guint n_symbols, char **reason);

/* "13.1" of 130100, as both libraries count. */
char *mz_cuda_library_version (gsize number);

/* NULL with a reason. */
MzCublasLt *mz_cublaslt_open (const MzCudaKernels *kernels, char **version, char **reason);
void mz_cublaslt_close (MzCublasLt *lt);
MzCudaWays *mz_cublaslt_ways (MzCublasLt *lt, const MzCudaProduct *product, gsize scratch_bytes);

MzCudnn *mz_cudnn_open (const MzCudaKernels *kernels, char **version, char **reason);
void mz_cudnn_close (MzCudnn *cudnn);
MzCudaWays *mz_cudnn_ways (MzCudnn *cudnn, const MzCudaProduct *product, gsize scratch_bytes);

G_END_DECLS
