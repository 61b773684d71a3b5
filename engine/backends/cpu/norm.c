/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Group norm (with SiLU) and layer norm.
 *
 * Group norm reads its input twice: once for the moments, taken over chunks of pixels that depend on the
 * shape alone and joined in their order, and once to scale. MzMoments are taken about the first pixel's
 * values, so that a channel whose mean is large against its spread loses no digits. */
#include "backends/cpu/cpu.h"

#include <math.h>
#include <string.h>

#define MIN_CHUNK_PIXELS 128
#define MAX_CHUNKS 64
/* Floats that one task of the second pass writes, about: 2 MB. */
#define TASK_FLOATS (512 * 1024)

typedef struct
{
  const MzCpuKernels *kernels;
  const float *in[2];
  int c[2]; /* c[1] may be 0 */
  float *out;
  gsize n_pixels; /* of a sample */
  int n_samples, n_channels, n_groups;

  gsize chunk_pixels;
  int n_chunks;
  MzMoments *moments; /* [N, chunks, groups] */

  float *centre, *scale, *shift; /* [N, C]: y = (x - centre) * scale + shift */
  MzCpuStore activation;
  gsize task_pixels;
  int n_tasks; /* per sample */
} GroupNorm;

/* Of `n` channels with these sums about `shift`, over `n_pixels` pixels each. */
static MzMoments
moments_of_channels (const float *shift, const double *sums, const double *squares, int n, double n_pixels)
{
  MzMoments all = { .n = n * n_pixels };

  for (int c = 0; c < n; c++)
    all.mean += (shift[c] + sums[c] / n_pixels) / n;
  for (int c = 0; c < n; c++)
    {
      double off = sums[c] / n_pixels, away = shift[c] + off - all.mean;

      all.m2 += squares[c] - sums[c] * off + n_pixels * away * away;
    }
  return all;
}

static void
measure_chunk (gconstpointer data, guint task, gpointer scratch)
{
  const GroupNorm *g = data;
  gsize sample = task / (guint) g->n_chunks, chunk = task % (guint) g->n_chunks;
  gsize first = chunk * g->chunk_pixels, n = MIN (g->chunk_pixels, g->n_pixels - first);
  int c = g->n_channels, per_group = c / g->n_groups;
  double *sums = scratch, *squares = sums + c;
  float *shift = (float *) (squares + c);

  memset (sums, 0, 2 * (gsize) c * sizeof (double));
  for (int i = 0, at = 0; i < 2; at += g->c[i++])
    {
      const float *x;

      if (g->c[i] == 0)
        continue;
      x = g->in[i] + (sample * g->n_pixels + first) * g->c[i];
      memcpy (shift + at, x, (gsize) g->c[i] * sizeof (float));
      g->kernels->moments (x, g->c[i], (int) n, g->c[i], shift + at, sums + at, squares + at);
    }
  for (int i = 0, at = 0; i < g->n_groups; i++, at += per_group)
    g->moments[(gsize) task * g->n_groups + i]
        = moments_of_channels (shift + at, sums + at, squares + at, per_group, (double) n);
}

/* Joins the chunks in their order to `all` [N, groups]. */
static void
join_chunks (const GroupNorm *g, MzMoments *all)
{
  for (int n = 0; n < g->n_samples; n++)
    for (int chunk = 0; chunk < g->n_chunks; chunk++)
      for (int i = 0; i < g->n_groups; i++)
        mz_moments_join (&all[n * g->n_groups + i],
                         &g->moments[((gsize) n * g->n_chunks + chunk) * g->n_groups + i]);
}

/* Turns moments [N, groups], gamma and beta into what scale_row() needs. What
 * rounding the mean to float32 takes away goes to the offset, so that a mean of many deviations costs no
 * digits. */
static void
settle (const GroupNorm *g, const MzMoments *moments, const MzCpuNorm *norm, float epsilon)
{
  int per_group = g->n_channels / g->n_groups;

  for (int n = 0; n < g->n_samples; n++)
    for (int i = 0; i < g->n_groups; i++)
      {
        const MzMoments *all = &moments[n * g->n_groups + i];
        double factor = 1.0 / sqrt (all->m2 / all->n + epsilon);

        for (int c = i * per_group; c < (i + 1) * per_group; c++)
          {
            gsize at = (gsize) n * g->n_channels + c;

            g->centre[at] = (float) all->mean;
            g->scale[at] = (float) (norm->gamma[c] * factor);
            g->shift[at] = (float) (norm->beta[c] - (all->mean - g->centre[at]) * norm->gamma[c] * factor);
          }
      }
}

static void
scale_pixels (gconstpointer data, guint task, gpointer scratch)
{
  const GroupNorm *g = data;
  gsize sample = task / (guint) g->n_tasks, part = task % (guint) g->n_tasks;
  gsize first = part * g->task_pixels, end = MIN (first + g->task_pixels, g->n_pixels);
  gsize factors = sample * g->n_channels;

  for (gsize i = sample * g->n_pixels + first; i < sample * g->n_pixels + end; i++)
    for (int which = 0, at = 0; which < 2; at += g->c[which++])
      if (g->c[which] > 0)
        g->kernels->scale_row (g->in[which] + i * g->c[which], g->out + i * g->n_channels + at, g->c[which],
                               g->centre + factors + at, g->scale + factors + at, g->shift + factors + at,
                               g->activation);
}

