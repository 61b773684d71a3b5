/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* An autoencoder's layers over a picture in bands. */
#include "models/bands.h"

#include <string.h>

/* Heights are multiples of this: even for enlarging and halving, and whole tiles for the backends that
 * compute results in tiles of 4 rows, which depend on where a tile begins. */
#define ROW_MULTIPLE 8

/* ---- Bands ---- */

static MzBands
new_bands (int h, int w, int c, int rows)
{
  MzBands bands = { .n_bands = (h + rows - 1) / rows, .rows = rows, .h = h, .w = w, .c = c };

  bands.list = g_new0 (MzTensor, (gsize) bands.n_bands);
  return bands;
}

/* Bands of about so many bytes. */
static MzBands
new_sized_bands (MzExec *exec, int h, int w, int c, gsize band_bytes)
{
  gsize row_bytes = (gsize) w * (gsize) c * mz_dtype_size (exec->device->backend->activation_dtype);
  gsize rows = band_bytes / row_bytes / ROW_MULTIPLE * ROW_MULTIPLE;

  return new_bands (h, w, c, (int) CLAMP (rows, ROW_MULTIPLE, (gsize) MAX (h, ROW_MULTIPLE)));
}

static int
first_row (const MzBands *bands, int i)
{
  return i * bands->rows;
}

static int
end_row (const MzBands *bands, int i)
{
  return MIN (bands->h, (i + 1) * bands->rows);
}

static MzTensor *
take_band (MzExec *exec, MzBands *bands, int i)
{
  bands->list[i] = mz_take (exec, 1, end_row (bands, i) - first_row (bands, i), bands->w, bands->c);
  return &bands->list[i];
}

/* Gives the bands that end at `row` or before, if they are still there. */
static void
give_until (MzExec *exec, MzBands *bands, int row)
{
  for (int i = 0; i < bands->n_bands && end_row (bands, i) <= row; i++)
    if (bands->list[i].data != NULL)
      mz_give (exec, &bands->list[i]);
}

static void
give_all (MzExec *exec, MzBands *bands)
{
  give_until (exec, bands, bands->h);
  g_clear_pointer (&bands->list, g_free);
}

static void
replace (MzExec *exec, MzBands *x, MzBands by)
{
  give_all (exec, x);
  *x = by;
}

/* Rows first..first+n as one tensor: part of a band, or copied to the beginning of `buffer`. */
static MzTensor
gather (MzExec *exec, const MzBands *x, int first, int n, const MzTensor *buffer)
{
  int i = first / x->rows;
  MzTensor all;

  if (first + n <= end_row (x, i))
    return mz_slice_rows (&x->list[i], first - first_row (x, i), n);
  all = mz_slice_rows (buffer, 0, n);
  for (int row = first; row < first + n; i++)
    {
      int count = MIN (end_row (x, i), first + n) - row;
      MzTensor from = mz_slice_rows (&x->list[i], row - first_row (x, i), count);
      MzTensor to = mz_slice_rows (&all, row - first, count);

      mz_op_copy (exec, &to, &from);
      row += count;
    }
  return all;
}

MzBands
mz_bands_split (MzExec *exec, MzTensor *x, gsize band_bytes)
{
  MzBands bands = new_sized_bands (exec, x->h, x->w, x->c, band_bytes);

  if (bands.n_bands == 1)
    {
      bands.list[0] = *x;
      x->data = NULL;
      return bands;
    }
  for (int i = 0; i < bands.n_bands; i++)
    {
      MzTensor *band = take_band (exec, &bands, i);
      MzTensor from = mz_slice_rows (x, first_row (&bands, i), band->h);

      mz_op_copy (exec, band, &from);
    }
  mz_give (exec, x);
  return bands;
}

MzTensor
mz_bands_join (MzExec *exec, MzBands *bands)
{
  MzTensor x;

  if (bands->n_bands == 1)
    {
      x = bands->list[0];
      g_clear_pointer (&bands->list, g_free);
      return x;
    }
  x = mz_take (exec, 1, bands->h, bands->w, bands->c);
  gather (exec, bands, 0, bands->h, &x);
  give_all (exec, bands);
  return x;
}

/* ---- Normed bands with their neighbours' rows ---- */

/* What a 3x3 convolution of one band reads. */
typedef struct
{
  const MzWeight *norm;
  int n_groups;
  float epsilon;
  MzMoments *moments; /* [n_groups], of all bands */
  MzTensor buffer;    /* [1, rows + 2, w, c]: the band, between the last row of the band before and the first
                         of the next */
} Window;

