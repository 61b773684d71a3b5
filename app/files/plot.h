/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What plots are drawn with: text, axes with round numbers, and the finished picture. */
#pragma once

#include <cairo.h>

#include "engine.h"

G_BEGIN_DECLS

typedef struct
{
  double r, g, b;
} MezzotintPlotColor;

extern const MezzotintPlotColor mezzotint_plot_ink, mezzotint_plot_faint, mezzotint_plot_grid;
/* Of one model after the other: [2]. Told apart also by eyes that see no red or green. */
extern const MezzotintPlotColor mezzotint_plot_series[2];

/* From values to pixels along one axis. */
typedef struct
{
  double low, high;      /* values at its ends; both > 0 when logarithmic */
  double from_px, to_px; /* where they lie */
  gboolean logarithmic;
} MezzotintPlotAxis;

/* An empty white page; free with cairo_destroy(). NULL with MZ_ERROR_MEMORY, or MZ_ERROR_MISSING where there
 * are no fonts. */
cairo_t *mezzotint_plot_begin (int width, int height, GError **error);
/* The page as a picture. NULL with MZ_ERROR_MEMORY. */
MzPicture *mezzotint_plot_end (cairo_t *cr, GError **error);

void mezzotint_plot_set_color (cairo_t *cr, const MezzotintPlotColor *color, double alpha);

/* UTF-8, in one line that is shortened to `max_px`, with the point `at` (0 left, 0.5 middle, 1 right) of its
 * middle line at x, y. Returns its width in px. */
double mezzotint_plot_text (cairo_t *cr,
                            const char *text,
                            double x,
                            double y,
                            double at,
                            double size_px,
                            gboolean bold,
                            double max_px);

/* An axis that has the values in it and ends at round numbers. low <= high. */
void mezzotint_plot_axis_init (MezzotintPlotAxis *axis,
                               double low,
                               double high,
                               gboolean logarithmic,
                               double from_px,
                               double to_px);
double mezzotint_plot_axis_px (const MezzotintPlotAxis *axis, double value);
/* Round values on it, rising, at least two, about `wanted`; and one of them as text, as short as it can be.
 * Free with g_array_unref (double) and g_free. */
GArray *mezzotint_plot_axis_ticks (const MezzotintPlotAxis *axis, int wanted);
char *mezzotint_plot_axis_label (const MezzotintPlotAxis *axis, double tick);

G_END_DECLS
