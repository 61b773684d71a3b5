/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How a product is cut. The numbers are a model of the hardware, not measured on it. */
#include "backends/cuda/plan.h"

/* Tiles that one multiprocessor works on at a time: two hide each other's waiting. */
#define TILES_AT_ONCE 2
/* Blocks of depth that a part must have at least: less does not pay for summing the parts. */
#define MIN_BLOCKS_PER_SPLIT 8
#define MAX_SPLITS 16

static gint64
count_tiles (int m, int columns, const MzCudaTile *tile)
{
  return (gint64) ((m + tile->rows - 1) / tile->rows) * ((columns + tile->columns - 1) / tile->columns);
}

MzCudaTile
mz_cuda_plan_product (int m, int columns, int blocks, int n_multiprocessors, gsize scratch_bytes)
{
  static const MzCudaTile tiles[] = { { 128, 128, 1, 0 }, { 128, 64, 1, 0 }, { 64, 64, 1, 0 } };
  gsize part_bytes = (gsize) m * (gsize) columns * sizeof (float);
  MzCudaTile tile = tiles[G_N_ELEMENTS (tiles) - 1];
  gint64 n_tiles, splits;

  for (guint i = 0; i < G_N_ELEMENTS (tiles); i++)
    if (count_tiles (m, columns, &tiles[i]) >= n_multiprocessors)
      {
        tile = tiles[i];
        break;
      }
  n_tiles = count_tiles (m, columns, &tile);
  splits = n_tiles >= n_multiprocessors ? 1 : (gint64) n_multiprocessors * TILES_AT_ONCE / MAX (n_tiles, 1);
  splits = MIN (splits, blocks / MIN_BLOCKS_PER_SPLIT);
  splits = MIN (splits, (gint64) (scratch_bytes / MAX (part_bytes, 1)));
  splits = CLAMP (splits, 1, MAX_SPLITS);
  tile.blocks_per_split = (int) ((blocks + splits - 1) / splits);
  /* rounding up may leave nothing for the last parts */
  tile.splits = (blocks + tile.blocks_per_split - 1) / tile.blocks_per_split;
  return tile;
}
