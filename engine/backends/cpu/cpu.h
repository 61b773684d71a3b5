/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The fast CPU backend from inside: device, prepared matrices, and the rows of its table.
 *
 * A matrix product is cut into tasks of some rows times some panels (nr columns) of the matrix. A task walks
 * the depth in blocks: it gathers the rows' inputs into a tile in its thread's scratch (which is where
 * padding, stride, enlarging and joining two inputs happen), widens the panels' half floats, and multiplies.
 * The order of each sum depends on the depth alone, so neither the number of threads nor the cut changes a
 * bit of the result. */
#pragma once

#include "backends/cpu/pool.h"
#include "backends/cpu/simd/kernels.h"
#include "ops/ops.h"

G_BEGIN_DECLS

typedef struct _MzCpuStretch MzCpuStretch;

typedef struct
{
  MzDevice base;
  MzPool *pool;
  const MzCpuKernels *kernels;
  MzCpuStretch *stretch; /* where the next weight goes; owned by the weights in it, NULL without any */
} MzCpuDevice;

/* What every prepared weight begins with: base.n_bytes of memory, 64-byte aligned. */
typedef struct
{
  MzWeight base;
  guint8 *pages;
  MzCpuStretch *stretch;
} MzCpuWeight;

/* A matrix in panels of `nr` columns: [n_panels, depth, nr] in the file's own precision or in 8 bits,
 * missing columns zero. depth runs over (ky, kx, cin). A GEGLU panel is nr/2 columns of values followed by
 * the nr/2 gates that belong to them. */
typedef struct
{
  MzCpuWeight weight;
  MzDType dtype; /* F32, F16, BF16, or I8 */
  int n_panels;
  int depth;
  gpointer panels;
  float *bias;   /* [n_panels, nr], zero where there is none */
  float *scales; /* [n_panels, nr]: what the sums of an I8 matrix are multiplied by; else NULL */
} MzCpuMatrix;

typedef struct
{
  MzCpuWeight weight;
  float *gamma, *beta; /* [C] */
} MzCpuNorm;

/* The tokens' and positions' rows, in the file's own precision. */
typedef struct
{
  MzCpuWeight weight;
  MzView tokens, positions; /* of our own memory */
} MzCpuEmbedding;

/* Memory of some megabytes and more, 64-byte aligned, in huge pages where the system has them:
 * MZ_ERROR_MEMORY when it has no more. Contents are zero. */
gpointer mz_cpu_take_pages (gsize n_bytes, GError **error);
void mz_cpu_give_pages (gpointer memory);
/* slab.c: memory for a weight, whose base.n_bytes says how much, and back. A weight without any may be given
 * back, too. */
gboolean mz_cpu_take_weight (MzCpuDevice *device, MzCpuWeight *weight, GError **error);
void mz_cpu_give_weight (MzCpuDevice *device, MzCpuWeight *weight);

/* Depths first..first+depth of panel `panel` as float32 [depth, nr]: in place, or in `scratch`. */
const float *mz_cpu_widen (const MzCpuKernels *kernels,
                           const MzCpuMatrix *matrix,
                           int panel,
                           int first,
                           int depth,
                           float *scratch);

/* Is this convolution cheaper by winograd.c's way? Depends on the shape of one sample alone. */
gboolean mz_cpu_winograd_pays (const MzCpuKernels *kernels,
                               const MzTensor *out,
                               const MzWeight *weight,
                               const MzConvGeometry *geometry);
/* As the table's conv2d, for those that pay. */
/* Scratch of one thread, which is the largest that any op takes. */
gsize mz_cpu_winograd_scratch (const MzCpuKernels *kernels);
gboolean mz_cpu_winograd (MzExec *exec,
                          const MzTensor *out,
                          const MzTensor *in,
                          const MzTensor *in2,
                          const MzWeight *weight,
                          const MzConvGeometry *geometry,
                          const MzEpilogue *epilogue,
                          GError **error);

static inline MzCpuStore
mz_cpu_store_of (MzActivation activation)
{
  switch (activation)
    {
    case MZ_ACTIVATION_SILU:
      return MZ_CPU_STORE_SILU;
    case MZ_ACTIVATION_GELU:
      return MZ_CPU_STORE_GELU;
    case MZ_ACTIVATION_QUICK_GELU:
      return MZ_CPU_STORE_QUICK_GELU;
    case MZ_ACTIVATION_RELU:
      return MZ_CPU_STORE_RELU;
    case MZ_ACTIVATION_NONE:
    default:
      return MZ_CPU_STORE_PLAIN;
    }
}

/* ---- Rows of the table: see ops/ops.h
 * ---------------------------------------------------------------------------- */

MzWeight *mz_cpu_prepare_matrix (MzDevice *device,
                                 MzMatrixKind kind,
                                 int n_parts,
                                 const MzView *const *weights,
                                 const MzView *const *biases,
                                 GError **error);
MzWeight *mz_cpu_prepare_norm (MzDevice *device, const MzView *gamma, const MzView *beta, GError **error);
MzWeight *
mz_cpu_prepare_embedding (MzDevice *device, const MzView *tokens, const MzView *positions, GError **error);
void mz_cpu_release_weight (MzDevice *device, MzWeight *weight);
gboolean mz_cpu_conv2d (MzExec *exec,
                        const MzTensor *out,
                        const MzTensor *in,
                        const MzTensor *in2,
                        const MzWeight *weight,
                        const MzConvGeometry *geometry,
                        const MzEpilogue *epilogue,
                        GError **error);
gboolean mz_cpu_linear (MzExec *exec,
                        const MzTensor *out,
                        const MzTensor *in,
                        const MzTensor *in2,
                        const MzWeight *weight,
                        const MzEpilogue *epilogue,
                        GError **error);
gboolean mz_cpu_group_norm (MzExec *exec,
                            const MzTensor *out,
                            const MzTensor *in,
                            const MzTensor *in2,
                            const MzWeight *norm,
                            int n_groups,
                            float epsilon,
                            MzActivation activation,
                            GError **error);
gboolean
mz_cpu_group_moments (MzExec *exec, const MzTensor *in, int n_groups, MzMoments *moments, GError **error);
gboolean mz_cpu_group_scale (MzExec *exec,
                             const MzTensor *out,
                             const MzTensor *in,
                             const MzMoments *moments,
                             const MzWeight *norm,
                             int n_groups,
                             float epsilon,
                             MzActivation activation,
                             GError **error);
gboolean mz_cpu_layer_norm (MzExec *exec,
                            const MzTensor *out,
                            const MzTensor *in,
                            const MzWeight *norm,
                            float epsilon,
                            GError **error);
gboolean mz_cpu_attention (MzExec *exec,
                           const MzTensor *out,
                           const MzTensor *q,
                           const MzTensor *k,
                           const MzTensor *v,
                           int n_heads,
                           gboolean causal,
                           GError **error);
gboolean mz_cpu_embed (MzExec *exec,
                       const MzTensor *out,
                       const gint32 *ids,
                       const MzWeight *embedding,
                       GError **error);

G_END_DECLS
