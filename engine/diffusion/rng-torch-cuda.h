/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* PyTorch's CUDA generator: its state and the functions of its row. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 seed;
  guint64 n_used; /* counter blocks each thread has used */
  guint threads;  /* of the GPU imitated; 0: as many as there are values */
} MzRngTorchCuda;

/* See MzRngKind. state: an MzRngTorchCuda. */
void mz_rng_torch_cuda_seed (gpointer state, guint64 seed);
void mz_rng_torch_cuda_set_gpu_threads (gpointer state, guint threads);
void mz_rng_torch_cuda_fill_normal (gpointer state, float *dst, gsize n);

G_END_DECLS
