/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From the engine's rows of RGB to what GTK draws. */
#include "ui/picture-texture.h"

/* Points looked at in each direction for a pixel of a small texture. */
#define N_TAPS 4

GdkTexture *
mezzotint_texture_new (MezzotintPixels *pixels)
{
  int width = mezzotint_pixels_get_width (pixels);

  return gdk_memory_texture_new (width, mezzotint_pixels_get_height (pixels), GDK_MEMORY_R8G8B8,
                                 mezzotint_pixels_get_bytes (pixels), (gsize) width * 3);
}

GdkTexture *
mezzotint_texture_new_for_redraw (MezzotintPixels *pixels)
{
  const MzPicture *picture = mezzotint_pixels_get_picture (pixels);
  gsize n = (gsize) picture->width * (gsize) picture->height;
  guint32 *argb = g_new (guint32, n);
  g_autoptr (GBytes) bytes = NULL;

  for (gsize i = 0; i < n; i++)
    {
      const guint8 *rgb = picture->rgb + 3 * i;

      argb[i] = 0xff000000u | (guint32) rgb[0] << 16 | (guint32) rgb[1] << 8 | rgb[2];
    }
  bytes = g_bytes_new_take (argb, n * sizeof *argb);
  return gdk_memory_texture_new (picture->width, picture->height, GDK_MEMORY_DEFAULT, bytes,
                                 (gsize) picture->width * sizeof *argb);
}

/* The mean of up to N_TAPS x N_TAPS points, evenly spread over the source's part of pixel (x, y).
 * into: [3] */
static void
sample_pixel (const MzPicture *from, int width, int height, int x, int y, guint8 *into)
{
  guint sum[3] = { 0 };

  for (int j = 0; j < N_TAPS; j++)
    {
      gint64 row = ((2 * (gint64) (y * N_TAPS + j) + 1) * from->height) / (2 * (gint64) height * N_TAPS);

      for (int i = 0; i < N_TAPS; i++)
        {
          gint64 column = ((2 * (gint64) (x * N_TAPS + i) + 1) * from->width) / (2 * (gint64) width * N_TAPS);
          const guint8 *pixel = from->rgb + (row * from->width + column) * 3;

          for (int c = 0; c < 3; c++)
            sum[c] += pixel[c];
        }
    }
  for (int c = 0; c < 3; c++)
    into[c] = (sum[c] + N_TAPS * N_TAPS / 2) / (N_TAPS * N_TAPS);
}

GdkTexture *
mezzotint_texture_new_small (MezzotintPixels *pixels, int max_height)
{
  const MzPicture *picture = mezzotint_pixels_get_picture (pixels);
  int height = MIN (picture->height, max_height);
  int width = MAX (1, (int) ((gint64) picture->width * height / picture->height));
  g_autoptr (GBytes) bytes = NULL;
  guint8 *rgb;

  if (height == picture->height)
    return mezzotint_texture_new (pixels);
  rgb = g_malloc ((gsize) width * height * 3);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      sample_pixel (picture, width, height, x, y, rgb + ((gsize) y * width + x) * 3);
  bytes = g_bytes_new_take (rgb, (gsize) width * height * 3);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_R8G8B8, bytes, (gsize) width * 3);
}
