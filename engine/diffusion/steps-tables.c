/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Steps from lists of noise levels that others measured to be best for about ten steps: Align Your Steps
 * (Sabour et al. 2024, arXiv:2404.14507) and GITS (Chen et al. 2024, arXiv:2405.11326), interpolated for
 * other numbers.
 */
#include "diffusion/steps-private.h"

#include <math.h>

#define N_LEVELS 11

/* As published, and as A1111 rounds them. */
static const double ays[N_LEVELS]
    = { 14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520, 1.8841921177, 1.3943805092,
        0.9642583904,  0.6523686016, 0.3977456272, 0.1515232662, 0.0291671582 };
static const double ays_sdxl[N_LEVELS]
    = { 14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945, 0.8620721141,
        0.5550693289,  0.3798540708, 0.2332364134, 0.1114188177, 0.0291671582 };
static const double ays_a1111[N_LEVELS]
    = { 14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029 };
static const double ays_sdxl_a1111[N_LEVELS]
    = { 14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029 };
/* As Forge has them. */
static const double gits[N_LEVELS]
    = { 14.615, 4.617, 2.507, 1.236, 0.702, 0.402, 0.240, 0.156, 0.104, 0.094, 0.029 };
static const double gits_sdxl[N_LEVELS]
    = { 14.615, 4.734, 2.567, 1.529, 0.987, 0.652, 0.418, 0.268, 0.179, 0.127, 0.029 };

/* levels [N_LEVELS] brought to `count` by linear interpolation of their logarithms; the first n_steps of them
 * are taken. */
static void
fill (const MzNoiseSchedule *noise, const double *levels, int count, MzSteps *steps)
{
  for (int i = 0; i < steps->n_steps; i++)
    {
      double at = mz_steps_linspace (0, N_LEVELS - 1, count, i);
      int low = MIN ((int) at, N_LEVELS - 2);
      double sigma = exp (log (levels[low]) + (at - low) * (log (levels[low + 1]) - log (levels[low])));

      steps->sigmas[i] = (float) sigma;
      steps->timesteps[i] = (float) mz_noise_schedule_timestep (noise, sigma);
    }
  steps->start_from_sigma = TRUE;
}

/* In ComfyUI and in the paper's own example the lowest level is the end, made 0; in A1111 a step from it to 0
 * follows. */
static void
build_ays (const MzNoiseSchedule *noise,
           const MzStepRequest *request,
           const double *levels,
           const double *levels_a1111,
           MzSteps *steps)
{
  if (request->dialect == MZ_DIALECT_A1111)
    fill (noise, levels_a1111, steps->n_steps, steps);
  else
    fill (noise, levels, steps->n_steps + 1, steps);
}

void
mz_steps_build_ays (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  build_ays (noise, request, ays, ays_a1111, steps);
}

void
mz_steps_build_ays_sdxl (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  build_ays (noise, request, ays_sdxl, ays_sdxl_a1111, steps);
}

void
mz_steps_build_gits (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  fill (noise, gits, steps->n_steps, steps);
}

void
mz_steps_build_gits_sdxl (const MzNoiseSchedule *noise, const MzStepRequest *request, MzSteps *steps)
{
  fill (noise, gits_sdxl, steps->n_steps, steps);
}
