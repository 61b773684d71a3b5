/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* THE op table: what a backend implements and all that model code may ask for.
 *
 * Shape letters, here and everywhere: B or N samples, H W pixels, C channels, T tokens, D channels per head.
 * A tensor is [N, H, W, C], channels last; tokens are [N, 1, T, C] (see core/tensor.h).
 *
 * Model code calls the mz_op_* functions with an MzExec. They check shapes, look at the cancel flag, trace,
 * and pass on to the backend. The first failure stays in the MzExec and turns every later call into a no-op
 * that looks at no weight, as cairo does, so that model code reads as the formula it is; mz_exec_finish()
 * hands the failure over.
 *
 * A backend's function may assume that its arguments passed the checks, must not allocate in proportion to
 * the activations, must look at exec->cancel often enough to answer in 100 ms, and gives the same bits for
 * the same input whatever the number of threads, alone or in a batch, and whole or in bands of 8 rows or a
 * multiple (for a convolution: with its whole_height). */
#pragma once

#include "core/arena.h"
#include "core/cancel.h"
#include "core/error.h"
#include "core/tensor.h"

G_BEGIN_DECLS

typedef struct _MzBackend MzBackend;
typedef struct _MzDevice MzDevice;
typedef struct _MzWeight MzWeight;
typedef struct _MzExec MzExec;
typedef struct _MzRecorder MzRecorder;

/* ---- What an op is told ---- */

typedef enum
{
  MZ_ACTIVATION_NONE,
  MZ_ACTIVATION_SILU,       /* x / (1 + exp (-x)) */
  MZ_ACTIVATION_GELU,       /* x/2 (1 + erf (x / sqrt 2)) */
  MZ_ACTIVATION_QUICK_GELU, /* x / (1 + exp (-1.702 x)) */
  MZ_ACTIVATION_RELU,       /* max (x, 0); in an epilogue it comes last, after the residual */
} MzActivation;

typedef enum
{
  MZ_MATRIX_CONV,   /* view [Cout, Cin, kh, kw] */
  MZ_MATRIX_LINEAR, /* view [Cout, Cin] or [Cout, Cin, 1, 1] */
  MZ_MATRIX_GEGLU,  /* view [2 Cout, Cin]: rows 0..Cout-1 are the value, the rest the gate; y = value * gelu
                       (gate) */
} MzMatrixKind;

/* What is done to each result y = W x + bias before it is stored, in this order:
 *   y += channel_add[n or 0, c];  y = activation (y);  y += residual[n, h, w, c]. */
typedef struct
{
  const MzTensor *channel_add; /* [N, 1, 1, Cout], or [1, 1, 1, Cout] for all samples alike, or NULL */
  MzActivation activation;     /* must be NONE with a MZ_MATRIX_GEGLU weight */
  const MzTensor *residual;    /* shape of the result, or NULL; may be the result's own memory */
} MzEpilogue;

/* Input [N, H, W, C] is first enlarged by `upsample` (nearest neighbour), then its last crop_bottom rows and
 * crop_right columns are dropped (odd sizes: 9 came from 17, not from 18), then it is padded with zeros, then
 * convolved. Negative padding takes away that many rows or columns of the enlarged picture: a band of a
 * picture comes with one row of the picture more than the enlarged band needs. */
typedef struct
{
  int stride;   /* 1 or 2 */
  int upsample; /* 1 or 2 */
  int pad_top, pad_left, pad_bottom, pad_right;
  int crop_bottom, crop_right; /* 0 or 1, only with upsample 2 */
  int whole_height; /* of a band: rows of the result that it is part of, so that a backend goes the same way
                       for each; 0: this is the whole */
} MzConvGeometry;

/* 3x3, stride 1, one pixel of padding: nearly every convolution of the family. */
#define MZ_CONV_SAME ((MzConvGeometry){ .stride = 1, .upsample = 1, 1, 1, 1, 1 })

/* Of all values of one group: how many, their mean, and the sum of their squared distances from it. */
typedef struct
{
  double n, mean, m2;
} MzMoments;

/* A prepared weight in the backend's own memory and layout. Backends embed this as the first member. */
struct _MzWeight
{
  const MzBackend *backend;
  MzMatrixKind kind;
  int out_channels; /* of the result: half the rows for GEGLU; for norms the number of channels */
  int in_channels;
  int kernel_h, kernel_w;
  gsize n_bytes; /* memory it holds on the device */
};

/* ---- The table ---- */

typedef struct
{
  int n_threads; /* 0: as many as there are processors for this process */
} MzDeviceOptions;

