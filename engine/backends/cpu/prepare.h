/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the two ways of laying out a matrix share: as in the file (prepare.c), and in 8 bits (prepare-8bit.c).
 */
#pragma once

#include "backends/cpu/cpu.h"

#include <string.h>

G_BEGIN_DECLS

#define MZ_CPU_MAX_NR 32
/* Elements of each column that go through a block on the stack at a time: 16 channels of a 3x3 convolution.
 */
#define MZ_CPU_ELEMENTS 144

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

void mz_cpu_find_columns (const MzCpuLayout *layout, int panel, MzCpuColumn *columns);
/* A task of the pool: writes one panel and its scales. */
void mz_cpu_lay_panel_8bit (gconstpointer layout, guint panel, gpointer scratch);

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

/* Elements first..first+n of all columns, rows of `block` `pitch` bytes apart, to their rows of the panel,
 * `line` bytes each: a file has [Cin, taps], a panel [taps, Cin]. Tap by tap, so that memory is written in
 * stretches. */
static inline void
mz_cpu_write_block (const MzCpuLayout *l,
                    guint8 *panel,
                    gsize first,
                    gsize n,
                    gconstpointer block,
                    gsize pitch,
                    gsize line)
{
  const MzWeight *base = &l->matrix->weight.base;
  gsize n_taps = (gsize) base->kernel_h * (gsize) base->kernel_w, n_channels = (gsize) base->in_channels;

  for (gsize i = 0; i < MIN (n, n_taps); i++)
    {
      gsize tap = (first + i) % n_taps, channel = (first + i) / n_taps;
      guint8 *to = panel + (tap * n_channels + channel) * line;

      for (gsize element = i; element < n; element += n_taps, to += line)
        mz_cpu_copy_line (to, (const guint8 *) block + element * pitch, line);
    }
}

G_END_DECLS
