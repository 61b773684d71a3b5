/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tests of the noise of other programs: the CUDA generator, Brownian paths, variations, and what a row of
 * compatibility.h makes of them. */
#include "diffusion-configs.h"
#include "diffusion/brownian.h"
#include "diffusion/compatibility.h"
#include "diffusion/noise-source.h"
#include "diffusion/rng.h"
#include "diffusion/seed-sequence.h"
#include "diffusion/variation.h"
#include "golden.h"

#include <math.h>

static Golden *golden;

static const MzRngKind *
cuda (void)
{
  return mz_rng_kind_find ("torch-cuda", NULL);
}

/* Values that A1111's NV generator shows, as printed to six decimals (2 pi 2^-32 there to eight digits). */
static void
test_cuda_values (void)
{
  static const double of_0[] = { -0.924663, -0.425344, -2.643846, 0.145184, -0.120867, -0.579726 };
  static const double of_0_again[] = { 0.180826, -0.552263, 0.923813, -0.73497 };
  static const double of_42[] = { 0.194019, 2.161374, -0.172051, 0.84906, -1.924399, 0.652985 };
  g_autoptr (MzRng) rng = mz_rng_new (cuda (), 0);
  float mine[6];

  mz_rng_fill_normal (rng, mine, 6);
  for (int k = 0; k < 6; k++)
    g_assert_cmpfloat_with_epsilon ((double) mine[k], of_0[k], 1e-6);
  mz_rng_fill_normal (rng, mine, 4);
  for (int k = 0; k < 4; k++)
    g_assert_cmpfloat_with_epsilon ((double) mine[k], of_0_again[k], 1e-6);
  mz_rng_reseed (rng, 42);
  mz_rng_fill_normal (rng, mine, 6);
  for (int k = 0; k < 6; k++)
    g_assert_cmpfloat_with_epsilon ((double) mine[k], of_42[k], 1e-6);
}

/* A GPU of 512 threads: draws of up to 512 values are as any, larger ones take each thread's other normals
 * and then its next block. */
static void
test_cuda_gpu_size (void)
{
  const gsize n = 2048 + 300;
  g_autofree float *small = g_new (float, n);
  g_autofree float *next = g_new (float, n);
  g_autofree float *large = g_new (float, n);
  g_autoptr (MzRng) rng = mz_rng_new (cuda (), 7);
  g_autoptr (MzRng) unlimited = mz_rng_new (cuda (), 7);
  double sum = 0, squares = 0, across = 0;

  mz_rng_set_gpu_threads (rng, 600); /* two blocks of 256, and a remainder that holds none */
  mz_rng_fill_normal (unlimited, large, n);
  mz_rng_fill_normal (rng, small, 512);
  g_assert_cmpmem (small, 512 * sizeof *small, large, 512 * sizeof *large);

  mz_rng_reseed (rng, 7);
  mz_rng_reseed (unlimited, 7);
  mz_rng_fill_normal (rng, small, n);
  mz_rng_fill_normal (unlimited, large, 512);
  mz_rng_fill_normal (unlimited, next, 512);
  g_assert_cmpmem (small, 512 * sizeof *small, large, 512 * sizeof *large);
  g_assert_cmpmem (small + 2048, 300 * sizeof *small, next, 300 * sizeof *next);
  /* That draw has used two blocks. */
  mz_rng_fill_normal (rng, large, 10);
  mz_rng_fill_normal (unlimited, next, 10);
  g_assert_cmpmem (large, 10 * sizeof *large, next, 10 * sizeof *next);
  for (int k = 0; k < 512; k++)
    {
      double a = (double) small[k], b = (double) small[512 + k];

      sum += b;
      squares += b * b;
      across += a * b;
    }
  /* Three deviations of the means of 512. */
  g_assert_cmpfloat (fabs (sum / 512), <, 0.14);
  g_assert_cmpfloat (fabs (squares / 512 - 1), <, 0.19);
  g_assert_cmpfloat (fabs (across / 512), <, 0.14);
}

