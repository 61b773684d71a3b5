/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Matrices in 8 bits at load: whole numbers -127..127 and one factor for each column (output channel), the
 * largest magnitude over 127. Half the memory of half floats; the products stay float32. */
#include "backends/cpu/prepare.h"
#include "core/half.h"

#include <float.h>
#include <math.h>

#define LARGEST 127.f
/* Elements of a column read at once: a multiple of every nr, as the kernels widen in such. */
#define CHUNK 512

/* Elements first..first+n of a column as float32; n <= CHUNK. */
static void
read_column (const MzCpuLayout *l, const MzCpuColumn *column, gsize first, gsize n, float *out)
{
  const MzView *view = column->view;
  guint16 part[CHUNK] = { 0 }; /* views stand at odd addresses */

  if (view->dtype != MZ_DTYPE_F16 && view->dtype != MZ_DTYPE_BF16)
    {
      mz_view_read_f32 (view, column->first + first, n, out);
      return;
    }
  memcpy (part, (const guint8 *) view->data + (column->first + first) * sizeof *part, n * sizeof *part);
  if (view->dtype == MZ_DTYPE_F16)
    l->kernels->widen_f16 (part, out, CHUNK);
  else
    l->kernels->widen_bf16 (part, out, CHUNK);
}

/* The largest magnitude of a column; not finite when one of its elements isn't. */
static float
largest_of (const MzCpuLayout *l, const MzCpuColumn *column)
{
  gsize depth = (gsize) l->matrix->depth;
  guint32 largest = 0; /* magnitudes compare as their bits do, and NaN is above infinity */
  float part[CHUNK];

  for (gsize first = 0; first < depth; first += CHUNK)
    {
      gsize n = MIN (CHUNK, depth - first);

      read_column (l, column, first, n, part);
      for (gsize i = 0; i < n; i++)
        {
          guint32 bits = mz_float_to_bits (part[i]) & 0x7fffffffu;

          largest = bits > largest ? bits : largest;
        }
    }
  return mz_bits_to_float (largest);
}

/* Rounds x / scale to the nearest of -127..127; ties to even. */
static void
round_column (const float *x, gsize n, float factor, gint8 block[][MZ_CPU_MAX_NR], int j)
{
  for (gsize i = 0; i < n; i++)
    {
      /* Adding 1.5 * 2^23 puts the whole number into the low bits. */
      guint32 bits = mz_float_to_bits (x[i] * factor + 0x1.8p23f);

      block[i][j] = (gint8) (bits & 0xff);
    }
}

void
mz_cpu_lay_panel_8bit (gconstpointer data, guint panel, gpointer scratch)
{
  const MzCpuLayout *l = data;
  const MzCpuMatrix *m = l->matrix;
  gsize depth = (gsize) m->depth, line = (gsize) l->nr;
  guint8 *to = (guint8 *) m->panels + (gsize) panel * depth * line;
  float *scales = m->scales + (gsize) panel * line, factors[MZ_CPU_MAX_NR] = { 0 };
  gint8 block[CHUNK][MZ_CPU_MAX_NR];
  MzCpuColumn columns[MZ_CPU_MAX_NR];
  float part[CHUNK];

  mz_cpu_find_columns (l, (int) panel, columns);
  for (int j = 0; j < l->nr; j++)
    {
      float largest = columns[j].view != NULL ? largest_of (l, &columns[j]) : 0;

      if (!isfinite (largest))
        {
          g_atomic_int_set (l->non_finite, 1);
          return;
        }
      scales[j] = largest / LARGEST;
      /* A column of nothing but the smallest numbers is held as zeros. */
      factors[j] = largest > LARGEST * FLT_MIN ? LARGEST / largest : 0;
    }
  memset (block, 0, sizeof block);
  for (gsize first = 0; first < depth; first += CHUNK)
    {
      gsize n = MIN (CHUNK, depth - first);

      for (int j = 0; j < l->nr; j++)
        if (columns[j].view != NULL)
          {
            read_column (l, &columns[j], first, n, part);
            round_column (part, n, factors[j], block, j);
          }
      mz_cpu_write_block (l, to, first, n, block, sizeof block[0], line);
    }
}
