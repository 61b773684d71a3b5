/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Weights at load: checked, and laid out once as the kernels read them, in the file's own precision.
 *
 * What this costs is memory traffic, so all threads take part, a panel at a time. */
#include <glib/gi18n-lib.h>

#include "backends/cpu/prepare.h"
#include "backends/cpu/reference.h"
#include "core/half.h"
#include "ops/describe.h"

#include <string.h>

/* Row of the stacked matrix that stands in column `j` of panel `panel`; -1 where there is none. */
static gint64
row_of_column (const MzCpuLayout *l, int panel, int j)
{
  gint64 n = l->matrix->weight.base.out_channels, row;

  if (l->matrix->weight.base.kind == MZ_MATRIX_GEGLU)
    {
      int half = l->nr / 2;

      row = (gint64) panel * half + j % half;
      return row >= n ? -1 : j < half ? row : n + row;
    }
  row = (gint64) panel * l->nr + j;
  return row < n ? row : -1;
}

/* The view that holds stacked row `row`, and the row's number in it. */
static const MzView *
view_of_row (const MzCpuLayout *l, gint64 row, gint64 *row_in_view)
{
  int part = 0;

  while (row >= l->first_rows[part + 1])
    part++;
  *row_in_view = row - l->first_rows[part];
  return l->weights[part];
}

/* Eight 16-bit numbers; every instruction set has such a vector. */
typedef guint16 Eight __attribute__ ((vector_size (16)));

#define LOW(a, b) __builtin_shufflevector (a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH(a, b) __builtin_shufflevector (a, b, 4, 12, 5, 13, 6, 14, 7, 15)

/* Row i becomes column i. Three rounds of taking one of each of two rows that are half a matrix apart. */
static inline void
transpose_eight (Eight r[8])
{
  for (int round = 0; round < 3; round++)
    {
      Eight t[8];

      for (int i = 0; i < 4; i++)
        {
          t[2 * i] = LOW (r[i], r[i + 4]);
          t[2 * i + 1] = HIGH (r[i], r[i + 4]);
        }
      memcpy (r, t, sizeof t);
    }
}

/* Elements first..first+n of every column, one row of `block` an element. Brings what follows towards the
 * cache: columns are many and the stretches short, which the processor's own prefetching does not see
 * through. `exponent`: the bits that a NaN or infinity has all set; TRUE where one is among them. */
static gboolean
read_block_16 (const MzCpuColumn *columns,
               int nr,
               gsize first,
               gsize n,
               guint16 exponent,
               guint16 block[][MZ_CPU_MAX_NR])
{
  Eight mask = exponent - (Eight){ 0 }, bad = { 0 };
  guint64 bits[2];

  for (int j = 0; j < nr; j += 8)
    for (gsize i = 0; i < n; i += 8)
      {
        Eight r[8] = { 0 };

        for (int k = 0; k < 8; k++)
          {
            const MzCpuColumn *column = &columns[j + k];
            const guint8 *from;

            if (column->view == NULL)
              continue;
            from = (const guint8 *) column->view->data + (column->first + first + i) * sizeof (guint16);
            if (i + 8 <= n)
              memcpy (&r[k], from, sizeof r[k]);
            else
              memcpy (&r[k], from, (n - i) * sizeof (guint16));
            __builtin_prefetch (from + MZ_CPU_ELEMENTS * sizeof (guint16));
            bad |= (Eight) ((r[k] & mask) == mask);
          }
        transpose_eight (r);
        for (int k = 0; k < 8; k++)
          memcpy (&block[i + (gsize) k][j], &r[k], sizeof r[k]);
      }
  memcpy (bits, &bad, sizeof bits);
  return (bits[0] | bits[1]) != 0;
}

/* The same of any other type. */
static gboolean
read_block_32 (const MzCpuColumn *columns, int nr, gsize first, gsize n, float block[][MZ_CPU_MAX_NR])
{
  guint32 bad = 0;

  for (int j = 0; j < nr; j++)
    {
      float part[MZ_CPU_ELEMENTS] = { 0 };

      if (columns[j].view != NULL)
        mz_view_read_f32 (columns[j].view, columns[j].first + first, n, part);
      for (gsize i = 0; i < n; i++)
        {
          block[i][j] = part[i];
          bad |= (mz_float_to_bits (part[i]) & 0x7f800000u) == 0x7f800000u;
        }
    }
  return bad != 0;
}

void
mz_cpu_find_columns (const MzCpuLayout *l, int panel, MzCpuColumn *columns)
{
  for (int j = 0; j < l->nr; j++)
    {
      gint64 row = row_of_column (l, panel, j), row_in_view;

      columns[j] = (MzCpuColumn){ NULL, 0 };
      if (row < 0)
        continue;
      columns[j].view = view_of_row (l, row, &row_in_view);
      columns[j].first = (gsize) row_in_view * (gsize) l->matrix->depth;
    }
}

