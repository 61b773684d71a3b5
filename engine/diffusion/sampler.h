/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Samplers: the ways from noise to a picture. One file per sampler, one table of them.
 *
 * A sampler is a state machine over a flat latent. It is handed the network as a function and knows nothing
 * of it:
 *
 *   sampler = mz_sampler_new (kind, noise_schedule, schedule, n_steps, n, -1, &error);
 *   mz_rng_fill_normal (rng, start_noise, n);
 *   mz_sampler_start (sampler, 0, NULL, start_noise, x);
 *   for (i = 0; i < n_steps; i++)
 *     if (!mz_sampler_step (sampler, i, &calls, x, x0, &error))
 *       return FALSE;
 *   // x is the latent to decode; x0 was each step's predicted clean latent, for a preview
 *
 * With the same seed the result is that of diffusers' scheduler of the row, whose start noise and step noise
 * are drawn from one generator in the same order. A batch may run through one sampler (n = all elements; the
 * noise callback then fills each picture's part from that picture's generator) or through one each: no
 * element depends on another. */
#pragma once

#include "diffusion/compatibility.h"
#include "diffusion/noise-schedule.h"
#include "diffusion/steps.h"

G_BEGIN_DECLS

/* The network, guidance included. x: [n] scaled as the network wants it (unit variance); timestep: 0..T-1,
 * maybe fractional; model_output: [n], to be filled with what the model's prediction type says. Returns FALSE
 * with error set to stop, and so to cancel. Runs on the thread of mz_sampler_step. */
typedef gboolean (
    *MzPredictFunc) (gpointer user_data, const float *x, float timestep, float *model_output, GError **error);
/* The same with two outputs: model_output with guidance, and unguided: [n], what the network says without the
 * prompt (CFG++ renoises with it). */
typedef gboolean (*MzPredictBothFunc) (gpointer user_data,
                                       const float *x,
                                       float timestep,
                                       float *model_output,
                                       float *unguided,
                                       GError **error);
/* One draw of n standard normal values into dst, as mz_rng_fill_normal. */
typedef void (*MzNoiseFunc) (gpointer user_data, float *dst, gsize n);
/* The increment of one Brownian path between two sigmas, from > to, over its deviation sqrt (from - to), into
 * dst: standard normal, and of overlapping spans correlated (brownian.h). */
typedef void (*MzNoiseBetweenFunc) (gpointer user_data, double from, double to, float *dst, gsize n);

/* What a step calls. */
typedef struct
{
  MzPredictFunc predict;
  gpointer predict_data;
  MzNoiseFunc noise; /* may be NULL where mz_sampler_draws_noise is FALSE */
  gpointer noise_data;
  /* May be NULL: then the stochastic DPM-Solvers draw from `noise`, as diffusers' do. */
  MzNoiseBetweenFunc noise_between;
  gpointer noise_between_data;
  /* May be NULL: then predict is called, and its output is the unguided one too. Only samplers whose row says
   * wants_unguided call it. */
  MzPredictBothFunc predict_both; /* with predict_data */
} MzSamplerCalls;

typedef struct _MzSampler MzSampler;
typedef struct _MzSamplerClass MzSamplerClass;

/* A sampler's row. Rows are constant and live for ever. */
typedef struct
{
  const char *id;    /* "dpmpp_2m" */
  const char *label; /* "DPM++ 2M" */
  const char *a1111; /* its name in other programs; NULL: it has none there */
  const char *comfyui;
  const char *sdcpp;
  const char *diffusers;
  const char *description; /* one line: what it is good for */
  int steps_min;           /* sensible, not legal, range: fewer rarely gives a picture */
  int steps_default;
  int steps_max; /* more rarely changes it */
  int evaluations_per_step;
  int extra_evaluations;        /* once a picture of two steps or more, on top */
  gboolean last_step_is_single; /* the last step takes one evaluation, whatever the others */
  double default_eta;           /* share of fresh noise 0..1 when the caller leaves it; see adds_noise */
  gboolean takes_eta;           /* eta may be chosen */
  gboolean adds_noise;          /* draws noise in its steps; with takes_eta: when eta > 0 */
  gboolean uses_brownian;       /* its noise is a path's where the caller has one; see MzSamplerCalls */
  gboolean wants_unguided;      /* CFG++: see MzSamplerCalls; its guidance scale is small, about 0.6 to 2 */
  guint drops_sigma_as; /* bits (1 << MzDialect): these programs leave the last sigma but one out for it */
  const char *default_schedule; /* a schedule's id */
  MzStepRule step_rule;
  const MzSamplerClass *klass; /* how it steps; private */
} MzSamplerKind;

/* All samplers. n_kinds: out, their count. */
const MzSamplerKind *mz_sampler_kinds (gsize *n_kinds);
/* The sampler with this id, label or name elsewhere (case and punctuation ignored); NULL and
 * MZ_ERROR_ARGUMENT with the nearest name when there is none. */
