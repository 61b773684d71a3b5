/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Random generators that make the noise: one generator per picture, each a row of a table.
 *
 * A picture of a batch is drawn with seed + its index from a generator of its own, so that it can be made
 * again alone: first the whole start latent [C,H,W] in one draw, then each step's noise from where the stream
 * stands. */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/* A kind of generator. Rows are constant and live for ever. */
typedef struct
{
  const char *id;          /* "torch-cpu" */
  const char *label;       /* for people */
  const char *description; /* one line */
  gsize state_size;        /* bytes of plain data that are the whole state */
  /* Puts the state at the start of the stream of `seed`. */
  void (*seed) (gpointer state, guint64 seed);
  /* Imitates a GPU that holds so many threads; NULL where that has no meaning. */
  void (*set_gpu_threads) (gpointer state, guint threads);
  /* The next draw: n standard normal values into dst [n]. */
  void (*fill_normal) (gpointer state, float *dst, gsize n);
} MzRngKind;

/* One running stream of numbers. Not thread safe; any number of them may run at once. */
typedef struct _MzRng MzRng;

/* All kinds, the first being the default. n_kinds: out, their count. */
const MzRngKind *mz_rng_kinds (gsize *n_kinds);
/* The kind with this id or label; NULL and MZ_ERROR_ARGUMENT with the nearest name when there is none. */
const MzRngKind *mz_rng_kind_find (const char *name, GError **error);

/* Starts a stream. kind: NULL = the default, PyTorch's CPU generator. seed: all 64 bits are taken as PyTorch
 * takes them: its mt19937 uses the low 32 only, so seeds 2^32 apart draw the same; a negative seed is its
 * two's complement. Returns a generator owned by the caller. */
MzRng *mz_rng_new (const MzRngKind *kind, guint64 seed);
void mz_rng_free (MzRng *rng);
/* A second generator that stands where this one stands; owned by the caller. */
MzRng *mz_rng_copy (const MzRng *rng);
/* Starts `rng` over with another seed. */
void mz_rng_reseed (MzRng *rng, guint64 seed);

/* Imitates an NVIDIA GPU that holds `threads` threads: its multiprocessors times the threads of each (RTX
 * 3060: 28 x 1536, H100: 132 x 2048). Draws of more values than that come out otherwise on that GPU than on a
 * larger one: an SDXL latent of 1024 x 1024 has 65,536, one of Stable Diffusion 1 at 512 x 512 has 16,384. 0,
 * the default: one that is large enough for any draw, which is A1111's NV. Other generators take no notice.
 */
void mz_rng_set_gpu_threads (MzRng *rng, guint threads);

/* One draw of n standard normal values into dst [n]. The stream depends on how it is cut into draws (PyTorch
 * treats draws of fewer than 16 values, and the last 16 of a draw that is no multiple of 16, apart): draw a
 * picture's latent whole. Values are within 1e-6 of torch.randn's on the CPU, and near it on a GPU. */
void mz_rng_fill_normal (MzRng *rng, float *dst, gsize n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzRng, mz_rng_free)

G_END_DECLS