/* A panel is its columns' rows, [Cin, taps] each, transposed, with taps before channels. Some elements of all
 * rows at a time go through a block on the stack, from where each tap's are written in one stretch. */
static void
lay_panel (gconstpointer data, guint panel, gpointer scratch)
{
  const MzCpuLayout *l = data;
  const MzCpuMatrix *m = l->matrix;
  gsize depth = (gsize) m->depth, size = mz_dtype_size (m->dtype), line = (gsize) l->nr * size;
  guint8 *to = (guint8 *) m->panels + (gsize) panel * depth * line;
  gboolean bad = FALSE;
  MzCpuColumn columns[MZ_CPU_MAX_NR];
  union
  {
    guint16 b16[MZ_CPU_ELEMENTS][MZ_CPU_MAX_NR];
    float b32[MZ_CPU_ELEMENTS][MZ_CPU_MAX_NR];
  } block;

  mz_cpu_find_columns (l, (int) panel, columns);
  for (gsize first = 0; first < depth; first += MZ_CPU_ELEMENTS)
    {
      gsize n = MIN (MZ_CPU_ELEMENTS, depth - first);

      if (m->dtype == MZ_DTYPE_F32)
        {
          bad |= read_block_32 (columns, l->nr, first, n, block.b32);
          mz_cpu_write_block (l, to, first, n, block.b32, sizeof block.b32[0], line);
        }
      else
        {
          bad |= read_block_16 (columns, l->nr, first, n, m->dtype == MZ_DTYPE_F16 ? 0x7c00 : 0x7f80,
                                block.b16);
          mz_cpu_write_block (l, to, first, n, block.b16, sizeof block.b16[0], line);
        }
    }
  if (bad)
    g_atomic_int_set (l->non_finite, 1);
}

/* Looks again, slowly, for what lay_panel() met, to say where it is. */
static void
say_where (const MzCpuLayout *l, GError **error)
{
  float part[1024];

  for (int p = 0; p < l->n_parts; p++)
    {
      g_autofree char *name = l->n_parts > 1 ? g_strdup_printf ("weight %d", p + 1) : g_strdup ("weight");
      gsize n = mz_view_elements (l->weights[p]);

      for (gsize i = 0; i < n; i += G_N_ELEMENTS (part))
        if (!mz_read_finite (l->weights[p], i, MIN (n - i, G_N_ELEMENTS (part)), name, part, error))
          return;
    }
}

static gboolean
lay_bias (const MzCpuLayout *l, const MzView *const *biases, GError **error)
{
  const MzCpuMatrix *m = l->matrix;
  g_autofree float *all = g_try_new0 (float, l->first_rows[l->n_parts]);

  for (int p = 0; biases != NULL && p < l->n_parts && all != NULL; p++)
    {
      g_autofree char *name = l->n_parts > 1 ? g_strdup_printf ("bias %d", p + 1) : g_strdup ("bias");
      gsize n = (gsize) (l->first_rows[p + 1] - l->first_rows[p]);

      if (biases[p] != NULL && !mz_read_finite (biases[p], 0, n, name, all + l->first_rows[p], error))
        return FALSE;
    }
  for (int panel = 0; panel < m->n_panels && all != NULL; panel++)
    for (int j = 0; j < l->nr; j++)
      {
        gint64 row = row_of_column (l, panel, j);

        m->bias[panel * l->nr + j] = row < 0 ? 0.f : all[row];
      }
  if (all == NULL)
    g_set_error (error, MZ_ERROR, MZ_ERROR_MEMORY, _ ("needs more memory than is free."));
  return all != NULL;
}

/* Matrices smaller than this keep their precision where others become 8 bits: they hold next to no memory,
 * and among them are the first and last of a network. */
#define MIN_8BIT_SIDE 64

/* The precision all parts have, or F32 where that is not one the kernels read; 8 bits where they are wanted.
 */
static MzDType
choose_dtype (const MzDevice *device, const MzWeight *base, int n_parts, const MzView *const *weights)
{
  if (device->prefers_8bit && base->out_channels >= MIN_8BIT_SIDE
      && (gint64) base->in_channels * base->kernel_h * base->kernel_w >= MIN_8BIT_SIDE)
    return MZ_DTYPE_I8;
  for (int p = 0; p < n_parts; p++)
    if (weights[p]->dtype != weights[0]->dtype
        || (weights[p]->dtype != MZ_DTYPE_F16 && weights[p]->dtype != MZ_DTYPE_BF16))
      return MZ_DTYPE_F32;
  return weights[0]->dtype;
}

