/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tests of all samplers and schedules on a network whose answer is known: pictures that are normally
 * distributed with mean MEAN and deviation SPREAD. The best denoiser is then linear in the state, and the
 * probability flow has the solution x(sigma) - MEAN ~ sqrt (sigma^2 + SPREAD^2). */
#include "diffusion-configs.h"
#include "diffusion/brownian.h"
#include "diffusion/rng.h"
#include "diffusion/sampler.h"

#include <math.h>

#define MEAN 0.4
#define SPREAD 0.5
#define MANY 1024 /* values, where a distribution is looked at */

static MzNoiseSchedule *noise;

typedef struct
{
  gsize n;
  gboolean consistent; /* answers the flow's end instead of the mean: a consistency model */
  int n_calls;
} Network;

/* Where the flow from x at sigma ends, at sigma `to`. */
static double
flow (double x, double sigma, double to)
{
  return MEAN + (x - MEAN) * sqrt ((to * to + SPREAD * SPREAD) / (sigma * sigma + SPREAD * SPREAD));
}

static gboolean
predict_cb (gpointer user_data, const float *x, float timestep, float *model_output, GError **error)
{
  Network *network = user_data;
  double sigma = mz_noise_schedule_sigma (noise, (double) timestep), scale = sqrt (1 + sigma * sigma);
  double weight = SPREAD * SPREAD / (sigma * sigma + SPREAD * SPREAD);

  network->n_calls++;
  for (gsize k = 0; k < network->n; k++)
    {
      double state = (double) x[k] * scale;
      double x0 = network->consistent ? flow (state, sigma, 0) : MEAN + weight * (state - MEAN);

      model_output[k] = (float) ((state - x0) / sigma);
    }
  return TRUE;
}

static void
noise_cb (gpointer user_data, float *dst, gsize n)
{
  mz_rng_fill_normal (user_data, dst, n);
}

static void
path_cb (gpointer user_data, double from, double to, float *dst, gsize n)
{
  mz_brownian_fill (user_data, from, to, dst);
}

static gboolean
in_sigma_space (const MzSampler *sampler)
{
  double start = mz_sampler_get_start_scale (sampler, 0);

  return start > 1.5;
}

/* The largest error of the flow at the last sigma above 0, which finer steps over the same range make small.
 */
static double
flow_error (const MzSamplerKind *kind, int n_steps)
{
  g_autoptr (MzSampler) sampler
      = mz_sampler_new (kind, noise, mz_schedule_find ("karras", NULL), n_steps, 8, 0, NULL);
  const float *sigmas = mz_sampler_get_steps (sampler)->sigmas;
  double first = (double) sigmas[0], last = (double) sigmas[n_steps - 1], worst = 0;
  gboolean in_sigma = in_sigma_space (sampler);
  Network network = { .n = 8 };
  MzSamplerCalls calls = { .predict = predict_cb, .predict_data = &network };
  float x[8];
  double begin[8];

  for (int k = 0; k < 8; k++)
    {
      begin[k] = (k - 3.5) / 2 * first;
      x[k] = (float) (in_sigma ? begin[k] : begin[k] / sqrt (1 + first * first));
    }
  for (int i = 0; i < n_steps - 1; i++)
    g_assert_true (mz_sampler_step (sampler, i, &calls, x, NULL, NULL));
  for (int k = 0; k < 8; k++)
    worst = MAX (
        worst, fabs ((double) x[k] * (in_sigma ? 1 : sqrt (1 + last * last)) - flow (begin[k], first, last)));
  return worst;
}