/* An opened device. Backends embed this as the first member. One thread at a time may use it. */
struct _MzDevice
{
  const MzBackend *backend;
  const MzBackend *wider; /* opens the same device with activations of a wider range, for what goes beyond
                             this one's; NULL: it has none */
  char *description;      /* "AMD EPYC, 2 threads, AVX-512"; freed by mz_device_close() */
  MzCancel *cancel;       /* borrowed: what the preparing of weights looks at; NULL: it cannot be cancelled */
  gsize scratch_bytes; /* the most that its ops hold besides tensors and weights, all threads together, in the
                          memory that tensors lie in */
  gsize preparing_bytes; /* likewise for a while, when weights are prepared */
  /* Matrices prepared while this is set may be held in 8 bits, with one factor for each output channel. A
   * backend that has no such form goes by the file. */
  gboolean prefers_8bit;
  /* Matrices that are multiplied while this is set may be summed in half precision, 32 products at a time,
   * where that is faster. */
  gboolean uses_half_sums;
  guint64 taken_bytes; /* of a device with memory of its own: what it has of it */
  guint64 generation;  /* goes up when a weight is released: what was recorded with it is void */
};

struct _MzBackend
{
  const char *name; /* "reference", "cpu", "cuda" */
  MzDType activation_dtype;
  gsize alignment;        /* of every activation, bytes */
  gboolean has_8bit;      /* heeds its devices' prefers_8bit */
  gboolean has_half_sums; /* and uses_half_sums */

  /* Opens the device, or says in one sentence why it cannot be used. */
  MzDevice *(*open) (const MzDeviceOptions *options, GError **error);
  void (*close) (MzDevice *device);

  /* Memory for activations; NULL with MZ_ERROR_MEMORY when there is not enough. */
  gpointer (*alloc) (MzDevice *device, gsize n_bytes, GError **error);
  void (*release) (MzDevice *device, gpointer memory);
  /* Of a device with memory of its own: what the program may have of it, bytes, what it has already included;
   * 0: not known. NULL: the device computes in the program's memory. */
  guint64 (*count_usable_bytes) (MzDevice *device);
  /* Host float32 [N, C, H, W] to a tensor, and back. Complete on return. */
  gboolean (*upload) (MzDevice *device, const MzTensor *tensor, const float *nchw, GError **error);
  gboolean (*download) (MzDevice *device, const MzTensor *tensor, float *nchw, GError **error);

  /* Weights. `n_parts` matrices of equal Cin are stacked along Cout (query, key and value as one product).
   * `biases` may be NULL, and so may each of its entries. A NaN or infinity in a view is MZ_ERROR_NONFINITE,
   * here or when the weights are finished. Views are not kept. */
  MzWeight *(*prepare_matrix) (MzDevice *device,
                               MzMatrixKind kind,
                               int n_parts,
                               const MzView *const *weights,
                               const MzView *const *biases,
                               GError **error);
  /* gamma and beta [C] of a group or layer norm. */
  MzWeight *(*prepare_norm) (MzDevice *device, const MzView *gamma, const MzView *beta, GError **error);
  /* tokens [V, C] and positions [P, C]: out_channels C, in_channels V, kernel_h P. */
  MzWeight *(*prepare_embedding) (MzDevice *device,
                                  const MzView *tokens,
                                  const MzView *positions,
                                  GError **error);
  /* Waits for what the functions above left under way. Some find out only then that a weight's numbers are of
   * no use: FALSE as they would have said it, with *bad the first such weight, still to be released. NULL:
   * nothing is ever left under way. Call mz_device_finish_weights(). */
  gboolean (*finish_weights) (MzDevice *device, const MzWeight **bad, GError **error);
  void (*release_weight) (MzDevice *device, MzWeight *weight);

