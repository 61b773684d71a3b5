/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How products are cut for a GPU: every part of the work is there once, scratch suffices, and no
 * multiprocessor is left without work that could have some. */
#include "backends/cuda/plan.h"

#define SCRATCH ((gsize) 32 << 20)

static gint64
count_tiles (int m, int columns, const MzCudaTile *tile)
{
  return (gint64) ((m + tile->rows - 1) / tile->rows) * ((columns + tile->columns - 1) / tile->columns);
}

static gboolean
is_size (MzCudaForm form, const MzCudaTile *tile)
{
  static const int sizes[][5][2]
      = { [MZ_CUDA_BY_WARPS] = { { 128, 128 }, { 128, 64 }, { 64, 64 } },
          [MZ_CUDA_BY_GROUPS] = { { 128, 256 }, { 128, 160 }, { 128, 128 }, { 128, 64 }, { 64, 128 } } };

  for (guint i = 0; i < 5; i++)
    if (tile->rows == sizes[form][i][0] && tile->columns == sizes[form][i][1])
      return TRUE;
  return FALSE;
}

static void
check_cut (MzCudaForm form, int m, int columns, int blocks, int n_multiprocessors)
{
  MzCudaTile tile = mz_cuda_plan_product (form, m, columns, blocks, n_multiprocessors, SCRATCH);

  g_assert_true (is_size (form, &tile));
  g_assert_cmpint (tile.splits, >=, 1);
  /* the last part has at least one block, and all parts together have them all */
  g_assert_cmpint ((tile.splits - 1) * tile.blocks_per_split, <, blocks);
  g_assert_cmpint (tile.splits * tile.blocks_per_split, >=, blocks);
  if (form == MZ_CUDA_BY_GROUPS) /* whole stages */
    g_assert_cmpint (tile.blocks_per_split % 2, ==, 0);
  if (tile.splits > 1)
    g_assert_cmpuint ((gsize) tile.splits * (gsize) m * (gsize) columns * sizeof (float), <=, SCRATCH);
}

static void
test_every_cut_is_whole (void)
{
  static const int sizes[] = { 1, 2, 63, 64, 65, 128, 320, 1280, 8192, 524288 };
  static const int depths[] = { 1, 2, 7, 8, 15, 16, 40, 90, 360, 720 };
  static const int processors[] = { 1, 16, 46, 132 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (sizes); j++)
      for (guint k = 0; k < G_N_ELEMENTS (depths); k++)
        for (guint p = 0; p < G_N_ELEMENTS (processors); p++)
          for (MzCudaForm form = MZ_CUDA_BY_WARPS; form <= MZ_CUDA_BY_GROUPS; form++)
            check_cut (form, sizes[i], sizes[j], depths[k], processors[p]);
}

static void
test_small_pictures_are_split (void)
{
  /* the U-Net's 3x3 convolution of 1280 channels at 8x8, two samples, on 132 multiprocessors */
  MzCudaTile tile = mz_cuda_plan_product (MZ_CUDA_BY_WARPS, 128, 1280, 360, 132, SCRATCH);

  g_assert_cmpint (count_tiles (128, 1280, &tile) * tile.splits, >=, 132);
  tile = mz_cuda_plan_product (MZ_CUDA_BY_GROUPS, 128, 1280, 360, 132, SCRATCH);
  g_assert_cmpint (tile.rows, ==, 128); /* the weights are read once */
  g_assert_cmpint (count_tiles (128, 1280, &tile) * tile.splits, >=, 132);
}

/* By groups, tiles are wide: one that reaches far beyond the last column is not taken. */
static void
test_tiles_suit_the_columns (void)
{
  static const int columns[][2]
      = { { 48, 64 }, { 128, 128 }, { 160, 160 }, { 256, 256 }, { 320, 160 }, { 1280, 256 } };

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      MzCudaTile tile = mz_cuda_plan_product (MZ_CUDA_BY_GROUPS, 8192, columns[i][0], 90, 1, SCRATCH);

      g_assert_cmpint (tile.rows, ==, 128);
      g_assert_cmpint (tile.columns, ==, columns[i][1]);
    }
}

static void
test_large_pictures_are_not (void)
{
  /* 320 channels at 64x64: the largest tile would leave some without work */
  MzCudaTile tile = mz_cuda_plan_product (MZ_CUDA_BY_WARPS, 8192, 320, 90, 132, SCRATCH);

  g_assert_cmpint (tile.splits, ==, 1);
  g_assert_cmpint (count_tiles (8192, 320, &tile), >=, 132);
  tile = mz_cuda_plan_product (MZ_CUDA_BY_WARPS, 524288, 128, 36, 132, SCRATCH);
  g_assert_cmpint (tile.rows, ==, 128);
  g_assert_cmpint (tile.columns, ==, 128);
}

