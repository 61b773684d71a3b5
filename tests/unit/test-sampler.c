/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tests of diffusion/sampler.h: trajectories against diffusers with a fixed network, and what must hold for
 * any sampler, schedule and number of steps. */
#include "diffusion-configs.h"
#include "diffusion/rng.h"
#include "diffusion/sampler.h"
#include "golden.h"

#include <math.h>

#define N 64
/* Relative to the largest value compared, or 1. The largest found is printed; it was 1.4e-6 (50 steps of
 * float32), and 6.3e-6 with zero terminal SNR, where torch's own tables are rounded so
 * (test-noise-schedule.c). */
#define TOLERANCE 1e-5

static Golden *golden;
static double worst;

/* What a test's network does and saw. */
typedef struct
{
  gsize n;
  int n_calls;
  int fail_at;  /* the call that fails; -1: none */
  float poison; /* added to the output */
  float first_timestep;
} Network;

/* The fixed network of the golden data. */
static gboolean
predict_cb (gpointer user_data, const float *x, float timestep, float *model_output, GError **error)
{
  Network *network = user_data;

  if (network->n_calls == 0)
    network->first_timestep = timestep;
  if (network->n_calls++ == network->fail_at)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_CANCELLED, "Stopped.");
      return FALSE;
    }
  for (gsize k = 0; k < network->n; k++)
    model_output[k] = 0.3f * x[k] + 0.1f * sinf (x[k]) * (timestep / 1000) + network->poison;
  return TRUE;
}

static void
noise_cb (gpointer user_data, float *dst, gsize n)
{
  mz_rng_fill_normal (user_data, dst, n);
}

static const MzSamplerKind *
find (const char *id)
{
  g_autoptr (GError) error = NULL;
  const MzSamplerKind *kind = mz_sampler_find (id, &error);

  g_assert_no_error (error);
  return kind;
}

static MzSampler *
new_sampler (const char *id, const MzNoiseSchedule *noise, const char *schedule, int n_steps, double eta)
{
  g_autoptr (GError) error = NULL;
  const MzSchedule *row = schedule != NULL ? mz_schedule_find (schedule, &error) : NULL;
  MzSampler *sampler = mz_sampler_new (find (id), noise, row, n_steps, N, eta, &error);

  g_assert_no_error (error);
  g_assert_nonnull (sampler);
  return sampler;
}

static void
check_near (const float *mine, const float *theirs, gsize n)
{
  double size = 1;

  for (gsize k = 0; k < n; k++)
    size = MAX (size, fabs ((double) theirs[k]));
  for (gsize k = 0; k < n; k++)
    {
      double error = fabs ((double) mine[k] - (double) theirs[k]) / size;

      worst = MAX (worst, error);
      g_assert_cmpfloat (error, <, TOLERANCE);
    }
}

/* Runs seed 42 through all steps and compares each with the golden case. */
static void
check_trajectory (const char *case_name, MzSampler *sampler)
{
  int n_steps = mz_sampler_get_steps (sampler)->n_steps;
  const MzView *cleans_view = golden_find (golden, case_name, "cleans");
  g_autofree float *states = golden_floats (golden_get (golden, case_name, "states"));
  g_autofree float *cleans = cleans_view != NULL ? golden_floats (cleans_view) : NULL;
  g_autofree float *final = golden_floats (golden_get (golden, case_name, "final"));
  g_autoptr (MzRng) rng = mz_rng_new (NULL, 42);
  Network network = { .n = N, .fail_at = -1 };
  MzSamplerCalls calls = { predict_cb, &network, noise_cb, rng };
  float x[N], x0[N];

  mz_rng_fill_normal (rng, x, N);
  mz_sampler_start (sampler, 0, NULL, x, x);
  for (int i = 0; i < n_steps; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (mz_sampler_step (sampler, i, &calls, x, x0, &error));
      g_assert_no_error (error);
      check_near (x, states + 4 * i, 4);
      if (cleans != NULL)
        check_near (x0, cleans + 4 * i, 4);
    }
  check_near (x, final, N);
}

