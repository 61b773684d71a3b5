/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The forward process: how much of a picture and how much noise there is at each training timestep.
 *
 *   x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) eps        abar_t = prod_{s<=t} (1 - beta_s)
 *   sigma_t = sqrt((1 - abar_t) / abar_t)
 *
 * Ho et al. 2020 (arXiv:2006.11239) eq. 4; zero terminal SNR by Lin et al. 2023 (arXiv:2305.08891)
 * algorithm 1. Single precision is used where diffusers uses it, so that tables agree to the last bits. */
#pragma once

#include "core/config.h"
#include "core/error.h"

G_BEGIN_DECLS

/* The most training timesteps a config may ask for; beyond lies a damaged file. */
#define MZ_MAX_TRAIN_TIMESTEPS 100000

/* The tables of one model. Read the fields, never write them. Immutable, so any thread may read. */
typedef struct
{
  MzSchedulerConfig config; /* what it was made from */
  int n;                    /* config.num_train_timesteps */
  float
      *alphas_cumprod; /* [n] abar_t, falling, in [0,1); 0 only at n-1 and only with rescale_betas_zero_snr */
  float *sigmas;       /* [n] rising, finite, > 0; where abar is 0, that of 2^-24 as in diffusers, or less */
  float *log_sigmas;   /* [n] natural logarithm of sigmas */
} MzNoiseSchedule;

/* Makes the tables. config: copied; n 2..MZ_MAX_TRAIN_TIMESTEPS, betas in (0,1), steps_offset 0..n-1.
 * Returns an object owned by the caller, or NULL with MZ_ERROR_FORMAT naming the value that is out of range.
 */
MzNoiseSchedule *mz_noise_schedule_new (const MzSchedulerConfig *config, GError **error);
/* The same levels rescaled to zero terminal SNR, whatever config says. last_alpha_bar: what stands for the
 * last 0, so that it has a sigma; 0: diffusers' way, as with rescale_betas_zero_snr. NULL with
 * MZ_ERROR_FORMAT where the levels then do not rise. */
MzNoiseSchedule *
mz_noise_schedule_new_zero_snr (const MzSchedulerConfig *config, double last_alpha_bar, GError **error);
void mz_noise_schedule_free (MzNoiseSchedule *schedule);

/* abar at timestep t, clamped to 0..n-1: the table's value at whole timesteps, 1/(1+sigma(t)^2) between them.
 */
double mz_noise_schedule_alpha_bar (const MzNoiseSchedule *schedule, double t);
/* sigma at timestep t, clamped to 0..n-1, log-linear between whole timesteps (k-diffusion's t_to_sigma). */
double mz_noise_schedule_sigma (const MzNoiseSchedule *schedule, double t);
/* The timestep 0..n-1 whose sigma this is, log-linear between whole ones; clamped (k-diffusion's sigma_to_t).
 */
double mz_noise_schedule_timestep (const MzNoiseSchedule *schedule, double sigma);

/* Forward diffusion to timestep t. clean, noise, noisy: [n]; noisy may be one of the others. */
void mz_noise_schedule_add_noise (const MzNoiseSchedule *schedule,
                                  double t,
                                  const float *clean,
                                  const float *noise,
                                  float *noisy,
                                  gsize n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzNoiseSchedule, mz_noise_schedule_free)

G_END_DECLS
