/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tests of the schedules over a model's whole range, in each program's dialect, and of what programs leave
 * out. */
#include "diffusion-configs.h"
#include "diffusion/sampler.h"
#include "diffusion/steps.h"
#include "golden.h"

#include <math.h>

#define N 64 /* values of a latent */

static const char *const dialects[] = { "diffusers", "a1111", "comfyui" };

static Golden *golden;
static MzNoiseSchedule *noise;

static MzSteps *
new_steps (const char *id, int n_steps, MzDialect dialect, MzStepRule rule, gboolean drop)
{
  g_autoptr (GError) error = NULL;
  MzSteps *steps = mz_steps_new_as (mz_schedule_find (id, NULL), noise, rule, n_steps, dialect, drop, &error);

  g_assert_no_error (error);
  return steps;
}

/* Against the programs' formulas in double precision. Sigmas between whole timesteps hang on float32
 * logarithms, 1.2e-7 of 2.7 apart. */
static void
test_formulas (void)
{
  static const int counts[] = { 1, 2, 3, 7, 10, 11, 20, 30, 60 };
  gsize n_schedules, n_compared = 0;
  const MzSchedule *schedules = mz_schedules (&n_schedules);
  double worst = 0;

  for (MzDialect dialect = MZ_DIALECT_DIFFUSERS; dialect <= MZ_DIALECT_COMFYUI; dialect++)
    for (gsize s = 0; s < n_schedules; s++)
      for (gsize c = 0; c < G_N_ELEMENTS (counts); c++)
        {
          g_autofree char *name
              = g_strdup_printf ("schedule.%s.%s.%d", dialects[dialect], schedules[s].id, counts[c]);
          const MzView *view = golden_find (golden, name, "sigmas");
          g_autofree float *sigmas = view != NULL ? golden_floats (view) : NULL;
          g_autoptr (MzSteps) steps
              = new_steps (schedules[s].id, counts[c], dialect, MZ_STEP_RULE_EULER, FALSE);
          gboolean at_lowest
              = counts[c] == 1
                && (g_str_has_prefix (schedules[s].id, "gits")
                    || (g_str_has_prefix (schedules[s].id, "ays") && dialect == MZ_DIALECT_A1111));

          /* numpy's interpolation to one value takes the lowest, with which no picture can be begun. */
          if (view == NULL || at_lowest)
            continue;
          g_assert_cmpint (steps->n_steps, ==, (int) view->shape[0] - 1);
          for (int i = 0; i <= steps->n_steps; i++)
            {
              double error
                  = fabs ((double) steps->sigmas[i] - (double) sigmas[i]) / MAX ((double) sigmas[i], 0.01);

              worst = MAX (worst, error);
              g_assert_cmpfloat (error, <, 1e-6);
            }
          n_compared++;
        }
  g_test_message ("%" G_GSIZE_FORMAT " schedules, largest relative error %.2g", n_compared, worst);
  g_assert_cmpuint (n_compared, ==, 176);
}

/* Ten steps: as published, and even ratios of 14.6146 / 0.0291675. */
static void
test_familiar_values (void)
{
  static const struct
  {
    const char *id;
    MzDialect dialect;
    double sigmas[11];
  } cases[] = {
    { "ays",
      MZ_DIALECT_COMFYUI,
      { 14.61464, 6.47458, 3.86367, 2.69462, 1.88419, 1.39438, .96426, .65237, .39775, .15152, 0 } },
    { "exponential",
      MZ_DIALECT_DIFFUSERS,
      { 14.6146, 7.3249, 3.6712, 1.8400, .9222, .4622, .2317, .1161, .0582, .0292, 0 } },
  };

  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autoptr (MzSteps) steps = new_steps (cases[k].id, 10, cases[k].dialect, MZ_STEP_RULE_EULER, FALSE);

      for (int i = 0; i <= 10; i++)
        g_assert_cmpfloat_with_epsilon ((double) steps->sigmas[i], cases[k].sigmas[i], 5.1e-5);
    }
}