static void
test_without_scratch_nothing_is_split (void)
{
  MzCudaTile tile = mz_cuda_plan_product (MZ_CUDA_BY_WARPS, 128, 1280, 360, 132, 1000);

  g_assert_cmpint (tile.splits, ==, 1);
  g_assert_cmpint (tile.blocks_per_split, ==, 360);
}

static void
check_tries (MzCudaForm form, int m, int blocks)
{
  MzCudaTile tiles[MZ_CUDA_MAX_TILES], plan = mz_cuda_plan_product (form, m, 1280, blocks, 132, SCRATCH);
  guint n = mz_cuda_list_tiles (form, m, 1280, blocks, 132, SCRATCH, tiles);

  g_assert_cmpuint (n, >=, 2);
  g_assert_cmpuint (n, <=, MZ_CUDA_MAX_TILES);
  g_assert_cmpmem (&tiles[0], sizeof plan, &plan, sizeof plan);
  for (guint t = 0; t < n; t++)
    g_assert_true (mz_cuda_tile_is_possible (form, &tiles[t], m, 1280, blocks, SCRATCH));
}

/* What is tried begins with the plan, and whatever is tried may be read back from a file; what else stands
 * there may not. */
static void
test_what_is_tried_is_possible (void)
{
  static const int sizes[] = { 1, 128, 512, 8192 }, depths[] = { 1, 10, 40, 360 };
  static const MzCudaTile wrong[]
      = { { 0, 0, 1, 360 },     { 128, 96, 1, 360 }, { 128, 128, 0, 360 }, { 128, 128, 1, 0 },
          { 128, 128, 2, 360 }, { 128, 128, 3, 90 }, { 64, 64, 40, 9 },    { -64, 64, 1, 360 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint k = 0; k < G_N_ELEMENTS (depths); k++)
      for (MzCudaForm form = MZ_CUDA_BY_WARPS; form <= MZ_CUDA_BY_GROUPS; form++)
        check_tries (form, sizes[i], depths[k]);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    for (MzCudaForm form = MZ_CUDA_BY_WARPS; form <= MZ_CUDA_BY_GROUPS; form++)
      g_assert_false (mz_cuda_tile_is_possible (form, &wrong[i], 128, 1280, 360, SCRATCH));
  /* the other form's */
  g_assert_false (mz_cuda_tile_is_possible (MZ_CUDA_BY_WARPS, &(MzCudaTile){ 128, 160, 1, 360 }, 128, 1280,
                                            360, SCRATCH));
  g_assert_false (
      mz_cuda_tile_is_possible (MZ_CUDA_BY_GROUPS, &(MzCudaTile){ 64, 64, 1, 360 }, 128, 1280, 360, SCRATCH));
  /* the parts' sums would not fit */
  g_assert_false (
      mz_cuda_tile_is_possible (MZ_CUDA_BY_WARPS, &(MzCudaTile){ 128, 128, 4, 90 }, 128, 1280, 360, 1000));
}

static void
test_samples_are_taken_in_equal_parts (void)
{
  /* the U-Net's 640 channels at 64x64 of eight guided pictures, enlarged: 5.2 MB each */
  g_assert_cmpint (mz_cuda_plan_samples (16, 64 * 64 * 640 * 2, 32 << 20), ==, 4);
  g_assert_cmpint (mz_cuda_plan_samples (2, 64 * 64 * 640 * 2, 32 << 20), ==, 2);
  g_assert_cmpint (mz_cuda_plan_samples (7, 10, 60), ==, 1);
  g_assert_cmpint (mz_cuda_plan_samples (6, 10, 60), ==, 6);
  g_assert_cmpint (mz_cuda_plan_samples (6, 10, 59), ==, 3);
  g_assert_cmpint (mz_cuda_plan_samples (6, 10, 9), ==, 0);
  g_assert_cmpint (mz_cuda_plan_samples (6, 0, 0), ==, 6); /* nothing is enlarged */
  g_assert_cmpint (mz_cuda_plan_samples (4, G_MAXSIZE / 2, 32 << 20), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cuda-plan/every-cut-is-whole", test_every_cut_is_whole);
  g_test_add_func ("/cuda-plan/small-pictures-are-split", test_small_pictures_are_split);
  g_test_add_func ("/cuda-plan/tiles-suit-the-columns", test_tiles_suit_the_columns);
  g_test_add_func ("/cuda-plan/large-pictures-are-not", test_large_pictures_are_not);
  g_test_add_func ("/cuda-plan/without-scratch-nothing-is-split", test_without_scratch_nothing_is_split);
  g_test_add_func ("/cuda-plan/what-is-tried-is-possible", test_what_is_tried_is_possible);
  g_test_add_func ("/cuda-plan/samples-are-taken-in-equal-parts", test_samples_are_taken_in_equal_parts);
  return g_test_run ();
}
