/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Making pictures, and scaling them: across first, then down, each output pixel a weighted mean of a run of
 * source pixels. */
#include "app/files/picture.h"

#include <glib/gi18n.h>
#include <math.h>

/* Half the width of the bicubic kernel, in source pixels where nothing shrinks. */
#define KERNEL_RADIUS 2.0

/* Where output pixels come from along one axis. */
typedef struct
{
  int n_out, n_taps; /* taps of each output pixel; those beyond the picture's edge have weight 0 */
  int *first;        /* [n_out] source pixel of the first tap, 0..n_in - n_taps */
  float *weights;    /* [n_out, n_taps], summing up to 1 */
} Taps;

MzPicture *
mezzotint_picture_new (int width, int height, GError **error)
{
  MzPicture *picture;
  guint8 *rgb = g_try_malloc_n ((gsize) width * (gsize) height, 3);

  if (rgb == NULL)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("There is not enough memory for a picture of %d×%d."),
                   width, height);
      return NULL;
    }
  picture = g_new0 (MzPicture, 1);
  picture->width = width;
  picture->height = height;
  picture->rgb = rgb;
  return picture;
}

/* Keys' kernel with a = -1/2 at distance x. */
static double
bicubic (double x)
{
  x = fabs (x);
  if (x < 1)
    return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2)
    return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

static void
taps_clear (Taps *taps)
{
  g_clear_pointer (&taps->first, g_free);
  g_clear_pointer (&taps->weights, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Taps, taps_clear)

/* The weights of output pixel i, whose centre lies at `centre` in the source. */
static void
fill_taps (Taps *taps, int i, double centre, double stretch, int n_in)
{
  float *weights = taps->weights + (gsize) i * (gsize) taps->n_taps;
  int first = (int) floor (centre - KERNEL_RADIUS * stretch);
  double sum = 0;

  taps->first[i] = first = CLAMP (first, 0, n_in - taps->n_taps);
  for (int k = 0; k < taps->n_taps; k++)
    sum += bicubic ((first + k + 0.5 - centre) / stretch);
  for (int k = 0; k < taps->n_taps; k++)
    weights[k] = (float) (bicubic ((first + k + 0.5 - centre) / stretch) / sum);
}

/* n_out pixels out of begin..begin+length of n_in. */
static gboolean
taps_init (Taps *taps, int n_out, double begin, double length, int n_in)
{
  double step = length / n_out, stretch = MAX (step, 1.0);

  taps->n_out = n_out;
  taps->n_taps = (int) MIN (ceil (2 * KERNEL_RADIUS * stretch) + 1, n_in);
  taps->first = g_try_new (int, (gsize) n_out);
  taps->weights = g_try_new (float, (gsize) n_out *(gsize) taps->n_taps);
  if (taps->first == NULL || taps->weights == NULL)
    return FALSE;
  for (int i = 0; i < n_out; i++)
    fill_taps (taps, i, begin + (i + 0.5) * step, stretch, n_in);
  return TRUE;
}

/* One row of RGB bytes to [n_out, 3] floats. */
static void
scale_row (const Taps *taps, const guint8 *row, float *out)
{
  for (int i = 0; i < taps->n_out; i++)
    {
      const float *weights = taps->weights + (gsize) i * (gsize) taps->n_taps;
      const guint8 *from = row + 3 * (gsize) taps->first[i];
      float r = 0, g = 0, b = 0;

      for (int k = 0; k < taps->n_taps; k++, from += 3)
        {
          r += weights[k] * from[0];
          g += weights[k] * from[1];
          b += weights[k] * from[2];
        }
      out[3 * i] = r;
      out[3 * i + 1] = g;
      out[3 * i + 2] = b;
    }
}

/* Output row i out of rows [.., n] of floats; sum: [n], scratch. */
static void
mix_rows (const Taps *taps, int i, const float *rows, gsize n, float *sum, guint8 *out)
{
  const float *weights = taps->weights + (gsize) i * (gsize) taps->n_taps;
  const float *from = rows + (gsize) taps->first[i] * n;

  for (gsize x = 0; x < n; x++)
    sum[x] = 0;
  for (int k = 0; k < taps->n_taps; k++, from += n)
    for (gsize x = 0; x < n; x++)
      sum[x] += weights[k] * from[x];
  for (gsize x = 0; x < n; x++)
    out[x] = (guint8) CLAMP (lrintf (sum[x]), 0, 255);
}

/* `across` and `down` say what becomes of the picture; rows: [picture's height, n], scratch. */
static gboolean
scale_into (const MzPicture *from,
            const Taps *across,
            const Taps *down,
            float *rows,
            float *sum,
            MzPicture *to,
            MzCancel *cancel,
            GError **error)
{
  gsize n = 3 * (gsize) to->width;
  int last_row = down->first[to->height - 1] + down->n_taps;

  for (int y = down->first[0]; y < last_row; y++)
    {
      if (mz_cancel_set_error (cancel, error))
        return FALSE;
      scale_row (across, from->rgb + 3 * (gsize) y * (gsize) from->width, rows + (gsize) y * n);
    }
  for (int y = 0; y < to->height; y++)
    {
      if (mz_cancel_set_error (cancel, error))
        return FALSE;
      mix_rows (down, y, rows, n, sum, to->rgb + (gsize) y * n);
    }
  return TRUE;
}

/* The part of the picture that begins at x, y and is w wide and h high, at another size. */
static MzPicture *
scale_part (const MzPicture *picture,
            double x,
            double y,
            double w,
            double h,
            int width,
            int height,
            MzCancel *cancel,
            GError **error)
{
  g_auto (Taps) across = { 0 };
  g_auto (Taps) down = { 0 };
  gsize n = 3 * (gsize) width;
  g_autofree float *rows = g_try_malloc_n ((gsize) picture->height * n, sizeof *rows);
  g_autofree float *sum = g_try_malloc_n (n, sizeof *sum);
  g_autoptr (MzPicture) scaled = mezzotint_picture_new (width, height, error);

  if (scaled == NULL)
    return NULL;
  if (rows == NULL || sum == NULL || !taps_init (&across, width, x, w, picture->width)
      || !taps_init (&down, height, y, h, picture->height))
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_MEMORY,
                           _ ("There is not enough memory to scale a picture."));
      return NULL;
    }
  if (!scale_into (picture, &across, &down, rows, sum, scaled, cancel, error))
    return NULL;
  return g_steal_pointer (&scaled);
}

MzPicture *
mezzotint_picture_scale (const MzPicture *picture, int width, int height, MzCancel *cancel, GError **error)
{
  return scale_part (picture, 0, 0, picture->width, picture->height, width, height, cancel, error);
}

MzPicture *
mezzotint_picture_cover (const MzPicture *picture, int width, int height, MzCancel *cancel, GError **error)
{
  double step = MIN ((double) picture->width / width, (double) picture->height / height);
  double w = width * step, h = height * step;

  return scale_part (picture, (picture->width - w) / 2, (picture->height - h) / 2, w, h, width, height,
                     cancel, error);
}