static MzSchedulerConfig
config_trailing_zero (void)
{
  MzSchedulerConfig config = config_scaled_zero ();

  config.timestep_spacing = MZ_SPACING_TRAILING;
  config.steps_offset = 0;
  return config;
}

static MzSchedulerConfig
config_clip (void)
{
  MzSchedulerConfig config = config_scaled ();

  config.clip_sample = TRUE;
  config.clip_sample_range = 0.5f;
  return config;
}

static MzSchedulerConfig
config_to_one (void)
{
  MzSchedulerConfig config = config_scaled ();

  config.set_alpha_to_one = TRUE;
  return config;
}

#define EPSILON (1 << MZ_PREDICTION_EPSILON)
#define V (1 << MZ_PREDICTION_V)
#define SAMPLE (1 << MZ_PREDICTION_SAMPLE)
#define ALL (EPSILON | V | SAMPLE)

/* The golden data's variants. eta -1: the sampler's default; predictions: what diffusers takes. */
static const struct
{
  const char *variant;
  const char *sampler;
  const char *schedule;
  MzSchedulerConfig (*config) (void);
  double eta;
  int predictions;
  int counts[8];
} trajectories[] = {
  { "ddim", "ddim", "model", config_scaled, -1, ALL, { 1, 2, 5, 20, 50 } },
  { "plms", "plms", "model", config_scaled, -1, EPSILON | V, { 1, 2, 5, 20, 50 } },
  { "euler", "euler", "model", config_scaled, -1, ALL, { 1, 2, 5, 20, 50 } },
  { "euler_a", "euler_a", "model", config_scaled, -1, EPSILON | V, { 1, 2, 5, 20, 50 } },
  { "dpmpp_2m", "dpmpp_2m", "model", config_scaled, -1, ALL, { 1, 2, 5, 20, 50 } },
  { "ddpm", "ddpm", "model", config_scaled, -1, ALL, { 1, 2, 5, 20, 50 } },
  { "ddim_eta", "ddim", "model", config_scaled, 0.7, ALL, { 1, 5, 20, 50 } },
  { "ddim_eta_one", "ddim", "model", config_scaled, 1, EPSILON, { 20 } },
  { "ddim_clip", "ddim", "model", config_clip, 0, ALL, { 20 } },
  { "ddim_to_one", "ddim", "model", config_to_one, 0, EPSILON, { 5, 20 } },
  { "ddim_cosine", "ddim", "model", config_cosine, 0, EPSILON, { 20 } },
  { "ddim_zero", "ddim", "model", config_trailing_zero, 0, V, { 5, 20 } },
  { "ddpm_clip", "ddpm", "model", config_clip, -1, ALL, { 20 } },
  { "ddpm_zero", "ddpm", "model", config_trailing_zero, -1, V, { 20 } },
  { "plms_to_one", "plms", "model", config_to_one, -1, EPSILON, { 5, 20 } },
  { "euler_zero", "euler", "model", config_trailing_zero, -1, V, { 20 } },
  { "euler_karras", "euler", "karras_spaced", config_scaled, -1, ALL, { 1, 5, 20 } },
  { "dpmpp_2m_karras", "dpmpp_2m", "karras_spaced", config_scaled, -1, ALL, { 1, 5, 10, 14, 15, 20, 50 } },
  { "dpmpp_2m_zero", "dpmpp_2m", "model", config_trailing_zero, -1, V, { 20 } },
};

