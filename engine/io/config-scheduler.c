/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* scheduler/scheduler_config.json: the noise schedule that a model was trained with. */
#include "io/configs.h"

#include <string.h>

#include "io/json-config.h"
#include "core/printable.h"

static const char *const beta_names[] = { "linear", "scaled_linear", "squaredcos_cap_v2" };
static const char *const spacing_names[] = { "leading", "linspace", "trailing" };

/* What each of diffusers' schedulers takes for a key that its config leaves out. */
typedef struct
{
  const char *class_name;
  MzTimestepSpacing spacing;
  gboolean set_alpha_to_one;
  gboolean clip_sample;
  float beta_start, beta_end;
  MzBetaSchedule beta_schedule;
} ClassRow;

#define DDPM_BETAS 0.0001f, 0.02f, MZ_BETA_LINEAR
#define SD_BETAS 0.00085f, 0.012f, MZ_BETA_SCALED_LINEAR
#define K_BETAS 0.00085f, 0.012f, MZ_BETA_LINEAR

static const ClassRow class_rows[] = {
  { "PNDMScheduler", MZ_SPACING_LEADING, FALSE, FALSE, DDPM_BETAS },
  { "DDIMScheduler", MZ_SPACING_LEADING, TRUE, TRUE, DDPM_BETAS },
  { "DDPMScheduler", MZ_SPACING_LEADING, TRUE, TRUE, DDPM_BETAS },
  { "LCMScheduler", MZ_SPACING_LEADING, TRUE, FALSE, SD_BETAS },
  { "TCDScheduler", MZ_SPACING_LEADING, TRUE, FALSE, SD_BETAS },
  { "EulerDiscreteScheduler", MZ_SPACING_LINSPACE, TRUE, FALSE, DDPM_BETAS },
  { "EulerAncestralDiscreteScheduler", MZ_SPACING_LINSPACE, TRUE, FALSE, DDPM_BETAS },
  { "LMSDiscreteScheduler", MZ_SPACING_LINSPACE, TRUE, FALSE, DDPM_BETAS },
  { "HeunDiscreteScheduler", MZ_SPACING_LINSPACE, TRUE, FALSE, K_BETAS },
  { "KDPM2DiscreteScheduler", MZ_SPACING_LINSPACE, TRUE, FALSE, K_BETAS },
  { "KDPM2AncestralDiscreteScheduler", MZ_SPACING_LINSPACE, TRUE, FALSE, K_BETAS },
  { "DPMSolverMultistepScheduler", MZ_SPACING_LINSPACE, TRUE, FALSE, DDPM_BETAS },
  { "DPMSolverSinglestepScheduler", MZ_SPACING_LINSPACE, TRUE, FALSE, DDPM_BETAS },
  { "DPMSolverSDEScheduler", MZ_SPACING_LINSPACE, TRUE, FALSE, K_BETAS },
  { "DEISMultistepScheduler", MZ_SPACING_LINSPACE, TRUE, FALSE, DDPM_BETAS },
  { "UniPCMultistepScheduler", MZ_SPACING_LINSPACE, TRUE, FALSE, DDPM_BETAS },
};

/* Starts from the defaults of the file's scheduler; another kind of noise altogether is refused. */
static void
apply_class (MzJsonConfig *json, MzSchedulerConfig *config)
{
  const char *class_name = class_rows[0].class_name;
  g_autofree char *shown = NULL;

  mz_json_config_string (json, "_class_name", &class_name);
  for (gsize i = 0; i < G_N_ELEMENTS (class_rows); i++)
    if (strcmp (class_name, class_rows[i].class_name) == 0)
      {
        config->timestep_spacing = class_rows[i].spacing;
        config->set_alpha_to_one = class_rows[i].set_alpha_to_one;
        config->clip_sample = class_rows[i].clip_sample;
        config->beta_start = class_rows[i].beta_start;
        config->beta_end = class_rows[i].beta_end;
        config->beta_schedule = class_rows[i].beta_schedule;
        return;
      }
  shown = mz_printable (class_name);
  mz_json_config_fail (json, MZ_ERROR_UNSUPPORTED, "_class_name",
                       "is “%s”, whose kind of noise is not that of Stable Diffusion 1 and 2", shown);
}

gboolean
mz_read_scheduler_config (const char *path, MzSchedulerConfig *config, GError **error)
{
  g_autoptr (MzJsonConfig) json = mz_json_config_open (path, error);
  int beta, spacing, prediction = MZ_PREDICTION_EPSILON;

  if (json == NULL)
    return FALSE;
  *config = (MzSchedulerConfig){ .num_train_timesteps = 1000, .clip_sample_range = 1 };
  apply_class (json, config);
  beta = config->beta_schedule;
  spacing = config->timestep_spacing;
  mz_json_config_require (json, "trained_betas", "null");
  mz_json_config_int (json, "num_train_timesteps", 2, 100000, &config->num_train_timesteps);
  mz_json_config_float (json, "beta_start", 1e-9, 0.999, &config->beta_start);
  mz_json_config_float (json, "beta_end", 1e-9, 0.999, &config->beta_end);
  mz_json_config_choice (json, "beta_schedule", beta_names, G_N_ELEMENTS (beta_names), &beta);
  mz_json_config_choice (json, "prediction_type", mz_prediction_names, G_N_ELEMENTS (mz_prediction_names),
                         &prediction);
  mz_json_config_choice (json, "timestep_spacing", spacing_names, G_N_ELEMENTS (spacing_names), &spacing);
  mz_json_config_int (json, "steps_offset", 0, 1000, &config->steps_offset);
  mz_json_config_bool (json, "set_alpha_to_one", &config->set_alpha_to_one);
  mz_json_config_bool (json, "clip_sample", &config->clip_sample);
  mz_json_config_float (json, "clip_sample_range", 1e-6, 1e6, &config->clip_sample_range);
  mz_json_config_bool (json, "rescale_betas_zero_snr", &config->rescale_betas_zero_snr);
  config->beta_schedule = (MzBetaSchedule) beta;
  config->prediction_type = (MzPredictionType) prediction;
  config->timestep_spacing = (MzTimestepSpacing) spacing;
  if (mz_json_config_is_sound (json) && config->beta_end < config->beta_start)
    mz_json_config_fail (json, MZ_ERROR_FORMAT, "beta_end", "is below “beta_start”");
  return mz_json_config_finish (json, error);
}

void
mz_scheduler_config_init_sd1 (MzSchedulerConfig *config)
{
  *config = (MzSchedulerConfig){
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
