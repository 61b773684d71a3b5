/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tests of diffusion/noise-schedule.h, prediction.h and guidance.h: tables against diffusers, and the
 * algebra. */
#include "diffusion-configs.h"
#include "diffusion/guidance.h"
#include "diffusion/noise-schedule.h"
#include "diffusion/prediction.h"
#include "golden.h"

#include <math.h>

static Golden *golden;

/* Returns the largest relative error, absolute where they are 0. */
static double
relative_error (const float *mine, const float *theirs, gsize n)
{
  double worst = 0;

  for (gsize i = 0; i < n; i++)
    {
      double size = theirs[i] != 0 ? fabs ((double) theirs[i]) : 1;

      worst = MAX (worst, fabs ((double) mine[i] - (double) theirs[i]) / size);
    }
  return worst;
}

static void
test_tables (void)
{
  /* One rounding of float32. With zero terminal SNR torch's square roots, up to one rounding off, tell twice:
   * at the end, where near values are taken from each other (7.5e-9 at 0.068 against a difference of 4.4e-4,
   * then squared), and at the beginning, where sigma hangs on 1 - abar (6e-8 against 8.5e-4, linear 1e-4,
   * then rooted). */
  const struct
  {
    const char *name;
    MzSchedulerConfig config;
    double abar_tolerance;
    double sigma_tolerance;
  } cases[] = {
    { "noise.scaled", config_scaled (), 1.2e-7, 1.2e-7 },
    { "noise.linear", config_linear (), 1.2e-7, 1.2e-7 },
    { "noise.cosine", config_cosine (), 1.2e-7, 1.2e-7 },
    { "noise.short", config_short (), 1.2e-7, 1.2e-7 },
    { "noise.scaled_zero", config_scaled_zero (), 3.5e-5, 3.5e-5 },
    { "noise.linear_zero", config_linear_zero (), 3.5e-5, 3e-4 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&cases[i].config, &error);
      g_autofree float *abar = golden_floats (golden_get (golden, cases[i].name, "abar"));
      g_autofree float *sigmas = golden_floats (golden_get (golden, cases[i].name, "sigmas"));
      double abar_error, sigma_error;

      g_assert_no_error (error);
      abar_error = relative_error (noise->alphas_cumprod, abar, (gsize) noise->n);
      /* With a last abar of 0 diffusers has sigma 4096 there, below what goes before it under linear betas.
       */
      if (sigmas[noise->n - 1] < sigmas[noise->n - 2])
        sigmas[noise->n - 1] = 2 * sigmas[noise->n - 2];
      sigma_error = relative_error (noise->sigmas, sigmas, (gsize) noise->n);
      g_test_message ("%s: relative error of abar %g, of sigma %g", cases[i].name, abar_error, sigma_error);
      g_assert_cmpfloat (abar_error, <, cases[i].abar_tolerance);
      g_assert_cmpfloat (sigma_error, <, cases[i].sigma_tolerance);
    }
}

static void
test_familiar_values (void)
{
  MzSchedulerConfig config = config_scaled ();
  g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&config, NULL);

  g_assert_cmpfloat_with_epsilon ((double) noise->alphas_cumprod[0], 0.99915, 1e-6);
  g_assert_cmpfloat_with_epsilon ((double) noise->alphas_cumprod[999], 0.0046601, 1e-7);
  /* As computed in float64; in float32, which models were trained and are run with, 1 - abar_0 is 7e-5
   * coarse, and a thousand roundings of 1 - beta add up. */
  g_assert_cmpfloat_with_epsilon ((double) noise->sigmas[0], 0.0291672, 1e-6);
  g_assert_cmpfloat_with_epsilon ((double) noise->sigmas[999], 14.6146412, 1e-5);
}

static void
test_interpolation (void)
{
  MzSchedulerConfig config = config_scaled ();
  g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&config, NULL);

  for (double t = 0; t <= 999; t += 0.37)
    {
      double sigma = mz_noise_schedule_sigma (noise, t);
      double abar = mz_noise_schedule_alpha_bar (noise, t);

      /* There and back; the table's float32 logarithms are 4e-7 apart from its sigmas, some 1e-4 of a
       * timestep. */
      g_assert_cmpfloat_with_epsilon (mz_noise_schedule_timestep (noise, sigma), t, 2e-4);
      g_assert_cmpfloat_with_epsilon (sqrt ((1 - abar) / abar), sigma, 1e-6 * MAX (sigma, 1));
    }
  /* Half way in the logarithm. */
  g_assert_cmpfloat_with_epsilon (mz_noise_schedule_sigma (noise, 500.5),
                                  sqrt ((double) noise->sigmas[500] * (double) noise->sigmas[501]), 1e-6);
  g_assert_cmpfloat (mz_noise_schedule_timestep (noise, 0), ==, 0);
  g_assert_cmpfloat (mz_noise_schedule_timestep (noise, 1e9), ==, 999);
  g_assert_cmpfloat (mz_noise_schedule_sigma (noise, -5), ==, (double) noise->sigmas[0]);
  g_assert_cmpfloat (mz_noise_schedule_sigma (noise, 5000), ==, (double) noise->sigmas[999]);
}

static void
test_forward (void)
{
  static const int timesteps[] = { 0, 1, 500, 999 };
  MzSchedulerConfig config = config_scaled ();
  g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&config, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (timesteps); i++)
    {
      g_autofree char *name = g_strdup_printf ("forward.%d", timesteps[i]);
      g_autofree float *clean = golden_floats (golden_get (golden, name, "clean"));
      g_autofree float *eps = golden_floats (golden_get (golden, name, "noise"));
      g_autofree float *theirs = golden_floats (golden_get (golden, name, "noisy"));

      /* In place. */
      mz_noise_schedule_add_noise (noise, timesteps[i], clean, eps, clean, 64);
      for (int k = 0; k < 64; k++)
        g_assert_cmpfloat_with_epsilon ((double) clean[k], (double) theirs[k], 1e-6);
    }
}