static void
test_trajectories (void)
{
  static const char *const predictions[] = { "epsilon", "v_prediction", "sample" };

  for (gsize k = 0; k < G_N_ELEMENTS (trajectories); k++)
    {
      worst = 0;
      for (MzPredictionType type = MZ_PREDICTION_EPSILON; type <= MZ_PREDICTION_SAMPLE; type++)
        for (int c = 0; trajectories[k].counts[c] > 0 && (trajectories[k].predictions & (1 << type)); c++)
          {
            int n_steps = trajectories[k].counts[c];
            g_autofree char *name
                = g_strdup_printf ("sampler.%s.%s.%d", trajectories[k].variant, predictions[type], n_steps);
            MzSchedulerConfig config = trajectories[k].config ();
            g_autoptr (MzNoiseSchedule) noise = NULL;
            g_autoptr (MzSampler) sampler = NULL;

            config.prediction_type = type;
            noise = mz_noise_schedule_new (&config, NULL);
            sampler = new_sampler (trajectories[k].sampler, noise, trajectories[k].schedule, n_steps,
                                   trajectories[k].eta);
            check_trajectory (name, sampler);
          }
      g_test_message ("%s: largest relative error %.2g", trajectories[k].variant, worst);
    }
}

/* The first six samplers under diffusers' other spacings, with its quirks in them. */
static void
test_other_spacings (void)
{
  static const char *const spacings[] = { "linspace", "trailing" };
  static const char *const ids[] = { "ddim", "plms", "euler", "euler_a", "dpmpp_2m", "ddpm" };
  static const int counts[] = { 1, 2, 7, 20 };
  MzSchedulerConfig config = config_scaled ();
  g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&config, NULL);

  for (gsize s = 0; s < G_N_ELEMENTS (spacings); s++)
    for (gsize k = 0; k < G_N_ELEMENTS (ids); k++)
      {
        worst = 0;
        for (gsize c = 0; c < G_N_ELEMENTS (counts); c++)
          {
            g_autofree char *name
                = g_strdup_printf ("sampler.%s_%s.epsilon.%d", ids[k], spacings[s], counts[c]);
            g_autoptr (MzSampler) sampler = new_sampler (ids[k], noise, spacings[s], counts[c], -1);

            check_trajectory (name, sampler);
          }
        g_test_message ("%s %s: largest relative error %.2g", ids[k], spacings[s], worst);
      }
}

/* Runs all steps from seed, n elements wide with the seed's noise in each 64; returns the calls of the
 * network. */
