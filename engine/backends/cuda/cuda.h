/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The CUDA backend from inside: device, weights, and the rows of its table (see ops/ops.h).
 *
 * Activations are float16, or in a device of mz_backend_cuda_bfloat16 bfloat16, channels last, in one block
 * of device memory; sums are float32 in the tensor cores. All work goes to one stream, in order; the host
 * runs ahead of it by a bounded number of ops, so that a raised cancel flag is answered soon. */
#pragma once

#include "backends/cuda/choice.h"
#include "ops/ops.h"

G_BEGIN_DECLS

/* Device memory that bringing weights there takes for a while. */
#define MZ_CUDA_SENDING_BYTES ((gsize) 25 << 20)
/* Activations begin at whole vectors, and where cudaMalloc's would. */
#define MZ_CUDA_ALIGNMENT 256
/* Sums of a depth that was cut, and moments of norms. */
#define MZ_CUDA_SCRATCH_BYTES ((gsize) 32 << 20)
/* Norms of pictures in bands keep what they know of the bands so far on the device, in one of several places
 * behind the scratch: a norm that is being measured while the one before is still applied needs two. */
#define MZ_CUDA_MOMENTS 4
/* Of 32 groups, 8 bytes a row of pixels each: 8192 rows and their scales, and some more. */
#define MZ_CUDA_MOMENTS_BYTES (((gsize) 2 << 20) + ((gsize) 64 << 10))
/* Ops between two marks in the stream; the host waits for the mark before the last. */
#define MZ_CUDA_OPS_AHEAD 16

typedef struct _MzCudaRecording MzCudaRecording;
typedef struct _MzCudaBlocks MzCudaBlocks;
typedef struct _MzCudaBlock MzCudaBlock;
typedef struct _MzCudaSender MzCudaSender;

/* Moments of bands: each row of pixels is a chunk. */
typedef struct
{
  guint serial;    /* of the norm that they belong to */
  int rows, width; /* so far; pixels of a row */
  gboolean is_finished;
  float epsilon; /* of the scales, when they are there */
} MzCudaMoments;

typedef struct
{
  MzDevice base;
  const MzCudaKernels *kernels; /* of the activations' type */
  int index;                    /* of the card, among the driver's */
  cudaStream_t stream;
  cudaEvent_t marks[2];
  guint n_ops;
  int n_multiprocessors;
  gsize shared_bytes;  /* most of a block */
  gboolean has_groups; /* products of four warps */
  gboolean attends_by_groups;
  gpointer scratch; /* device, MZ_CUDA_SCRATCH_BYTES, and the moments */
  MzCudaMoments moments[MZ_CUDA_MOMENTS];
  guint n_moments;  /* norms begun so far */
  gpointer staging; /* device, for what is uploaded and downloaded */
  gpointer pinned;  /* host, as large */
  gsize staging_bytes;
  MzCudaLibraries *libraries; /* NULL: none */
  MzCudaChooser *chooser;
  gpointer bias_sum;          /* device, MZ_CUDA_MAX_BIAS elements */
  MzCudaRecording *recording; /* being made, or NULL */
  GHashTable *sizes;          /* device memory that is taken: its address -> bytes */
  MzCudaBlocks *blocks;       /* what weights lie in */
  MzCudaSender *sender;       /* brings them there */
} MzCudaDevice;

/* What every prepared weight begins with: its own device memory, part of a block. */
typedef struct
{
  MzWeight base;
  MzCudaBlock *block;
  gpointer memory;
} MzCudaWeight;

typedef struct
{
  MzCudaWeight weight;
  gpointer matrix;       /* elements [columns, depth_padded] */
  float *bias;           /* [columns] */
  gpointer bias_rounded; /* the same as elements, for libraries */
  int columns;           /* rows of the file's matrix, all parts; values and gates in turn with GEGLU */
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
  gpointer tokens, positions; /* elements */
} MzCudaEmbedding;

extern const MzBackend mz_backend_cuda, mz_backend_cuda_bfloat16;

/* ---- device.c ---- */

/* Sets MZ_ERROR_MEMORY or MZ_ERROR_BACKEND with the call that failed. Returns whether it did not. */
#define MZ_CUDA_OK(CALL, ERROR) mz_cuda_check ((CALL), #CALL, __FILE__, __LINE__, (ERROR))
gboolean mz_cuda_check (cudaError_t status, const char *call, const char *file, int line, GError **error);
/* Makes the card this thread's: what the runtime takes for it is the first card until then. Every function of
 * the table calls it before anything else, as any thread may call them. */
