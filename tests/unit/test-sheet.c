/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Several pictures as one: each in its cell, grey where there is none. */
#include "app/files/sheet.h"

#include <string.h>

#include "app/files/picture.h"

#define WIDTH 3
#define HEIGHT 2

/* Of one value. */
static MezzotintPixels *
make (int width, guint8 value)
{
  MzPicture *picture = mezzotint_picture_new (width, HEIGHT, NULL);

  memset (picture->rgb, value, 3 * (gsize) width * HEIGHT);
  return mezzotint_pixels_new (picture);
}

static void
test_cells (void)
{
  static const struct
  {
    int n, columns, rows;
  } cases[] = { { 1, 1, 1 }, { 2, 2, 1 }, { 3, 2, 2 }, { 4, 2, 2 },  { 5, 3, 2 },
                { 6, 3, 2 }, { 7, 3, 3 }, { 8, 4, 2 }, { 12, 4, 3 }, { 16, 4, 4 } };
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) mezzotint_pixels_unref);

  for (int i = 0; i < 16; i++)
    g_ptr_array_add (pictures, make (WIDTH, (guint8) (i + 1)));
  for (gsize c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      g_autoptr (MezzotintPixels) sheet = mezzotint_sheet_new ((gpointer) pictures->pdata, cases[c].n);
      const MzPicture *picture = mezzotint_pixels_get_picture (sheet);

      g_assert_cmpint (picture->width, ==, cases[c].columns * WIDTH);
      g_assert_cmpint (picture->height, ==, cases[c].rows * HEIGHT);
      for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < 3 * picture->width; x++)
          {
            int cell = y / HEIGHT * cases[c].columns + x / (3 * WIDTH);

            g_assert_cmpint (picture->rgb[y * 3 * picture->width + x], ==,
                             cell < cases[c].n ? cell + 1 : 0x80);
          }
    }
}

static void
test_other_size (void)
{
  g_autoptr (MezzotintPixels) one = make (WIDTH, 1), other = make (WIDTH + 1, 2);
  MezzotintPixels *const both[] = { one, other };

  g_assert_null (mezzotint_sheet_new (both, 2));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sheet/cells", test_cells);
  g_test_add_func ("/sheet/other-size", test_other_size);
  return g_test_run ();
}