  /* out [N, H', W', Cout]. The input is `in`, or the channels of `in` followed by those of `in2` (same N, H,
   * W). */
  gboolean (*conv2d) (MzExec *exec,
                      const MzTensor *out,
                      const MzTensor *in,
                      const MzTensor *in2,
                      const MzWeight *weight,
                      const MzConvGeometry *geometry,
                      const MzEpilogue *epilogue,
                      GError **error);
  /* out [N, H, W, Cout] = each row of `in` (and `in2`) times the matrix. */
  gboolean (*linear) (MzExec *exec,
                      const MzTensor *out,
                      const MzTensor *in,
                      const MzTensor *in2,
                      const MzWeight *weight,
                      const MzEpilogue *epilogue,
                      GError **error);
  /* out [N, H, W, C + C2]: mean and variance over H, W and the channels of a group; a group may straddle in
   * and in2. out may be in where in2 is NULL. */
  gboolean (*group_norm) (MzExec *exec,
                          const MzTensor *out,
                          const MzTensor *in,
                          const MzTensor *in2,
                          const MzWeight *norm,
                          int n_groups,
                          float epsilon,
                          MzActivation activation,
                          GError **error);
  /* The group norm of a picture that lies in bands, in two steps. The first joins what is known of the bands
   * before to this band's moments: host memory [N, n_groups], zero at first. Each row of pixels is measured
   * by itself and joined in order, so that the cut into bands does not change a bit. What stands in the array
   * is for this device alone, and may be copied as a whole: a graphics card puts down only where it has it.
   */
  gboolean (
      *group_moments) (MzExec *exec, const MzTensor *in, int n_groups, MzMoments *moments, GError **error);
  /* The second scales a band, [N, H, W, C] as out, by the moments of the whole. */
  gboolean (*group_scale) (MzExec *exec,
                           const MzTensor *out,
                           const MzTensor *in,
                           const MzMoments *moments,
                           const MzWeight *norm,
                           int n_groups,
                           float epsilon,
                           MzActivation activation,
                           GError **error);
  /* out = in, of the same shape, in other memory. */
  gboolean (*copy) (MzExec *exec, const MzTensor *out, const MzTensor *in, GError **error);
  /* Mean and variance over C of each row. out may be in. */
  gboolean (*layer_norm) (MzExec *exec,
                          const MzTensor *out,
                          const MzTensor *in,
                          const MzWeight *norm,
                          float epsilon,
                          GError **error);
  /* softmax (q k^T / sqrt D [+ causal mask]) v for each head. q, out [B, 1, Tq, n_heads D]; k, v [B, 1, Tk,
   * n_heads D]. Never holds the scores of more than a tile. */
  gboolean (*attention) (MzExec *exec,
                         const MzTensor *out,
                         const MzTensor *q,
                         const MzTensor *k,
                         const MzTensor *v,
                         int n_heads,
                         gboolean causal,
                         GError **error);
  /* out [B, 1, T, C] = tokens[ids[b, t]] + positions[t]; ids are host memory, each below V, T at most P. */
  gboolean (*embed) (MzExec *exec,
                     const MzTensor *out,
                     const gint32 *ids,
                     const MzWeight *embedding,
                     GError **error);

  /* Recording; NULL in a backend that cannot. Between begin and end, ops, uploads and downloads are not run
   * but become part of the recording that end returns, NULL with why not. Host memory for uploads and
   * downloads is the recording's own: give and get copy the numbers of upload or download `index` in the
   * order of recording, and return FALSE when there is none of `n` numbers. run waits, but not after `cancel`
   * was raised. */
  gboolean (*record_begin) (MzDevice *device, GError **error);
  gpointer (*record_end) (MzDevice *device, GError **error);
  gboolean (*recording_give) (MzDevice *device, gpointer recording, guint index, const float *nchw, gsize n);
  gboolean (*recording_run) (MzDevice *device, gpointer recording, MzCancel *cancel, GError **error);
  gboolean (*recording_get) (MzDevice *device, gpointer recording, guint index, float *nchw, gsize n);
  void (*recording_free) (MzDevice *device, gpointer recording);
};

/* The backends built in. */
extern const MzBackend
    mz_backend_reference; /* plain loops in double precision sums: what the others are held against */
extern const MzBackend
    mz_backend_cpu; /* our SIMD kernels, threads; reference rows where there is no faster one */

/* Opens the backend `name`; NULL or "auto" means $MEZZOTINT_BACKEND, else the fastest that works here.
 * An unknown name is MZ_ERROR_ARGUMENT with the known ones in the message. */
MzDevice *mz_device_open (const char *name, const MzDeviceOptions *options, GError **error);
void mz_device_close (MzDevice *device);
/* After the last of some weights was prepared, before the first is used; `bad` may be NULL. */
gboolean mz_device_finish_weights (MzDevice *device, const MzWeight **bad, GError **error);
/* A device that computes nothing and whose weights are shapes alone; an MzExec on it, or networks built on it
 * with an MzExec on a device of `like`, plan as those of `like` do. */
MzDevice *mz_device_new_outline (const MzBackend *like);
/* All backends, NULL-terminated, best first. */
const MzBackend *const *mz_backends (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzDevice, mz_device_close)

/* ---- Running ---- */

/* Told after every op when set: its name, its result and how long it took. */
typedef void (*MzTraceFunc) (gpointer user, const char *op, const MzTensor *out, double seconds);

/* One place for one computation at a time: device, arena, cancel flag, first error. */
struct _MzExec
{
  MzDevice *device;
  MzCancel *cancel;  /* borrowed; NULL: cannot be cancelled */
  MzTraceFunc trace; /* NULL: none */
  gpointer trace_user;

  /* private to ops/ */
  MzArena *arena;
  guint8 *block;
  gsize block_bytes;
  gboolean planning;
  GError *error;
  MzRecorder *recorder; /* NULL: nothing was ever recorded */
};

/* `device` is borrowed and must outlive the exec. */
MzExec *mz_exec_new (MzDevice *device);
void mz_exec_free (MzExec *exec);

