/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What was measured of one model on several pictures, and the plot of it. */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

typedef struct
{
  char *model;           /* its name */
  char *prediction_type; /* "epsilon", "v_prediction", "sample" */
  GPtrArray
      *evaluations; /* MzEvaluation, one a picture, all of the same timesteps; at least one to be read */
} MezzotintMeasurement;

/* A number over the pictures. */
typedef struct
{
  double mean, lowest, highest;
} MezzotintSpread;

/* Strings are copied. The caller owns the result. */
MezzotintMeasurement *mezzotint_measurement_new (const char *model, const char *prediction_type);
void mezzotint_measurement_free (MezzotintMeasurement *measurement);

/* Over the pictures: the losses at the timestep of that index, or with -1 the pictures' means over all. */
MezzotintSpread mezzotint_measurement_get_noise (const MezzotintMeasurement *measurement, int index);
MezzotintSpread mezzotint_measurement_get_own (const MezzotintMeasurement *measurement, int index);
/* The autoencoder's: the mean of PSNRs is one of decibels. */
MezzotintSpread mezzotint_measurement_get_psnr (const MezzotintMeasurement *measurement);
MezzotintSpread mezzotint_measurement_get_mse (const MezzotintMeasurement *measurement);
MezzotintSpread mezzotint_measurement_get_kl (const MezzotintMeasurement *measurement);
MezzotintSpread mezzotint_measurement_get_kl_per_value (const MezzotintMeasurement *measurement);

/* Draws the losses over timesteps, the reconstruction errors and the divergences of one or two models into a
 * picture; `subtitle` says what was measured on. NULL with MZ_ERROR_MEMORY, or MZ_ERROR_MISSING where no font
 * is installed. The caller frees it with mz_picture_free(). Any thread. */
MzPicture *mezzotint_measurement_plot (const MezzotintMeasurement *const *measurements,
                                       gsize n_measurements,
                                       const char *subtitle,
                                       GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintMeasurement, mezzotint_measurement_free)

G_END_DECLS
