/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the two ways of laying out a matrix share: as in the file (prepare.c), and in 8 bits (prepare-8bit.c).
 */
#pragma once

#include "backends/cpu/cpu.h"

#include <string.h>

G_BEGIN_DECLS

#define MZ_CPU_MAX_NR 32
/* Elements of each column that go through a block on the stack at a time. */
#define MZ_CPU_ELEMENTS 16

typedef struct
{
  const MzCpuMatrix *matrix;
  const MzCpuKernels *kernels;
  const MzView *const *weights;
  const gint64 *first_rows; /* [n_parts + 1]: rows before each part */
  int n_parts;
  int nr;
  int *non_finite; /* set, and never cleared, by any task that meets one */
} MzCpuLayout;

/* One column of a panel: its row of a view, or `view` NULL where the last panel has none. */
typedef struct
{
  const MzView *view;
  gsize first; /* element of the view that the row begins with */
} MzCpuColumn;

/* Where a column's next element belongs: a file has [Cin, taps], a panel [taps, Cin]. */
typedef struct
{
  gsize tap, channel;
} MzCpuPlace;

void mz_cpu_find_columns (const MzCpuLayout *layout, int panel, MzCpuColumn *columns);
/* A task of the pool: writes one panel and its scales. */
void mz_cpu_lay_panel_8bit (gconstpointer layout, guint panel, gpointer scratch);

/* The row of the panel for the next element. */
static inline gsize
mz_cpu_next_row (const MzCpuLayout *l, MzCpuPlace *place)
{
  const MzWeight *base = &l->matrix->weight.base;
  gsize row = place->tap * (gsize) base->in_channels + place->channel;

  if (++place->tap == (gsize) base->kernel_h * (gsize) base->kernel_w)
    {
      place->tap = 0;
      place->channel++;
    }
  return row;
}

/* Copies a row of a panel, nr elements; 16, 32 and 64 bytes are sizes that a compiler copies in place. */
static inline void
mz_cpu_copy_line (guint8 *to, gconstpointer from, gsize n_bytes)
{
  switch (n_bytes)
    {
    case 16:
      memcpy (to, from, 16);
      break;
    case 32:
      memcpy (to, from, 32);
      break;
    case 64:
      memcpy (to, from, 64);
      break;
    default:
      memcpy (to, from, n_bytes);
      break;
    }
}

G_END_DECLS
