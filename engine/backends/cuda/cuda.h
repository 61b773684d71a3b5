/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The CUDA backend from inside: device, weights, and the rows of its table (see ops/ops.h).
 *
 * Activations are float16, channels last, in one block of device memory; sums are float32 in the tensor
 * cores. All work goes to one stream, in order; the host runs ahead of it by a bounded number of ops, so that
 * a raised cancel flag is answered soon. */
#pragma once

#include "backends/cuda/kernels.h"
#include "ops/ops.h"

G_BEGIN_DECLS

/* Activations begin at whole vectors, and where cudaMalloc's would. */
#define MZ_CUDA_ALIGNMENT 256
/* Sums of a depth that was cut, and moments of norms. */
#define MZ_CUDA_SCRATCH_BYTES ((gsize) 32 << 20)
/* Ops between two marks in the stream; the host waits for the mark before the last. */
#define MZ_CUDA_OPS_AHEAD 16

typedef struct
{
  MzDevice base;
  cudaStream_t stream;
  cudaEvent_t marks[2];
  guint n_ops;
  int n_multiprocessors;
  gsize shared_bytes; /* most of a block */
  gpointer scratch;   /* device, MZ_CUDA_SCRATCH_BYTES */
  gpointer staging;   /* device, for what is uploaded and downloaded */
  gpointer pinned;    /* host, as large */
  gsize staging_bytes;
} MzCudaDevice;

/* What every prepared weight begins with: its own device memory. */
typedef struct
{
  MzWeight base;
  gpointer memory;
} MzCudaWeight;

typedef struct
{
  MzCudaWeight weight;
  gpointer matrix; /* float16 [columns, depth_padded] */
  float *bias;     /* [columns] */
  int columns;     /* rows of the file's matrix, all parts; values and gates in turn with GEGLU */
  int depth_padded;
} MzCudaMatrix;

typedef struct
{
  MzCudaWeight weight;
  float *gamma, *beta;
} MzCudaNormWeight;

typedef struct
{
  MzCudaWeight weight;
  float *tokens, *positions;
} MzCudaEmbedding;

extern const MzBackend mz_backend_cuda;

/* ---- device.c ---- */

/* Sets MZ_ERROR_MEMORY or MZ_ERROR_BACKEND with the call that failed. Returns whether it did not. */
#define MZ_CUDA_OK(CALL, ERROR) mz_cuda_check ((CALL), #CALL, __FILE__, __LINE__, (ERROR))
gboolean mz_cuda_check (cudaError_t status, const char *call, const char *file, int line, GError **error);
/* Device memory; NULL with MZ_ERROR_MEMORY, which names the size. */
gpointer mz_cuda_take (gsize n_bytes, GError **error);
/* Makes staging and pinned memory hold n_bytes. */
gboolean mz_cuda_stage (MzCudaDevice *device, gsize n_bytes, GError **error);
/* Before an op is enqueued: FALSE with MZ_ERROR_CANCELLED when the flag is up. */
gboolean mz_cuda_may_begin (MzExec *exec, GError **error);
/* After an op was enqueued: keeps the host from running too far ahead. FALSE when the device failed. */
gboolean mz_cuda_enqueued (MzExec *exec, cudaError_t status, const char *op, GError **error);

/* ---- weights.c ---- */

MzWeight *mz_cuda_prepare_matrix (MzDevice *device,
                                  MzMatrixKind kind,
                                  int n_parts,
                                  const MzView *const *weights,
                                  const MzView *const *biases,
                                  GError **error);
MzWeight *mz_cuda_prepare_norm (MzDevice *device, const MzView *gamma, const MzView *beta, GError **error);
MzWeight *
mz_cuda_prepare_embedding (MzDevice *device, const MzView *tokens, const MzView *positions, GError **error);
void mz_cuda_release_weight (MzDevice *device, MzWeight *weight);

/* ---- transfer.c ---- */

gboolean mz_cuda_upload (MzDevice *device, const MzTensor *tensor, const float *nchw, GError **error);
gboolean mz_cuda_download (MzDevice *device, const MzTensor *tensor, float *nchw, GError **error);
gboolean mz_cuda_copy (MzExec *exec, const MzTensor *out, const MzTensor *in, GError **error);
gboolean mz_cuda_run_embed (MzExec *exec,
                            const MzTensor *out,
                            const gint32 *ids,
                            const MzWeight *embedding,
                            GError **error);

/* ---- rows.c ---- */

gboolean mz_cuda_conv2d (MzExec *exec,
                         const MzTensor *out,
                         const MzTensor *in,
                         const MzTensor *in2,
                         const MzWeight *weight,
                         const MzConvGeometry *geometry,
                         const MzEpilogue *epilogue,
                         GError **error);
gboolean mz_cuda_linear (MzExec *exec,
                         const MzTensor *out,
                         const MzTensor *in,
                         const MzTensor *in2,
                         const MzWeight *weight,
                         const MzEpilogue *epilogue,
                         GError **error);
gboolean mz_cuda_group_norm (MzExec *exec,
                             const MzTensor *out,
                             const MzTensor *in,
                             const MzTensor *in2,
                             const MzWeight *norm,
                             int n_groups,
                             float epsilon,
                             MzActivation activation,
                             GError **error);
gboolean mz_cuda_run_group_moments (MzExec *exec,
                                    const MzTensor *in,
                                    int n_groups,
                                    MzMoments *moments,
                                    GError **error);
gboolean mz_cuda_run_group_scale (MzExec *exec,
                                  const MzTensor *out,
                                  const MzTensor *in,
                                  const MzMoments *moments,
                                  const MzWeight *norm,
                                  int n_groups,
                                  float epsilon,
                                  MzActivation activation,
                                  GError **error);
gboolean mz_cuda_run_layer_norm (MzExec *exec,
                                 const MzTensor *out,
                                 const MzTensor *in,
                                 const MzWeight *norm,
                                 float epsilon,
                                 GError **error);
gboolean mz_cuda_run_attention (MzExec *exec,
                                const MzTensor *out,
                                const MzTensor *q,
                                const MzTensor *k,
                                const MzTensor *v,
                                int n_heads,
                                gboolean causal,
                                GError **error);

G_END_DECLS
