/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Scaling pictures: as Pillow does it, and true at the edges. */
#include "app/files/picture.h"
#include "golden.h"

/* Pillow rounds to bytes between the two directions, and clips what overshoots there: half a step times the
 * sum of the weights' sizes (up to 1.3), half a step of its own at the end and half of ours. Ours stay
 * floats.
 */
#define BAR 2

static void
compare (const MzPicture *picture, Golden *golden, const char *name)
{
  const MzView *view = golden_lookup (golden, name);
  const guint8 *expected = view->data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MzPicture) scaled
      = mezzotint_picture_cover (picture, (int) view->shape[1], (int) view->shape[0], NULL, &error);
  int worst = 0, sum = 0;

  g_assert_no_error (error);
  for (gsize i = 0; i < view->n_bytes; i++)
    {
      worst = MAX (worst, ABS (scaled->rgb[i] - expected[i]));
      sum += scaled->rgb[i] - expected[i];
    }
  g_test_message ("%s: worst %d, mean %+.3f", name, worst, (double) sum / (double) view->n_bytes);
  g_assert_cmpint (worst, <=, BAR);
  g_assert_cmpfloat (ABS (sum), <=, 0.1 * (double) view->n_bytes);
}

static void
test_golden (void)
{
  static const char *const sizes[] = { "17x11", "24x24", "8x40", "61x45", "90x30", "1x1" };
  g_autoptr (Golden) golden = golden_open ("scaling.safetensors");
  const MzView *view = golden_lookup (golden, "picture");
  const MzPicture picture = { (int) view->shape[1], (int) view->shape[0], (guint8 *) view->data };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    compare (&picture, golden, sizes[i]);
}

static void
test_same_size (void)
{
  g_autoptr (MzPicture) picture = mezzotint_picture_new (13, 7, NULL), same = NULL;

  for (int i = 0; i < 13 * 7 * 3; i++)
    picture->rgb[i] = (guint8) (i * 89);
  same = mezzotint_picture_scale (picture, 13, 7, NULL, NULL);
  g_assert_cmpmem (same->rgb, 13 * 7 * 3, picture->rgb, 13 * 7 * 3);
}

/* One colour stays that colour, whatever the sizes. */
static void
test_one_colour (void)
{
  static const int sizes[] = { 1, 2, 3, 7, 64, 301 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (sizes); k++)
      {
        g_autoptr (MzPicture) picture = mezzotint_picture_new (sizes[i], sizes[k], NULL), scaled = NULL;

        for (int p = 0; p < sizes[i] * sizes[k] * 3; p++)
          picture->rgb[p] = (guint8) (p % 3 == 0 ? 255 : p % 3 == 1 ? 0 : 77);
        scaled = mezzotint_picture_cover (picture, sizes[k], 5, NULL, NULL);
        for (int p = 0; p < sizes[k] * 5 * 3; p++)
          g_assert_cmpint (scaled->rgb[p], ==, p % 3 == 0 ? 255 : p % 3 == 1 ? 0 : 77);
      }
}

/* `cover` cuts evenly: a picture with two dark sides loses both. */
static void
test_cut (void)
{
  g_autoptr (MzPicture) picture = mezzotint_picture_new (40, 20, NULL), cut = NULL;

  for (int y = 0; y < 20; y++)
    for (int x = 0; x < 40; x++)
      for (int c = 0; c < 3; c++)
        picture->rgb[3 * (40 * y + x) + c] = x < 6 || x >= 34 ? 0 : 200;
  cut = mezzotint_picture_cover (picture, 10, 10, NULL, NULL);
  for (int i = 0; i < 10 * 10 * 3; i++)
    g_assert_cmpint (cut->rgb[i], ==, 200);
}

static void
test_cancel (void)
{
  g_autoptr (MzPicture) picture = mezzotint_picture_new (8, 8, NULL);
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  g_autoptr (GError) error = NULL;

  memset (picture->rgb, 0, 8 * 8 * 3);
  mz_cancel_trigger (cancel);
  g_assert_null (mezzotint_picture_scale (picture, 4, 4, cancel, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
}

static void
test_no_memory (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mezzotint_picture_new (G_MAXINT, G_MAXINT, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/picture/golden", test_golden);
  g_test_add_func ("/picture/same-size", test_same_size);
  g_test_add_func ("/picture/one-colour", test_one_colour);
  g_test_add_func ("/picture/cut", test_cut);
  g_test_add_func ("/picture/cancel", test_cancel);
  g_test_add_func ("/picture/no-memory", test_no_memory);
  return g_test_run ();
}
