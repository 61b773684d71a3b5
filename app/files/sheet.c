/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Sheets of pictures. */
#include "app/files/sheet.h"

#include <string.h>

/* Of cells that no picture is in. */
#define GREY 0x80

/* As square as can be, but rather without empty cells while it is no wider than two to one. */
static int
count_columns (int n)
{
  int least = 1;

  while (least * least < n)
    least++;
  for (int columns = least; columns <= 2 * (n / columns); columns++)
    if (n % columns == 0)
      return columns;
  return least;
}

static void
put (const MzPicture *sheet, const MzPicture *picture, int column, int row)
{
  gsize n_line = 3 * (gsize) picture->width;

  for (int y = 0; y < picture->height; y++)
    memcpy (sheet->rgb + 3 * ((gsize) (row * picture->height + y) * (gsize) sheet->width)
                + (gsize) column * n_line,
            picture->rgb + (gsize) y * n_line, n_line);
}

static gboolean
are_of_one_size (MezzotintPixels *const *pictures, int n)
{
  for (int i = 1; i < n; i++)
    if (mezzotint_pixels_get_width (pictures[i]) != mezzotint_pixels_get_width (pictures[0])
        || mezzotint_pixels_get_height (pictures[i]) != mezzotint_pixels_get_height (pictures[0]))
      return FALSE;
  return TRUE;
}

MezzotintPixels *
mezzotint_sheet_new (MezzotintPixels *const *pictures, int n)
{
  const MzPicture *first = mezzotint_pixels_get_picture (pictures[0]);
  int columns = count_columns (n), rows = (n + columns - 1) / columns;
  MzPicture *sheet;
  gsize n_bytes;

  if (!are_of_one_size (pictures, n))
    return NULL;
  sheet = g_new0 (MzPicture, 1);
  sheet->width = columns * first->width;
  sheet->height = rows * first->height;
  n_bytes = 3 * (gsize) sheet->width * (gsize) sheet->height;
  sheet->rgb = g_try_malloc (n_bytes);
  if (sheet->rgb == NULL)
    {
      mz_picture_free (sheet);
      return NULL;
    }
  memset (sheet->rgb, GREY, n_bytes);
  for (int i = 0; i < n; i++)
    put (sheet, mezzotint_pixels_get_picture (pictures[i]), i % columns, i / columns);
  return mezzotint_pixels_new (sheet);
}
