/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a network's output says about the clean picture and about the noise.
 *
 * Everywhere the state is x = k (sqrt(abar) x0 + sqrt(1-abar) eps). k = 1 is the variance-preserving state of
 * DDPM, DDIM, PLMS and DPM-Solver; k = sqrt(1 + sigma^2) makes it x0 + sigma eps, the state of Euler's
 * family. The network always sees x / k. The output is, by the model's prediction type: eps, v = sqrt(abar)
 * eps - sqrt(1-abar) x0 (Salimans & Ho 2022, arXiv:2202.00512), or x0. */
#pragma once

#include "core/config.h"

G_BEGIN_DECLS

/* The abar below which a division by it is made with this instead; 2^-24, diffusers' value for "zero". */
#define MZ_ALPHA_BAR_FLOOR (1.0 / 16777216.0)

/* A prediction of x0 or eps as cx * x + cout * output. */
typedef struct
{
  double cx;
  double cout;
} MzPredictionWeights;

/* Weights that give x0. alpha_bar: 0..1; scale: k above, > 0. */
MzPredictionWeights mz_prediction_clean_weights (MzPredictionType type, double alpha_bar, double scale);
/* Weights that give eps. */
MzPredictionWeights mz_prediction_noise_weights (MzPredictionType type, double alpha_bar, double scale);
/* dst [n] = cx * x [n] + cout * output [n]; dst may be x or output. */
void
mz_prediction_apply (MzPredictionWeights weights, const float *x, const float *output, float *dst, gsize n);

G_END_DECLS
