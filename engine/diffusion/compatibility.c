/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of other programs' conventions. */
#include <glib/gi18n-lib.h>

#include "diffusion/compatibility.h"

#include "core/names.h"

/* sd_models.py's and model_sampling.py's rescale_zero_terminal_snr. */
#define LAST_ALPHA_BAR 4.8973451890853435e-08

static const MzCompatibility rows[] = {
  {
      .id = "diffusers",
      .label = "diffusers",
      .description = N_ ("As diffusers with a generator on the CPU; the same on every machine."),
      .rng = "torch-cpu",
      .prompt_style = "plain",
      .start_scale = MZ_START_AS_SCHEDULE,
      .dialect = MZ_DIALECT_DIFFUSERS,
  },
  {
      .id = "a1111-gpu",
      .label = "A1111, GPU",
      .description = N_ ("As A1111 and Forge with the random source GPU, their default, on an NVIDIA card."),
      .rng = "torch-cuda",
      .path_rng = "torch-cuda",
      .gpu_size_matters = TRUE,
      .prompt_style = "a1111",
      .start_scale = MZ_START_SIGMA,
      .last_alpha_bar = LAST_ALPHA_BAR,
      .dialect = MZ_DIALECT_A1111,
  },
  {
      .id = "a1111-cpu",
      .label = "A1111, CPU",
      .description = N_ ("As A1111 and Forge with the random source CPU."),
      .rng = "torch-cpu",
      .path_rng = "torch-cpu",
      .prompt_style = "a1111",
      .start_scale = MZ_START_SIGMA,
      .last_alpha_bar = LAST_ALPHA_BAR,
      .dialect = MZ_DIALECT_A1111,
  },
  {
      .id = "a1111-nv",
      .label = "A1111, NV",
      .description = N_ ("As A1111 and Forge with the random source NV."),
      .rng = "torch-cuda",
      .path_rng = "torch-cuda",
      .prompt_style = "a1111",
      .start_scale = MZ_START_SIGMA,
      .last_alpha_bar = LAST_ALPHA_BAR,
      .dialect = MZ_DIALECT_A1111,
  },
  {
      .id = "comfyui",
      .label = "ComfyUI",
      .description = N_ ("As ComfyUI on an NVIDIA card: starts from CPU noise, steps with the card’s."),
      .rng = "torch-cpu",
      .step_rng = "torch-cuda",
      .gpu_size_matters = TRUE,
      .path_rng = "torch-cpu",
      .prompt_style = "comfyui",
      .start_scale = MZ_START_UNIT_VARIANCE,
      .last_alpha_bar = LAST_ALPHA_BAR,
      .dialect = MZ_DIALECT_COMFYUI,
  },
};

const MzCompatibility *
mz_compatibilities (gsize *n_rows)
{
  *n_rows = G_N_ELEMENTS (rows);
  return rows;
}

const MzCompatibility *
mz_compatibility_find (const char *name, GError **error)
{
  const char *ids[G_N_ELEMENTS (rows)];

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (mz_names_match (name, rows[i].id) || mz_names_match (name, rows[i].label))
        return &rows[i];
      ids[i] = rows[i].id;
    }
  mz_set_unknown_name_error (error, _ ("compatibility"), name, ids, G_N_ELEMENTS (ids));
  return NULL;
}