/* Moments of all chunks, in g->moments. */
static gboolean
measure (MzExec *exec, const GroupNorm *g, GError **error)
{
  MzPool *pool = ((MzCpuDevice *) exec->device)->pool;

  return mz_pool_reserve (pool, (gsize) g->n_channels * (2 * sizeof (double) + sizeof (float)), error)
         && mz_pool_run (pool, (guint) (g->n_samples * g->n_chunks), measure_chunk, g, exec->cancel, error);
}

/* Scales everything by moments [N, groups]. */
static gboolean
scale (MzExec *exec,
       GroupNorm *g,
       const MzMoments *moments,
       const MzWeight *norm,
       float epsilon,
       GError **error)
{
  gsize n_factors = (gsize) g->n_samples * (gsize) g->n_channels;
  g_autofree float *factors = g_new (float, 3 * n_factors);

  g->centre = factors;
  g->scale = factors + n_factors;
  g->shift = factors + 2 * n_factors;
  g->task_pixels = MAX (1, TASK_FLOATS / 4 / g->n_channels);
  g->n_tasks = (int) ((g->n_pixels + g->task_pixels - 1) / g->task_pixels);
  settle (g, moments, (const MzCpuNorm *) norm, epsilon);
  return mz_pool_run (((MzCpuDevice *) exec->device)->pool, (guint) (g->n_samples * g->n_tasks), scale_pixels,
                      g, exec->cancel, error);
}

static GroupNorm
describe (MzExec *exec, const MzTensor *in, const MzTensor *in2, int n_groups)
{
  return (GroupNorm){
    .kernels = ((MzCpuDevice *) exec->device)->kernels,
    .in = { in->data, in2 != NULL ? in2->data : NULL },
    .c = { in->c, in2 != NULL ? in2->c : 0 },
    .n_pixels = mz_tensor_pixels (in),
    .n_samples = in->n,
    .n_channels = in->c + (in2 != NULL ? in2->c : 0),
    .n_groups = n_groups,
  };
}

gboolean
mz_cpu_group_norm (MzExec *exec,
                   const MzTensor *out,
                   const MzTensor *in,
                   const MzTensor *in2,
                   const MzWeight *norm,
                   int n_groups,
                   float epsilon,
                   MzActivation activation,
                   GError **error)
{
  GroupNorm g = describe (exec, in, in2, n_groups);
  g_autofree MzMoments *chunks = NULL, *all = g_new0 (MzMoments, (gsize) out->n * n_groups);

  g.out = out->data;
  g.activation = mz_cpu_store_of (activation);
  g.chunk_pixels = MAX (MIN_CHUNK_PIXELS, (g.n_pixels + MAX_CHUNKS - 1) / MAX_CHUNKS);
  g.n_chunks = (int) ((g.n_pixels + g.chunk_pixels - 1) / g.chunk_pixels);
  g.moments = chunks = g_new0 (MzMoments, (gsize) out->n * g.n_chunks * n_groups);
  if (!measure (exec, &g, error))
    return FALSE;
  join_chunks (&g, all);
  return scale (exec, &g, all, norm, epsilon, error);
}

gboolean
mz_cpu_group_moments (MzExec *exec, const MzTensor *in, int n_groups, MzMoments *moments, GError **error)
{
  GroupNorm g = describe (exec, in, NULL, n_groups);
  g_autofree MzMoments *chunks = g_new0 (MzMoments, (gsize) in->n * in->h * n_groups);

  g.chunk_pixels = (gsize) in->w;
  g.n_chunks = in->h;
  g.moments = chunks;
  if (!measure (exec, &g, error))
    return FALSE;
  join_chunks (&g, moments);
  return TRUE;
}

gboolean
mz_cpu_group_scale (MzExec *exec,
                    const MzTensor *out,
                    const MzTensor *in,
                    const MzMoments *moments,
                    const MzWeight *norm,
                    int n_groups,
                    float epsilon,
                    MzActivation activation,
                    GError **error)
{
  GroupNorm g = describe (exec, in, NULL, n_groups);

  g.out = out->data;
  g.activation = mz_cpu_store_of (activation);
  return scale (exec, &g, moments, norm, epsilon, error);
}

/* ---- Layer norm
 * -------------------------------------------------------------------------------------------------- */

#define ROWS_AT_ONCE 64

typedef struct
{
  const MzCpuKernels *kernels;
  const MzTensor *out, *in;
  const MzCpuNorm *norm;
  float epsilon;
} LayerNorm;

static void
norm_rows (gconstpointer data, guint task, gpointer scratch)
{
  const LayerNorm *l = data;
  gsize first = (gsize) task * ROWS_AT_ONCE, end = MIN (first + ROWS_AT_ONCE, mz_tensor_rows (l->in));

  for (gsize i = first; i < end; i++)
    l->kernels->layer_norm_row ((const float *) l->in->data + i * l->in->c,
                                (float *) l->out->data + i * l->in->c, l->in->c, l->norm->gamma,
                                l->norm->beta, l->epsilon);
}

gboolean
mz_cpu_layer_norm (MzExec *exec,
                   const MzTensor *out,
                   const MzTensor *in,
                   const MzWeight *norm,
                   float epsilon,
                   GError **error)
{
  MzCpuDevice *device = (MzCpuDevice *) exec->device;
  LayerNorm l = { device->kernels, out, in, (const MzCpuNorm *) norm, epsilon };
  guint n_tasks = (guint) ((mz_tensor_rows (in) + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE);

  return mz_pool_run (device->pool, n_tasks, norm_rows, &l, exec->cancel, error);
}