/* numpy.random.SeedSequence (42, pool_size=24).generate_state (3), and with spawn_key (5, 3). */
static void
test_seed_sequence (void)
{
  static const guint64 spawn_key[] = { 5, 3 };
  static const guint32 of_42[] = { 387750627U, 2536650517U, 4078839648U };
  static const guint32 of_42_spawned[] = { 3084123560U, 468215949U, 242942938U, 2650128260U };
  static const guint32 of_large[] = { 568400070U, 1122400102U, 589897749U, 1923377204U };
  guint32 words[4];

  mz_seed_sequence (42, NULL, 0, words, 3);
  g_assert_cmpmem (words, 3 * sizeof *words, of_42, sizeof of_42);
  mz_seed_sequence (42, spawn_key, 2, words, 4);
  g_assert_cmpmem (words, sizeof words, of_42_spawned, sizeof of_42_spawned);
  mz_seed_sequence (G_GUINT64_CONSTANT (1099511640121), spawn_key, 2, words, 4);
  g_assert_cmpmem (words, sizeof words, of_large, sizeof of_large);
}

static const struct
{
  float from, to;
} queries[] = {
  { 14.5f, 9.0f },       { 9.0f, 3.25f },     { 14.5f, 3.25f }, { 3.25f, 0.75f },  { 0.75f, 0.1234567f },
  { 0.1234567f, 0.03f }, { 2.0f, 1.999999f }, { 0.03f, 14.5f }, { 7.25f, 3.625f },
};

/* torchsde's tree, asked as k-diffusion asks it. */
static void
test_path (void)
{
  static const struct
  {
    const char *name;
    guint64 seed;
  } seeds[] = { { "0", 0 }, { "42", 42 }, { "big", (G_GUINT64_CONSTANT (1) << 40) + 12345 } };
  static const gsize sizes[] = { 5, 16, 20 };
  double worst = 0;

  for (gsize s = 0; s < G_N_ELEMENTS (seeds); s++)
    for (gsize k = 0; k < G_N_ELEMENTS (sizes); k++)
      {
        g_autofree char *name = g_strdup_printf ("path.%s.%" G_GSIZE_FORMAT, seeds[s].name, sizes[k]);
        g_autofree float *theirs = golden_floats (golden_get (golden, name, "values"));
        g_autoptr (MzBrownian) path
            = mz_brownian_new (NULL, seeds[s].seed, 0, sizes[k], (double) 0.03f, 14.5, NULL);
        float mine[20];

        for (gsize q = 0; q < G_N_ELEMENTS (queries); q++)
          {
            mz_brownian_fill (path, (double) queries[q].from, (double) queries[q].to, mine);
            for (gsize e = 0; e < sizes[k]; e++)
              worst = MAX (worst, fabs ((double) mine[e] - (double) theirs[q * sizes[k] + e]));
          }
      }
  g_test_message ("largest error %.2g", worst);
  /* Each of some 25 nodes down adds a rounding of a value of 4 or its generator's 2e-7. */
  g_assert_cmpfloat (worst, <, 5e-6);
}

/* Of one path: increments add up, whatever was asked before and with however few places for nodes, and are as
 * normally distributed as they should. */