const MzSamplerKind *mz_sampler_find (const char *name, GError **error);
/* Calls of the network for a whole picture of n_steps steps, of which the last goes to sigma 0. */
int mz_sampler_count_evaluations (const MzSamplerKind *kind, int n_steps);

/* Prepares a picture; takes all the memory its steps need (4 to 9 times n floats).
 *
 * noise: borrowed, must outlive the sampler; its config says prediction type, clipping and final alpha.
 * schedule: NULL = the sampler's default. n_steps: 1..noise->n. n: elements of the latent, > 0.
 * eta: 0..1, or negative for the sampler's default; ignored by samplers that do not take it.
 * Returns a sampler owned by the caller, or NULL with MZ_ERROR_ARGUMENT (steps or eta out of range) or
 * MZ_ERROR_MEMORY. */
MzSampler *mz_sampler_new (const MzSamplerKind *kind,
                           const MzNoiseSchedule *noise,
                           const MzSchedule *schedule,
                           int n_steps,
                           gsize n,
                           double eta,
                           GError **error);
/* The same with the steps and the start of another program; compatibility: NULL = diffusers. The number of
 * steps is then mz_sampler_get_steps ()->n_steps, and may differ from n_steps (see mz_steps_new_as). */
MzSampler *mz_sampler_new_as (const MzSamplerKind *kind,
                              const MzCompatibility *compatibility,
                              const MzNoiseSchedule *noise,
                              const MzSchedule *schedule,
                              int n_steps,
                              gsize n,
                              double eta,
                              GError **error);
void mz_sampler_free (MzSampler *sampler);

/* From now on, limits each predicted clean latent by mz_guidance_threshold instead of the model's own
 * clipping. n_picture: elements of one picture's latent, of which n is a multiple. ratio 0: not. */
void mz_sampler_set_threshold (MzSampler *sampler, double ratio, double most, gsize n_picture);

/* The steps it takes; owned by the sampler. */
const MzSteps *mz_sampler_get_steps (const MzSampler *sampler);
/* Will its steps draw noise? */
gboolean mz_sampler_draws_noise (const MzSampler *sampler);
/* By what pure noise is multiplied to start step i (diffusers' init_noise_sigma at step 0). */
double mz_sampler_get_start_scale (const MzSampler *sampler, int i);

/* Makes the state at the beginning of step i. clean: [n] a latent to start from (the noise is added to it),
 * or NULL for pure noise; noise: [n] standard normal; x: [n] out, may be one of the others. Forgets the
 * history. */
void mz_sampler_start (MzSampler *sampler, int i, const float *clean, const float *noise, float *x);

/* Takes step i, 0..n_steps-1. Steps are meant to be taken in order; a step that does not follow the last one
 * taken starts anew from x, without history (to resume or to branch).
 *
 * x: [n] in: the state before the step, out: the state after it; untouched on failure, when the history is
 * forgotten.
 * x0: [n] out, may be NULL: the clean latent as predicted at the beginning of the step, for previews.
 * Draws whose weight is zero (the last step of Euler a and DDPM) are not made.
 * Returns FALSE when predict did, with its error, or with MZ_ERROR_NONFINITE when the new state is not
 * finite. */
gboolean
mz_sampler_step (MzSampler *sampler, int i, const MzSamplerCalls *calls, float *x, float *x0, GError **error);

/* ---- To stop between two steps, and go on elsewhere ---- */

/* Is its state x0 + sigma eps, and not of unit variance? */
gboolean mz_sampler_kind_is_sigma_space (const MzSamplerKind *kind);
/* The noise level of the state at the beginning of step i (0..n_steps), as the sampler reads it. */
double mz_sampler_get_sigma (const MzSampler *sampler, int i);

/* What the sampler remembers now, beside the state: n_vectors of n floats, at most MZ_SAMPLER_MAX_MEMORY. */
#define MZ_SAMPLER_MAX_MEMORY 5
int mz_sampler_count_memory (const MzSampler *sampler);
/* Copies n_part elements of each, from `first` on, to memory [n_vectors, n_part]. */
void mz_sampler_save_memory (const MzSampler *sampler, gsize first, gsize n_part, float *memory);
/* Puts such a part back in a sampler of the same kind and steps, which then goes on with step i as the one
 * saved would have, once it has all its parts. FALSE, and nothing is changed, when no such sampler remembers
 * n_vectors. */
gboolean mz_sampler_restore_memory (MzSampler *sampler,
                                    int i,
                                    gsize first,
                                    gsize n_part,
                                    const float *memory,
                                    int n_vectors);

/* Moves a state from one noise level, and a sampler of one kind, to another, along the line to the clean
 * latent: x [n], in the scale of `from_sigma_space`; clean [n]: predicted x0. Does nothing where all is the
 * same. */
void mz_sampler_move_state (float *x,
                            const float *clean,
                            gsize n,
                            double from_sigma,
                            gboolean from_sigma_space,
                            double to_sigma,
                            gboolean to_sigma_space);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzSampler, mz_sampler_free)

G_END_DECLS
