/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* 3x3 convolutions of stride 1 by Winograd's F(4x4, 3x3): a quarter of the multiply-adds, in 36 products.
 *
 * A task is some tiles of 4x4 results times some panels of the matrix. It walks the channels in blocks:
 * transforms the tiles' inputs (which is where padding, enlarging and joining two inputs happen), then panel
 * by panel the weights, which stay stored as they are, and adds the 36 products to sums that are transformed
 * back at the end. The blocks of channels, and so the order of each sum, depend on the channels alone. */
#include "backends/cpu/cpu.h"

#include <string.h>

#define POINTS MZ_CPU_WINOGRAD_POINTS
#define IN_SIDE MZ_CPU_WINOGRAD_IN
#define OUT_SIDE MZ_CPU_WINOGRAD_OUT
#define OUT_PIXELS (OUT_SIDE * OUT_SIDE)
#define TAPS 9

/* Tiles and columns of a task, at most. */
#define MAX_TILES 96
#define MAX_COLUMNS 160
#define MAX_NR 32

/* What the transforms cost, in multiply-adds: of an input, of a weight, of a result with its storing.
 * Measured on a Zen 3 in cycles for a vector of 8: 260, 115 and 400, with 16 multiply-adds in a cycle. */
#define INPUT_COST 520.0
#define WEIGHT_COST 230.0
#define RESULT_COST 800.0

/* Floats from one point's block to the next: a line more than the block, as powers of two would put all 36
 * into the same sets of a cache. */
#define PAD 16
#define INPUT_STRIDE (MAX_TILES * MZ_CPU_WINOGRAD_PITCH + PAD)
#define WEIGHT_STRIDE(nr) (MZ_CPU_WINOGRAD_DEPTH * (nr) + PAD)
#define SUM_STRIDE(nr) (MAX_TILES * (nr) + PAD)

typedef struct
{
  const MzCpuKernels *kernels;
  const MzCpuMatrix *matrix;
  MzCancel *cancel;

  const float *in[2];
  int c[2]; /* channels of either input; c[1] may be 0 */
  int h, w; /* of the input */
  const MzConvGeometry *geometry;

  const MzTensor *out;
  const float *channel_add, *residual; /* or NULL */
  gsize add_stride;                    /* from one sample's channel_add to the next's; 0: all share one */
  MzCpuStore store;

  int tiles_y, tiles_x, n_tiles; /* n_tiles: of all samples */
  int tile_block, n_tile_blocks;
  int panel_block, n_panel_blocks;
  int depth_block; /* channels */
} Winograd;

typedef struct
{
  const Winograd *w;
  int first_tile, n_tiles;
  int first_panel, n_panels;
  float *zeros;   /* [MZ_CPU_WINOGRAD_DEPTH] */
  float *inputs;  /* [POINTS, n_tiles, channels; pitch MZ_CPU_WINOGRAD_PITCH] */
  float *taps;    /* [TAPS, channels, nr] */
  float *weights; /* [POINTS, channels, nr] */
  float *sums;    /* [n_panels, POINTS, n_tiles, nr] */
  float *results; /* [OUT_PIXELS, n_panels, nr] */
} Task;

static gsize
place_task (const MzCpuKernels *kernels, Task *t, float *memory)
{
  gsize nr = (gsize) kernels->nr, panels = MAX_COLUMNS / nr, at = 0;
  gsize sizes[]
      = { MZ_CPU_WINOGRAD_DEPTH,       (gsize) POINTS * INPUT_STRIDE,     TAPS * MZ_CPU_WINOGRAD_DEPTH * nr,
          POINTS * WEIGHT_STRIDE (nr), panels * POINTS * SUM_STRIDE (nr), OUT_PIXELS * panels * nr };
  float **places[] = { &t->zeros, &t->inputs, &t->taps, &t->weights, &t->sums, &t->results };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); at += sizes[i++])
    *places[i] = memory + at;
  return at * sizeof (float);
}