static void
test_path_consistency (void)
{
  const gsize n = 4096;
  g_autofree float *whole = g_new (float, n);
  g_autofree float *first = g_new (float, n);
  g_autofree float *second = g_new (float, n);
  g_autofree float *again = g_new (float, n);
  g_autoptr (MzBrownian) path = mz_brownian_new (NULL, 5, 0, n, 0.03, 14.6, NULL);
  double squares = 0, across = 0;

  mz_brownian_fill (path, 6.0, 1.0, whole);
  mz_brownian_fill (path, 6.0, 2.345678, first);
  mz_brownian_fill (path, 2.345678, 1.0, second);
  for (gsize k = 0; k < n; k++)
    {
      double sum = (double) first[k] * sqrt (6.0 - 2.345678) + (double) second[k] * sqrt (2.345678 - 1.0);

      g_assert_cmpfloat_with_epsilon (sum, (double) whole[k] * sqrt (5.0), 1e-5);
      squares += (double) first[k] * (double) first[k];
      across += (double) first[k] * (double) second[k];
    }
  g_assert_cmpfloat_with_epsilon (squares / (double) n, 1, 3 * sqrt (2.0 / 4096));
  g_assert_cmpfloat_with_epsilon (across / (double) n, 0, 3 * sqrt (1.0 / 4096));

  /* Backwards is the negative; nothing is nothing; beyond the ends is the ends. */
  mz_brownian_fill (path, 1.0, 6.0, again);
  for (gsize k = 0; k < n; k++)
    g_assert_cmpfloat (again[k], ==, -whole[k]);
  mz_brownian_fill (path, 2.0, 2.0, again);
  g_assert_cmpfloat (again[17], ==, 0);
  for (int k = 0; k < 60; k++)
    mz_brownian_fill (path, 14.6 - 0.2 * k, 14.4 - 0.2 * k, again);
  mz_brownian_fill (path, 6.0, 1.0, again);
  g_assert_cmpmem (again, n * sizeof *again, whole, n * sizeof *whole);
}

static void
test_path_memory (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mz_brownian_new (NULL, 0, 0, G_MAXSIZE / 2, 0.03, 14.6, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
}

static void
test_variation (void)
{
  static const char *const names[] = { "variation.apart", "variation.near" };

  for (int k = 0; k < 2; k++)
    {
      g_autofree float *from = golden_floats (golden_get (golden, names[k], "from"));
      g_autofree float *to = golden_floats (golden_get (golden, names[k], "to"));
      g_autofree float *mixed = golden_floats (golden_get (golden, names[k], "mixed"));
      float mine[24];

      mz_variation_mix (0.3, from, to, 2, 4, 3, TRUE, mine);
      for (int e = 0; e < 24; e++)
        g_assert_cmpfloat_with_epsilon ((double) mine[e], (double) mixed[e], 1e-6);
      mz_variation_mix (0, from, to, 2, 4, 3, FALSE, mine);
      for (int e = 0; e < 24; e++)
        g_assert_cmpfloat_with_epsilon ((double) mine[e], (double) from[e], 1e-6);
      mz_variation_mix (1, from, to, 2, 4, 3, FALSE, mine);
      for (int e = 0; e < 24; e++)
        g_assert_cmpfloat_with_epsilon ((double) mine[e], (double) to[e], 1e-6);
    }
}

/* What each row starts from, steps with and scales by. */
static void
test_rows (void)
{
  static const struct
  {
    const char *id;
    const char *rng, *step_rng;
    double euler_scale; /* of Karras' start */
    gboolean continues; /* the steps go on where the start left the generator */
    gboolean has_path;
  } cases[] = {
    { "diffusers", "torch-cpu", "torch-cpu", 14.61465, TRUE, FALSE },
    { "a1111-gpu", "torch-cuda", "torch-cuda", 14.61465, TRUE, TRUE },
    { "a1111-cpu", "torch-cpu", "torch-cpu", 14.61465, TRUE, TRUE },
    { "a1111-nv", "torch-cuda", "torch-cuda", 14.61465, TRUE, TRUE },
    { "comfyui", "torch-cpu", "torch-cuda", 14.64882, FALSE, TRUE },
  };
  const gsize n = 4 * 8 * 8;
  MzSchedulerConfig config = config_scaled ();
  g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&config, NULL);
  gsize n_rows;

  mz_compatibilities (&n_rows);
  g_assert_cmpuint (n_rows, ==, G_N_ELEMENTS (cases));
  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      const MzCompatibility *row = mz_compatibility_find (cases[k].id, NULL);
      const MzSeeds seeds = { .seed = 42 };
      g_autoptr (MzNoiseSource) source = mz_noise_source_new (row, &seeds, 4, 8, 8, NULL);
      g_autoptr (MzRng) rng = mz_rng_new (mz_rng_kind_find (cases[k].rng, NULL), 42);
      g_autoptr (MzRng) step_rng = mz_rng_new (mz_rng_kind_find (cases[k].step_rng, NULL), 42);
      g_autoptr (MzSampler) sampler = mz_sampler_new_as (mz_sampler_find ("euler_a", NULL), row, noise,
                                                         mz_schedule_find ("karras", NULL), 10, n, -1, NULL);
      MzSamplerCalls calls = { 0 };
      float mine[256], theirs[256];

      g_assert_cmpfloat_with_epsilon (mz_sampler_get_start_scale (sampler, 0), cases[k].euler_scale, 1e-4);
      mz_noise_source_fill_start (source, mine);
      mz_rng_fill_normal (rng, theirs, n);
      g_assert_cmpmem (mine, sizeof mine, theirs, sizeof theirs);
      g_assert_true (mz_noise_source_connect (source, mz_sampler_get_steps (sampler), 0, &calls, NULL));
      calls.noise (calls.noise_data, mine, n);
      mz_rng_fill_normal (cases[k].continues ? rng : step_rng, theirs, n);
      g_assert_cmpmem (mine, sizeof mine, theirs, sizeof theirs);
      g_assert_cmpint (calls.noise_between != NULL, ==, cases[k].has_path);
      if (calls.noise_between != NULL)
        calls.noise_between (calls.noise_between_data, 5, 3, mine, n);
    }
}

