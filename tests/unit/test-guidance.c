/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tests of diffusion/guidance.h's taming of guidance, against diffusers. */
#include "diffusion/guidance.h"
#include "golden.h"

#include <math.h>

static Golden *golden;

static void
test_rescale (void)
{
  static const struct
  {
    const char *name;
    double share;
  } cases[] = { { "rescale.0.0", 0 }, { "rescale.0.7", 0.7 }, { "rescale.1.0", 1 } };
  g_autofree float *cond = golden_floats (golden_get (golden, "rescale", "cond"));

  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autofree float *mine = golden_floats (golden_get (golden, "rescale", "guided"));
      g_autofree float *theirs = golden_floats (golden_get (golden, cases[k].name, "values"));

      mz_guidance_rescale (cond, cases[k].share, mine, 64);
      for (int e = 0; e < 64; e++)
        g_assert_cmpfloat_with_epsilon ((double) mine[e], (double) theirs[e], 2e-6);
    }
}

/* Nothing to scale by leaves all as it is. */
static void
test_rescale_flat (void)
{
  const float cond[] = { 1, 2, 3 };
  float flat[] = { 2, 2, 2 };

  mz_guidance_rescale (cond, 0.7, flat, 3);
  for (int e = 0; e < 3; e++)
    g_assert_cmpfloat (flat[e], ==, 2);
}

static void
test_threshold (void)
{
  static const struct
  {
    const char *name;
    double ratio, most;
  } cases[] = { { "usual", 0.9, 2.5 }, { "capped", 0.995, 1.5 }, { "clip", 0.995, 1 } };

  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autofree char *name = g_strconcat ("threshold.", cases[k].name, NULL);
      g_autofree float *mine = golden_floats (golden_get (golden, "rescale", "guided"));
      g_autofree float *theirs = golden_floats (golden_get (golden, name, "values"));

      mz_guidance_threshold (cases[k].ratio, cases[k].most, mine, 64);
      for (int e = 0; e < 64; e++)
        g_assert_cmpfloat_with_epsilon ((double) mine[e], (double) theirs[e], 5e-7);
    }
}

/* A quantile below 1 leaves what is within 1 alone. */
static void
test_threshold_small (void)
{
  float x0[] = { 0.5f, -0.25f, 1.5f, 0.125f }, one[] = { 3 };

  mz_guidance_threshold (0.5, 4, x0, 4);
  g_assert_cmpfloat (x0[0], ==, 0.5f);
  g_assert_cmpfloat (x0[1], ==, -0.25f);
  g_assert_cmpfloat (x0[2], ==, 1);
  g_assert_cmpfloat (x0[3], ==, 0.125f);
  mz_guidance_threshold (1, 4, one, 1);
  g_assert_cmpfloat (one[0], ==, 1);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  golden = golden_open ("samplers.safetensors");
  g_test_add_func ("/guidance/rescale", test_rescale);
  g_test_add_func ("/guidance/rescale-flat", test_rescale_flat);
  g_test_add_func ("/guidance/threshold", test_threshold);
  g_test_add_func ("/guidance/threshold-small", test_threshold_small);
  result = g_test_run ();
  golden_free (golden);
  return result;
}
