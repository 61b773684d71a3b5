/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The plot of a measurement: losses over timesteps at the left, the autoencoder's two numbers at the right,
 * where each picture is a dot. */
#include <glib/gi18n.h>

#include "app/files/measurement.h"
#include "app/files/plot.h"

/* px */
#define PAGE_WIDTH 1200
#define PAGE_HEIGHT 720
#define MARGIN 36
#define LEFT 104
#define SPLIT 800
#define TOP 128
#define BOTTOM (PAGE_HEIGHT - 84)
#define STRIP_LEFT 868
#define STRIP_HEIGHT 150
#define TEXT_PX 15

/* Nothing smaller is told apart from 0 on a logarithmic axis. */
#define SMALLEST_LOSS 1e-9

typedef struct
{
  cairo_t *cr;
  const MezzotintMeasurement *const *measurements;
  gsize n;
} Plot;

static int
n_timesteps (const MezzotintMeasurement *measurement)
{
  return ((const MzEvaluation *) g_ptr_array_index (measurement->evaluations, 0))->n_timesteps;
}

static int
timestep (const MezzotintMeasurement *measurement, int index)
{
  return ((const MzEvaluation *) g_ptr_array_index (measurement->evaluations, 0))->timesteps[index];
}

/* ---- Axes with their lines and numbers ---- */

static void
draw_line (cairo_t *cr, double x0, double y0, double x1, double y1)
{
  cairo_move_to (cr, x0, y0);
  cairo_line_to (cr, x1, y1);
  cairo_stroke (cr);
}

/* Lines across from top_px to bottom_px, numbers below. */
static void
draw_x_axis (cairo_t *cr, const MezzotintPlotAxis *axis, int n_ticks, double top_px, double bottom_px)
{
  g_autoptr (GArray) ticks = mezzotint_plot_axis_ticks (axis, n_ticks);

  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < ticks->len; i++)
    {
      double tick = g_array_index (ticks, double, i), x = mezzotint_plot_axis_px (axis, tick);
      g_autofree char *label = mezzotint_plot_axis_label (axis, tick);

      mezzotint_plot_set_color (cr, &mezzotint_plot_grid, 1);
      draw_line (cr, x, top_px, x, bottom_px);
      mezzotint_plot_set_color (cr, &mezzotint_plot_faint, 1);
      mezzotint_plot_text (cr, label, x, bottom_px + 16, 0.5, TEXT_PX - 1, FALSE, 100);
    }
}

static void
draw_y_axis (cairo_t *cr, const MezzotintPlotAxis *axis, int n_ticks, double left_px, double right_px)
{
  g_autoptr (GArray) ticks = mezzotint_plot_axis_ticks (axis, n_ticks);

  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < ticks->len; i++)
    {
      double tick = g_array_index (ticks, double, i), y = mezzotint_plot_axis_px (axis, tick);
      g_autofree char *label = mezzotint_plot_axis_label (axis, tick);

      mezzotint_plot_set_color (cr, &mezzotint_plot_grid, 1);
      draw_line (cr, left_px, y, right_px, y);
      mezzotint_plot_set_color (cr, &mezzotint_plot_faint, 1);
      mezzotint_plot_text (cr, label, left_px - 10, y, 1, TEXT_PX - 1, FALSE, 100);
    }
}

static void
draw_upwards (cairo_t *cr, const char *text, double x, double y, double max_px)
{
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_rotate (cr, -G_PI / 2);
  mezzotint_plot_text (cr, text, 0, 0, 0.5, TEXT_PX, FALSE, max_px);
  cairo_restore (cr);
}

/* ---- Losses over timesteps ---- */

/* The extent of all losses, 1 included: what predicting no noise gives. */
static void
find_loss_range (const Plot *plot, double *low, double *high, int *n_train)
{
  *low = *high = 1;
  *n_train = 1;
  for (gsize m = 0; m < plot->n; m++)
    {
      const MzEvaluation *first = g_ptr_array_index (plot->measurements[m]->evaluations, 0);

      *n_train = MAX (*n_train, first->n_train_timesteps);
      for (int i = 0; i < first->n_timesteps; i++)
        {
          MezzotintSpread spread = mezzotint_measurement_get_noise (plot->measurements[m], i);

          *low = MIN (*low, MAX (spread.lowest, SMALLEST_LOSS));
          *high = MAX (*high, spread.highest);
        }
    }
}

/* From the best picture's loss to the worst's. */
static void
draw_band (cairo_t *cr,
           const MezzotintMeasurement *measurement,
           const MezzotintPlotAxis *x_axis,
           const MezzotintPlotAxis *y_axis)
{
  int n = n_timesteps (measurement);

  for (int i = 0; i < 2 * n; i++)
    {
      int k = i < n ? i : 2 * n - 1 - i;
      MezzotintSpread spread = mezzotint_measurement_get_noise (measurement, k);

      cairo_line_to (cr, mezzotint_plot_axis_px (x_axis, timestep (measurement, k)),
                     mezzotint_plot_axis_px (y_axis, i < n ? spread.lowest : spread.highest));
    }
  cairo_close_path (cr);
  cairo_fill (cr);
}

