/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The reference backend from inside: how it keeps weights, and one function per row of the op table.
 *
 * Everything is written to be read and believed: float32 in memory, sums in double precision (the product of
 * two float32 is exact there), one thread, one loop nest per op. The shapes are those of ops/ops.h. Another
 * CPU backend may put these functions into its own table for ops where it has nothing faster, with weights
 * prepared here. */
#pragma once

#include "ops/ops.h"

#include <math.h>

G_BEGIN_DECLS

/* A prepared weight: float32, values as in the file except that a convolution's taps come before its input
 * channels, so that the innermost loop runs over neighbours in memory. matrix:    values [rows, kh, kw, Cin],
 * offsets (the bias) [rows] or NULL; rows = Cout, or 2 Cout for GEGLU norm:      values (gamma) [C], offsets
 * (beta) [C] embedding: values (tokens) [V, C], offsets (positions) [P, C] */
typedef struct
{
  MzWeight base;
  int n_rows;
  float *values;
  float *offsets;
} MzRefWeight;

/* ---- Weights ---- */

MzWeight *mz_ref_prepare_matrix (MzDevice *device,
                                 MzMatrixKind kind,
                                 int n_parts,
                                 const MzView *const *weights,
                                 const MzView *const *biases,
                                 GError **error);
MzWeight *mz_ref_prepare_norm (MzDevice *device, const MzView *gamma, const MzView *beta, GError **error);
MzWeight *
mz_ref_prepare_embedding (MzDevice *device, const MzView *tokens, const MzView *positions, GError **error);
void mz_ref_release_weight (MzDevice *device, MzWeight *weight);

/* ---- Memory of the host ------------------------------------------------------------------------------- */

#define MZ_CPU_ALIGNMENT 64 /* a cache line, and the widest vector */

gpointer mz_cpu_alloc (MzDevice *device, gsize n_bytes, GError **error);
void mz_cpu_release (MzDevice *device, gpointer memory);
gboolean mz_cpu_upload (MzDevice *device, const MzTensor *tensor, const float *nchw, GError **error);
gboolean mz_cpu_download (MzDevice *device, const MzTensor *tensor, float *nchw, GError **error);
gboolean mz_cpu_copy (MzExec *exec, const MzTensor *out, const MzTensor *in, GError **error);

/* ---- Rows of the table -------------------------------------------------------------------------------- */

gboolean mz_ref_conv2d (MzExec *exec,
                        const MzTensor *out,
                        const MzTensor *in,
                        const MzTensor *in2,
                        const MzWeight *weight,
                        const MzConvGeometry *geometry,
                        const MzEpilogue *epilogue,
                        GError **error);
gboolean mz_ref_linear (MzExec *exec,
                        const MzTensor *out,
                        const MzTensor *in,
                        const MzTensor *in2,
                        const MzWeight *weight,
                        const MzEpilogue *epilogue,
                        GError **error);
gboolean mz_ref_group_norm (MzExec *exec,
                            const MzTensor *out,
                            const MzTensor *in,
                            const MzTensor *in2,
                            const MzWeight *norm,
                            int n_groups,
                            float epsilon,
                            MzActivation activation,
                            GError **error);
gboolean
mz_ref_group_moments (MzExec *exec, const MzTensor *in, int n_groups, MzMoments *moments, GError **error);
gboolean mz_ref_group_scale (MzExec *exec,
                             const MzTensor *out,
                             const MzTensor *in,
                             const MzMoments *moments,
                             const MzWeight *norm,
                             int n_groups,
                             float epsilon,
                             MzActivation activation,
                             GError **error);
gboolean mz_ref_layer_norm (MzExec *exec,
                            const MzTensor *out,
                            const MzTensor *in,
                            const MzWeight *norm,
                            float epsilon,
                            GError **error);
gboolean mz_ref_attention (MzExec *exec,
                           const MzTensor *out,
                           const MzTensor *q,
                           const MzTensor *k,
                           const MzTensor *v,
                           int n_heads,
                           gboolean causal,
                           GError **error);
gboolean mz_ref_embed (MzExec *exec,
                       const MzTensor *out,
                       const gint32 *ids,
                       const MzWeight *embedding,
                       GError **error);

/* ---- Shared by the rows ------------------------------------------------------------------------------- */

/* The channels of row `row` (counted over samples and pixels), [C]. */
static inline float *
mz_ref_row (const MzTensor *tensor, gsize row)
{
  return (float *) tensor->data + row * (gsize) tensor->row_stride;
}

/* Sum of a[i] b[i]. Four partial sums, so that the processor need not wait for each addition. */
static inline double
mz_ref_dot (const float *a, const float *b, int n)
{
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  int i;

  for (i = 0; i + 4 <= n; i += 4)
    {
      s0 += (double) a[i] * b[i];
      s1 += (double) a[i + 1] * b[i + 1];
      s2 += (double) a[i + 2] * b[i + 2];
      s3 += (double) a[i + 3] * b[i + 3];
    }
  for (; i < n; i++)
    s0 += (double) a[i] * b[i];
  return (s0 + s1) + (s2 + s3);
}

static inline double
mz_ref_activate (double x, MzActivation activation)
{
  switch (activation)
    {
    case MZ_ACTIVATION_SILU:
      return x / (1.0 + exp (-x));
    case MZ_ACTIVATION_GELU: /* erfc, because 1 + erf loses all digits on the negative side */
      return 0.5 * x * erfc (-x * M_SQRT1_2);
    case MZ_ACTIVATION_QUICK_GELU:
      return x / (1.0 + exp (-1.702 * x));
    case MZ_ACTIVATION_RELU:
      return x < 0 ? 0 : x;
    case MZ_ACTIVATION_NONE:
    default:
      return x;
    }
}

/* Channel `c` of row `row` (of sample `n`) after everything that MzEpilogue asks for. */
static inline float
mz_ref_finish (double y, const MzEpilogue *epilogue, int n, gsize row, int c)
{
  if (epilogue == NULL)
    return (float) y;
  if (epilogue->channel_add != NULL)
    y += mz_ref_row (epilogue->channel_add, epilogue->channel_add->n > 1 ? (gsize) n : 0)[c];
  if (epilogue->activation != MZ_ACTIVATION_RELU)
    y = mz_ref_activate (y, epilogue->activation);
  if (epilogue->residual != NULL)
    y += mz_ref_row (epilogue->residual, row)[c];
  if (epilogue->activation == MZ_ACTIVATION_RELU)
    y = mz_ref_activate (y, epilogue->activation);
  return (float) y;
}

G_END_DECLS