/* Variation and A1111's ENSD; out of range is refused. */
static void
test_seeds (void)
{
  const MzCompatibility *row = mz_compatibility_find ("A1111, CPU", NULL);
  MzSeeds seeds = { .seed = 1, .variation_seed = 2, .variation_strength = 1, .step_seed_delta = 31337 };
  g_autoptr (MzNoiseSource) source = mz_noise_source_new (row, &seeds, 4, 2, 2, NULL);
  g_autoptr (MzRng) other = mz_rng_new (NULL, 2);
  g_autoptr (MzRng) steps_rng = mz_rng_new (NULL, 31338);
  g_autoptr (GError) error = NULL;
  MzSchedulerConfig config = config_scaled ();
  g_autoptr (MzNoiseSchedule) noise = mz_noise_schedule_new (&config, NULL);
  g_autoptr (MzSteps) steps
      = mz_steps_new (mz_schedule_find ("karras", NULL), noise, MZ_STEP_RULE_EULER, 4, NULL);
  MzSamplerCalls calls = { 0 };
  float mine[16], theirs[16];

  mz_noise_source_fill_start (source, mine);
  mz_rng_fill_normal (other, theirs, 16);
  for (int k = 0; k < 16; k++)
    g_assert_cmpfloat_with_epsilon ((double) mine[k], (double) theirs[k], 1e-6);
  g_assert_true (mz_noise_source_connect (source, steps, 0, &calls, NULL));
  calls.noise (calls.noise_data, mine, 16);
  mz_rng_fill_normal (steps_rng, theirs, 16);
  g_assert_cmpmem (mine, sizeof mine, theirs, sizeof theirs);

  seeds.variation_strength = 1.5;
  g_assert_null (mz_noise_source_new (row, &seeds, 4, 2, 2, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (mz_compatibility_find ("a1111-gpv", &error));
  g_assert_nonnull (strstr (error->message, "a1111-gpu"));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  golden = golden_open ("samplers.safetensors");
  g_test_add_func ("/noise-source/cuda-values", test_cuda_values);
  g_test_add_func ("/noise-source/cuda-gpu-size", test_cuda_gpu_size);
  g_test_add_func ("/noise-source/seed-sequence", test_seed_sequence);
  g_test_add_func ("/noise-source/path", test_path);
  g_test_add_func ("/noise-source/path-consistency", test_path_consistency);
  g_test_add_func ("/noise-source/path-memory", test_path_memory);
  g_test_add_func ("/noise-source/variation", test_variation);
  g_test_add_func ("/noise-source/rows", test_rows);
  g_test_add_func ("/noise-source/seeds", test_seeds);
  result = g_test_run ();
  golden_free (golden);
  return result;
}
