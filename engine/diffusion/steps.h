/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which noise levels a picture is taken through: schedules, one table row each, and what they compute.
 *
 * diffusers spaces timesteps a little differently in each of its scheduler classes, so a schedule that
 * follows it is told by which rule to do so; the sampler's row says which (MzSamplerKind.step_rule). */
#pragma once

#include "diffusion/compatibility.h"
#include "diffusion/noise-schedule.h"

G_BEGIN_DECLS

/* Whose spacing. n steps of T training timesteps: */
typedef enum
{
  MZ_STEP_RULE_DISCRETE, /* DDPM, DDIM, PNDM: n whole timesteps; a DDIM or PNDM step goes T/n down, not to the
                            next */
  MZ_STEP_RULE_EULER,    /* Euler, Euler a: as above, but linspace keeps fractions */
  MZ_STEP_RULE_DPM,      /* DPM-Solver: n of n + 1 whole timesteps, the lowest left out (trailing: n of n) */
} MzStepRule;

/* The steps of one picture; read only once made. Step i takes the state from sigmas[i] to sigmas[i+1]. */
typedef struct
{
  int n_steps; /* 1..num_train_timesteps+1 */
  /* [n_steps] what the network is told, falling, 0..num_train_timesteps-1, maybe fractional */
  float *timesteps;
  /* [n_steps+1] falling (never rising), finite, > 0; the last is 0, but for A1111's KL Optimal */
  float *sigmas;
  /* By how many timesteps a DDIM or PLMS step goes down from timesteps[i], as diffusers has it; 0: not so
   * spaced, step i goes to sigmas[i+1]. > 0 only under MZ_STEP_RULE_DISCRETE, where all timesteps are whole
   * then. */
  int stride;
  /* sigma-space start is noise * sigmas[0] (k-diffusion, A1111, sd.cpp; diffusers for linspace and trailing)
   * or, when TRUE, noise * sqrt(1 + sigmas[0]^2) (diffusers for leading; ComfyUI). */
  gboolean start_unit_variance;
  /* The schedule is k-diffusion's, and so a variance-preserving start is the sigma-space start scaled down;
   * when FALSE it is plain noise, as in diffusers. */
  gboolean start_from_sigma;
} MzSteps;

/* What steps are asked for. */
typedef struct
{
  MzStepRule rule;
  MzDialect dialect;
} MzStepRequest;

/* A schedule: one row. Rows are constant and live for ever. */
typedef struct
{
  const char *id;    /* "karras" */
  const char *label; /* "Karras" */
  const char *a1111; /* its name in other programs; NULL: it has none there */
  const char *comfyui;
  const char *sdcpp;
  const char *diffusers;
  const char *description; /* one line */
  /* Fills steps: n_steps is what was asked for, and may be changed; both arrays have room for
   * num_train_timesteps + 2 and are zero. */
  void (*build) (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
} MzSchedule;

/* All schedules, the first being the default: "model", the model's own spacing. n_schedules: out, their
 * count. */
const MzSchedule *mz_schedules (gsize *n_schedules);
/* The schedule with this id, label or name elsewhere (case and punctuation ignored); NULL and
 * MZ_ERROR_ARGUMENT with the nearest name when there is none. */
const MzSchedule *mz_schedule_find (const char *name, GError **error);

/* Computes the steps. n_steps: 1..noise->n.
 * Returns an object owned by the caller, or NULL with MZ_ERROR_ARGUMENT when n_steps is out of range. */
MzSteps *mz_steps_new (const MzSchedule *schedule,
                       const MzNoiseSchedule *noise,
                       MzStepRule rule,
                       int n_steps,
                       GError **error);
/* The same as another program computes them. drop_next_to_last: one step more is computed, and the last sigma
 * above 0 left out. The number of steps is n_steps but for two dialects: under MZ_DIALECT_A1111 with
 * MZ_STEP_RULE_DISCRETE, and with both for the schedules "ddim" and "beta", it is what that program takes. */
MzSteps *mz_steps_new_as (const MzSchedule *schedule,
                          const MzNoiseSchedule *noise,
                          MzStepRule rule,
                          int n_steps,
                          MzDialect dialect,
                          gboolean drop_next_to_last,
                          GError **error);
void mz_steps_free (MzSteps *steps);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzSteps, mz_steps_free)

G_END_DECLS
