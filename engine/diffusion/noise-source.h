/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* All the noise of one picture: its start, with a variation mixed in, what its steps draw, and its Brownian
 * path, each as the program to be compatible with has it. */
#pragma once

#include "diffusion/compatibility.h"
#include "diffusion/sampler.h"

G_BEGIN_DECLS

/* What a picture's noise grows from. */
typedef struct
{
  guint64 seed;
  guint64 variation_seed;
  double variation_strength; /* 0..1; 0: no variation */
  gint64 step_seed_delta;    /* A1111's ENSD: not 0: the steps draw from a new generator, of seed + this */
  guint gpu_threads;         /* of the card imitated, see mz_rng_set_gpu_threads; 0: as NV */
} MzSeeds;

/* Not thread safe; one per picture. */
typedef struct _MzNoiseSource MzNoiseSource;

/* compatibility: NULL = diffusers. channels, height, width: of the latent, > 0.
 * Returns a source owned by the caller, or NULL with MZ_ERROR_ARGUMENT when the strength is out of range. */
MzNoiseSource *mz_noise_source_new (const MzCompatibility *compatibility,
                                    const MzSeeds *seeds,
                                    int channels,
                                    int height,
                                    int width,
                                    GError **error);
void mz_noise_source_free (MzNoiseSource *source);

/* Puts the noise of one more picture behind it, for pictures of one size that run through one sampler: from
 * now on what `source` fills, connects and goes past is of all of them, one latent after the other, each as
 * it would be alone. Takes `next`, whose compatibility and steps must be the same. */
void mz_noise_source_append (MzNoiseSource *source, MzNoiseSource *next);

/* Draws the start noise into x [pictures, channels, height, width]. Once, and before any step. */
void mz_noise_source_fill_start (MzNoiseSource *source, float *x);

/* Sets noise and, where the program has a Brownian path, noise_between of calls, for the steps from
 * first_step on. The source must outlive the steps. FALSE with MZ_ERROR_MEMORY; calls is then unchanged. */
gboolean mz_noise_source_connect (MzNoiseSource *source,
                                  const MzSteps *steps,
                                  int first_step,
                                  MzSamplerCalls *calls,
                                  GError **error);

/* Draws that the steps have made, and going past so many: a new source of the same seeds, filled and gone
 * past as many, draws what this one would draw next. A path needs no going past. */
guint mz_noise_source_count_draws (const MzNoiseSource *source);
void mz_noise_source_skip (MzNoiseSource *source, guint n_draws);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzNoiseSource, mz_noise_source_free)

G_END_DECLS
