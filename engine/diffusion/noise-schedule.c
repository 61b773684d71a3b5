/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The forward process: betas, their running product, and what is read off it. */
#include <glib/gi18n-lib.h>

#include "diffusion/noise-schedule.h"

#include "diffusion/prediction.h"

#include <float.h>
#include <math.h>

/* torch.linspace in single precision: from both ends towards the middle, each value rounded once. */
static void
fill_linspace (float first, float last, float *dst, int n)
{
  float step = (last - first) / (float) (n - 1);

  for (int i = 0; i < n; i++)
    dst[i] = i < n / 2 ? (float) ((double) first + (double) step * i)
                       : (float) ((double) last - (double) step * (n - 1 - i));
}

/* Nichol & Dhariwal 2021 (arXiv:2102.09672) eq. 17, each beta capped at 0.999. */
static void
fill_squared_cosine (float *betas, int n)
{
  double before = pow (cos (0.008 / 1.008 * G_PI / 2), 2);

  for (int i = 0; i < n; i++)
    {
      double after = pow (cos (((double) (i + 1) / n + 0.008) / 1.008 * G_PI / 2), 2);

      betas[i] = (float) MIN (1.0 - after / before, 0.999);
      before = after;
    }
}

/* The decimal number that a config's float was read from: what diffusers reckons with before it rounds. Seven
 * digits always survive a float. */
static double
decimal (float value)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  return g_ascii_strtod (g_ascii_formatd (digits, sizeof digits, "%.7g", (double) value), NULL);
}

static void
fill_betas (const MzSchedulerConfig *config, float *betas)
{
  int n = config->num_train_timesteps;

  switch (config->beta_schedule)
    {
    case MZ_BETA_SQUARED_COSINE:
      fill_squared_cosine (betas, n);
      break;
    case MZ_BETA_SCALED_LINEAR:
      fill_linspace ((float) sqrt (decimal (config->beta_start)), (float) sqrt (decimal (config->beta_end)),
                     betas, n);
      for (int i = 0; i < n; i++)
        betas[i] *= betas[i];
      break;
    case MZ_BETA_LINEAR:
    default:
      fill_linspace (config->beta_start, config->beta_end, betas, n);
      break;
    }
}

/* abar from betas; the product runs in double as torch.cumprod's does. */
static void
fill_alphas_cumprod (const float *betas, float *alphas_cumprod, int n)
{
  double product = 1.0;

  for (int i = 0; i < n; i++)
    {
      product *= (double) (1.0f - betas[i]);
      alphas_cumprod[i] = (float) product;
    }
}

/* Shifts and scales sqrt(abar) so that its last value is 0 and its first stays. In place, betas to betas.
 * scratch: [n] */
static void
rescale_to_zero_snr (float *betas, float *scratch, int n)
{
  float first, last, factor;

  fill_alphas_cumprod (betas, scratch, n);
  first = sqrtf (scratch[0]);
  last = sqrtf (scratch[n - 1]);
  factor = first / (first - last);
  for (int i = 0; i < n; i++)
    {
      scratch[i] = (sqrtf (scratch[i]) - last) * factor;
      scratch[i] *= scratch[i];
    }
  for (int i = n - 1; i > 0; i--)
    betas[i] = 1.0f - scratch[i] / scratch[i - 1];
  betas[0] = 1.0f - scratch[0];
}

static gboolean
check_config (const MzSchedulerConfig *config, GError **error)
{
  gboolean linear = config->beta_schedule != MZ_BETA_SQUARED_COSINE;
  int n = config->num_train_timesteps;

  if (n < 2 || n > MZ_MAX_TRAIN_TIMESTEPS)
    g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
                 _ ("The scheduler's num_train_timesteps is %d, and should be from 2 to %d."), n,
                 MZ_MAX_TRAIN_TIMESTEPS);
  else if (config->steps_offset < 0 || config->steps_offset >= n)
    g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
                 _ ("The scheduler's steps_offset is %d, and should be from 0 to %d."), config->steps_offset,
                 n - 1);
  else if (linear && !(config->beta_start > 0 && config->beta_start < 1))
    g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
                 _ ("The scheduler's beta_start is %g, and should be between 0 and 1."),
                 (double) config->beta_start);
  else if (linear && !(config->beta_end > 0 && config->beta_end < 1))
    g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
                 _ ("The scheduler's beta_end is %g, and should be between 0 and 1."),
                 (double) config->beta_end);
  else if (config->clip_sample && !(config->clip_sample_range > 0 && isfinite (config->clip_sample_range)))
    g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
                 _ ("The scheduler's clip_sample_range is %g, and should be above 0."),
                 (double) config->clip_sample_range);
  else
    return TRUE;
  return FALSE;
}

/* abar at i to take sigma from. diffusers puts 2^-24 for a last 0; where that is not the smallest (linear
 * betas come lower before) the quarter of the last but one goes on as the values before it fell, with the
 * square of the way left. */
static float
positive_alpha_bar (const MzNoiseSchedule *schedule, int i)
{
  const float *abar = schedule->alphas_cumprod;

  if (abar[i] > 0 || i < schedule->n - 1 || !schedule->config.rescale_betas_zero_snr)
    return abar[i];
  return abar[i - 1] > (float) MZ_ALPHA_BAR_FLOOR ? (float) MZ_ALPHA_BAR_FLOOR : abar[i - 1] / 4;
}