/* While planning, ops check shapes and compute nothing, and tensors have no memory. */
void mz_exec_begin_plan (MzExec *exec);
/* Ends planning: makes the block large enough for the high-water mark. No tensor may be live: its contents
 * would be lost. Returns FALSE with what went wrong while planning, or MZ_ERROR_MEMORY. */
gboolean mz_exec_end_plan (MzExec *exec, GError **error);
/* Ends planning without a block: only *n_bytes, the high-water mark of this plan and those before. */
gboolean mz_exec_end_estimate (MzExec *exec, gsize *n_bytes, GError **error);
/* Hands over the first failure since the last call. Returns TRUE when there was none. Live tensors stay. */
gboolean mz_exec_finish (MzExec *exec, GError **error);
/* Notes MZ_ERROR_MEMORY for `n_bytes` of host memory, unless there is a failure already. */
void mz_exec_fail_memory (MzExec *exec, gsize n_bytes);
/* The same of another failure; takes it. */
void mz_exec_fail (MzExec *exec, GError *error);
/* Is there a failure already? Then nothing computes any more. */
gboolean mz_exec_failed (MzExec *exec);
/* Around one evaluation of a network that will be evaluated again with other numbers, so that the backend can
 * record and replay it (see recorder.h). Between the two, the results of mz_op_download() may not be looked
 * at. `key` tells evaluations with other tensors apart that take turns. mz_exec_end_evaluation() returns TRUE
 * when all has to be done again, from the begin on. */
void mz_exec_begin_evaluation (MzExec *exec, guint key);
gboolean mz_exec_end_evaluation (MzExec *exec);
/* Gives the block back to the device. Nothing may be live. */
void mz_exec_release (MzExec *exec);
/* Bytes of the block: the high-water mark of everything planned so far. */
gsize mz_exec_block_bytes (MzExec *exec);

/* An uninitialised tensor from the arena, to be given back in any order. */
MzTensor mz_take (MzExec *exec, int n, int h, int w, int c);
void mz_give (MzExec *exec, MzTensor *tensor);
/* The same memory under another shape with as many elements. */
MzTensor mz_reshape (const MzTensor *tensor, int n, int h, int w);
/* Channels first..first+c of a tensor, as a slice for mz_op_attention(). */
MzTensor mz_slice_channels (const MzTensor *tensor, int first, int c);
/* Samples first..first+n of a tensor. */
MzTensor mz_slice_samples (const MzTensor *tensor, int first, int n);
/* Rows first..first+h of the pixels of a tensor of one sample. */
MzTensor mz_slice_rows (const MzTensor *tensor, int first, int h);
/* Joins two sets of values to one: Chan, Golub and LeVeque's rule. */
void mz_moments_join (MzMoments *a, const MzMoments *b);

void mz_op_upload (MzExec *exec, const MzTensor *tensor, const float *nchw);
void mz_op_download (MzExec *exec, const MzTensor *tensor, float *nchw);
void mz_op_conv2d (MzExec *exec,
                   const MzTensor *out,
                   const MzTensor *in,
                   const MzTensor *in2,
                   const MzWeight *weight,
                   const MzConvGeometry *geometry,
                   const MzEpilogue *epilogue);
void mz_op_linear (MzExec *exec,
                   const MzTensor *out,
                   const MzTensor *in,
                   const MzTensor *in2,
                   const MzWeight *weight,
                   const MzEpilogue *epilogue);
void mz_op_group_norm (MzExec *exec,
                       const MzTensor *out,
                       const MzTensor *in,
                       const MzTensor *in2,
                       const MzWeight *norm,
                       int n_groups,
                       float epsilon,
                       MzActivation activation);
void mz_op_group_moments (MzExec *exec, const MzTensor *in, int n_groups, MzMoments *moments);
void mz_op_group_scale (MzExec *exec,
                        const MzTensor *out,
                        const MzTensor *in,
                        const MzMoments *moments,
                        const MzWeight *norm,
                        int n_groups,
                        float epsilon,
                        MzActivation activation);
void mz_op_copy (MzExec *exec, const MzTensor *out, const MzTensor *in);
void
mz_op_layer_norm (MzExec *exec, const MzTensor *out, const MzTensor *in, const MzWeight *norm, float epsilon);
void mz_op_attention (MzExec *exec,
                      const MzTensor *out,
                      const MzTensor *q,
                      const MzTensor *k,
                      const MzTensor *v,
                      int n_heads,
                      gboolean causal);
void mz_op_embed (MzExec *exec, const MzTensor *out, const gint32 *ids, const MzWeight *embedding);

/* Height and width of a convolution's result; 0 when the kernel does not fit. */
int mz_conv_out_height (const MzConvGeometry *geometry, int in_height, int kernel_height);
int mz_conv_out_width (const MzConvGeometry *geometry, int in_width, int kernel_width);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzExec, mz_exec_free)

G_END_DECLS