static int
run (MzSampler *sampler, guint64 seed, float *x)
{
  g_autoptr (MzRng) rng = mz_rng_new (NULL, seed);
  Network network = { .n = N, .fail_at = -1 };
  MzSamplerCalls calls = { predict_cb, &network, noise_cb, rng };
  int n_steps = mz_sampler_get_steps (sampler)->n_steps;

  mz_rng_fill_normal (rng, x, N);
  mz_sampler_start (sampler, 0, NULL, x, x);
  for (int i = 0; i < n_steps; i++)
    {
      g_autoptr (GError) error = NULL;

      mz_sampler_step (sampler, i, &calls, x, NULL, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpfloat (network.first_timestep, ==, mz_sampler_get_steps (sampler)->timesteps[0]);
  return network.n_calls;
}

/* Every sampler, schedule and prediction type, few steps and the most: finite, the promised number of calls,
 * the same again. (test-sampler-exact.c takes every number of steps up to 150.) */
static void
test_all_counts (void)
{
  MzSchedulerConfig config = config_scaled ();
  gsize n_kinds, n_schedules;
  const MzSamplerKind *kinds = mz_sampler_kinds (&n_kinds);
  const MzSchedule *schedules = mz_schedules (&n_schedules);

  for (MzPredictionType type = MZ_PREDICTION_EPSILON; type <= MZ_PREDICTION_SAMPLE; type++)
    {
      g_autoptr (MzNoiseSchedule) noise = NULL;

      config.prediction_type = type;
      noise = mz_noise_schedule_new (&config, NULL);
      for (gsize k = 0; k < n_kinds; k++)
        for (gsize s = 0; s < n_schedules; s++)
          for (int n = 1; n <= 1000; n += n < 4 ? 1 : n < 20 ? 16 : 980)
            {
              g_autoptr (MzSampler) sampler = new_sampler (kinds[k].id, noise, schedules[s].id, n, -1);
              float x[N], again[N];

              g_assert_cmpint (run (sampler, 5, x), ==, mz_sampler_count_evaluations (&kinds[k], n));
              for (int e = 0; e < N; e++)
                g_assert_true (isfinite (x[e]));
              if (n > 20)
                continue;
              run (sampler, 5, again);
              g_assert_cmpmem (x, sizeof x, again, sizeof again);
            }
    }
}

/* Two generators side by side, one per picture. */
static void
batch_noise_cb (gpointer user_data, float *dst, gsize n)
{
  MzRng **rngs = user_data;

  mz_rng_fill_normal (rngs[0], dst, n / 2);
  mz_rng_fill_normal (rngs[1], dst + n / 2, n / 2);
}

/* Two pictures at once are, bit for bit, the two alone. */
static void
test_batch (void)
{
  MzSchedulerConfig config = config_scaled ();
  g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&config, NULL);
  gsize n_kinds;
  const MzSamplerKind *kinds = mz_sampler_kinds (&n_kinds);

  for (gsize k = 0; k < n_kinds; k++)
    {
      g_autoptr (MzRng) first = mz_rng_new (NULL, 10);
      g_autoptr (MzRng) second = mz_rng_new (NULL, 11);
      MzRng *rngs[] = { first, second };
      Network network = { .n = 2 * N, .fail_at = -1 };
      MzSamplerCalls calls = { predict_cb, &network, batch_noise_cb, rngs };
      g_autoptr (MzSampler) both = mz_sampler_new (&kinds[k], noise, NULL, 12, 2 * N, 0.5, NULL);
      g_autoptr (MzSampler) one = new_sampler (kinds[k].id, noise, NULL, 12, 0.5);
      float x[2 * N], alone[N];

      batch_noise_cb (rngs, x, 2 * N);
      mz_sampler_start (both, 0, NULL, x, x);
      for (int i = 0; i < 12; i++)
        g_assert_true (mz_sampler_step (both, i, &calls, x, NULL, NULL));
      run (one, 10, alone);
      g_assert_cmpmem (alone, sizeof alone, x, sizeof alone);
      run (one, 11, alone);
      g_assert_cmpmem (alone, sizeof alone, x + N, sizeof alone);
    }
}

/* A network that knows the picture (here: always says it is target) is followed to it by every sampler. */
static gboolean
oracle_cb (gpointer user_data, const float *x, float timestep, float *model_output, GError **error)
{
  const float *target = user_data;

  memcpy (model_output, target, N * sizeof (float));
  return TRUE;
}

static void
test_oracle (void)
{
  MzSchedulerConfig config = config_scaled ();
  g_autoptr (MzNoiseSchedule) noise = NULL;
  gsize n_kinds, n_schedules;
  const MzSamplerKind *kinds = mz_sampler_kinds (&n_kinds);
  const MzSchedule *schedules = mz_schedules (&n_schedules);
  float target[N];

  config.prediction_type = MZ_PREDICTION_SAMPLE;
  config.set_alpha_to_one = TRUE;
  noise = mz_noise_schedule_new (&config, NULL);
  for (int e = 0; e < N; e++)
    target[e] = (float) e / N - 0.3f;
  for (gsize k = 0; k < n_kinds; k++)
    for (gsize s = 0; s < n_schedules; s++)
      {
        g_autoptr (MzSampler) sampler = new_sampler (kinds[k].id, noise, schedules[s].id, 20, -1);
        g_autoptr (MzRng) rng = mz_rng_new (NULL, 3);
        MzSamplerCalls calls = { oracle_cb, target, noise_cb, rng };
        float x[N], x0[N];

        mz_rng_fill_normal (rng, x, N);
        mz_sampler_start (sampler, 0, NULL, x, x);
        for (int i = 0; i < 20; i++)
          {
            g_assert_true (mz_sampler_step (sampler, i, &calls, x, x0, NULL));
            g_assert_cmpmem (x0, sizeof x0, target, sizeof target);
          }
        worst = 0;
        for (int e = 0; e < N; e++)
          worst = MAX (worst, fabs ((double) x[e] - (double) target[e]));
        g_test_message ("%s %s: %g", kinds[k].id, schedules[s].id, worst);
        /* Exact but for rounding, except where diffusers' PLMS begins a step elsewhere than the last one
         * ended. */
        if (!g_str_equal (kinds[k].id, "plms") || !g_str_equal (schedules[s].id, "linspace"))
          g_assert_cmpfloat (worst, <, 1e-5);
      }
}

/* A step that is stopped leaves the state; taken again it goes on (without history, as after a resume). */
static void
test_cancel (void)
{
  MzSchedulerConfig config = config_scaled ();
  g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&config, NULL);
  gsize n_kinds;
  const MzSamplerKind *kinds = mz_sampler_kinds (&n_kinds);

  for (gsize k = 0; k < n_kinds; k++)
    for (int fail_at = 0; fail_at < 4; fail_at++)
      {
        g_autoptr (MzSampler) sampler = new_sampler (kinds[k].id, noise, NULL, 8, -1);
        g_autoptr (MzRng) rng = mz_rng_new (NULL, 1);
        Network network = { .n = N, .fail_at = fail_at };
        MzSamplerCalls calls = { predict_cb, &network, noise_cb, rng };
        g_autoptr (GError) error = NULL;
        float x[N], before[N];
        int i = 0;

        mz_rng_fill_normal (rng, x, N);
        mz_sampler_start (sampler, 0, NULL, x, x);
        do
          memcpy (before, x, sizeof x);
        while (mz_sampler_step (sampler, i, &calls, x, NULL, &error) && ++i < 8);
        g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
        g_assert_cmpmem (x, sizeof x, before, sizeof before);
        for (; i < 8; i++)
          g_assert_true (mz_sampler_step (sampler, i, &calls, x, NULL, NULL));
      }
}

