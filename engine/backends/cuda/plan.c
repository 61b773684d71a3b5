/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How a product is cut. The numbers are a model of the hardware, not measured on it. */
#include "backends/cuda/plan.h"

/* Tiles that one multiprocessor works on at a time: two hide each other's waiting. */
#define TILES_AT_ONCE 2
/* Blocks of depth that a part must have at least: less does not pay for summing the parts. */
#define MIN_BLOCKS_PER_SPLIT 8
#define MAX_SPLITS 16
/* The same where it is measured whether it pays. */
#define MIN_BLOCKS_TO_TRY 4

/* What a form is built for, the largest tile first; a part of the depth has a multiple of `blocks`, but for
 * the last. */
typedef struct
{
  int n_sizes, blocks;
  MzCudaTile sizes[5];
} Form;

static const Form forms[] = {
  [MZ_CUDA_BY_WARPS] = { 3, 1, { { 128, 128, 1, 0 }, { 128, 64, 1, 0 }, { 64, 64, 1, 0 } } },
  [MZ_CUDA_BY_GROUPS]
  = { 5,
      2, /* a stage */
      { { 128, 256, 1, 0 }, { 128, 160, 1, 0 }, { 128, 128, 1, 0 }, { 64, 128, 1, 0 }, { 128, 64, 1, 0 } } },
};

static gint64
count_tiles (int m, int columns, const MzCudaTile *tile)
{
  return (gint64) ((m + tile->rows - 1) / tile->rows) * ((columns + tile->columns - 1) / tile->columns);
}

/* The largest tile that gives every multiprocessor work, or else the smallest. */
static MzCudaTile
find_size_by_warps (const Form *form, int m, int columns, int n_multiprocessors)
{
  for (int i = 0; i < form->n_sizes; i++)
    if (count_tiles (m, columns, &form->sizes[i]) >= n_multiprocessors)
      return form->sizes[i];
  return form->sizes[form->n_sizes - 1];
}

/* The same of those tiles that reach least beyond the result: they are large, and differ in that. */
static MzCudaTile
find_size_by_groups (const Form *form, int m, int columns, int n_multiprocessors)
{
  MzCudaTile best = form->sizes[0];
  gint64 least = G_MAXINT64;
  gboolean is_enough = FALSE;

  for (int i = 0; i < form->n_sizes; i++)
    {
      const MzCudaTile *size = &form->sizes[i];
      gint64 n_tiles = count_tiles (m, columns, size), area = n_tiles * size->rows * size->columns;

      if (n_tiles >= n_multiprocessors ? !is_enough || area < least : !is_enough && area <= least)
        {
          best = *size;
          least = area;
          is_enough = n_tiles >= n_multiprocessors;
        }
    }
  return best;
}

static MzCudaTile
cut_depth (const Form *form, MzCudaTile tile, int blocks, int splits)
{
  tile.blocks_per_split = (blocks + splits - 1) / splits;
  tile.blocks_per_split = (tile.blocks_per_split + form->blocks - 1) / form->blocks * form->blocks;
  /* rounding up may leave nothing for the last parts */
  tile.splits = (blocks + tile.blocks_per_split - 1) / tile.blocks_per_split;
  return tile;
}

MzCudaTile
mz_cuda_plan_product (MzCudaForm form,
                      int m,
                      int columns,
                      int blocks,
                      int n_multiprocessors,
                      gsize scratch_bytes)
{
  const Form *f = &forms[form];
  gsize part_bytes = (gsize) m * (gsize) columns * sizeof (float);
  MzCudaTile tile = form == MZ_CUDA_BY_GROUPS ? find_size_by_groups (f, m, columns, n_multiprocessors)
                                              : find_size_by_warps (f, m, columns, n_multiprocessors);
  gint64 n_tiles, splits;

  n_tiles = count_tiles (m, columns, &tile);
  splits = n_tiles >= n_multiprocessors ? 1 : (gint64) n_multiprocessors * TILES_AT_ONCE / MAX (n_tiles, 1);
  splits = MIN (splits, blocks / MIN_BLOCKS_PER_SPLIT);
  splits = MIN (splits, (gint64) (scratch_bytes / MAX (part_bytes, 1)));
  splits = CLAMP (splits, 1, MAX_SPLITS);
  return cut_depth (f, tile, blocks, (int) splits);
}

guint
mz_cuda_list_tiles (MzCudaForm form,
                    int m,
                    int columns,
                    int blocks,
                    int n_multiprocessors,
                    gsize scratch_bytes,
                    MzCudaTile tiles[MZ_CUDA_MAX_TILES])
{
  static const int cuts[] = { 1, 2, 3, 4, 6, 8, 12, 16 };
  const Form *f = &forms[form];
  gsize part_bytes = (gsize) m * (gsize) columns * sizeof (float);
  guint n = 0;

  tiles[n++] = mz_cuda_plan_product (form, m, columns, blocks, n_multiprocessors, scratch_bytes);
  for (int i = 0; i < f->n_sizes; i++)
    for (guint c = 0; c < G_N_ELEMENTS (cuts) && n < MZ_CUDA_MAX_TILES; c++)
      {
        MzCudaTile tile = cut_depth (f, f->sizes[i], blocks, cuts[c]);
        gint64 n_tiles = count_tiles (m, columns, &tile);

        if (cuts[c] > 1
            && (blocks / cuts[c] < MIN_BLOCKS_TO_TRY || n_tiles * cuts[c] > 4 * (gint64) n_multiprocessors
                || part_bytes * (gsize) cuts[c] > scratch_bytes))
          break;
        tiles[n++] = tile;
      }
  return n;
}

gboolean
mz_cuda_tile_is_possible (MzCudaForm form,
                          const MzCudaTile *tile,
                          int m,
                          int columns,
                          int blocks,
                          gsize scratch_bytes)
{
  gsize part_bytes = (gsize) m * (gsize) columns * sizeof (float);
  const Form *f = &forms[form];
  gboolean is_size = FALSE;

  for (int i = 0; i < f->n_sizes; i++)
    is_size = is_size || (f->sizes[i].rows == tile->rows && f->sizes[i].columns == tile->columns);
  return is_size && tile->splits >= 1 && tile->splits <= MAX_SPLITS && tile->blocks_per_split >= 1
         && tile->splits == (blocks + tile->blocks_per_split - 1) / tile->blocks_per_split
         && (tile->splits == 1 || part_bytes * (gsize) tile->splits <= scratch_bytes);
}

gint64
mz_cuda_plan_samples (gint64 n, gsize sample_bytes, gsize room_bytes)
{
  for (gint64 n_parts = 1; n_parts <= n; n_parts++)
    if (n % n_parts == 0 && (sample_bytes == 0 || (gsize) (n / n_parts) <= room_bytes / sample_bytes))
      return n / n_parts;
  return 0;
}
