/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Attention without the score matrix (Dao et al. 2022; the running softmax is Milakov and Gimelshein's,
 * 2018).
 *
 * Everything is kept transposed, with nr queries side by side in a panel: scores s = k q^T [keys, nr] and
 * results o = v^T s [D, nr] are then both products of the kind the register tile does, with neither keys nor
 * values packed and no column wasted whatever D is, and the softmax never looks across lanes. A task is some
 * panels of one head; it streams over all keys, copying a tile of them at a time to where its panels share
 * them. */
#include "backends/cpu/cpu.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* Keys in a tile, at most: with nr = 32 queries their scores take 14 kB of the L1 cache. */
#define MAX_KEYS 112
/* Panels of a task, at most, and floats in its queries and results together: half an L2 cache. */
#define MAX_PANELS 32
#define MAX_TASK_FLOATS (128 * 1024)
/* Multiply-adds of a task: see product.c */
#define MAX_TASK_PRODUCTS (600.0 * 1024 * 1024)
#define TASKS_PER_THREAD 4

typedef struct
{
  const MzCpuKernels *kernels;
  const MzTensor *out, *q, *k, *v;
  int n_heads, width, n_queries, n_keys;
  gboolean causal;
  MzCancel *cancel;

  int n_panels; /* of a task */
  int n_blocks; /* tasks of a head */
  int key_block;
  int depth_block, n_depth_blocks;
} Attention;

/* One task's place and memory; nr queries a panel. */
typedef struct
{
  const Attention *a;
  int sample, head, first_query, n_queries;
  float *q;     /* [n_panels, D, nr], times log2 e / sqrt D */
  float *o;     /* [n_panels, D, nr] */
  float *m;     /* [n_panels, nr] */
  float *l;     /* [n_panels, nr] */
  float *alpha; /* [nr] */
  float *s;     /* [MAX_KEYS, nr] */
  float *k;     /* [n_depth_blocks, MAX_KEYS; pitch MZ_CPU_PITCH] */
  float *v;     /* [MAX_KEYS, D] */
} Task;

static gsize
scratch_floats (const Attention *a)
{
  gsize nr = (gsize) a->kernels->nr, panels = (gsize) a->n_panels;

  return panels * nr * ((gsize) a->width * 2 + 2) + nr * (1 + MAX_KEYS)
         + (gsize) MAX_KEYS * ((gsize) a->n_depth_blocks * MZ_CPU_PITCH + (gsize) a->width);
}

static Task
begin_task (const Attention *a, guint task, float *memory)
{
  gsize nr = (gsize) a->kernels->nr, panels = (gsize) a->n_panels, n = panels * nr;
  guint head = task / (guint) a->n_blocks;
  Task t = {
    .a = a,
    .sample = (int) (head / (guint) a->n_heads),
    .head = (int) (head % (guint) a->n_heads),
    .first_query = (int) (task % (guint) a->n_blocks) * a->n_panels * a->kernels->nr,
    .q = memory,
  };

  t.n_queries = MIN (a->n_panels * a->kernels->nr, a->n_queries - t.first_query);
  t.o = t.q + n * (gsize) a->width;
  t.m = t.o + n * (gsize) a->width;
  t.l = t.m + n;
  t.alpha = t.l + n;
  t.s = t.alpha + nr;
  t.k = t.s + nr * MAX_KEYS;
  t.v = t.k + (gsize) a->n_depth_blocks * MAX_KEYS * MZ_CPU_PITCH;
  return t;
}

/* Row `row` of the task's sample, channels of its head. */
static float *
head_row (const Task *t, const MzTensor *tensor, int row)
{
  gsize rows = mz_tensor_pixels (tensor);

  return (float *) tensor->data + ((gsize) t->sample * rows + (gsize) row) * (gsize) tensor->row_stride
         + (gsize) t->head * (gsize) t->a->width;
}

/* Fetches this head's channels of row `row`, if the task still has it: rows lie far apart, which the
 * processor's own prefetching does not see through. */
