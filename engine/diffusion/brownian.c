/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A Brownian path as torchsde's BrownianTree makes it: the interval is halved again and again, each half
 * point being drawn by Brownian bridge from a seed that its place in the tree determines; an increment is the
 * sum over the largest nodes that make it up. Points in time are rounded to 1e-6, which ends the halving. */
#include <glib/gi18n-lib.h>

#include "diffusion/brownian.h"

#include "diffusion/seed-sequence.h"

#include <math.h>
#include <string.h>

#define MAX_DEPTH 60
#define N_SLOTS 48

/* A node that has been split: the increment over its left half. */
typedef struct
{
  float *left; /* [n]; NULL: slot not in use */
  guint64 key;
  int depth;
  guint64 used; /* when last */
} Slot;

struct _MzBrownian
{
  MzRng *rng;
  guint64 seed;
  gsize n;
  double from, to;         /* rounded ends */
  float *whole;            /* [n] the increment over all */
  float *right[MAX_DEPTH]; /* [n] of the node being visited at each depth, over its right half */
  Slot slots[N_SLOTS];
  guint64 now;
};

typedef struct
{
  double start, end;
  guint64 key;
  int depth;
} Node;

/* What is asked for, and its sum so far. */
typedef struct
{
  double start, end;
  float *sum; /* [n] */
  gboolean started;
} Query;

/* To six decimals, correctly as Python's round does it, so that equal times are equal numbers. */
static double
round_time (double t)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE * 2];

  return g_ascii_strtod (g_ascii_formatd (digits, sizeof digits, "%.6f", t), NULL);
}

static void
draw (MzBrownian *path, guint32 seed, float *dst)
{
  mz_rng_reseed (path->rng, seed);
  mz_rng_fill_normal (path->rng, dst, path->n);
}

/* The slot of a node: *found says whether it holds it already; if not, it is the one longest unused, or NULL
 * where there is no memory for a first one. */
static Slot *
find_slot (MzBrownian *path, const Node *node, gboolean *found)
{
  Slot *oldest = NULL;

  *found = FALSE;
  for (int i = 0; i < N_SLOTS; i++)
    {
      Slot *slot = &path->slots[i];

      if (slot->left == NULL)
        {
          slot->left = g_try_malloc_n (path->n, sizeof (float));
          if (slot->left != NULL)
            oldest = slot;
          break;
        }
      if (slot->key == node->key && slot->depth == node->depth)
        {
          *found = TRUE;
          oldest = slot;
          break;
        }
      if (oldest == NULL || slot->used < oldest->used)
        oldest = slot;
    }
  oldest->used = ++path->now;
  oldest->key = node->key;
  oldest->depth = node->depth;
  return oldest;
}

/* The increment over the left half of a node whose own is `increment`. Single precision where torch's is. The
 * result stays until other nodes need its place: use it before visiting them. */
static const float *
left_half (MzBrownian *path, const Node *node, double middle, const float *increment)
{
  double span = 1.0 / (node->end - node->start);
  double left = middle - node->start, right = node->end - middle;
  float c_left = (float) left, c_span = (float) span, deviation = (float) sqrt (left * right * span);
  guint64 spawn_key[] = { node->key, (guint64) node->depth };
  gboolean found;
  Slot *slot = find_slot (path, node, &found);
  guint32 seed;

  if (found)
    return slot->left;
  mz_seed_sequence (path->seed, spawn_key, 2, &seed, 1);
  draw (path, seed, slot->left);
  for (gsize k = 0; k < path->n; k++)
    slot->left[k] = c_left * increment[k] * c_span + deviation * slot->left[k];
  return slot->left;
}

static void
add (const MzBrownian *path, const float *increment, Query *query)
{
  if (query->started)
    for (gsize k = 0; k < path->n; k++)
      query->sum[k] += increment[k];
  else
    memcpy (query->sum, increment, path->n * sizeof (float));
  query->started = TRUE;
}

