/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tests of diffusion/rng.h against torch.randn. */
#include "diffusion/rng.h"
#include "golden.h"

#include <math.h>

/* One rounding of a value of 4; the bar of "within 1e-6 of torch" with room. Torch's vectorised logarithm and
 * sines are good to that; 2.4e-7 was the largest found. */
#define TOLERANCE 4.8e-7

static Golden *golden;
static double worst;

static void
check_near (const float *mine, const float *theirs, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      double error = fabs ((double) mine[i] - (double) theirs[i]);

      worst = MAX (worst, error);
      g_assert_cmpfloat (error, <, TOLERANCE);
    }
}

static const struct
{
  const char *name;
  guint64 seed;
} seeds[] = {
  { "0", 0 },
  { "42", 42 },
  { "2p32p42", (G_GUINT64_CONSTANT (1) << 32) + 42 },
  { "max", G_MAXUINT64 },
  { "big", G_GUINT64_CONSTANT (123456789012345) },
};

static void
test_short_draws (void)
{
  static const gsize sizes[] = { 5, 16, 20 };

  for (gsize s = 0; s < G_N_ELEMENTS (seeds); s++)
    for (gsize k = 0; k < G_N_ELEMENTS (sizes); k++)
      {
        g_autofree char *name = g_strdup_printf ("rng.%s.%" G_GSIZE_FORMAT, seeds[s].name, sizes[k]);
        g_autofree float *theirs = golden_floats (golden_get (golden, name, "values"));
        g_autoptr (MzRng) rng = mz_rng_new (NULL, seeds[s].seed);
        float mine[20];

        mz_rng_fill_normal (rng, mine, sizes[k]);
        check_near (mine, theirs, sizes[k]);
      }
}

static void
test_latent_draw (void)
{
  const gsize n = 16384;
  g_autofree float *mine = g_new (float, n);

  for (gsize s = 0; s < G_N_ELEMENTS (seeds); s++)
    {
      g_autofree char *name = g_strdup_printf ("rng.%s.16384", seeds[s].name);
      g_autofree float *head = golden_floats (golden_get (golden, name, "head"));
      g_autofree float *tail = golden_floats (golden_get (golden, name, "tail"));
      g_autofree float *sums = golden_floats (golden_get (golden, name, "sums"));
      g_autoptr (MzRng) rng = mz_rng_new (NULL, seeds[s].seed);
      double sum = 0, squares = 0;

      mz_rng_fill_normal (rng, mine, n);
      check_near (mine, head, 32);
      check_near (mine + n - 32, tail, 32);
      for (gsize i = 0; i < n; i++)
        {
          sum += (double) mine[i];
          squares += (double) mine[i] * (double) mine[i];
        }
      /* 16384 errors below 1e-7 each, and the sums' own rounding to float. */
      g_assert_cmpfloat_with_epsilon (sum, (double) sums[0], 2e-3);
      g_assert_cmpfloat_with_epsilon (squares, (double) sums[1], 4e-3);
    }
}

/* Values as people know them from PyTorch. */
static void
test_familiar_values (void)
{
  static const double of_0[] = { -1.1258, -1.1524, -0.2506, -0.4339, 0.8487, 0.6920 };
  static const double of_42[] = { 1.9269, 1.4873, 0.9007, -2.1055, 0.6784, -1.2345 };
  g_autofree float *mine = g_new (float, 16384);
  g_autoptr (MzRng) rng = mz_rng_new (NULL, 0);

  mz_rng_fill_normal (rng, mine, 16384);
  for (int i = 0; i < 6; i++)
    g_assert_cmpfloat_with_epsilon ((double) mine[i], of_0[i], 5.1e-5);
  mz_rng_reseed (rng, 42);
  mz_rng_fill_normal (rng, mine, 16384);
  for (int i = 0; i < 6; i++)
    g_assert_cmpfloat_with_epsilon ((double) mine[i], of_42[i], 5.1e-5);
}

/* Draws of all kinds one after the other: the kept value survives wide draws, a ragged end is drawn twice. */
static void
test_successive_draws (void)
{
  static const gsize sizes[] = { 5, 16, 3, 20, 1, 2, 100, 7, 16 };
  g_autofree float *theirs = golden_floats (golden_get (golden, "rng.sequence", "values"));
  g_autoptr (MzRng) rng = mz_rng_new (NULL, 42);
  float mine[100];
  gsize at = 0;

  for (gsize k = 0; k < G_N_ELEMENTS (sizes); k++)
    {
      mz_rng_fill_normal (rng, mine, sizes[k]);
      check_near (mine, theirs + at, sizes[k]);
      at += sizes[k];
    }
  g_test_message ("largest error of all draws: %g", worst);
}

static void
test_copy (void)
{
  g_autoptr (MzRng) rng = mz_rng_new (NULL, 7);
  g_autoptr (MzRng) copy = NULL;
  float before[21], a[37], b[37];

  mz_rng_fill_normal (rng, before, 21);
  mz_rng_fill_normal (rng, before, 3);
  copy = mz_rng_copy (rng);
  for (int k = 0; k < 40; k++) /* past the 624 words of a round */
    {
      mz_rng_fill_normal (rng, a, 37);
      mz_rng_fill_normal (copy, b, 37);
      g_assert_cmpmem (a, sizeof a, b, sizeof b);
    }
  mz_rng_reseed (copy, 7);
  mz_rng_fill_normal (copy, b, 21);
  mz_rng_reseed (rng, 7);
  mz_rng_fill_normal (rng, a, 21);
  g_assert_cmpmem (a, 21 * sizeof *a, b, 21 * sizeof *b);
}

static void
test_table (void)
{
  g_autoptr (GError) error = NULL;
  gsize n;
  const MzRngKind *kinds = mz_rng_kinds (&n);

  for (gsize i = 0; i < n; i++)
    {
      g_assert_true (mz_rng_kind_find (kinds[i].id, NULL) == &kinds[i]);
      g_assert_true (mz_rng_kind_find (kinds[i].label, NULL) == &kinds[i]);
    }
  g_assert_null (mz_rng_kind_find ("torch-cpi", &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "torch-cpu"));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  golden = golden_open ("diffusion.safetensors");
  g_test_add_func ("/rng/short-draws", test_short_draws);
  g_test_add_func ("/rng/latent-draw", test_latent_draw);
  g_test_add_func ("/rng/familiar-values", test_familiar_values);
  g_test_add_func ("/rng/successive-draws", test_successive_draws);
  g_test_add_func ("/rng/copy", test_copy);
  g_test_add_func ("/rng/table", test_table);
  result = g_test_run ();
  golden_free (golden);
  return result;
}
