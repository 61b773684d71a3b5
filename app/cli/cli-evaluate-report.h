/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What `mezzotint evaluate` found, as tables or as lines of JSON. */
#pragma once

#include "app/files/measurement.h"

G_BEGIN_DECLS

/* "2 pictures at 128×128 · 20 timesteps, 1 sample each · seed 0 · no caption". Free with g_free. */
char *cli_evaluate_describe (guint n_pictures,
                             int width,
                             int height,
                             int n_timesteps,
                             int n_samples,
                             guint64 seed,
                             const char *prompt);

/* One model's tables; names: [pictures] as they are shown. */
void
cli_evaluate_append_tables (GString *into, const MezzotintMeasurement *measurement, const char *const *names);
/* Which of two models tells noise from these pictures better, in a sentence or two. */
void cli_evaluate_append_comparison (GString *into,
                                     const MezzotintMeasurement *first,
                                     const MezzotintMeasurement *second);

/* Line "evaluation": all of one picture. Line "model": the means of all pictures. */
void cli_evaluate_append_picture_as_json (GString *into,
                                          const MezzotintMeasurement *measurement,
                                          guint index,
                                          const char *name);
void cli_evaluate_append_model_as_json (GString *into, const MezzotintMeasurement *measurement);

G_END_DECLS