gsize
mz_cpu_winograd_scratch (const MzCpuKernels *kernels)
{
  Task nowhere;

  return place_task (kernels, &nowhere, NULL);
}

/* A tile's place: its sample and the first of its results. */
typedef struct
{
  int sample, y, x;
} Place;

static Place
place_of (const Winograd *w, int tile)
{
  int per_sample = w->tiles_y * w->tiles_x;

  return (Place){ tile / per_sample, tile % per_sample / w->tiles_x * OUT_SIDE,
                  tile % w->tiles_x * OUT_SIDE };
}

/* Where channel `first` of input `which` begins in each of the 6x6 pixels a tile needs. */
static void
find_pixels (const Task *t, Place place, int which, int first, const float *pixels[POINTS])
{
  const Winograd *w = t->w;
  int shift = w->geometry->upsample - 1; /* 1 or 2: divide by 1 << shift */
  guint height = ((guint) w->h << shift) - (guint) w->geometry->crop_bottom;
  guint width = ((guint) w->w << shift) - (guint) w->geometry->crop_right;

  for (int i = 0; i < IN_SIDE; i++)
    for (int j = 0; j < IN_SIDE; j++)
      {
        int y = place.y - w->geometry->pad_top + i, x = place.x - w->geometry->pad_left + j;
        gsize pixel = ((gsize) place.sample * w->h + (y >> shift)) * w->w + (x >> shift);

        pixels[i * IN_SIDE + j]
            = (guint) y < height && (guint) x < width ? w->in[which] + pixel * w->c[which] + first : t->zeros;
      }
}

static void
transform_inputs (const Task *t, int first, int depth)
{
  const Winograd *w = t->w;
  const float *pixels[POINTS];

  for (int i = 0; i < t->n_tiles; i++)
    {
      Place place = place_of (w, t->first_tile + i);

      for (int c = first, end = first + depth; c < end;)
        {
          int which = c < w->c[0] ? 0 : 1, in_this = which == 0 ? c : c - w->c[0];
          int n = MIN (w->c[which] - in_this, end - c);

          find_pixels (t, place, which, in_this, pixels);
          w->kernels->winograd_input (pixels, n, t->inputs + (gsize) i * MZ_CPU_WINOGRAD_PITCH + (c - first),
                                      INPUT_STRIDE);
          c += n;
        }
    }
}

static void
transform_weights (const Task *t, int panel, int first, int depth)
{
  const Winograd *w = t->w;
  gsize nr = (gsize) w->kernels->nr, n = (gsize) depth * nr, tap_stride = MZ_CPU_WINOGRAD_DEPTH * nr;
  int n_channels = w->c[0] + w->c[1];

  for (int tap = 0; tap < TAPS; tap++)
    {
      float *to = t->taps + (gsize) tap * tap_stride;
      const float *wide = mz_cpu_widen (w->kernels, w->matrix, panel, tap * n_channels + first, depth, to);

      if (wide != to)
        memcpy (to, wide, n * sizeof (float));
    }
  w->kernels->winograd_weights (t->taps, (ptrdiff_t) tap_stride, n, t->weights,
                                WEIGHT_STRIDE ((ptrdiff_t) nr));
}

/* Adds one block of channels to a panel's 36 sums. */
static void
multiply (const Task *t, float *sums, int depth, gboolean first)
{
  const MzCpuKernels *k = t->w->kernels;
  int n_tiles = (t->n_tiles + k->mr - 1) / k->mr;

  for (int point = 0; point < POINTS; point++)
    {
      const float *b = t->weights + point * WEIGHT_STRIDE (k->nr);
      const float *a = t->inputs + (gsize) point * INPUT_STRIDE;
      float *c = sums + point * SUM_STRIDE (k->nr);

      for (int i = 0; i < n_tiles; i++)
        {
          int row = t->n_tiles * i / n_tiles, next = t->n_tiles * (i + 1) / n_tiles;
          const float *ahead = i + 1 < n_tiles ? a + (gsize) next * MZ_CPU_WINOGRAD_PITCH : a + INPUT_STRIDE;

          k->tile_winograd (next - row, depth, a + (gsize) row * MZ_CPU_WINOGRAD_PITCH, b, c + row * k->nr,
                            first, ahead);
        }
    }
}

