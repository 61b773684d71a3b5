/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a network's output says about the clean picture and about the noise. */
#include "diffusion/prediction.h"

#include <math.h>

MzPredictionWeights
mz_prediction_clean_weights (MzPredictionType type, double alpha_bar, double scale)
{
  double sigma = sqrt (1.0 - alpha_bar);
  double divisor = sqrt (MAX (alpha_bar, MZ_ALPHA_BAR_FLOOR));

  switch (type)
    {
    case MZ_PREDICTION_V:
      return (MzPredictionWeights){ sqrt (alpha_bar) / scale, -sigma };
    case MZ_PREDICTION_SAMPLE:
      return (MzPredictionWeights){ 0.0, 1.0 };
    case MZ_PREDICTION_EPSILON:
    default:
      return (MzPredictionWeights){ 1.0 / (scale * divisor), -sigma / divisor };
    }
}

MzPredictionWeights
mz_prediction_noise_weights (MzPredictionType type, double alpha_bar, double scale)
{
  double alpha = sqrt (alpha_bar);
  double sigma = sqrt (1.0 - alpha_bar);
  double divisor = sqrt (MAX (1.0 - alpha_bar, MZ_ALPHA_BAR_FLOOR));

  switch (type)
    {
    case MZ_PREDICTION_V:
      return (MzPredictionWeights){ sigma / scale, alpha };
    case MZ_PREDICTION_SAMPLE:
      return (MzPredictionWeights){ 1.0 / (scale * divisor), -alpha / divisor };
    case MZ_PREDICTION_EPSILON:
    default:
      return (MzPredictionWeights){ 0.0, 1.0 };
    }
}

void
mz_prediction_apply (MzPredictionWeights weights, const float *x, const float *output, float *dst, gsize n)
{
  float cx = (float) weights.cx;
  float cout = (float) weights.cout;

  for (gsize i = 0; i < n; i++)
    dst[i] = cx * x[i] + cout * output[i];
}