static void
fetch_row (const Task *t, const MzTensor *tensor, int row, int end)
{
  const float *at;

  if (row >= end)
    return;
  at = head_row (t, tensor, row);
  for (int d = 0; d < t->a->width; d += 16)
    __builtin_prefetch (at + d, 0, 2);
}

/* Fetches the rows of the task's panel that begins at its query `first`. */
static void
fetch_panel (const Task *t, const MzTensor *tensor, int first)
{
  for (int i = first; i < first + t->a->kernels->nr; i++)
    fetch_row (t, tensor, t->first_query + i, t->first_query + t->n_queries);
}

static void
load_queries (const Task *t)
{
  int nr = t->a->kernels->nr, width = t->a->width;
  float scale = (float) (1.4426950408889634 / sqrt (width));

  for (int first = 0; first < t->n_queries; first += nr)
    {
      fetch_panel (t, t->a->q, first + nr);
      t->a->kernels->to_columns (head_row (t, t->a->q, t->first_query + first), t->a->q->row_stride,
                                 MIN (nr, t->n_queries - first), width, scale, t->q + (gsize) first * width);
    }
  memset (t->o, 0, (gsize) t->a->n_panels * width * nr * sizeof (float));
  for (int i = 0; i < t->a->n_panels * nr; i++)
    {
      t->m[i] = -INFINITY;
      t->l[i] = 0;
    }
}

static void
load_keys (const Task *t, int first, int n)
{
  const Attention *a = t->a;

  for (int i = 0; i < n; i++)
    {
      const float *from = head_row (t, a->k, first + i);

      for (int b = 0; b < a->n_depth_blocks; b++)
        {
          int d = b * a->depth_block;

          memcpy (t->k + ((gsize) b * MAX_KEYS + i) * MZ_CPU_PITCH, from + d,
                  (gsize) MIN (a->depth_block, a->width - d) * sizeof (float));
        }
      memcpy (t->v + (gsize) i * a->width, head_row (t, a->v, first + i), (gsize) a->width * sizeof (float));
    }
}

/* Fetches panel `panel`'s share of the key tile that begins at `first`. */
static void
fetch_keys (const Task *t, int panel, int first)
{
  const Attention *a = t->a;
  int n_panels = (t->n_queries + a->kernels->nr - 1) / a->kernels->nr;
  int n = MIN (a->key_block, a->n_keys - first);

  for (int i = n * panel / n_panels; i < n * (panel + 1) / n_panels; i++)
    {
      fetch_row (t, a->k, first + i, a->n_keys);
      fetch_row (t, a->v, first + i, a->n_keys);
    }
}

/* s [n, nr] = k [n, D] q^T [D, nr] */
static void
score (const Task *t, const float *q, int n)
{
  const Attention *a = t->a;
  int mr = a->kernels->mr, nr = a->kernels->nr, n_tiles = (n + mr - 1) / mr;

  for (int i = 0; i < n_tiles; i++)
    {
      int row = n * i / n_tiles, next = n * (i + 1) / n_tiles;

      for (int b = 0; b < a->n_depth_blocks; b++)
        {
          int d = b * a->depth_block;

          a->kernels->tile (next - row, MIN (a->depth_block, a->width - d),
                            t->k + ((gsize) b * MAX_KEYS + row) * MZ_CPU_PITCH, q + (gsize) d * nr,
                            t->s + (gsize) row * nr, b == 0, q);
        }
    }
}

/* o [D, nr] = o alpha + v^T [D, n] s [n, nr] */
static void
gather_values (const Task *t, float *o, int n)
{
  const Attention *a = t->a;
  int mr = a->kernels->mr, nr = a->kernels->nr, n_tiles = (a->width + mr - 1) / mr;

  for (int i = 0; i < n_tiles; i++)
    {
      int row = (int) ((gint64) a->width * i / n_tiles), next = (int) ((gint64) a->width * (i + 1) / n_tiles);

      a->kernels->tile_scaled (next - row, n, t->v + row, a->width, t->s, o + (gsize) row * nr, t->alpha);
    }
}