static void
draw_curve (cairo_t *cr,
            const MezzotintMeasurement *measurement,
            const MezzotintPlotAxis *x_axis,
            const MezzotintPlotAxis *y_axis)
{
  int n = n_timesteps (measurement);

  cairo_set_line_width (cr, 2.5);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (int i = 0; i < n; i++)
    cairo_line_to (cr, mezzotint_plot_axis_px (x_axis, timestep (measurement, i)),
                   mezzotint_plot_axis_px (y_axis, mezzotint_measurement_get_noise (measurement, i).mean));
  cairo_stroke (cr);
  for (int i = 0; i < n && n <= 60; i++)
    {
      cairo_arc (cr, mezzotint_plot_axis_px (x_axis, timestep (measurement, i)),
                 mezzotint_plot_axis_px (y_axis, mezzotint_measurement_get_noise (measurement, i).mean), 3.5,
                 0, 2 * G_PI);
      cairo_fill (cr);
    }
}

/* What a network scores that predicts no noise at all. */
static void
draw_ignorance (cairo_t *cr, const MezzotintPlotAxis *y_axis)
{
  static const double dashes[] = { 6, 5 };
  double y = mezzotint_plot_axis_px (y_axis, 1);

  mezzotint_plot_set_color (cr, &mezzotint_plot_faint, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_set_dash (cr, dashes, 2, 0);
  draw_line (cr, LEFT, y, SPLIT, y);
  cairo_set_dash (cr, NULL, 0, 0);
  mezzotint_plot_text (cr, _ ("1: predicting no noise"), SPLIT - 6, y + 13, 1, TEXT_PX - 2, FALSE, 300);
}

static void
draw_losses (const Plot *plot)
{
  cairo_t *cr = plot->cr;
  MezzotintPlotAxis x_axis, y_axis;
  double low, high;
  int n_train;
  g_autofree char *label = NULL;

  find_loss_range (plot, &low, &high, &n_train);
  mezzotint_plot_axis_init (&x_axis, 0, n_train, FALSE, LEFT, SPLIT);
  mezzotint_plot_axis_init (&y_axis, low, high, TRUE, BOTTOM, TOP);
  draw_x_axis (cr, &x_axis, 10, TOP, BOTTOM);
  draw_y_axis (cr, &y_axis, 9, LEFT, SPLIT);
  draw_ignorance (cr, &y_axis);
  for (gsize m = 0; m < plot->n; m++)
    {
      mezzotint_plot_set_color (cr, &mezzotint_plot_series[m], 0.15);
      draw_band (cr, plot->measurements[m], &x_axis, &y_axis);
      mezzotint_plot_set_color (cr, &mezzotint_plot_series[m], 1);
      draw_curve (cr, plot->measurements[m], &x_axis, &y_axis);
    }
  mezzotint_plot_set_color (cr, &mezzotint_plot_ink, 1);
  label = g_strdup_printf (_ ("Timestep (0: clean, %d: noise)"), n_train - 1);
  mezzotint_plot_text (cr, label, (LEFT + SPLIT) / 2.0, BOTTOM + 48, 0.5, TEXT_PX, FALSE, SPLIT - LEFT);
  draw_upwards (cr, _ ("Mean square error of the predicted noise"), MARGIN, (TOP + BOTTOM) / 2.0,
                BOTTOM - TOP);
}

/* ---- The autoencoder ---- */

typedef MezzotintSpread (*SpreadFunc) (const MezzotintMeasurement *measurement);
typedef double (*ValueFunc) (const MzEvaluation *evaluation);

static double
psnr_of (const MzEvaluation *evaluation)
{
  return evaluation->psnr;
}

static double
kl_of (const MzEvaluation *evaluation)
{
  return evaluation->kl_per_value;
}

/* A dot for each picture in a row, and their mean as a line with its number. */
static void
draw_row (const Plot *plot,
          gsize m,
          const MezzotintPlotAxis *axis,
          SpreadFunc spread_func,
          ValueFunc value_func,
          double y)
{
  const MezzotintMeasurement *measurement = plot->measurements[m];
  double mean = spread_func (measurement).mean, x = mezzotint_plot_axis_px (axis, mean);
  g_autofree char *label = g_strdup_printf ("%.4g", mean);

  mezzotint_plot_set_color (plot->cr, &mezzotint_plot_series[m], 0.35);
  for (guint i = 0; i < measurement->evaluations->len; i++)
    {
      double value = value_func (g_ptr_array_index (measurement->evaluations, i));

      cairo_arc (plot->cr, mezzotint_plot_axis_px (axis, value), y, 5, 0, 2 * G_PI);
      cairo_fill (plot->cr);
    }
  mezzotint_plot_set_color (plot->cr, &mezzotint_plot_series[m], 1);
  cairo_set_line_width (plot->cr, 3);
  draw_line (plot->cr, x, y - 11, x, y + 11);
  mezzotint_plot_text (plot->cr, label, x, y - 23, 0.5, TEXT_PX, TRUE, 100);
}

static void
draw_strip (const Plot *plot, const char *title, double top, SpreadFunc spread_func, ValueFunc value_func)
{
  double low = G_MAXDOUBLE, high = -G_MAXDOUBLE;
  MezzotintPlotAxis axis;

  for (gsize m = 0; m < plot->n; m++)
    {
      MezzotintSpread spread = spread_func (plot->measurements[m]);

      low = MIN (low, spread.lowest);
      high = MAX (high, spread.highest);
    }
  mezzotint_plot_axis_init (&axis, low, high, FALSE, STRIP_LEFT, PAGE_WIDTH - MARGIN);
  draw_x_axis (plot->cr, &axis, 5, top, top + STRIP_HEIGHT);
  for (gsize m = 0; m < plot->n; m++)
    draw_row (plot, m, &axis, spread_func, value_func,
              top + STRIP_HEIGHT * (double) (m + 1) / (double) (plot->n + 1) + 10);
  mezzotint_plot_set_color (plot->cr, &mezzotint_plot_ink, 1);
  mezzotint_plot_text (plot->cr, title, STRIP_LEFT, top - 18, 0, TEXT_PX, FALSE,
                       PAGE_WIDTH - MARGIN / 2.0 - STRIP_LEFT);
}

/* ---- Words ---- */

/* Which colour is which model, and what the shapes mean. */
static void
draw_legend (const Plot *plot)
{
  double x = LEFT, y = TOP - 22;

  for (gsize m = 0; m < plot->n; m++)
    {
      MezzotintSpread spread = mezzotint_measurement_get_noise (plot->measurements[m], -1);
      g_autofree char *label
          /* Translators: a model, and the mean of its errors. */
          = g_strdup_printf (_ ("%s, mean %.4g"), plot->measurements[m]->model, spread.mean);

      mezzotint_plot_set_color (plot->cr, &mezzotint_plot_series[m], 1);
      cairo_set_line_width (plot->cr, 2.5);
      draw_line (plot->cr, x, y, x + 26, y);
      mezzotint_plot_set_color (plot->cr, &mezzotint_plot_ink, 1);
      x += 34 + mezzotint_plot_text (plot->cr, label, x + 34, y, 0, TEXT_PX, FALSE, 230) + 30;
    }
  mezzotint_plot_set_color (plot->cr, &mezzotint_plot_faint, 1);
  if (plot->measurements[0]->evaluations->len > 1)
    mezzotint_plot_text (plot->cr, _ ("shaded: from the best picture to the worst"), LEFT + 10, BOTTOM - 14,
                         0, TEXT_PX - 2, FALSE, SPLIT - LEFT);
}

static void
draw_title (const Plot *plot, const char *subtitle)
{
  g_autofree char *title = NULL;

  if (plot->n > 1)
    title = g_strdup_printf (_ ("%s and %s on real pictures"), plot->measurements[0]->model,
                             plot->measurements[1]->model);
  else
    title = g_strdup_printf (_ ("%s on real pictures"), plot->measurements[0]->model);
  mezzotint_plot_set_color (plot->cr, &mezzotint_plot_ink, 1);
  mezzotint_plot_text (plot->cr, title, MARGIN, 34, 0, 24, TRUE, PAGE_WIDTH - 2 * MARGIN);
  mezzotint_plot_set_color (plot->cr, &mezzotint_plot_faint, 1);
  mezzotint_plot_text (plot->cr, subtitle, MARGIN, 66, 0, TEXT_PX, FALSE, PAGE_WIDTH - 2 * MARGIN);
}

MzPicture *
mezzotint_measurement_plot (const MezzotintMeasurement *const *measurements,
                            gsize n_measurements,
                            const char *subtitle,
                            GError **error)
{
  Plot plot = { NULL, measurements, n_measurements };
  MzPicture *picture;

  g_return_val_if_fail (n_measurements >= 1 && n_measurements <= G_N_ELEMENTS (mezzotint_plot_series), NULL);

  plot.cr = mezzotint_plot_begin (PAGE_WIDTH, PAGE_HEIGHT, error);
  if (plot.cr == NULL)
    return NULL;
  draw_losses (&plot);
  draw_strip (&plot, _ ("Reconstruction: PSNR in dB"), TOP + 24, mezzotint_measurement_get_psnr, psnr_of);
  draw_strip (&plot, _ ("Divergence (KL): nats a latent value"), BOTTOM - STRIP_HEIGHT,
              mezzotint_measurement_get_kl_per_value, kl_of);
  draw_legend (&plot);
  draw_title (&plot, subtitle);
  picture = mezzotint_plot_end (plot.cr, error);
  cairo_destroy (plot.cr);
  return picture;
}
