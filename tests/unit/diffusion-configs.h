/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The noise schedules that diffusion's golden data was made from, by their names there. */
#pragma once

#include "core/config.h"

/* Stable Diffusion 1's scheduler config. */
static inline MzSchedulerConfig
config_scaled (void)
{
  return (MzSchedulerConfig){
    .num_train_timesteps = 1000,
    .beta_start = 0.00085f,
    .beta_end = 0.012f,
    .beta_schedule = MZ_BETA_SCALED_LINEAR,
    .prediction_type = MZ_PREDICTION_EPSILON,
    .timestep_spacing = MZ_SPACING_LEADING,
    .steps_offset = 1,
    .set_alpha_to_one = FALSE,
    .clip_sample = FALSE,
    .clip_sample_range = 1,
  };
}

static inline MzSchedulerConfig
config_scaled_zero (void)
{
  MzSchedulerConfig config = config_scaled ();

  config.rescale_betas_zero_snr = TRUE;
  return config;
}

static inline MzSchedulerConfig
config_linear (void)
{
  MzSchedulerConfig config = config_scaled ();

  config.beta_schedule = MZ_BETA_LINEAR;
  config.beta_start = 0.0001f;
  config.beta_end = 0.02f;
  return config;
}

static inline MzSchedulerConfig
config_linear_zero (void)
{
  MzSchedulerConfig config = config_linear ();

  config.rescale_betas_zero_snr = TRUE;
  return config;
}

static inline MzSchedulerConfig
config_cosine (void)
{
  MzSchedulerConfig config = config_scaled ();

  config.beta_schedule = MZ_BETA_SQUARED_COSINE;
  config.steps_offset = 0;
  return config;
}

static inline MzSchedulerConfig
config_short (void)
{
  MzSchedulerConfig config = config_linear ();

  config.num_train_timesteps = 100;
  config.beta_start = 0.001f;
  config.beta_end = 0.2f;
  return config;
}
