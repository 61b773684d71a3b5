/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Several pictures' measures as one. */
#include "app/files/measurement.h"

#include <stddef.h>

MezzotintMeasurement *
mezzotint_measurement_new (const char *model, const char *prediction_type)
{
  MezzotintMeasurement *measurement = g_new0 (MezzotintMeasurement, 1);

  measurement->model = g_strdup (model);
  measurement->prediction_type = g_strdup (prediction_type);
  measurement->evaluations = g_ptr_array_new_with_free_func ((GDestroyNotify) mz_evaluation_free);
  return measurement;
}

void
mezzotint_measurement_free (MezzotintMeasurement *measurement)
{
  g_free (measurement->model);
  g_free (measurement->prediction_type);
  g_ptr_array_unref (measurement->evaluations);
  g_free (measurement);
}

/* Of the number at `offset` in each evaluation, or, with an index, in its losses. */
static MezzotintSpread
spread_of (const MezzotintMeasurement *measurement, int index, gsize offset)
{
  guint n = measurement->evaluations->len;
  MezzotintSpread spread = { 0, G_MAXDOUBLE, -G_MAXDOUBLE };

  for (guint i = 0; i < n; i++)
    {
      const MzEvaluation *evaluation = g_ptr_array_index (measurement->evaluations, i);
      const char *from = index >= 0 ? (const char *) &evaluation->losses[index] : (const char *) evaluation;
      double value = *(const double *) (from + offset);

      spread.mean += value / n;
      spread.lowest = MIN (spread.lowest, value);
      spread.highest = MAX (spread.highest, value);
    }
  return spread;
}

MezzotintSpread
mezzotint_measurement_get_noise (const MezzotintMeasurement *measurement, int index)
{
  return spread_of (measurement, index,
                    index >= 0 ? offsetof (MzLoss, noise) : offsetof (MzEvaluation, mean.noise));
}

MezzotintSpread
mezzotint_measurement_get_own (const MezzotintMeasurement *measurement, int index)
{
  return spread_of (measurement, index,
                    index >= 0 ? offsetof (MzLoss, own) : offsetof (MzEvaluation, mean.own));
}

MezzotintSpread
mezzotint_measurement_get_psnr (const MezzotintMeasurement *measurement)
{
  return spread_of (measurement, -1, offsetof (MzEvaluation, psnr));
}

MezzotintSpread
mezzotint_measurement_get_mse (const MezzotintMeasurement *measurement)
{
  return spread_of (measurement, -1, offsetof (MzEvaluation, mse));
}

MezzotintSpread
mezzotint_measurement_get_kl (const MezzotintMeasurement *measurement)
{
  return spread_of (measurement, -1, offsetof (MzEvaluation, kl));
}

MezzotintSpread
mezzotint_measurement_get_kl_per_value (const MezzotintMeasurement *measurement)
{
  return spread_of (measurement, -1, offsetof (MzEvaluation, kl_per_value));
}
