/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* "Compatible with": the conventions by which another program makes a picture of a seed, set together.
 *
 * The same seed, sampler and schedule give other pictures in other programs because they draw from other
 * generators, scale the start otherwise, and compute some schedules otherwise. A row says all of that at
 * once:
 *
 *   sampler = mz_sampler_new_as (kind, row, noise, schedule, n_steps, n, eta, &error);
 *   source = mz_noise_source_new (row, &seeds, channels, height, width, &error);
 *   mz_noise_source_fill_start (source, x);
 *   mz_sampler_start (sampler, 0, NULL, x, x);
 *   mz_noise_source_connect (source, mz_sampler_get_steps (sampler), 0, &calls);
 *
 * What it cannot say: rounding (a Brownian path answers a
 * last place of sigma with a thousandth of its noise); and UniPC, which is diffusers' everywhere, though
 * A1111 and ComfyUI have variants of their own. */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/* Whose steps. */
typedef enum
{
  /* diffusers, and where diffusers has no such schedule or sampler, the author's own formula. */
  MZ_DIALECT_DIFFUSERS,
  /* A1111 and Forge: DDIM and PLMS take CompVis' timesteps whatever the schedule, and leave the last step
   * out; Beta spreads over sigma instead of timesteps; KL Optimal ends at the lowest sigma instead of 0; the
   * DDIM schedule takes all its timesteps, which may be more than were asked for; DPM2, DPM2 a and DPM++ 3M
   * SDE leave out the last sigma but one. */
  MZ_DIALECT_A1111,
  /* ComfyUI: Align Your Steps puts 0 in its lowest sigma's place; Beta drops repeated timesteps and so may
   * take fewer steps; the DDIM schedule as in A1111; DPM2, DPM2 a and UniPC leave out the last sigma but one.
   */
  MZ_DIALECT_COMFYUI,
} MzDialect;

/* By what plain noise is multiplied to start a picture at sigma, in the space x0 + sigma eps. */
typedef enum
{
  MZ_START_AS_SCHEDULE,   /* as MzSteps and the sampler say: diffusers' way */
  MZ_START_SIGMA,         /* sigma */
  MZ_START_UNIT_VARIANCE, /* sqrt (1 + sigma^2) */
} MzStartScale;

/* A program's conventions: one row. Rows are constant and live for ever. */
typedef struct
{
  const char *id;          /* "a1111-gpu" */
  const char *label;       /* for people */
  const char *description; /* one line */
  const char *rng;         /* id of the generator of the start noise */
  const char *step_rng;    /* id of the one of the steps' noise; NULL: the first one goes on */
  const char *path_rng;    /* id of the one of the Brownian path; NULL: SDE samplers draw plain noise too */
  gboolean
      gpu_size_matters; /* "torch-cuda" is a real card here, and not A1111's NV; see mz_rng_set_gpu_threads */
  const char *prompt_style; /* id of how the program reads prompts (text/prompt-style.h) */
  MzStartScale start_scale;
  double last_alpha_bar; /* what stands for 0 under zero terminal SNR; see mz_noise_schedule_new_zero_snr */
  MzDialect dialect;
} MzCompatibility;

/* All rows, the first, diffusers, being the default. n_rows: out, their count. */
const MzCompatibility *mz_compatibilities (gsize *n_rows);
/* The row with this id or label (case and punctuation ignored); NULL and MZ_ERROR_ARGUMENT with the nearest
 * name when there is none. */
const MzCompatibility *mz_compatibility_find (const char *name, GError **error);

G_END_DECLS