static void
store_pixel (const Task *t, Place place, const float *sums)
{
  const Winograd *w = t->w;
  int nr = w->kernels->nr, column = t->first_panel * nr, n_columns = w->out->c;
  gsize pixel = ((gsize) place.sample * w->out->h + place.y) * w->out->w + place.x;
  gsize at = pixel * n_columns + column;
  MzCpuRow row = {
    .sums = sums,
    .panel_stride = nr,
    .n_columns = MIN (t->n_panels * nr, n_columns - column),
    .scale = w->matrix->scales != NULL ? w->matrix->scales + column : NULL,
    .bias = w->matrix->bias + column,
    .add = w->channel_add != NULL ? w->channel_add + (gsize) place.sample * w->add_stride + column : NULL,
    .residual = w->residual != NULL ? w->residual + at : NULL,
    .out = (float *) w->out->data + at,
    .store = w->store,
  };

  w->kernels->store_row (&row);
}

static void
store (const Task *t)
{
  const Winograd *w = t->w;
  int nr = w->kernels->nr, pixel_stride = t->n_panels * nr;

  for (int i = 0; i < t->n_tiles; i++)
    {
      Place place = place_of (w, t->first_tile + i);

      for (int p = 0; p < t->n_panels; p++)
        w->kernels->winograd_output (t->sums + (gsize) p * POINTS * SUM_STRIDE (nr) + i * nr, SUM_STRIDE (nr),
                                     t->results + p * nr, pixel_stride);
      for (int y = 0; y < OUT_SIDE && place.y + y < w->out->h; y++)
        for (int x = 0; x < OUT_SIDE && place.x + x < w->out->w; x++)
          store_pixel (t, (Place){ place.sample, place.y + y, place.x + x },
                       t->results + (y * OUT_SIDE + x) * pixel_stride);
    }
}

static void
do_task (gconstpointer data, guint task, gpointer scratch)
{
  const Winograd *w = data;
  int n_channels = w->c[0] + w->c[1];
  Task t = {
    .w = w,
    .first_tile = (int) (task / (guint) w->n_panel_blocks) * w->tile_block,
    .first_panel = (int) (task % (guint) w->n_panel_blocks) * w->panel_block,
  };

  place_task (w->kernels, &t, scratch);
  memset (t.zeros, 0, MZ_CPU_WINOGRAD_DEPTH * sizeof (float));
  t.n_tiles = MIN (w->tile_block, w->n_tiles - t.first_tile);
  t.n_panels = MIN (w->panel_block, w->matrix->n_panels - t.first_panel);
  for (int first = 0; first < n_channels; first += w->depth_block)
    {
      int depth = MIN (w->depth_block, n_channels - first);

      transform_inputs (&t, first, depth);
      for (int p = 0; p < t.n_panels; p++)
        {
          if (mz_cancel_is_triggered (w->cancel))
            return;
          transform_weights (&t, t.first_panel + p, first, depth);
          multiply (&t, t.sums + (gsize) p * POINTS * SUM_STRIDE (w->kernels->nr), depth, first == 0);
        }
    }
  store (&t);
}

static int
divide_up (int a, int b)
{
  return (int) (((gint64) a + b - 1) / b);
}

/* Blocks of nearly equal size no larger than `most`. */
static int
even_block (int n, int most)
{
  return divide_up (n, divide_up (n, most));
}

/* Multiply-adds that a task of so many tiles and columns costs, transforms included. */
static double
task_cost (int n_channels, double n_tiles, double n_columns)
{
  return n_channels * (POINTS * n_tiles * n_columns + INPUT_COST * n_tiles + WEIGHT_COST * n_columns)
         + RESULT_COST * n_tiles * n_columns;
}