/* A1111's DDIM and PLMS: 19 steps of 20, from 951; 30 of 30, since 1000 / 33 leaves a rest. */
static void
test_compvis (void)
{
  const MzCompatibility *row = mz_compatibility_find ("a1111-nv", NULL);
  static const char *const samplers[] = { "ddim", "plms" };
  static const struct
  {
    int asked, n_steps;
    float first, last;
    int stride;
  } cases[] = {
    { 20, 19, 951, 51, 50 }, { 30, 30, 991, 34, 33 }, { 50, 49, 981, 21, 20 }, { 1, 1, 999, 999, 1000 }
  };

  for (gsize s = 0; s < G_N_ELEMENTS (samplers); s++)
    for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
      {
        g_autoptr (MzSampler) sampler
            = mz_sampler_new_as (mz_sampler_find (samplers[s], NULL), row, noise,
                                 mz_schedule_find ("karras", NULL), cases[k].asked, 4, -1, NULL);
        const MzSteps *steps = mz_sampler_get_steps (sampler);

        g_assert_cmpint (steps->n_steps, ==, cases[k].n_steps);
        g_assert_cmpfloat (steps->timesteps[0], ==, cases[k].first);
        g_assert_cmpfloat (steps->timesteps[steps->n_steps - 1], ==, cases[k].last);
        g_assert_cmpint (steps->stride, ==, cases[k].stride);
        g_assert_cmpfloat (mz_sampler_get_start_scale (sampler, 0), ==, 1);
      }
}

/* Which samplers leave out the last sigma but one, and where. */
static void
test_dropped (void)
{
  static const struct
  {
    const char *compatibility, *sampler;
    gboolean drops;
  } cases[] = {
    { "diffusers", "dpm2", FALSE },       { "a1111-gpu", "dpm2", TRUE },
    { "comfyui", "dpm2", TRUE },          { "a1111-cpu", "dpm2_a", TRUE },
    { "comfyui", "dpm2_a", TRUE },        { "a1111-nv", "dpmpp_3m_sde", TRUE },
    { "comfyui", "dpmpp_3m_sde", FALSE }, { "comfyui", "unipc", TRUE },
    { "a1111-gpu", "unipc", FALSE },      { "a1111-gpu", "euler", FALSE },
    { "comfyui", "dpmpp_2m", FALSE },
  };

  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autoptr (MzSampler) sampler = mz_sampler_new_as (
          mz_sampler_find (cases[k].sampler, NULL), mz_compatibility_find (cases[k].compatibility, NULL),
          noise, mz_schedule_find ("karras", NULL), 10, 4, -1, NULL);
      const MzSteps *steps = mz_sampler_get_steps (sampler);
      g_autoptr (MzSteps) more
          = new_steps ("karras", cases[k].drops ? 11 : 10, MZ_DIALECT_DIFFUSERS, MZ_STEP_RULE_EULER, FALSE);

      g_assert_cmpint (steps->n_steps, ==, 10);
      g_assert_cmpmem (steps->sigmas, 10 * sizeof (float), more->sigmas, 10 * sizeof (float));
      g_assert_cmpmem (steps->timesteps, 10 * sizeof (float), more->timesteps, 10 * sizeof (float));
      g_assert_cmpfloat (steps->sigmas[10], ==, 0);
    }
}