static Window
begin_window (MzExec *exec, const MzBands *x, const MzWeight *norm, int n_groups, float epsilon)
{
  Window window = { .norm = norm, .n_groups = n_groups, .epsilon = epsilon };

  window.moments = g_new0 (MzMoments, (gsize) n_groups);
  window.buffer = mz_take (exec, 1, MIN (x->rows, x->h) + 2, x->w, x->c);
  return window;
}

static void
end_window (MzExec *exec, Window *window)
{
  mz_give (exec, &window->buffer);
  g_free (window->moments);
}

static void
measure (MzExec *exec, Window *window, const MzTensor *band)
{
  mz_op_group_moments (exec, band, window->n_groups, window->moments);
}

static void
measure_all (MzExec *exec, Window *window, const MzBands *x)
{
  for (int i = 0; i < x->n_bands; i++)
    measure (exec, window, &x->list[i]);
}

/* Rows first..first+n of a band, normed and activated, to row `to` of the buffer and on. */
static void
norm_rows (MzExec *exec, const Window *window, const MzTensor *band, int first, int n, int to)
{
  MzTensor from = mz_slice_rows (band, first, n), into = mz_slice_rows (&window->buffer, to, n);

  mz_op_group_scale (exec, &into, &from, window->moments, window->norm, window->n_groups, window->epsilon,
                     MZ_ACTIVATION_SILU);
}

/* out = conv (silu (norm (band i))) (+ out). The row above is in the buffer already, and its own last row is
 * left there, so that band i may be given. */
static void
convolve (MzExec *exec,
          const Window *window,
          const MzBands *x,
          int i,
          const MzWeight *conv,
          const MzTensor *out,
          gboolean add)
{
  const MzTensor *band = &x->list[i];
  gboolean is_first = i == 0, is_last = i + 1 == x->n_bands;
  MzTensor in = mz_slice_rows (&window->buffer, is_first ? 1 : 0, band->h + !is_first + !is_last);
  MzEpilogue onto = { .residual = out };
  MzConvGeometry geometry = MZ_CONV_SAME;

  geometry.pad_top = is_first ? 1 : 0;
  geometry.pad_bottom = is_last ? 1 : 0;
  geometry.whole_height = x->h;
  norm_rows (exec, window, band, 0, band->h, 1);
  if (!is_last)
    norm_rows (exec, window, &x->list[i + 1], 0, 1, 1 + band->h);
  mz_op_conv2d (exec, out, &in, NULL, conv, &geometry, add ? &onto : NULL);
  if (!is_last)
    norm_rows (exec, window, band, band->h - 1, 1, 0);
}

/* ---- Layers ---- */

/* conv1 (silu (norm1 (x))), measured for norm2 by `next`; x becomes what is added at the end. Where the
 * channels change, that is the shortcut's result, which with the convolution's needs the room of x. */
static MzBands
run_first_half (MzExec *exec, const MzResnet *resnet, MzBands *x, MzMoments *next)
{
  Window window = begin_window (exec, x, resnet->norm1, resnet->n_groups, resnet->epsilon);
  MzBands hidden = new_bands (x->h, x->w, resnet->out_channels, x->rows);
  MzBands skip = new_bands (x->h, x->w, resnet->out_channels, x->rows);

  measure_all (exec, &window, x);
  for (int i = 0; i < x->n_bands; i++)
    {
      const MzTensor *band = take_band (exec, &hidden, i);

      convolve (exec, &window, x, i, resnet->conv1, band, FALSE);
      mz_op_group_moments (exec, band, resnet->n_groups, next);
      if (resnet->shortcut == NULL)
        continue;
      mz_op_linear (exec, take_band (exec, &skip, i), &x->list[i], NULL, resnet->shortcut, NULL);
      mz_give (exec, &x->list[i]);
    }
  end_window (exec, &window);
  if (resnet->shortcut != NULL)
    replace (exec, x, skip);
  else
    g_free (skip.list);
  return hidden;
}

void
mz_bands_resnet (MzExec *exec, const MzResnet *resnet, MzBands *x)
{
  g_autofree MzMoments *moments = g_new0 (MzMoments, (gsize) resnet->n_groups);
  MzBands hidden = run_first_half (exec, resnet, x, moments);
  Window window = begin_window (exec, &hidden, resnet->norm2, resnet->n_groups, resnet->epsilon);

  memcpy (window.moments, moments, (gsize) resnet->n_groups * sizeof *moments);
  for (int i = 0; i < x->n_bands; i++)
    {
      convolve (exec, &window, &hidden, i, resnet->conv2, &x->list[i], TRUE);
      mz_give (exec, &hidden.list[i]);
    }
  end_window (exec, &window);
  give_all (exec, &hidden);
}

