/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Several pictures' measures as one, the axes of plots, and the plot itself. */
#include "app/files/measurement.h"

#include <math.h>
#include <string.h>

#include "app/files/plot.h"

/* ---- Numbers ---- */

/* Picture i of n_timesteps; losses fall by `base` with time. */
static MzEvaluation *
make_evaluation (int i, int n_timesteps, double base)
{
  MzEvaluation *evaluation = g_new0 (MzEvaluation, 1);

  evaluation->mse = 0.001 * (i + 1);
  evaluation->psnr = 30 + i;
  evaluation->kl = 1000 * (i + 1);
  evaluation->kl_per_value = i + 1;
  evaluation->n_timesteps = n_timesteps;
  evaluation->n_train_timesteps = 1000;
  evaluation->timesteps = g_new (int, (gsize) n_timesteps);
  evaluation->losses = g_new (MzLoss, (gsize) n_timesteps);
  for (int t = 0; t < n_timesteps; t++)
    {
      evaluation->timesteps[t] = 1000 * t / n_timesteps;
      evaluation->losses[t] = (MzLoss){ base * (i + 1) / (t + 1), 2 * base * (i + 1) / (t + 1) };
    }
  evaluation->mean = (MzLoss){ base * (i + 1), 2 * base * (i + 1) };
  return evaluation;
}

static MezzotintMeasurement *
make_measurement (const char *name, int n_pictures, int n_timesteps, double base)
{
  MezzotintMeasurement *measurement = mezzotint_measurement_new (name, "v_prediction");

  for (int i = 0; i < n_pictures; i++)
    g_ptr_array_add (measurement->evaluations, make_evaluation (i, n_timesteps, base));
  return measurement;
}

static void
assert_spread (MezzotintSpread spread, double mean, double lowest, double highest)
{
  g_assert_cmpfloat_with_epsilon (spread.mean, mean, 1e-12 * fabs (mean));
  g_assert_cmpfloat (spread.lowest, ==, lowest);
  g_assert_cmpfloat (spread.highest, ==, highest);
}

static void
test_spreads (void)
{
  g_autoptr (MezzotintMeasurement) measurement = make_measurement ("a", 3, 4, 0.5);

  assert_spread (mezzotint_measurement_get_psnr (measurement), 31, 30, 32);
  assert_spread (mezzotint_measurement_get_mse (measurement), 0.002, 0.001, 0.003);
  assert_spread (mezzotint_measurement_get_kl (measurement), 2000, 1000, 3000);
  assert_spread (mezzotint_measurement_get_kl_per_value (measurement), 2, 1, 3);
  assert_spread (mezzotint_measurement_get_noise (measurement, -1), 1, 0.5, 1.5);
  assert_spread (mezzotint_measurement_get_own (measurement, -1), 2, 1, 3);
  assert_spread (mezzotint_measurement_get_noise (measurement, 1), 0.5, 0.25, 0.75);
  assert_spread (mezzotint_measurement_get_own (measurement, 3), 0.5, 0.25, 0.75);
}

/* ---- Axes ---- */

static char *
join_labels (const MezzotintPlotAxis *axis, int wanted)
{
  g_autoptr (GArray) ticks = mezzotint_plot_axis_ticks (axis, wanted);
  GString *labels = g_string_new (NULL);

  for (guint i = 0; i < ticks->len; i++)
    {
      g_autofree char *label = mezzotint_plot_axis_label (axis, g_array_index (ticks, double, i));

      g_string_append_printf (labels, "%s%s", i > 0 ? " " : "", label);
    }
  return g_string_free (labels, FALSE);
}

