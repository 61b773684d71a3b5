/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tests of diffusion/steps.h: timesteps and sigmas against diffusers and k-diffusion's formulas. */
#include "diffusion-configs.h"
#include "diffusion/steps.h"
#include "golden.h"

#include <math.h>

/* The bar: what is stored is float32 already. */
#define SIGMA_TOLERANCE 1e-6

static const int counts[] = { 1, 2, 3, 10, 16, 20, 25, 30, 50, 150, 333, 600 };

static Golden *golden;
static MzNoiseSchedule *scaled;
static double worst_sigma, worst_timestep;

static const MzSchedule *
find (const char *id)
{
  g_autoptr (GError) error = NULL;
  const MzSchedule *schedule = mz_schedule_find (id, &error);

  g_assert_no_error (error);
  return schedule;
}

/* timestep_tolerance: 0 where diffusers' are whole numbers. */
static void
check_steps (const char *case_name, const MzSteps *steps, double timestep_tolerance)
{
  const MzView *view = golden_get (golden, case_name, "timesteps");
  const MzView *sigma_view = golden_find (golden, case_name, "sigmas");
  g_autofree float *timesteps = golden_floats (view);
  g_autofree float *sigmas = sigma_view != NULL ? golden_floats (sigma_view) : NULL;

  g_assert_cmpint (view->shape[0], ==, steps->n_steps);
  for (int i = 0; i < steps->n_steps; i++)
    {
      double error = fabs ((double) steps->timesteps[i] - (double) timesteps[i]);

      worst_timestep = MAX (worst_timestep, error);
      g_assert_cmpfloat (error, <=, timestep_tolerance);
    }
  for (int i = 0; sigmas != NULL && i < steps->n_steps; i++)
    {
      double error = fabs ((double) steps->sigmas[i] / (double) sigmas[i] - 1);

      worst_sigma = MAX (worst_sigma, error);
      g_assert_cmpfloat (error, <, SIGMA_TOLERANCE);
    }
  g_assert_cmpfloat (steps->sigmas[steps->n_steps], ==, 0);
}

static void
check_counts (const char *golden_name,
              const MzSchedule *schedule,
              const MzNoiseSchedule *noise,
              MzStepRule rule,
              double timestep_tolerance)
{
  for (gsize k = 0; k < G_N_ELEMENTS (counts); k++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MzSteps) steps = mz_steps_new (schedule, noise, rule, counts[k], &error);
      g_autofree char *name = g_strdup_printf ("steps.%s.%d", golden_name, counts[k]);

      g_assert_no_error (error);
      check_steps (name, steps, timestep_tolerance);
    }
}

static void
test_spacings (void)
{
  static const char *const rules[] = { "discrete", "euler", "dpm" };
  static const char *const spacings[] = { "leading", "linspace", "trailing" };

  for (MzStepRule rule = MZ_STEP_RULE_DISCRETE; rule <= MZ_STEP_RULE_DPM; rule++)
    for (MzTimestepSpacing spacing = MZ_SPACING_LEADING; spacing <= MZ_SPACING_TRAILING; spacing++)
      {
        g_autofree char *name = g_strdup_printf ("%s.%s", rules[rule], spacings[spacing]);
        gboolean fractions = rule == MZ_STEP_RULE_EULER && spacing == MZ_SPACING_LINSPACE;
        MzSchedulerConfig config = config_scaled ();
        g_autoptr (MzNoiseSchedule) noise = NULL;

        /* By its own name, and as the model's own. */
        check_counts (name, find (spacings[spacing]), scaled, rule, fractions ? 6.2e-5 : 0);
        config.timestep_spacing = spacing;
        noise = mz_noise_schedule_new (&config, NULL);
        check_counts (name, find ("model"), noise, rule, fractions ? 6.2e-5 : 0);
      }
  g_test_message ("largest error of timesteps %g, of sigmas (relative) %g", worst_timestep, worst_sigma);
}

/* A timestep between whole ones hangs on float32 logarithms, 2.4e-7 near log (sigma) 2.7, where a timestep is
 * 0.006. */
#define FRACTION_TOLERANCE 2e-4

static void
test_diffusers_karras (void)
{
  MzSchedulerConfig config = config_scaled ();
  MzSchedulerConfig cosine = config_cosine ();
  g_autoptr (MzNoiseSchedule) linspaced = NULL;
  g_autoptr (MzNoiseSchedule) cosine_noise = mz_noise_schedule_new (&cosine, NULL);
  g_autoptr (MzSteps) steps = NULL;

  config.timestep_spacing = MZ_SPACING_LINSPACE;
  linspaced = mz_noise_schedule_new (&config, NULL);
  worst_sigma = worst_timestep = 0;
  check_counts ("euler.karras_leading", find ("karras_spaced"), scaled, MZ_STEP_RULE_EULER,
                FRACTION_TOLERANCE);
  check_counts ("euler.karras_linspace", find ("karras_spaced"), linspaced, MZ_STEP_RULE_EULER,
                FRACTION_TOLERANCE);
  g_test_message ("largest error of timesteps %g, of sigmas (relative) %g", worst_timestep, worst_sigma);
  check_counts ("dpm.karras_leading", find ("karras_spaced"), scaled, MZ_STEP_RULE_DPM, 0);
  steps = mz_steps_new (find ("karras_spaced"), cosine_noise, MZ_STEP_RULE_DPM, 20, NULL);
  check_steps ("steps.dpm.karras_cosine.20", steps, 0);
}

