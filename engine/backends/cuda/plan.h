/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How a product is cut for a GPU: plain arithmetic, the same on every run. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  int rows, columns;    /* of a tile */
  int splits;           /* parts of the depth, 1 or more */
  int blocks_per_split; /* of the depth; the last part may have fewer */
} MzCudaTile;

/* Our kernel's two forms. */
typedef enum
{
  MZ_CUDA_BY_WARPS,  /* product.cu */
  MZ_CUDA_BY_GROUPS, /* product-group.cu */
} MzCudaForm;

/* The cut of an [m, columns] result whose depth has `blocks` blocks, for a GPU with so many multiprocessors:
 * the largest tile (by groups: of those that reach least beyond the result) that still gives each of them
 * work, and where none does, a depth in parts. The parts' sums, float32, take at most scratch_bytes. */
MzCudaTile mz_cuda_plan_product (MzCudaForm form,
                                 int m,
                                 int columns,
                                 int blocks,
                                 int n_multiprocessors,
                                 gsize scratch_bytes);

#define MZ_CUDA_MAX_TILES 64
/* All cuts worth trying, into `tiles`; the first is mz_cuda_plan_product()'s. Returns how many. */
guint mz_cuda_list_tiles (MzCudaForm form,
                          int m,
                          int columns,
                          int blocks,
                          int n_multiprocessors,
                          gsize scratch_bytes,
                          MzCudaTile tiles[MZ_CUDA_MAX_TILES]);
/* Can the kernel run this cut, wherever it was read? */
gboolean mz_cuda_tile_is_possible (MzCudaForm form,
                                   const MzCudaTile *tile,
                                   int m,
                                   int columns,
                                   int blocks,
                                   gsize scratch_bytes);

/* How many of `n` samples to take at once where each needs so much room: the most that divide n, so that all
 * parts have one shape; 0 when there is no room for one. n: 1 or more. */
gint64 mz_cuda_plan_samples (gint64 n, gsize sample_bytes, gsize room_bytes);

G_END_DECLS
