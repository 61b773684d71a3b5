/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Text, axes and the page of a plot. */
#include "app/files/plot.h"

#include <glib/gi18n.h>
#include <math.h>
#include <pango/pangocairo.h>

#include "app/files/picture.h"

const MezzotintPlotColor mezzotint_plot_ink = { 0.13, 0.13, 0.15 },
                         mezzotint_plot_faint = { 0.38, 0.38, 0.42 },
                         mezzotint_plot_grid = { 0.88, 0.88, 0.90 };
const MezzotintPlotColor mezzotint_plot_series[2]
    = { { 28 / 255.0, 92 / 255.0, 181 / 255.0 }, { 214 / 255.0, 94 / 255.0, 0 } };

/* ---- The page ---- */

/* Without any font Pango draws boxes for letters, and lists families all the same. */
static gboolean
have_fonts (cairo_t *cr)
{
  g_autoptr (PangoLayout) layout = pango_cairo_create_layout (cr);

  pango_layout_set_text (layout, "Az09", -1);
  return pango_layout_get_unknown_glyphs_count (layout) == 0;
}

cairo_t *
mezzotint_plot_begin (int width, int height, GError **error)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cairo_t *cr = cairo_create (surface);

  cairo_surface_destroy (surface);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  if (cairo_status (cr) != CAIRO_STATUS_SUCCESS)
    g_set_error_literal (error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("There is not enough memory to draw a plot."));
  else if (!have_fonts (cr))
    g_set_error_literal (error, MZ_ERROR, MZ_ERROR_MISSING,
                         _ ("The plot cannot be drawn, since no font is installed on this system."));
  else
    return cr;
  cairo_destroy (cr);
  return NULL;
}

MzPicture *
mezzotint_plot_end (cairo_t *cr, GError **error)
{
  cairo_surface_t *surface = cairo_get_target (cr);
  int width = cairo_image_surface_get_width (surface), height = cairo_image_surface_get_height (surface);
  const guint8 *data;
  MzPicture *picture;

  cairo_surface_flush (surface);
  data = cairo_image_surface_get_data (surface);
  if (cairo_status (cr) != CAIRO_STATUS_SUCCESS || data == NULL)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_MEMORY,
                           _ ("There is not enough memory to draw a plot."));
      return NULL;
    }
  picture = mezzotint_picture_new (width, height, error);
  for (int y = 0; y < height && picture != NULL; y++)
    for (int x = 0; x < width; x++)
      {
        const guint32 *row
            = (const guint32 *) (data + (gsize) y * (gsize) cairo_image_surface_get_stride (surface));
        guint8 *rgb = picture->rgb + 3 * ((gsize) y * (gsize) width + (gsize) x);

        rgb[0] = (guint8) (row[x] >> 16);
        rgb[1] = (guint8) (row[x] >> 8);
        rgb[2] = (guint8) row[x];
      }
  return picture;
}

void
mezzotint_plot_set_color (cairo_t *cr, const MezzotintPlotColor *color, double alpha)
{
  cairo_set_source_rgba (cr, color->r, color->g, color->b, alpha);
}

double
mezzotint_plot_text (cairo_t *cr,
                     const char *text,
                     double x,
                     double y,
                     double at,
                     double size_px,
                     gboolean bold,
                     double max_px)
{
  PangoFontDescription *font = pango_font_description_new ();
  g_autoptr (PangoLayout) layout = pango_cairo_create_layout (cr);
  int width, height;

  pango_font_description_set_family_static (font, "Sans");
  pango_font_description_set_absolute_size (font, size_px * PANGO_SCALE);
  pango_font_description_set_weight (font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_text (layout, text, -1);
  pango_layout_get_pixel_size (layout, &width, &height);
  if (width > max_px)
    {
      pango_layout_set_width (layout, (int) (max_px * PANGO_SCALE));
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_MIDDLE);
      pango_layout_get_pixel_size (layout, &width, &height);
    }
  cairo_move_to (cr, x - at * width, y - height / 2.0);
  pango_cairo_show_layout (cr, layout);
  cairo_new_path (cr);
  return width;
}

/* ---- Axes ---- */

/* The smallest of 1, 2, 5 times a power of ten that is at least `step`. */
static double
round_step (double step)
{
  double power = pow (10, floor (log10 (step)));

  return step <= power ? power : step <= 2 * power ? 2 * power : step <= 5 * power ? 5 * power : 10 * power;
}

void
mezzotint_plot_axis_init (MezzotintPlotAxis *axis,
                          double low,
                          double high,
                          gboolean logarithmic,
                          double from_px,
                          double to_px)
{
  double step;

  *axis = (MezzotintPlotAxis){ .from_px = from_px, .to_px = to_px, .logarithmic = logarithmic };
  if (logarithmic)
    {
      axis->low = pow (10, floor (log10 (low) + 1e-9));
      axis->high = pow (10, ceil (log10 (high) - 1e-9));
      if (axis->high <= axis->low)
        axis->high = 10 * axis->low;
      return;
    }
  if (high - low < 1e-9 * MAX (fabs (high), 1e-9)) /* all the same */
    {
      high += MAX (fabs (high) * 0.1, 1e-6);
      low -= MAX (fabs (low) * 0.1, 1e-6);
    }
  step = round_step ((high - low) / 4);
  axis->low = floor (low / step) * step;
  axis->high = ceil (high / step) * step;
}

double
mezzotint_plot_axis_px (const MezzotintPlotAxis *axis, double value)
{
  double share = axis->logarithmic ? log (MAX (value, axis->low) / axis->low) / log (axis->high / axis->low)
                                   : (value - axis->low) / (axis->high - axis->low);

  return axis->from_px + CLAMP (share, 0, 1) * (axis->to_px - axis->from_px);
}

/* Decades, and within few of them also their doubles and fivefolds. */
static void
append_log_ticks (const MezzotintPlotAxis *axis, int wanted, GArray *ticks)
{
  static const double within[] = { 1, 2, 5 };
  int first = (int) lround (log10 (axis->low)), last = (int) lround (log10 (axis->high));
  int every = MAX (1, (last - first + wanted - 1) / wanted);
  gboolean is_fine = 3 * (last - first) <= wanted;

  for (int power = first; power <= last; power += every)
    for (gsize i = 0; i < (is_fine ? G_N_ELEMENTS (within) : 1); i++)
      {
        double tick = within[i] * pow (10, power);

        if (tick <= axis->high * (1 + 1e-9))
          g_array_append_val (ticks, tick);
      }
}

GArray *
mezzotint_plot_axis_ticks (const MezzotintPlotAxis *axis, int wanted)
{
  GArray *ticks = g_array_new (FALSE, FALSE, sizeof (double));
  double step;

  if (axis->logarithmic)
    {
      append_log_ticks (axis, wanted, ticks);
      return ticks;
    }
  step = round_step ((axis->high - axis->low) / wanted);
  for (double i = ceil (axis->low / step - 1e-9); i * step <= axis->high + 1e-9 * step; i++)
    {
      double tick = i * step;

      g_array_append_val (ticks, tick);
    }
  return ticks;
}

char *
mezzotint_plot_axis_label (const MezzotintPlotAxis *axis, double tick)
{
  return g_strdup_printf ("%.4g", fabs (tick) < 1e-12 * (axis->high - axis->low) ? 0.0 : tick);
}
