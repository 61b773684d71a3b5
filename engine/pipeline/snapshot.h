/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Inside a snapshot. */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

#define MZ_PRINT_BYTES 32 /* SHA-256 */

/* What becomes of a picture's evaluations of the network on a graphics card. */
typedef enum
{
  MZ_OVERFLOW_NONE,         /* none has overflowed yet: they go to the card as ever */
  MZ_OVERFLOW_TO_WIDER,     /* they go to its wider form (MzDevice.wider) at once */
  MZ_OVERFLOW_TO_PROCESSOR, /* to the card, and those that overflow to the processor: it has no wider form, or
                               had no memory for it */
} MzOverflow;

struct _MzSnapshot
{
  gatomicrefcount ref_count;
  int channels, height, width; /* of the latent */
  int factor;                  /* px per latent cell */
  int step, steps, picture;
  guint64 seed;
  double sigma;         /* of the state; 0 after the last step */
  gboolean sigma_space; /* the state is x0 + sigma eps; FALSE: of unit variance */
  guint n_draws;        /* step noises drawn before it */
  MzOverflow overflow;  /* of the steps before it */
  int n_memory;         /* vectors that the sampler remembers */
  guint8 request_print[MZ_PRINT_BYTES], model_print[MZ_PRINT_BYTES];
  float *latents;   /* [2 + n_memory, channels, height, width]: the state, the clean latent, the sampler's
                       memory */
  MzSnapshot *base; /* what the run was branched from; NULL: it began with noise. Has no base itself. */
};

/* Its fields are zero; its latents are not set. NULL with MZ_ERROR_MEMORY. */
MzSnapshot *mz_snapshot_new (int channels, int height, int width, int n_memory, GError **error);
/* Elements of one latent. */
gsize mz_snapshot_n_latent (const MzSnapshot *snapshot);

G_END_DECLS
