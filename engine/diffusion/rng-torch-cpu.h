/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* PyTorch's CPU generator: its state and the two functions of its row. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MZ_MT19937_WORDS 624

typedef struct
{
  guint32 words[MZ_MT19937_WORDS];
  int n_used;        /* words of this round already given out */
  gboolean has_kept; /* a small draw made two values and needed one */
  double kept;
} MzRngTorchCpu;

/* See MzRngKind. state: an MzRngTorchCpu. */
void mz_rng_torch_cpu_seed (gpointer state, guint64 seed);
void mz_rng_torch_cpu_fill_normal (gpointer state, float *dst, gsize n);

G_END_DECLS