static void
test_axis_labels (void)
{
  static const struct
  {
    double low, high;
    gboolean logarithmic;
    const char *labels;
  } cases[] = {
    { 0, 1000, FALSE, "0 200 400 600 800 1000" }, { 33.1, 36.4, FALSE, "33 34 35 36 37" },
    { -0.3, 0.4, FALSE, "-0.4 -0.2 0 0.2 0.4" },  { 0.003, 1, TRUE, "0.001 0.01 0.1 1" },
    { 0.13, 0.8, TRUE, "0.1 0.2 0.5 1" },         { 1, 1, TRUE, "1 2 5 10" },
    { 1e-9, 20, TRUE, "1e-09 1e-06 0.001 1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      MezzotintPlotAxis axis;
      g_autofree char *labels = NULL;

      mezzotint_plot_axis_init (&axis, cases[i].low, cases[i].high, cases[i].logarithmic, 0, 100);
      labels = join_labels (&axis, 5);
      g_assert_cmpstr (labels, ==, cases[i].labels);
    }
}

/* Whatever the values: they lie on the axis, and its ticks rise within it. */
static void
test_axis_ranges (void)
{
  for (int i = 0; i < 2000; i++)
    {
      gboolean logarithmic = i % 2;
      double low
          = logarithmic ? pow (10, g_test_rand_double_range (-9, 9)) : g_test_rand_double_range (-1e6, 1e6);
      double high = i % 7 == 0 ? low : low + fabs (low) * pow (10, g_test_rand_double_range (-6, 6));
      MezzotintPlotAxis axis;
      g_autoptr (GArray) ticks = NULL;

      mezzotint_plot_axis_init (&axis, low, high, logarithmic, 300, 100);
      g_assert_cmpfloat (axis.low, <=, low + 1e-8 * fabs (low));
      g_assert_cmpfloat (axis.high, >=, high - 1e-8 * fabs (high));
      g_assert_cmpfloat (mezzotint_plot_axis_px (&axis, low), >=, mezzotint_plot_axis_px (&axis, high));
      g_assert_cmpfloat (mezzotint_plot_axis_px (&axis, low), <=, 300);
      g_assert_cmpfloat (mezzotint_plot_axis_px (&axis, high), >=, 100);
      ticks = mezzotint_plot_axis_ticks (&axis, 6);
      g_assert_cmpuint (ticks->len, >=, 2);
      g_assert_cmpuint (ticks->len, <=, 14);
      for (guint k = 1; k < ticks->len; k++)
        g_assert_cmpfloat (g_array_index (ticks, double, k), >, g_array_index (ticks, double, k - 1));
    }
}

/* ---- The plot ---- */

/* Pixels of just this colour. */
static int
count_color (const MzPicture *picture, const MezzotintPlotColor *color)
{
  const guint8 rgb[3]
      = { (guint8) lrint (color->r * 255), (guint8) lrint (color->g * 255), (guint8) lrint (color->b * 255) };
  int n = 0;

  for (int i = 0; i < picture->width * picture->height; i++)
    n += memcmp (picture->rgb + 3 * i, rgb, 3) == 0;
  return n;
}

static MzPicture *
plot (const MezzotintMeasurement *first, const MezzotintMeasurement *second, const char *subtitle)
{
  const MezzotintMeasurement *const both[] = { first, second };
  g_autoptr (GError) error = NULL;
  MzPicture *picture = mezzotint_measurement_plot (both, second != NULL ? 2 : 1, subtitle, &error);

  if (g_error_matches (error, MZ_ERROR, MZ_ERROR_MISSING))
    {
      g_test_skip (error->message);
      return NULL;
    }
  g_assert_no_error (error);
  return picture;
}

/* A curve for each model, in its colour, on white. */
static void
test_plot (void)
{
  static const MezzotintPlotColor white = { 1, 1, 1 };
  g_autoptr (MezzotintMeasurement) a = make_measurement ("a", 3, 20, 0.1),
                                   b = make_measurement ("b", 3, 20, 0.3);
  g_autoptr (MzPicture) one = plot (a, NULL, "words"), both = plot (a, b, "words");

  if (one == NULL)
    return;
  g_assert_cmpint (count_color (one, &white), >, one->width * one->height / 2);
  g_assert_cmpint (count_color (one, &mezzotint_plot_series[0]), >, 600);
  g_assert_cmpint (count_color (one, &mezzotint_plot_series[1]), ==, 0);
  g_assert_cmpint (count_color (both, &mezzotint_plot_series[0]), >, 600);
  g_assert_cmpint (count_color (both, &mezzotint_plot_series[1]), >, 600);
}

/* Names and numbers that nobody would choose. */
static void
test_plot_oddities (void)
{
  g_autofree char *name = g_strnfill (3000, 'W');
  g_autoptr (MezzotintMeasurement) tall = make_measurement (name, 1, 1, 1e12);
  g_autoptr (MezzotintMeasurement) flat = make_measurement ("نموذج\n\t<b>猫</b>", 1, 1000, 0);
  g_autoptr (MzPicture) both = plot (tall, flat, name), alone = plot (flat, NULL, "");

  if (both == NULL)
    return;
  g_assert_cmpint (count_color (both, &mezzotint_plot_series[0]), >, 0);
  g_assert_cmpint (count_color (alone, &mezzotint_plot_series[0]), >, 600);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/measurement/spreads", test_spreads);
  g_test_add_func ("/measurement/axis-labels", test_axis_labels);
  g_test_add_func ("/measurement/axis-ranges", test_axis_ranges);
  g_test_add_func ("/measurement/plot", test_plot);
  g_test_add_func ("/measurement/plot-oddities", test_plot_oddities);
  return g_test_run ();
}
