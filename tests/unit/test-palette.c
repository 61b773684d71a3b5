/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures in 256 colours: exact where that is enough, near and free of bias where not. */
#include "app/files/palette.h"

#include <math.h>

#include "app/files/picture.h"

static guint8 *
apply (const MzPicture *picture, MezzotintPalette *palette)
{
  g_autoptr (GError) error = NULL;
  gsize n = (gsize) (picture->width * picture->height);
  guint8 *indices = g_malloc (n);

  g_assert_true (mezzotint_palette_apply (palette, picture, indices, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (palette->n, >=, 1);
  g_assert_cmpint (palette->n, <=, 256);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpint (indices[i], <, palette->n);
  return indices;
}

/* 1, 2, 255 and 256 colours come back as they were. */
static void
test_few_colors (void)
{
  static const int counts[] = { 1, 2, 255, 256 };

  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autoptr (MzPicture) picture = mezzotint_picture_new (40, 30, NULL);
      MezzotintPalette palette;
      g_autofree guint8 *indices = NULL;

      for (int k = 0; k < 40 * 30; k++)
        for (int c = 0; c < 3; c++)
          picture->rgb[3 * k + c] = (guint8) (k % counts[i] * (c == 0 ? 1 : c == 1 ? 57 : 131));
      indices = apply (picture, &palette);
      g_assert_cmpint (palette.n, ==, counts[i]);
      for (int k = 0; k < 40 * 30; k++)
        g_assert_cmpmem (palette.rgb[indices[k]], 3, picture->rgb + 3 * k, 3);
    }
}

/* A soft picture with some thousand colours. */
static MzPicture *
make_slopes (int side)
{
  MzPicture *picture = mezzotint_picture_new (side, side, NULL);

  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      {
        guint8 *rgb = picture->rgb + 3 * (y * side + x);

        rgb[0] = (guint8) (255 * x / (side - 1));
        rgb[1] = (guint8) (255 * y / (side - 1));
        rgb[2] = (guint8) (255 - 255 * (x + y) / (2 * side - 2));
      }
  return picture;
}

/* The error is less than that of the best even grid, 8x8x4 levels: steps of 255/7 and 255/3 have square
 * errors of a twelfth of their square. And means over 8x8 pixels stay, to a level or two. */
static void
test_many_colors (void)
{
  g_autoptr (MzPicture) picture = make_slopes (128);
  MezzotintPalette palette;
  g_autofree guint8 *indices = apply (picture, &palette);
  double square = 0, grid = (2 * pow (255 / 7.0, 2) + pow (255 / 3.0, 2)) / 12, worst = 0;

  g_assert_cmpint (palette.n, ==, 256);
  for (int block = 0; block < 256; block++)
    for (int c = 0; c < 3; c++)
      {
        double sum = 0;

        for (int k = 0; k < 64; k++)
          {
            int i = (block / 16 * 8 + k / 8) * 128 + block % 16 * 8 + k % 8;
            double error = palette.rgb[indices[i]][c] - picture->rgb[3 * i + c];

            sum += error;
            square += error * error;
          }
        worst = MAX (worst, fabs (sum / 64));
      }
  g_test_message ("mean square error %.1f (grid %.1f), worst mean error of a block %.1f",
                  square / (128 * 128), grid, worst);
  g_assert_cmpfloat (square / (128 * 128), <, grid / 3);
  g_assert_cmpfloat (worst, <, 5);
}

static void
test_cancel (void)
{
  g_autoptr (MzPicture) picture = make_slopes (32);
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  g_autoptr (GError) error = NULL;
  MezzotintPalette palette;
  guint8 indices[32 * 32];

  mz_cancel_trigger (cancel);
  g_assert_false (mezzotint_palette_apply (&palette, picture, indices, cancel, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/palette/few-colors", test_few_colors);
  g_test_add_func ("/palette/many-colors", test_many_colors);
  g_test_add_func ("/palette/cancel", test_cancel);
  return g_test_run ();
}