/* sigma and its logarithm from abar. FALSE when they do not rise strictly from above 0 to something finite:
 * then there is no way from noise to picture and back. */
static gboolean
fill_sigmas (MzNoiseSchedule *schedule, GError **error)
{
  float *sigmas = schedule->sigmas;

  for (int i = 0; i < schedule->n; i++)
    {
      float abar = positive_alpha_bar (schedule, i);

      sigmas[i] = sqrtf ((1.0f - abar) / abar);
      schedule->log_sigmas[i] = (float) log ((double) sigmas[i]);
      if (!(abar >= FLT_MIN) || !(abar < 1) || (i > 0 && !(sigmas[i] > sigmas[i - 1])))
        {
          g_set_error (
              error, MZ_ERROR, MZ_ERROR_FORMAT,
              _ ("The scheduler's betas leave no usable noise level at timestep %d (alphas_cumprod %g)."), i,
              (double) abar);
          return FALSE;
        }
    }
  return TRUE;
}

static MzNoiseSchedule *
new_schedule (const MzSchedulerConfig *config, double last_alpha_bar, GError **error)
{
  g_autoptr (MzNoiseSchedule) schedule = NULL;
  g_autofree float *betas = NULL;
  gsize n;

  if (!check_config (config, error))
    return NULL;
  n = (gsize) config->num_train_timesteps;
  schedule = g_new0 (MzNoiseSchedule, 1);
  schedule->config = *config;
  schedule->n = config->num_train_timesteps;
  schedule->alphas_cumprod = g_new (float, n);
  schedule->sigmas = g_new (float, n);
  schedule->log_sigmas = g_new (float, n);

  betas = g_new (float, n);
  fill_betas (config, betas);
  if (config->rescale_betas_zero_snr)
    rescale_to_zero_snr (betas, schedule->alphas_cumprod, schedule->n);
  fill_alphas_cumprod (betas, schedule->alphas_cumprod, schedule->n);
  if (last_alpha_bar > 0)
    schedule->alphas_cumprod[n - 1] = (float) last_alpha_bar;
  if (!fill_sigmas (schedule, error))
    return NULL;
  return g_steal_pointer (&schedule);
}

MzNoiseSchedule *
mz_noise_schedule_new (const MzSchedulerConfig *config, GError **error)
{
  return new_schedule (config, 0, error);
}

MzNoiseSchedule *
mz_noise_schedule_new_zero_snr (const MzSchedulerConfig *config, double last_alpha_bar, GError **error)
{
  MzSchedulerConfig rescaled = *config;

  rescaled.rescale_betas_zero_snr = TRUE;
  return new_schedule (&rescaled, last_alpha_bar, error);
}

void
mz_noise_schedule_free (MzNoiseSchedule *schedule)
{
  if (schedule == NULL)
    return;
  g_free (schedule->alphas_cumprod);
  g_free (schedule->sigmas);
  g_free (schedule->log_sigmas);
  g_free (schedule);
}

double
mz_noise_schedule_alpha_bar (const MzNoiseSchedule *schedule, double t)
{
  double clamped = CLAMP (t, 0.0, (double) (schedule->n - 1));
  double sigma;

  if (clamped == floor (clamped))
    return (double) schedule->alphas_cumprod[(int) clamped];
  sigma = mz_noise_schedule_sigma (schedule, clamped);
  return 1.0 / (1.0 + sigma * sigma);
}

double
mz_noise_schedule_sigma (const MzNoiseSchedule *schedule, double t)
{
  double clamped = CLAMP (t, 0.0, (double) (schedule->n - 1));
  int low = (int) clamped;
  double w = clamped - low;

  if (w == 0)
    return (double) schedule->sigmas[low];
  return exp ((1.0 - w) * (double) schedule->log_sigmas[low] + w * (double) schedule->log_sigmas[low + 1]);
}

double
mz_noise_schedule_timestep (const MzNoiseSchedule *schedule, double sigma)
{
  const float *logs = schedule->log_sigmas;
  double log_sigma = log (MAX (sigma, 1e-10));
  int low = 0, high = schedule->n - 1;
  double w;

  /* logs[low] <= log_sigma < logs[high], ends excepted. */
  while (high - low > 1)
    {
      int middle = low + (high - low) / 2;

      if (log_sigma >= (double) logs[middle])
        low = middle;
      else
        high = middle;
    }
  w = ((double) logs[low] - log_sigma) / ((double) logs[low] - (double) logs[high]);
  return low + CLAMP (w, 0.0, 1.0);
}

void
mz_noise_schedule_add_noise (const MzNoiseSchedule *schedule,
                             double t,
                             const float *clean,
                             const float *noise,
                             float *noisy,
                             gsize n)
{
  double abar = mz_noise_schedule_alpha_bar (schedule, t);
  MzPredictionWeights weights = { sqrt (abar), sqrt (1.0 - abar) };

  mz_prediction_apply (weights, clean, noise, noisy, n);
}