/* Chooses the cut that ends first when equal tasks are shared out among the threads. Nothing here but
 * depth_block changes a result, and that depends on the channels alone. */
static void
cut (Winograd *w, int n_threads)
{
  int nr = w->kernels->nr, n_panels = w->matrix->n_panels, n_channels = w->c[0] + w->c[1];
  double least = G_MAXDOUBLE;

  w->depth_block = (even_block (n_channels, MZ_CPU_WINOGRAD_DEPTH) + 15) & ~15;
  for (int most_tiles = MAX_TILES; most_tiles > 0; most_tiles -= w->kernels->mr)
    for (int most_panels = MAX_COLUMNS / nr; most_panels > 0; most_panels--)
      {
        int tiles = even_block (w->n_tiles, most_tiles), panels = even_block (n_panels, most_panels);
        int n_tasks = divide_up (w->n_tiles, tiles) * divide_up (n_panels, panels);
        double cost = divide_up (n_tasks, n_threads) * task_cost (n_channels, tiles, panels * nr);

        if (cost >= least)
          continue;
        least = cost;
        w->tile_block = tiles;
        w->panel_block = panels;
      }
  w->n_tile_blocks = divide_up (w->n_tiles, w->tile_block);
  w->n_panel_blocks = divide_up (n_panels, w->panel_block);
}

/* Decided by what one whole sample costs, so that a picture is the same alone, in a batch and in bands. */
gboolean
mz_cpu_winograd_pays (const MzCpuKernels *kernels,
                      const MzTensor *out,
                      const MzWeight *weight,
                      const MzConvGeometry *geometry)
{
  int height = geometry->whole_height > 0 ? geometry->whole_height : out->h;
  double n_columns = (double) ((const MzCpuMatrix *) weight)->n_panels * kernels->nr;
  double n_tiles = (double) divide_up (height, OUT_SIDE) * divide_up (out->w, OUT_SIDE);
  double direct = (double) height * out->w * weight->in_channels * n_columns * TAPS;
  double n_blocks = divide_up ((int) n_tiles, MAX_TILES);

  return weight->kernel_h == 3 && weight->kernel_w == 3 && geometry->stride == 1
         && n_blocks * task_cost (weight->in_channels, n_tiles / n_blocks, n_columns) < direct;
}

gboolean
mz_cpu_winograd (MzExec *exec,
                 const MzTensor *out,
                 const MzTensor *in,
                 const MzTensor *in2,
                 const MzWeight *weight,
                 const MzConvGeometry *geometry,
                 const MzEpilogue *epilogue,
                 GError **error)
{
  MzCpuDevice *device = (MzCpuDevice *) exec->device;
  Winograd w = {
    .kernels = device->kernels,
    .matrix = (const MzCpuMatrix *) weight,
    .cancel = exec->cancel,
    .in = { in->data, in2 != NULL ? in2->data : NULL },
    .c = { in->c, in2 != NULL ? in2->c : 0 },
    .h = in->h,
    .w = in->w,
    .geometry = geometry,
    .out = out,
    .tiles_y = divide_up (out->h, OUT_SIDE),
    .tiles_x = divide_up (out->w, OUT_SIDE),
  };

  w.n_tiles = out->n * w.tiles_y * w.tiles_x;
  if (epilogue != NULL)
    {
      w.store = mz_cpu_store_of (epilogue->activation);
      w.channel_add = epilogue->channel_add != NULL ? epilogue->channel_add->data : NULL;
      w.add_stride
          = w.channel_add != NULL && epilogue->channel_add->n > 1 ? (gsize) epilogue->channel_add->c : 0;
      w.residual = epilogue->residual != NULL ? epilogue->residual->data : NULL;
    }
  cut (&w, mz_pool_n_threads (device->pool));
  return mz_pool_reserve (device->pool, mz_cpu_winograd_scratch (w.kernels), error)
         && mz_pool_run (device->pool, (guint) (w.n_tile_blocks * w.n_panel_blocks), do_task, &w,
                         exec->cancel, error);
}