/* A matrix with room for its panels and nothing in them. */
static MzCpuMatrix *
new_matrix (MzCpuDevice *device, const MzWeight *base, MzDType dtype, GError **error)
{
  gboolean paired = base->kind == MZ_MATRIX_GEGLU;
  int nr = device->kernels->nr, per_panel = paired ? nr / 2 : nr;
  gint64 depth = (gint64) base->in_channels * base->kernel_h * base->kernel_w;
  gint64 n_panels = ((gint64) base->out_channels + per_panel - 1) / per_panel;
  gsize panel_bytes, bias_bytes;
  MzCpuMatrix *m;

  /* The views were in memory, so their products fit; the padding of the last panel might not. */
  if (depth > G_MAXINT || n_panels > G_MAXINT / nr
      || !g_size_checked_mul (&panel_bytes, (gsize) n_panels * nr * mz_dtype_size (dtype), (gsize) depth)
      || panel_bytes > G_MAXSIZE / 2)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED, _ ("is too large a matrix."));
      return NULL;
    }
  bias_bytes = (gsize) n_panels * nr * sizeof (float) * (dtype == MZ_DTYPE_I8 ? 2 : 1);
  panel_bytes = (panel_bytes + 63) & ~(gsize) 63;
  m = g_new0 (MzCpuMatrix, 1);
  m->weight.base = *base;
  m->weight.base.backend = device->base.backend;
  m->weight.base.n_bytes = panel_bytes + bias_bytes;
  m->dtype = dtype;
  m->depth = (int) depth;
  m->n_panels = (int) n_panels;
  if (!mz_cpu_take_weight (device, &m->weight, error))
    {
      g_free (m);
      return NULL;
    }
  m->panels = m->weight.pages;
  m->bias = (float *) (m->weight.pages + panel_bytes);
  m->scales = dtype == MZ_DTYPE_I8 ? m->bias + n_panels * nr : NULL;
  return m;
}

MzWeight *
mz_cpu_prepare_matrix (MzDevice *base_device,
                       MzMatrixKind kind,
                       int n_parts,
                       const MzView *const *weights,
                       const MzView *const *biases,
                       GError **error)
{
  MzCpuDevice *device = (MzCpuDevice *) base_device;
  MzWeight base = { 0 };
  g_autofree gint64 *first_rows = g_new0 (gint64, n_parts + 1);
  int n_rows, non_finite = 0;
  MzCpuMatrix *m;
  MzCpuLayout layout;

  if (!mz_describe_matrix (kind, n_parts, weights, biases, &base, &n_rows, error))
    return NULL;
  m = new_matrix (device, &base, choose_dtype (base_device, &base, n_parts, weights), error);
  if (m == NULL)
    return NULL;
  for (int p = 0; p < n_parts; p++)
    first_rows[p + 1] = first_rows[p] + weights[p]->shape[0];
  layout
      = (MzCpuLayout){ m, device->kernels, weights, first_rows, n_parts, device->kernels->nr, &non_finite };
  if (mz_pool_run (device->pool, (guint) m->n_panels,
                   m->dtype == MZ_DTYPE_I8 ? mz_cpu_lay_panel_8bit : lay_panel, &layout, base_device->cancel,
                   error))
    {
      if (g_atomic_int_get (&non_finite))
        say_where (&layout, error);
      else if (lay_bias (&layout, biases, error))
        return &m->weight.base;
    }
  mz_cpu_release_weight (base_device, &m->weight.base);
  return NULL;
}

MzWeight *
mz_cpu_prepare_norm (MzDevice *device, const MzView *gamma, const MzView *beta, GError **error)
{
  MzWeight *read = mz_ref_prepare_norm (device, gamma, beta, error);
  MzCpuNorm *norm;
  gsize n_bytes;

  if (read == NULL)
    return NULL;
  norm = g_new0 (MzCpuNorm, 1);
  norm->weight.base = *read;
  n_bytes = (gsize) read->out_channels * sizeof (float);
  if (mz_cpu_take_weight ((MzCpuDevice *) device, &norm->weight, error))
    {
      norm->gamma = memcpy (norm->weight.pages, ((MzRefWeight *) read)->values, n_bytes);
      norm->beta = memcpy (norm->weight.pages + n_bytes, ((MzRefWeight *) read)->offsets, n_bytes);
    }
  else
    g_clear_pointer (&norm, g_free);
  mz_ref_release_weight (device, read);
  return (MzWeight *) norm;
}

void
mz_cpu_release_weight (MzDevice *device, MzWeight *weight)
{
  if (weight == NULL)
    return;
  mz_cpu_give_weight ((MzCpuDevice *) device, (MzCpuWeight *) weight);
  g_free (weight);
}