/* Starts: scales as other programs have them, and a start from a picture. */
static void
test_starts (void)
{
  static const struct
  {
    const char *sampler;
    const char *schedule;
    double scale;
  } cases[] = {
    { "ddim", "model", 1 },
    { "ddim", "karras", 1 },
    { "euler", "karras", 14.6146 },
    { "euler", "linspace", 14.6146 },
    { "dpmpp_2m", "model", 1 },
    { "dpmpp_2m", "karras_spaced", 1 },
    { "euler", "leading", 8.45006 },   /* sqrt (8.3907^2 + 1) */
    { "dpmpp_2m", "karras", 0.99767 }, /* 14.6146 / 14.6488 */
  };
  float clean[N], drawn[N], x[N];

  for (int e = 0; e < N; e++)
    {
      clean[e] = (float) e / N;
      drawn[e] = 1 - (float) e / 20;
    }
  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autoptr (MzSampler) sampler
          = mz_sampler_new (mz_sampler_find (cases[k].sampler, NULL), noise,
                            mz_schedule_find (cases[k].schedule, NULL), 10, N, -1, NULL);
      double sigma = (double) mz_sampler_get_steps (sampler)->sigmas[6];
      double divisor = g_str_equal (cases[k].sampler, "euler") ? 1 : sqrt (1 + sigma * sigma);

      g_assert_cmpfloat_with_epsilon (mz_sampler_get_start_scale (sampler, 0), cases[k].scale, 1e-4);
      mz_sampler_start (sampler, 0, NULL, drawn, x);
      g_assert_cmpfloat_with_epsilon ((double) x[0], cases[k].scale, 1e-4);
      mz_sampler_start (sampler, 6, clean, drawn, x);
      for (int e = 0; e < N; e++)
        g_assert_cmpfloat_with_epsilon ((double) x[e],
                                        ((double) clean[e] + sigma * (double) drawn[e]) / divisor, 1e-5);
    }
}

/* Every dialect at every number, for several models: as long as promised, falling, finite. */
static void
test_all_counts (void)
{
  const MzSchedulerConfig configs[] = { config_scaled (), config_linear_zero (), config_short () };
  gsize n_schedules;
  const MzSchedule *schedules = mz_schedules (&n_schedules);

  for (gsize c = 0; c < G_N_ELEMENTS (configs); c++)
    {
      g_autoptr (MzNoiseSchedule) model = mz_noise_schedule_new (&configs[c], NULL);

      for (gsize s = 0; s < n_schedules; s++)
        for (MzDialect dialect = MZ_DIALECT_A1111; dialect <= MZ_DIALECT_COMFYUI; dialect++)
          for (int drop = 0; drop < 2; drop++)
            for (int n = 1; n <= model->n; n += n < 100 || n >= model->n - 3 ? 1 : 37)
              {
                MzStepRule rule = n % 2 == 0 ? MZ_STEP_RULE_DISCRETE : MZ_STEP_RULE_EULER;
                g_autoptr (GError) error = NULL;
                g_autoptr (MzSteps) steps
                    = mz_steps_new_as (&schedules[s], model, rule, n, dialect, drop, &error);
                gboolean to_zero
                    = dialect != MZ_DIALECT_A1111 || !g_str_equal (schedules[s].id, "kl_optimal");

                g_assert_no_error (error);
                g_assert_true (steps->n_steps >= 1 && steps->n_steps <= model->n + 1);
                for (int i = 0; i < steps->n_steps; i++)
                  {
                    g_assert_true (steps->timesteps[i] >= 0 && steps->timesteps[i] <= (float) (model->n - 1));
                    g_assert_true (isfinite (steps->sigmas[i]) && steps->sigmas[i] > 0);
                    g_assert_true (steps->sigmas[i + 1] <= steps->sigmas[i]);
                  }
                if (to_zero)
                  g_assert_cmpfloat (steps->sigmas[steps->n_steps], ==, 0);
              }
    }
}

int
main (int argc, char **argv)
{
  MzSchedulerConfig config = config_scaled ();
  int result;

  g_test_init (&argc, &argv, NULL);
  golden = golden_open ("samplers.safetensors");
  noise = mz_noise_schedule_new (&config, NULL);
  g_test_add_func ("/schedules/formulas", test_formulas);
  g_test_add_func ("/schedules/familiar-values", test_familiar_values);
  g_test_add_func ("/schedules/compvis", test_compvis);
  g_test_add_func ("/schedules/dropped", test_dropped);
  g_test_add_func ("/schedules/starts", test_starts);
  g_test_add_func ("/schedules/all-counts", test_all_counts);
  result = g_test_run ();
  mz_noise_schedule_free (noise);
  golden_free (golden);
  return result;
}