/* Any step may be taken next: without history it is as if nothing had been between, and a sampler with
 * history starts it anew, as a fresh one would. */
static void
test_branch (void)
{
  static const struct
  {
    const char *id;
    gboolean has_history;
  } cases[] = { { "ddim", FALSE }, { "euler", FALSE }, { "dpmpp_2m", TRUE }, { "plms", TRUE } };
  MzSchedulerConfig config = config_scaled ();
  g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&config, NULL);
  Network network = { .n = N, .fail_at = -1 };
  MzSamplerCalls calls = { predict_cb, &network, NULL, NULL };

  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autoptr (MzSampler) used = new_sampler (cases[k].id, noise, NULL, 10, -1);
      g_autoptr (MzSampler) fresh = new_sampler (cases[k].id, noise, NULL, 10, -1);
      g_autoptr (MzRng) rng = mz_rng_new (NULL, 2);
      float whole[N], of_used[N], of_fresh[N];

      mz_rng_fill_normal (rng, whole, N);
      mz_sampler_start (used, 0, NULL, whole, whole);
      for (int i = 0; i < 10; i++)
        {
          if (i == 4)
            memcpy (of_used, whole, sizeof whole);
          g_assert_true (mz_sampler_step (used, i, &calls, whole, NULL, NULL));
        }
      memcpy (of_fresh, of_used, sizeof of_used);
      for (int i = 4; i < 10; i++)
        {
          g_assert_true (mz_sampler_step (used, i, &calls, of_used, NULL, NULL));
          g_assert_true (mz_sampler_step (fresh, i, &calls, of_fresh, NULL, NULL));
        }
      g_assert_cmpmem (of_used, sizeof of_used, of_fresh, sizeof of_fresh);
      g_assert_cmpint (memcmp (whole, of_fresh, sizeof whole) != 0, ==, cases[k].has_history);
    }
}