void mz_cuda_enter (const MzCudaDevice *device);
/* Device memory; NULL with MZ_ERROR_MEMORY, which names the size. */
gpointer mz_cuda_take (MzCudaDevice *device, gsize n_bytes, GError **error);
/* Gives it back, once nothing uses it any more; NULL is nothing. */
void mz_cuda_give (MzCudaDevice *device, gpointer memory);
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

/* ---- blocks.c: few large pieces of device memory, as cudaMalloc() takes its time ---- */

MzCudaBlocks *mz_cuda_blocks_new (MzCudaDevice *device);
/* Nothing may be taken any more. */
void mz_cuda_blocks_free (MzCudaBlocks *blocks);
/* A part of a block, aligned to MZ_CUDA_ALIGNMENT; NULL with MZ_ERROR_MEMORY. *n_bytes becomes what the
 * blocks have grown by: the whole of a new block, and then nothing until it is full. */
gpointer mz_cuda_blocks_take (MzCudaBlocks *blocks, gsize *n_bytes, MzCudaBlock **block, GError **error);
/* One part less; the last one gives the block back to the card, and waits for what still uses it. */
void mz_cuda_blocks_give (MzCudaBlocks *blocks, MzCudaBlock *block);
/* What is taken from now on lies in other blocks: a network's weights are let go of together. */
void mz_cuda_blocks_seal (MzCudaBlocks *blocks);

/* ---- send.c: bytes of a file through page-locked memory to the card, which lays them out ---- */

MzCudaSender *mz_cuda_sender_new (void);
void mz_cuda_sender_free (MzCudaDevice *device, MzCudaSender *sender);
/* Enqueues all elements of a view. `laying` says where they go; what stands in it of the source is filled in.
 * `what` names the view within its weight, in a sentence about what it holds. The view is not read after the
 * call. */
gboolean mz_cuda_send (MzCudaDevice *device,
                       const MzView *view,
                       const MzWeight *weight,
                       const char *what,
                       const MzCudaLaying *laying,
                       GError **error);
/* Enqueues zeros. */
gboolean mz_cuda_send_zeros (MzCudaDevice *device, gpointer to, gsize n_bytes, GError **error);
/* Enqueues the same numbers as elements; `bias` was sent before. */
gboolean
mz_cuda_send_rounded_bias (MzCudaDevice *device, gpointer to, const float *bias, int n, GError **error);
/* Waits for all of it. */
gboolean mz_cuda_finish_weights (MzDevice *device, const MzWeight **bad, GError **error);
/* Before the card computes with what was sent: waits too, but looks at nothing. */
gboolean mz_cuda_await_weights (MzCudaDevice *device, GError **error);
/* Nobody asks about this weight any more. */
void mz_cuda_forget_weight (MzCudaDevice *device, const MzWeight *weight);

/* ---- transfer.c ---- */

/* Elements that one access of 16 bytes moves. */
#define MZ_CUDA_VECTOR 8
/* Does each pixel begin at a whole vector, and have only such? NULL does. */
gboolean mz_cuda_is_vectors (const MzTensor *tensor);

gboolean mz_cuda_upload (MzDevice *device, const MzTensor *tensor, const float *nchw, GError **error);
gboolean mz_cuda_download (MzDevice *device, const MzTensor *tensor, float *nchw, GError **error);
gboolean mz_cuda_copy (MzExec *exec, const MzTensor *out, const MzTensor *in, GError **error);
gboolean mz_cuda_run_embed (MzExec *exec,
                            const MzTensor *out,
                            const gint32 *ids,
                            const MzWeight *embedding,
                            GError **error);

/* ---- record.c ---- */

/* See MzBackend. */
gboolean mz_cuda_record_begin (MzDevice *device, GError **error);
gpointer mz_cuda_record_end (MzDevice *device, GError **error);
gboolean
mz_cuda_recording_give (MzDevice *device, gpointer recording, guint index, const float *nchw, gsize n);
gboolean mz_cuda_recording_run (MzDevice *device, gpointer recording, MzCancel *cancel, GError **error);
gboolean mz_cuda_recording_get (MzDevice *device, gpointer recording, guint index, float *nchw, gsize n);
void mz_cuda_recording_free (MzDevice *device, gpointer recording);
/* While recording: an upload or download becomes part of it, with memory of its own. */
gboolean
mz_cuda_record_upload (MzCudaDevice *device, const MzTensor *tensor, const float *nchw, GError **error);
gboolean mz_cuda_record_download (MzCudaDevice *device, const MzTensor *tensor, GError **error);

/* ---- rows-product.c ---- */

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