static void
test_k_diffusion (void)
{
  worst_sigma = worst_timestep = 0;
  check_counts ("k.uniform", find ("uniform"), scaled, MZ_STEP_RULE_EULER, 6.2e-5);
  check_counts ("k.karras", find ("karras"), scaled, MZ_STEP_RULE_DPM, FRACTION_TOLERANCE);
  g_test_message ("largest error of timesteps %g, of sigmas (relative) %g", worst_timestep, worst_sigma);
}

/* Values that other programs show for ten steps. */
static void
test_familiar_values (void)
{
  static const struct
  {
    const char *id;
    double sigmas[11];
  } cases[] = {
    { "karras", { 14.6146, 9.1029, 5.4784, 3.1686, 1.7494, .9141, .4469, .2014, .0819, .0292, 0 } },
    { "uniform", { 14.6146, 7.8399, 4.6092, 2.9183, 1.9502, 1.3449, .9324, .6250, .3687, .0292, 0 } },
    { "leading", { 8.3907, 5.1344, 3.3478, 2.2929, 1.6237, 1.1682, .8357, .5741, .3462, .0413, 0 } },
  };

  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autoptr (MzSteps) steps = mz_steps_new (find (cases[k].id), scaled, MZ_STEP_RULE_EULER, 10, NULL);

      for (int i = 0; i <= 10; i++)
        g_assert_cmpfloat_with_epsilon ((double) steps->sigmas[i], cases[k].sigmas[i], 5.1e-5);
    }
}

static void
check_sane (const MzSteps *steps, int n_train)
{
  for (int i = 0; i < steps->n_steps; i++)
    {
      g_assert_true (steps->timesteps[i] >= 0 && steps->timesteps[i] <= (float) (n_train - 1));
      g_assert_true (isfinite (steps->sigmas[i]) && steps->sigmas[i] > 0);
      g_assert_true (steps->sigmas[i + 1] <= steps->sigmas[i]);
      g_assert_true (i == 0 || steps->timesteps[i] <= steps->timesteps[i - 1]);
    }
  g_assert_cmpfloat (steps->sigmas[steps->n_steps], ==, 0);
}

/* Every legal number of steps, of every schedule, under every rule, for several models. */
static void
test_all_counts (void)
{
  const MzSchedulerConfig configs[]
      = { config_scaled (), config_linear_zero (), config_cosine (), config_short () };
  gsize n_schedules;
  const MzSchedule *schedules = mz_schedules (&n_schedules);

  for (gsize c = 0; c < G_N_ELEMENTS (configs); c++)
    {
      g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&configs[c], NULL);

      for (gsize s = 0; s < n_schedules; s++)
        for (MzStepRule rule = MZ_STEP_RULE_DISCRETE; rule <= MZ_STEP_RULE_DPM; rule++)
          for (int n = 1; n <= noise->n; n += n <= 150 || n >= noise->n - 3 ? 1 : 7)
            {
              g_autoptr (GError) error = NULL;
              g_autoptr (MzSteps) steps = mz_steps_new (&schedules[s], noise, rule, n, &error);

              g_assert_no_error (error);
              check_sane (steps, noise->n);
            }
    }
}

static void
test_bad_counts (void)
{
  static const int bad[] = { 0, -1, 1001, G_MAXINT, G_MININT };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (mz_steps_new (find ("karras"), scaled, MZ_STEP_RULE_DPM, bad[i], &error));
      g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
      g_assert_nonnull (strstr (error->message, "1000"));
    }
}

static void
test_names (void)
{
  g_autoptr (GError) error = NULL;
  gsize n;
  const MzSchedule *schedules = mz_schedules (&n);

  for (gsize i = 0; i < n; i++)
    {
      const MzSchedule *row = &schedules[i];
      const char *names[] = { row->id, row->label, row->a1111, row->comfyui, row->sdcpp, row->diffusers };

      g_assert_nonnull (row->description);
      for (gsize k = 0; k < G_N_ELEMENTS (names); k++)
        if (names[k] != NULL)
          g_assert_true (mz_schedule_find (names[k], NULL) == row);
    }
  g_assert_true (find ("normal") == find ("discrete"));
  g_assert_null (mz_schedule_find ("karas", &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "karras"));
}

int
main (int argc, char **argv)
{
  MzSchedulerConfig config = config_scaled ();
  int result;

  g_test_init (&argc, &argv, NULL);
  golden = golden_open ("diffusion.safetensors");
  scaled = mz_noise_schedule_new (&config, NULL);
  g_test_add_func ("/steps/spacings", test_spacings);
  g_test_add_func ("/steps/diffusers-karras", test_diffusers_karras);
  g_test_add_func ("/steps/k-diffusion", test_k_diffusion);
  g_test_add_func ("/steps/familiar-values", test_familiar_values);
  g_test_add_func ("/steps/all-counts", test_all_counts);
  g_test_add_func ("/steps/bad-counts", test_bad_counts);
  g_test_add_func ("/steps/names", test_names);
  result = g_test_run ();
  mz_noise_schedule_free (scaled);
  golden_free (golden);
  return result;
}