/* For every type, level and scale: make a state and the output that belongs to it, and read both halves back.
 */
static void
test_predictions (void)
{
  static const double levels[] = { 0.99915, 0.5, 0.0046601 };
  const double clean = 0.8, eps = -1.3;

  for (gsize l = 0; l < G_N_ELEMENTS (levels); l++)
    for (int in_sigma = 0; in_sigma < 2; in_sigma++)
      {
        double a = sqrt (levels[l]), s = sqrt (1 - levels[l]);
        double scale = in_sigma ? 1 / a : 1;
        double outputs[] = {
          [MZ_PREDICTION_EPSILON] = eps,
          [MZ_PREDICTION_V] = a * eps - s * clean,
          [MZ_PREDICTION_SAMPLE] = clean,
        };
        float x = (float) (scale * (a * clean + s * eps));

        for (MzPredictionType type = MZ_PREDICTION_EPSILON; type <= MZ_PREDICTION_SAMPLE; type++)
          {
            float output = (float) outputs[type], read;

            mz_prediction_apply (mz_prediction_clean_weights (type, levels[l], scale), &x, &output, &read, 1);
            g_assert_cmpfloat_with_epsilon ((double) read, clean, 2e-7 / a);
            mz_prediction_apply (mz_prediction_noise_weights (type, levels[l], scale), &x, &output, &read, 1);
            g_assert_cmpfloat_with_epsilon ((double) read, eps, 2e-7 / s);
          }
      }
}

/* At zero terminal SNR v still gives x0 exactly; epsilon cannot, but stays finite. */
static void
test_zero_snr (void)
{
  MzPredictionWeights v = mz_prediction_clean_weights (MZ_PREDICTION_V, 0, 1);
  MzPredictionWeights eps = mz_prediction_clean_weights (MZ_PREDICTION_EPSILON, 0, 1);

  g_assert_cmpfloat (v.cx, ==, 0);
  g_assert_cmpfloat (v.cout, ==, -1);
  g_assert_cmpfloat (eps.cx, ==, 4096);
  g_assert_cmpfloat (eps.cout, ==, -4096);
}

static void
test_guidance (void)
{
  const float cond[] = { 1, -2, 0.5f }, uncond[] = { 0.5f, 1, 0.5f };
  float both[3];

  mz_guidance_combine (cond, uncond, 7.5f, both, 3);
  g_assert_cmpfloat (both[0], ==, 4.25f);
  g_assert_cmpfloat (both[1], ==, -21.5f);
  g_assert_cmpfloat (both[2], ==, 0.5f);
  mz_guidance_combine (cond, uncond, 1, both, 3);
  g_assert_cmpmem (both, sizeof both, cond, sizeof cond);
  mz_guidance_combine (cond, uncond, 0, both, 3);
  g_assert_cmpmem (both, sizeof both, uncond, sizeof uncond);
}

static void
check_refused (MzSchedulerConfig config, const char *mentions)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&config, &error);

  g_assert_null (noise);
  g_assert_error (error, MZ_ERROR, MZ_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, mentions));
}

#define CHECK_REFUSED(field, value)                                                                          \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    MzSchedulerConfig bad = config_scaled ();                                                                \
    bad.clip_sample = TRUE;                                                                                  \
    bad.field = value;                                                                                       \
    check_refused (bad, #field);                                                                             \
  }                                                                                                          \
  G_STMT_END

static void
test_bad_configs (void)
{
  MzSchedulerConfig config = config_scaled ();

  CHECK_REFUSED (num_train_timesteps, 1);
  CHECK_REFUSED (num_train_timesteps, 0);
  CHECK_REFUSED (num_train_timesteps, -1000);
  CHECK_REFUSED (num_train_timesteps, G_MAXINT);
  CHECK_REFUSED (steps_offset, -1);
  CHECK_REFUSED (steps_offset, 1000);
  CHECK_REFUSED (beta_start, 0);
  CHECK_REFUSED (beta_start, NAN);
  CHECK_REFUSED (beta_end, 1);
  CHECK_REFUSED (beta_end, -INFINITY);
  CHECK_REFUSED (clip_sample_range, 0);
  CHECK_REFUSED (clip_sample_range, NAN);

  /* Legal numbers that leave nothing to work with: no noise at all, and no picture at all. */
  config.beta_start = 1e-12f;
  check_refused (config, "timestep 0");
  config.beta_start = 0.9f;
  config.beta_end = 0.99f;
  check_refused (config, "alphas_cumprod");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  golden = golden_open ("diffusion.safetensors");
  g_test_add_func ("/noise-schedule/tables", test_tables);
  g_test_add_func ("/noise-schedule/familiar-values", test_familiar_values);
  g_test_add_func ("/noise-schedule/interpolation", test_interpolation);
  g_test_add_func ("/noise-schedule/forward", test_forward);
  g_test_add_func ("/noise-schedule/bad-configs", test_bad_configs);
  g_test_add_func ("/prediction/round-trips", test_predictions);
  g_test_add_func ("/prediction/zero-snr", test_zero_snr);
  g_test_add_func ("/guidance/combine", test_guidance);
  result = g_test_run ();
  golden_free (golden);
  return result;
}