/* Twice the steps, an error smaller by two to the order: fourfold for methods of second order. */
static void
test_order (void)
{
  static const struct
  {
    const char *id;
    double
        order; /* at least; that of the method, or where its first steps are of lower order, what they let */
    int n_steps;
  } cases[] = {
    { "ddim", 1, 32 },
    { "euler", 1, 32 },
    { "euler_a", 1, 32 },
    { "euler_cfgpp", 1, 32 },
    { "plms", 2, 32 },
    { "dpmpp_2m", 2, 32 },
    { "heun", 2, 32 },
    { "lms", 3, 32 },
    { "dpm2", 2, 32 },
    { "dpm2_a", 2, 32 },
    { "dpmpp_2s_a", 2, 32 },
    { "dpmpp_sde", 2, 32 },
    { "dpmpp_2m_sde", 2, 32 },
    { "dpmpp_2m_sde_heun", 2, 32 },
    { "ipndm", 2, 32 },
    { "euler_a_cfgpp", 1, 32 },
    { "unipc", 3, 32 },
    { "dpmpp_2m_cfgpp", 2, 32 },
    /* By its formula of second order: the published third term is half of what the third order asks for. */
    { "dpmpp_3m_sde", 2, 128 },
  };

  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      const MzSamplerKind *kind = mz_sampler_find (cases[k].id, NULL);
      int n = cases[k].n_steps;
      double coarse = flow_error (kind, n + 1), fine = flow_error (kind, 2 * n + 1);
      double order = log2 (coarse / fine);

      g_test_message ("%s: error %.2g over 32 steps, %.2g over 64, order %.2f", cases[k].id, coarse, fine,
                      order);
      g_assert_cmpfloat (order, >, cases[k].order - 0.2);
    }
}

/* The whole way down, from the flow's distribution. What remains is a step from the schedule's last sigma to
 * 0 and the error of 60 steps; single numbers for samplers without noise, mean and deviation for those with.
 */
static void
check_end (const MzSamplerKind *kind, const MzSchedule *schedule, gboolean on_path)
{
  gsize n = kind->adds_noise && kind->default_eta > 0 ? MANY : 8;
  g_autoptr (MzSampler) sampler = mz_sampler_new (kind, noise, schedule, 60, n, -1, NULL);
  const float *sigmas = mz_sampler_get_steps (sampler)->sigmas;
  double first = (double) sigmas[0], sum = 0, squares = 0, worst = 0;
  gboolean in_sigma = in_sigma_space (sampler);
  /* Those that lean most on the slope go too far where the last step is much longer than the one before. */
  gboolean overshoots = strstr ("dpmpp_3m_sde dpmpp_2m_sde_heun", kind->id) != NULL
                        && strstr ("karras exponential polyexponential", schedule->id) == NULL;
  g_autoptr (MzRng) rng = mz_rng_new (NULL, 9);
  g_autoptr (MzBrownian) path
      = on_path ? mz_brownian_new (NULL, 9, 0, n, (double) sigmas[59], first, NULL) : NULL;
  Network network = { .n = n, .consistent = g_str_equal (kind->id, "lcm") };
  MzSamplerCalls calls = { .predict = predict_cb,
                           .predict_data = &network,
                           .noise = noise_cb,
                           .noise_data = rng,
                           .noise_between = on_path ? path_cb : NULL,
                           .noise_between_data = path };
  g_autofree float *x = g_new (float, n);
  g_autofree double *begin = g_new (double, n);

  mz_rng_fill_normal (rng, x, n);
  for (gsize k = 0; k < n; k++)
    {
      begin[k] = MEAN + (double) x[k] * sqrt (first * first + SPREAD * SPREAD);
      x[k] = (float) (in_sigma ? begin[k] : begin[k] / sqrt (1 + first * first));
    }
  for (int i = 0; i < 60; i++)
    g_assert_true (mz_sampler_step (sampler, i, &calls, x, NULL, NULL));
  for (gsize k = 0; k < n; k++)
    {
      worst = MAX (worst, fabs ((double) x[k] - flow (begin[k], first, 0)));
      sum += (double) x[k];
      squares += ((double) x[k] - MEAN) * ((double) x[k] - MEAN);
    }
  g_test_message ("%s %s%s: mean %.3f, deviation %.3f, largest error %.2g", kind->id, schedule->id,
                  on_path ? ", a path's noise" : "", sum / (double) n, sqrt (squares / (double) n), worst);
  if (n < MANY)
    g_assert_cmpfloat (worst, <, 0.1);
  else
    {
      /* The mean of 1024 values of deviation 1/2 is known to 0.016, their deviation to 0.011. */
      g_assert_cmpfloat_with_epsilon (sum / (double) n, MEAN, 0.06);
      g_assert_cmpfloat_with_epsilon (sqrt (squares / (double) n), SPREAD, overshoots ? 0.5 : 0.08);
    }
}

