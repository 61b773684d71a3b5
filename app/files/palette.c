/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Choosing colours, and mapping to them. */
#include "app/files/palette.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COLORS 256
/* Colours are counted in cells of 8 levels a side, and looked up in cells of 4. */
#define COUNT_BITS 5
#define N_CELLS (1 << (3 * COUNT_BITS))
#define LOOKUP_BITS 6
#define UNKNOWN 0xffff
/* For finding a colour among few. */
#define SLOT_BITS 10
#define N_SLOTS (1 << SLOT_BITS)
/* The widest that dithering may move a value, levels. */
#define MAX_SPREAD 40.0

/* Pixels whose colours are alike. */
typedef struct
{
  double n;
  double sum[3]; /* of their values 0..255 */
  double mean[3];
} Cell;

/* A run of cells that shares one colour. */
typedef struct
{
  int begin, end; /* in the array of cells */
  double n;
  double mean[3];
  double error[3]; /* sum of squared distances from the mean along each channel */
} Box;

static gboolean
set_no_memory (GError **error)
{
  g_set_error_literal (error, MZ_ERROR, MZ_ERROR_MEMORY,
                       _ ("There is not enough memory to choose the colours of a picture."));
  return FALSE;
}

/* ---- The picture's own colours ---- */

/* Where a colour's number stands, or the place for it: open addressing, never full. */
static gint16 *
find_slot (const MezzotintPalette *palette, gint16 *slots, const guint8 *rgb)
{
  guint32 at = ((guint32) rgb[0] << 16 | (guint32) rgb[1] << 8 | rgb[2]) * 2654435769u >> (32 - SLOT_BITS);

  while (slots[at] >= 0 && memcmp (palette->rgb[slots[at]], rgb, 3) != 0)
    at = (at + 1) % N_SLOTS;
  return &slots[at];
}

/* Fills the palette and indices; FALSE as soon as there are too many colours. */
static gboolean
map_exactly (MezzotintPalette *palette, const MzPicture *picture, guint8 *indices)
{
  gsize n = (gsize) picture->width * (gsize) picture->height;
  gint16 slots[N_SLOTS];

  palette->n = 0;
  memset (slots, 0xff, sizeof slots);
  for (gsize i = 0; i < n; i++)
    {
      const guint8 *rgb = picture->rgb + 3 * i;
      gint16 *slot = find_slot (palette, slots, rgb);

      if (*slot < 0)
        {
          if (palette->n == MAX_COLORS)
            return FALSE;
          *slot = (gint16) palette->n;
          memcpy (palette->rgb[palette->n++], rgb, 3);
        }
      indices[i] = (guint8) *slot;
    }
  return TRUE;
}

/* ---- Cutting the cloud ---- */

/* Fills the cells that have pixels, without gaps; returns how many. */
static int
count_cells (const MzPicture *picture, Cell *cells)
{
  gsize n = (gsize) picture->width * (gsize) picture->height;
  int n_used = 0;

  memset (cells, 0, N_CELLS * sizeof *cells);
  for (gsize i = 0; i < n; i++)
    {
      const guint8 *rgb = picture->rgb + 3 * i;
      const int drop = 8 - COUNT_BITS;
      Cell *cell = &cells[((rgb[0] >> drop) << COUNT_BITS | rgb[1] >> drop) << COUNT_BITS | rgb[2] >> drop];

      cell->n++;
      for (int c = 0; c < 3; c++)
        cell->sum[c] += rgb[c];
    }
  for (int i = 0; i < N_CELLS; i++)
    if (cells[i].n > 0)
      {
        Cell *cell = &cells[n_used++];

        *cell = cells[i];
        for (int c = 0; c < 3; c++)
          cell->mean[c] = cell->sum[c] / cell->n;
      }
  return n_used;
}

static Box
measure_box (const Cell *cells, int begin, int end)
{
  Box box = { .begin = begin, .end = end };

  for (int i = begin; i < end; i++)
    {
      box.n += cells[i].n;
      for (int c = 0; c < 3; c++)
        box.mean[c] += cells[i].sum[c];
    }
  for (int c = 0; c < 3; c++)
    box.mean[c] /= box.n;
  for (int i = begin; i < end; i++)
    for (int c = 0; c < 3; c++)
      {
        double distance = cells[i].mean[c] - box.mean[c];

        box.error[c] += cells[i].n * distance * distance;
      }
  return box;
}

static int
worst_channel (const Box *box)
{
  int c = box->error[1] >= box->error[0] ? 1 : 0;

  return box->error[2] > box->error[c] ? 2 : c;
}

/* Cells below the box's mean first; returns where the others begin. */
static int
part_cells (Cell *cells, const Box *box)
{
  int channel = worst_channel (box), split = box->begin;

  for (int i = box->begin; i < box->end; i++)
    if (cells[i].mean[channel] < box->mean[channel])
      {
        Cell cell = cells[i];

        cells[i] = cells[split];
        cells[split++] = cell;
      }
  return split;
}

/* The box that is worth cutting most, or -1 when each is one colour. */
static int
worst_box (const Box *boxes, int n)
{
  double worst = 1e-6;
  int index = -1;

  for (int i = 0; i < n; i++)
    if (boxes[i].error[worst_channel (&boxes[i])] > worst)
      {
        worst = boxes[i].error[worst_channel (&boxes[i])];
        index = i;
      }
  return index;
}