/* Adds what of the query lies in the node, from left to right. */
static void
visit (MzBrownian *path, Node node, const float *increment, Query *query)
{
  while (node.start < query->start || node.end > query->end)
    {
      double middle = round_time (0.5 * (node.end + node.start));
      Node right = { middle, node.end, 2 * node.key + 1, node.depth + 1 };
      gboolean in_left = query->start<middle, in_right = query->end> middle;
      const float *left;

      /* No node of a millionth can be asked for in part; that none gets here is not left to floating point.
       */
      if (node.depth == MAX_DEPTH - 1 || middle <= node.start || middle >= node.end)
        return;
      left = left_half (path, &node, middle, increment);
      if (in_right)
        for (gsize k = 0; k < path->n; k++)
          path->right[node.depth][k] = increment[k] - left[k];
      if (in_left && in_right)
        visit (path, (Node){ node.start, middle, 2 * node.key, node.depth + 1 }, left, query);
      increment = in_right ? path->right[node.depth] : left;
      node = in_right ? right : (Node){ node.start, middle, 2 * node.key, node.depth + 1 };
    }
  add (path, increment, query);
}

MzBrownian *
mz_brownian_new (const MzRngKind *kind,
                 guint64 seed,
                 guint gpu_threads,
                 gsize n,
                 double from,
                 double to,
                 GError **error)
{
  g_autoptr (MzBrownian) path = g_new0 (MzBrownian, 1);
  int depth = 2;
  gboolean enough;
  guint32 top_seed;

  g_return_val_if_fail (n > 0, NULL);
  path->rng = mz_rng_new (kind, 0);
  mz_rng_set_gpu_threads (path->rng, gpu_threads);
  path->seed = seed;
  path->n = n;
  path->from = round_time (from);
  path->to = round_time (to);
  for (double span = path->to - path->from; span > 1e-6 && depth < MAX_DEPTH; span /= 2)
    depth++;

  path->whole = g_try_malloc_n (n, sizeof (float));
  path->slots[0].left = g_try_malloc_n (n, sizeof (float));
  path->slots[1].left = g_try_malloc_n (n, sizeof (float));
  path->slots[0].depth = path->slots[1].depth = -1;
  enough = path->whole != NULL && path->slots[0].left != NULL && path->slots[1].left != NULL;
  for (int i = 0; i < depth && enough; i++)
    {
      path->right[i] = g_try_malloc_n (n, sizeof (float));
      enough = path->right[i] != NULL;
    }
  if (!enough)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY,
                   _ ("There is not enough memory for the noise of the sampler (%zu values a vector)."), n);
      return NULL;
    }

  mz_seed_sequence (seed, NULL, 0, &top_seed, 1);
  draw (path, top_seed, path->whole);
  for (gsize k = 0; k < n; k++)
    path->whole[k] *= (float) sqrt (MAX (to - from, 0.0));
  return g_steal_pointer (&path);
}

void
mz_brownian_free (MzBrownian *path)
{
  if (path == NULL)
    return;
  mz_rng_free (path->rng);
  g_free (path->whole);
  for (int i = 0; i < MAX_DEPTH; i++)
    g_free (path->right[i]);
  for (int i = 0; i < N_SLOTS; i++)
    g_free (path->slots[i].left);
  g_free (path);
}

void
mz_brownian_fill (MzBrownian *path, double from, double to, float *dst)
{
  Query query = {
    .start = round_time (CLAMP (MIN (from, to), path->from, path->to)),
    .end = round_time (CLAMP (MAX (from, to), path->from, path->to)),
    .sum = dst,
  };
  Node top = { path->from, path->to, 0, 0 };
  float deviation = sqrtf (fabsf ((float) to - (float) from));

  if (query.start < query.end)
    visit (path, top, path->whole, &query);
  if (!query.started)
    {
      memset (dst, 0, path->n * sizeof (float));
      return;
    }
  if (from > to)
    deviation = -deviation;
  for (gsize k = 0; k < path->n; k++)
    dst[k] /= deviation;
}