MzBands
mz_bands_conv (MzExec *exec, const MzWeight *conv, const MzTensor *in, gsize band_bytes)
{
  MzBands bands = new_sized_bands (exec, in->h, in->w, conv->out_channels, band_bytes);

  for (int i = 0; i < bands.n_bands; i++)
    {
      int top = i > 0 ? 1 : 0, bottom = i + 1 < bands.n_bands ? 1 : 0;
      const MzTensor *band = take_band (exec, &bands, i);
      MzTensor rows = mz_slice_rows (in, first_row (&bands, i) - top, top + band->h + bottom);
      MzConvGeometry geometry = MZ_CONV_SAME;

      geometry.pad_top = 1 - top;
      geometry.pad_bottom = 1 - bottom;
      geometry.whole_height = bands.h;
      mz_op_conv2d (exec, band, &rows, NULL, conv, &geometry, NULL);
    }
  return bands;
}

void
mz_bands_upsample (MzExec *exec, const MzWeight *conv, MzBands *x, gsize band_bytes)
{
  MzBands out = new_sized_bands (exec, 2 * x->h, 2 * x->w, x->c, band_bytes);
  MzTensor buffer = mz_take (exec, 1, MIN (out.rows / 2 + 2, x->h), x->w, x->c);
  MzConvGeometry geometry = MZ_CONV_SAME;

  geometry.upsample = 2;
  geometry.whole_height = out.h;
  for (int i = 0; i < out.n_bands; i++)
    {
      int top = i > 0 ? 1 : 0, bottom = i + 1 < out.n_bands ? 1 : 0;
      int first = first_row (&out, i) / 2 - top, end = end_row (&out, i) / 2 + bottom;
      MzTensor in = gather (exec, x, first, end - first, &buffer);

      /* of the neighbours' rows, which become two, the convolution reaches one */
      geometry.pad_top = top ? -1 : 1;
      geometry.pad_bottom = bottom ? -1 : 1;
      mz_op_conv2d (exec, take_band (exec, &out, i), &in, NULL, conv, &geometry, NULL);
      give_until (exec, x, end - 2 * bottom);
    }
  mz_give (exec, &buffer);
  replace (exec, x, out);
}

void
mz_bands_downsample (MzExec *exec, const MzWeight *conv, MzBands *x, gsize band_bytes)
{
  MzBands out = new_sized_bands (exec, x->h / 2, x->w / 2, x->c, band_bytes);
  MzTensor buffer = mz_take (exec, 1, MIN (2 * out.rows + 1, x->h), x->w, x->c);
  MzConvGeometry geometry = { .stride = 2, .upsample = 1, .pad_right = 1, .whole_height = out.h };

  for (int i = 0; i < out.n_bands; i++)
    {
      int bottom = i + 1 < out.n_bands ? 1 : 0, first = 2 * first_row (&out, i);
      MzTensor in = gather (exec, x, first, 2 * end_row (&out, i) + bottom - first, &buffer);

      geometry.pad_bottom = 1 - bottom;
      mz_op_conv2d (exec, take_band (exec, &out, i), &in, NULL, conv, &geometry, NULL);
      give_until (exec, x, 2 * end_row (&out, i));
    }
  mz_give (exec, &buffer);
  replace (exec, x, out);
}

void
mz_bands_out (MzExec *exec,
              const MzWeight *norm,
              int n_groups,
              float epsilon,
              const MzWeight *conv,
              int out_channels,
              MzBands *x,
              void (*func) (gpointer user, MzExec *exec, const MzTensor *band, int first_row),
              gpointer user)
{
  Window window = begin_window (exec, x, norm, n_groups, epsilon);

  measure_all (exec, &window, x);
  for (int i = 0; i < x->n_bands; i++)
    {
      MzTensor out = mz_take (exec, 1, x->list[i].h, x->w, out_channels);

      convolve (exec, &window, x, i, conv, &out, FALSE);
      mz_give (exec, &x->list[i]);
      func (user, exec, &out, first_row (x, i));
      mz_give (exec, &out);
    }
  end_window (exec, &window);
  give_all (exec, x);
}