static int
cut_boxes (Cell *cells, int n_cells, Box *boxes)
{
  int n = 1, worst;

  boxes[0] = measure_box (cells, 0, n_cells);
  while (n < MAX_COLORS && (worst = worst_box (boxes, n)) >= 0)
    {
      Box box = boxes[worst];
      int split = part_cells (cells, &box);

      boxes[worst] = measure_box (cells, box.begin, split);
      boxes[n++] = measure_box (cells, split, box.end);
    }
  return n;
}

static gboolean
choose_colors (MezzotintPalette *palette, const MzPicture *picture, GError **error)
{
  g_autofree Cell *cells = g_try_new (Cell, N_CELLS);
  Box boxes[MAX_COLORS];

  if (cells == NULL)
    return set_no_memory (error);
  palette->n = cut_boxes (cells, count_cells (picture, cells), boxes);
  for (int i = 0; i < palette->n; i++)
    for (int c = 0; c < 3; c++)
      palette->rgb[i][c] = (guint8) lrint (boxes[i].mean[c]);
  return TRUE;
}

/* ---- Mapping ---- */

static int
square_distance (const guint8 *a, const guint8 *b)
{
  int r = a[0] - b[0], g = a[1] - b[1], l = a[2] - b[2];

  return r * r + g * g + l * l;
}

/* The nearest colour but the one of number `except`. */
static int
nearest_color (const MezzotintPalette *palette, const guint8 *rgb, int except)
{
  int nearest = -1, least = G_MAXINT;

  for (int i = 0; i < palette->n; i++)
    {
      int distance = square_distance (palette->rgb[i], rgb);

      if (i != except && distance < least)
        {
          least = distance;
          nearest = i;
        }
    }
  return nearest;
}

/* How far a value must be moved, each channel by as much, to get from each colour to the next one: [n]. Where
 * colours are dense the pattern is fine. */
static void
measure_spreads (const MezzotintPalette *palette, double *spreads)
{
  for (int i = 0; i < palette->n; i++)
    {
      int nearest = nearest_color (palette, palette->rgb[i], i);

      spreads[i] = MIN (sqrt (square_distance (palette->rgb[i], palette->rgb[nearest]) / 3.0), MAX_SPREAD);
    }
}

/* Thresholds from -1/2 to 1/2 at x, y of Bayer's pattern: the bits of x ^ y and y, in turn and mirrored. */
static double
bayer (int x, int y)
{
  int value = 0;

  for (int bit = 0; bit < 3; bit++)
    value = value << 2 | (((x ^ y) >> bit & 1) << 1) | (y >> bit & 1);
  return (value + 0.5) / 64 - 0.5;
}

/* The colour for rgb, out of a table that fills as it is asked. */
static guint8
look_up (const MezzotintPalette *palette, guint16 *table, const guint8 *rgb)
{
  const int drop = 8 - LOOKUP_BITS;
  gsize key = ((gsize) (rgb[0] >> drop) << LOOKUP_BITS | (gsize) (rgb[1] >> drop)) << LOOKUP_BITS
              | (gsize) (rgb[2] >> drop);

  if (table[key] == UNKNOWN)
    {
      guint8 middle[3];

      for (int c = 0; c < 3; c++)
        middle[c] = (guint8) ((rgb[c] >> drop << drop) + (1 << drop) / 2);
      table[key] = (guint16) nearest_color (palette, middle, -1);
    }
  return (guint8) table[key];
}

static void
map_row (const MezzotintPalette *palette,
         guint16 *table,
         const double *spreads,
         const guint8 *rgb,
         int width,
         int y,
         guint8 *indices)
{
  double thresholds[8];

  for (int x = 0; x < 8; x++)
    thresholds[x] = bayer (x, y & 7);
  for (int x = 0; x < width; x++, rgb += 3)
    {
      int offset = (int) lrint (spreads[look_up (palette, table, rgb)] * thresholds[x & 7]);
      guint8 moved[3];

      for (int c = 0; c < 3; c++)
        moved[c] = (guint8) CLAMP (rgb[c] + offset, 0, 255);
      indices[x] = look_up (palette, table, moved);
    }
}

static gboolean
map_with_dither (const MezzotintPalette *palette,
                 const MzPicture *picture,
                 guint8 *indices,
                 MzCancel *cancel,
                 GError **error)
{
  const gsize n_table = (gsize) 1 << (3 * LOOKUP_BITS);
  g_autofree guint16 *table = g_try_new (guint16, n_table);
  gsize width = (gsize) picture->width;
  double spreads[MAX_COLORS];

  if (table == NULL)
    return set_no_memory (error);
  for (gsize i = 0; i < n_table; i++)
    table[i] = UNKNOWN;
  measure_spreads (palette, spreads);
  for (int y = 0; y < picture->height; y++)
    {
      if (mz_cancel_set_error (cancel, error))
        return FALSE;
      map_row (palette, table, spreads, picture->rgb + 3 * (gsize) y * width, picture->width, y,
               indices + (gsize) y * width);
    }
  return TRUE;
}

gboolean
mezzotint_palette_apply (MezzotintPalette *palette,
                         const MzPicture *picture,
                         guint8 *indices,
                         MzCancel *cancel,
                         GError **error)
{
  return map_exactly (palette, picture, indices)
         || (choose_colors (palette, picture, error)
             && map_with_dither (palette, picture, indices, cancel, error));
}
