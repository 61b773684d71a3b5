/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The schedules' builders (see MzSchedule.build), and what they share. */
#pragma once

#include "diffusion/steps.h"

G_BEGIN_DECLS

/* numpy.linspace (first, last, n)[i]. */
double mz_steps_linspace (double first, double last, int n, int i);

/* As diffusers spaces: steps-spacing.c. */
void mz_steps_build_model (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_leading (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_linspace (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_trailing (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void
mz_steps_build_karras_spaced (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_lcm (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
/* CompVis' timesteps without the last step, as A1111 takes DDIM and PLMS through them. */
void mz_steps_build_compvis (const MzNoiseSchedule *noise, MzSteps *steps);

/* Over the model's whole range: steps-range.c. */
void mz_steps_build_uniform (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_sgm_uniform (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_simple (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_ddim (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_turbo (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_karras (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_exponential (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void
mz_steps_build_polyexponential (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_kl_optimal (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_beta (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);

/* Measured sigmas, interpolated: steps-tables.c. */
void mz_steps_build_ays (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_ays_sdxl (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_gits (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);
void mz_steps_build_gits_sdxl (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps);

/* Karras et al. 2022 eq. 5 between two sigmas. whole: how timesteps are rounded; NULL: not. */
void mz_steps_fill_karras (const MzNoiseSchedule *noise,
                           double sigma_max,
                           double sigma_min,
                           double (*whole) (double),
                           MzSteps *steps);

G_END_DECLS
