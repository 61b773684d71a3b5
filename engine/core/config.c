/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Names of what a model is made of. */
#include "core/config.h"

const char *const mz_prediction_names[3] = { "epsilon", "v_prediction", "sample" };