static void
store_results (const Task *t)
{
  int nr = t->a->kernels->nr, width = t->a->width;

  for (int i = 0; i < t->n_queries; i++)
    t->l[i] = 1.f / t->l[i];
  for (int first = 0; first < t->n_queries; first += nr)
    {
      fetch_panel (t, t->a->out, first + nr);
      t->a->kernels->to_rows (t->o + (gsize) first * width, t->l + first, MIN (nr, t->n_queries - first),
                              width, head_row (t, t->a->out, t->first_query + first), t->a->out->row_stride);
    }
}

static void
do_task (gconstpointer data, guint task, gpointer scratch)
{
  const Attention *a = data;
  Task t = begin_task (a, task, scratch);
  int nr = a->kernels->nr;

  load_queries (&t);
  for (int first = 0; first < a->n_keys; first += a->key_block)
    {
      int n = MIN (a->key_block, a->n_keys - first);

      if (mz_cancel_is_triggered (a->cancel))
        return;
      if (a->causal && first >= t.first_query + t.n_queries)
        break;
      load_keys (&t, first, n);
      for (int i = 0, query = t.first_query; i * nr < t.n_queries; i++, query += nr)
        {
          if (a->causal && first >= query + nr)
            continue;
          if (first + n < a->n_keys)
            fetch_keys (&t, i, first + n);
          score (&t, t.q + (gsize) i * a->width * nr, n);
          a->kernels->softmax (t.s, n, a->causal ? first - query : INT_MIN / 2, t.m + i * nr, t.l + i * nr,
                               t.alpha);
          gather_values (&t, t.o + (gsize) i * a->width * nr, n);
        }
    }
  store_results (&t);
}

static int
divide_up (int a, int b)
{
  return (a + b - 1) / b;
}

/* Chooses the blocks; n_panels alone may depend on the threads, and no sum depends on it. */
static void
cut (Attention *a, int n_heads_in_all, int n_threads)
{
  int nr = a->kernels->nr;
  double products = 2.0 * nr * a->n_keys * a->width; /* of a panel */

  a->key_block = divide_up (a->n_keys, divide_up (a->n_keys, MAX_KEYS));
  a->n_depth_blocks = divide_up (a->width, MZ_CPU_MAX_DEPTH);
  a->depth_block = divide_up (a->width, a->n_depth_blocks);
  a->n_panels = MIN (MAX_PANELS, divide_up (a->n_queries, nr));
  while (a->n_panels > 1
         && ((gint64) a->n_panels * nr * a->width * 2 > MAX_TASK_FLOATS
             || a->n_panels * products > MAX_TASK_PRODUCTS
             || (gint64) n_heads_in_all * divide_up (a->n_queries, a->n_panels * nr)
                    < (gint64) n_threads * TASKS_PER_THREAD))
    a->n_panels--;
  a->n_blocks = divide_up (a->n_queries, a->n_panels * nr);
}

gboolean
mz_cpu_attention (MzExec *exec,
                  const MzTensor *out,
                  const MzTensor *q,
                  const MzTensor *k,
                  const MzTensor *v,
                  int n_heads,
                  gboolean causal,
                  GError **error)
{
  MzCpuDevice *device = (MzCpuDevice *) exec->device;
  Attention a = {
    .kernels = device->kernels,
    .out = out,
    .q = q,
    .k = k,
    .v = v,
    .n_heads = n_heads,
    .width = q->c / n_heads,
    .n_queries = (int) mz_tensor_pixels (q),
    .n_keys = (int) mz_tensor_pixels (k),
    .causal = causal,
    .cancel = exec->cancel,
  };

  cut (&a, q->n * n_heads, mz_pool_n_threads (device->pool));
  return mz_pool_reserve (device->pool, scratch_floats (&a) * sizeof (float), error)
         && mz_pool_run (device->pool, (guint) (q->n * n_heads * a.n_blocks), do_task, &a, exec->cancel,
                         error);
}
