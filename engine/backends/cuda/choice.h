/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which way a product goes: one of our kernel's cuts, or one of a library's ways. What is fastest for a shape
 * is measured when the shape is first met, kept for as long as the device is open, and written to a file of
 * the cache folder, so that the next run, and so its picture, is the same. */
#pragma once

#include "backends/cuda/library.h"
#include "backends/cuda/plan.h"

G_BEGIN_DECLS

typedef struct _MzCudaChooser MzCudaChooser;

/* What of a product comes in whole vectors of 8 channels, aligned to 16 bytes. */
typedef enum
{
  MZ_CUDA_NO_VECTORS,
  MZ_CUDA_VECTORS_IN,  /* what it reads by position: enough for our kernel's fast way */
  MZ_CUDA_ALL_VECTORS, /* the result and a residual too, as libraries want */
} MzCudaVectors;

/* For products of the kernels' elements. `card` and `versions` name the file that is read and written; with
 * tunes FALSE nothing is measured, read or written, and our kernels go by mz_cuda_plan_product(). `libraries`
 * is borrowed, and may be NULL. has_groups: may products be of four warps? */
MzCudaChooser *mz_cuda_chooser_new (const MzCudaKernels *kernels,
                                    MzCudaLibraries *libraries,
                                    gboolean tunes,
                                    const char *card,
                                    const char *versions,
                                    int n_multiprocessors,
                                    gboolean has_groups);
void mz_cuda_chooser_free (MzCudaChooser *chooser);

/* Runs `product` the best way. Measuring needs a stream
 * that is not being recorded, and memory for a second result; without it, the first guess is taken.
 * `bias_sum`: device memory for MZ_CUDA_MAX_BIAS elements. NULL, or what failed. */
const char *mz_cuda_chooser_run (MzCudaChooser *chooser,
                                 MzCudaProduct *product,
                                 MzCudaVectors vectors,
                                 gboolean is_recorded,
                                 const MzCudaScratch *scratch,
                                 gpointer bias_sum,
                                 cudaStream_t stream);

/* Columns of a product that a library may be given: the sum of bias and channel_add is made beside it. */
#define MZ_CUDA_MAX_BIAS 16384

G_END_DECLS