static void
test_errors (void)
{
  MzSchedulerConfig config = config_scaled ();
  g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&config, NULL);
  Network network = { .n = N, .fail_at = -1, .poison = NAN };
  MzSamplerCalls calls = { predict_cb, &network, NULL, NULL };
  static const struct
  {
    int n_steps;
    gsize n;
    double eta;
    int code;
    const char *mentions;
  } cases[] = {
    { 0, N, -1, MZ_ERROR_ARGUMENT, "steps is 0" },      { 1001, N, -1, MZ_ERROR_ARGUMENT, "1001" },
    { 20, N, 1.5, MZ_ERROR_ARGUMENT, "eta" },           { 20, N, NAN, MZ_ERROR_ARGUMENT, "eta" },
    { 20, G_MAXSIZE / 2, -1, MZ_ERROR_MEMORY, "DDIM" },
  };
  gsize n_kinds;
  const MzSamplerKind *kinds = mz_sampler_kinds (&n_kinds);

  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (
          mz_sampler_new (find ("ddim"), noise, NULL, cases[k].n_steps, cases[k].n, cases[k].eta, &error));
      g_assert_error (error, MZ_ERROR, cases[k].code);
      g_assert_nonnull (strstr (error->message, cases[k].mentions));
    }
  for (gsize k = 0; k < n_kinds; k++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MzSampler) sampler = new_sampler (kinds[k].id, noise, NULL, 20, 0);
      g_autoptr (MzRng) rng = mz_rng_new (NULL, 0);
      float x[N] = { 1 }, before[N] = { 1 };

      calls.noise = noise_cb;
      calls.noise_data = rng;
      g_assert_false (mz_sampler_step (sampler, 3, &calls, x, NULL, &error));
      g_assert_error (error, MZ_ERROR, MZ_ERROR_NONFINITE);
      g_assert_nonnull (strstr (error->message, "step 4 of 20"));
      g_assert_cmpmem (x, sizeof x, before, sizeof before);
    }
}

static void
test_table (void)
{
  MzSchedulerConfig config = config_scaled ();
  g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&config, NULL);
  g_autoptr (GError) error = NULL;
  gsize n_kinds;
  const MzSamplerKind *kinds = mz_sampler_kinds (&n_kinds);

  g_assert_cmpuint (n_kinds, >=, 6);
  for (gsize i = 0; i < n_kinds; i++)
    {
      const MzSamplerKind *row = &kinds[i];
      const char *names[] = { row->id, row->label, row->a1111, row->comfyui, row->sdcpp, row->diffusers };
      g_autoptr (MzSampler) quiet = new_sampler (row->id, noise, NULL, 10, 0);

      for (gsize k = 0; k < G_N_ELEMENTS (names); k++)
        if (names[k] != NULL)
          g_assert_true (mz_sampler_find (names[k], NULL) == row);
      g_assert_true (1 <= row->steps_min && row->steps_min <= row->steps_default);
      g_assert_true (row->steps_default <= row->steps_max && row->steps_max <= 1000);
      g_assert_nonnull (row->description);
      g_assert_nonnull (mz_schedule_find (row->default_schedule, NULL));
      g_assert_cmpint (mz_sampler_draws_noise (quiet), ==, row->adds_noise && !row->takes_eta);
    }
  g_assert_null (mz_sampler_find ("DPM++ 2N", &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "dpmpp_2m"));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  golden = golden_open ("diffusion.safetensors");
  g_test_add_func ("/sampler/trajectories", test_trajectories);
  g_test_add_func ("/sampler/other-spacings", test_other_spacings);
  g_test_add_func ("/sampler/all-counts", test_all_counts);
  g_test_add_func ("/sampler/batch", test_batch);
  g_test_add_func ("/sampler/oracle", test_oracle);
  g_test_add_func ("/sampler/cancel", test_cancel);
  g_test_add_func ("/sampler/branch", test_branch);
  g_test_add_func ("/sampler/errors", test_errors);
  g_test_add_func ("/sampler/table", test_table);
  result = g_test_run ();
  golden_free (golden);
  return result;
}