static void
test_end (void)
{
  gsize n_kinds, n_schedules;
  const MzSamplerKind *kinds = mz_sampler_kinds (&n_kinds);
  const MzSchedule *schedules = mz_schedules (&n_schedules);

  for (gsize k = 0; k < n_kinds; k++)
    for (gsize s = 0; s < n_schedules; s++)
      for (int on_path = 0; on_path <= kinds[k].uses_brownian; on_path++)
        if (!on_path || s % 4 == 1)
          check_end (&kinds[k], &schedules[s], on_path);
}

/* A path is made for each; with few values it costs little. */
static void
check_run (const MzSamplerKind *kind, const MzCompatibility *row, const MzSchedule *schedule, int n_asked)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzSampler) sampler = mz_sampler_new_as (kind, row, noise, schedule, n_asked, 4, -1, &error);
  const MzSteps *steps = mz_sampler_get_steps (sampler);
  g_autoptr (MzRng) rng = mz_rng_new (NULL, 1);
  Network network = { .n = 4 };
  MzSamplerCalls calls
      = { .predict = predict_cb, .predict_data = &network, .noise = noise_cb, .noise_data = rng };
  gboolean to_zero = steps->sigmas[steps->n_steps] == 0;
  float x[4];

  g_assert_no_error (error);
  if (row == NULL || row->dialect == MZ_DIALECT_DIFFUSERS)
    g_assert_true (to_zero && steps->n_steps == n_asked);
  mz_rng_fill_normal (rng, x, 4);
  mz_sampler_start (sampler, 0, NULL, x, x);
  for (int i = 0; i < steps->n_steps; i++)
    {
      g_assert_true (mz_sampler_step (sampler, i, &calls, x, NULL, &error));
      g_assert_no_error (error);
    }
  for (int k = 0; k < 4; k++)
    g_assert_true (isfinite (x[k]) && fabsf (x[k]) < 100);
  if (to_zero)
    g_assert_cmpint (network.n_calls, ==, mz_sampler_count_evaluations (kind, steps->n_steps));
}

/* All samplers, schedules and numbers of steps up to 150. */
static void
test_sweep (void)
{
  gsize n_kinds, n_schedules;
  const MzSamplerKind *kinds = mz_sampler_kinds (&n_kinds);
  const MzSchedule *schedules = mz_schedules (&n_schedules);

  for (gsize k = 0; k < n_kinds; k++)
    for (gsize s = 0; s < n_schedules; s++)
      for (int n = 1; n <= 150; n++)
        check_run (&kinds[k], NULL, &schedules[s], n);
}

/* The same as other programs, at fewer numbers. */
static void
test_compatible_sweep (void)
{
  static const int counts[] = { 1, 2, 3, 7, 20, 30, 77, 150, 600, 999, 1000 };
  gsize n_kinds, n_schedules, n_rows;
  const MzSamplerKind *kinds = mz_sampler_kinds (&n_kinds);
  const MzSchedule *schedules = mz_schedules (&n_schedules);
  const MzCompatibility *rows = mz_compatibilities (&n_rows);

  for (gsize r = 0; r < n_rows; r++)
    if (r == 0 || rows[r].dialect != rows[r - 1].dialect)
      for (gsize k = 0; k < n_kinds; k++)
        for (gsize s = 0; s < n_schedules; s++)
          for (gsize c = 0; c < G_N_ELEMENTS (counts); c++)
            if (counts[c] <= 150 || (k + s) % 5 == 0)
              check_run (&kinds[k], &rows[r], &schedules[s], counts[c]);
}

int
main (int argc, char **argv)
{
  MzSchedulerConfig config = config_scaled ();
  int result;

  g_test_init (&argc, &argv, NULL);
  noise = mz_noise_schedule_new (&config, NULL);
  g_test_add_func ("/sampler-exact/order", test_order);
  g_test_add_func ("/sampler-exact/end", test_end);
  g_test_add_func ("/sampler-exact/sweep", test_sweep);
  g_test_add_func ("/sampler-exact/compatible-sweep", test_compatible_sweep);
  result = g_test_run ();
  mz_noise_schedule_free (noise);
  return result;
}
