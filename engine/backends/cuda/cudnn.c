/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Convolutions by cuDNN's graph interface: convolution, residual and bias as one operation graph, in the
 * order that its precompiled engines know. Engines that compile at run time are left out, as they would take
 * seconds for each shape, and so are those that may give other bits on another run. */
#include <cudnn.h>
#include <stdbool.h>

#include "backends/cuda/library-private.h"
#include "backends/cuda/plan.h"

/* More than its heuristics ever gave for one shape. */
#define MAX_CONFIGS 64

/* cuDNN aborts the process when one of these is missing, so that each is tried first. */
static const char *const parts[] = {
  "libcudnn_graph.so.9",
  "libcudnn_heuristic.so.9",
  "libcudnn_engines_precompiled.so.9",
  "libcudnn_engines_runtime_compiled.so.9",
};

static struct
{
  size_t (*cudnnGetVersion) (void);
  cudnnStatus_t (*cudnnCreate) (cudnnHandle_t *);
  cudnnStatus_t (*cudnnDestroy) (cudnnHandle_t);
  cudnnStatus_t (*cudnnSetStream) (cudnnHandle_t, cudaStream_t);
  cudnnStatus_t (*cudnnBackendCreateDescriptor) (cudnnBackendDescriptorType_t, cudnnBackendDescriptor_t *);
  cudnnStatus_t (*cudnnBackendDestroyDescriptor) (cudnnBackendDescriptor_t);
  cudnnStatus_t (*cudnnBackendFinalize) (cudnnBackendDescriptor_t);
  cudnnStatus_t (*cudnnBackendSetAttribute) (cudnnBackendDescriptor_t,
                                             cudnnBackendAttributeName_t,
                                             cudnnBackendAttributeType_t,
                                             int64_t,
                                             const void *);
  cudnnStatus_t (*cudnnBackendGetAttribute) (cudnnBackendDescriptor_t,
                                             cudnnBackendAttributeName_t,
                                             cudnnBackendAttributeType_t,
                                             int64_t,
                                             int64_t *,
                                             void *);
  cudnnStatus_t (*cudnnBackendExecute) (cudnnHandle_t, cudnnBackendDescriptor_t, cudnnBackendDescriptor_t);
} lib;

#define SYMBOL(NAME)                                                                                         \
  {                                                                                                          \
#NAME, (gpointer *) &lib.NAME                                                                            \
  }
static const MzCudaSymbol symbols[] = {
  SYMBOL (cudnnGetVersion),
  SYMBOL (cudnnCreate),
  SYMBOL (cudnnDestroy),
  SYMBOL (cudnnSetStream),
  SYMBOL (cudnnBackendCreateDescriptor),
  SYMBOL (cudnnBackendDestroyDescriptor),
  SYMBOL (cudnnBackendFinalize),
  SYMBOL (cudnnBackendSetAttribute),
  SYMBOL (cudnnBackendGetAttribute),
  SYMBOL (cudnnBackendExecute),
};

struct _MzCudnn
{
  const MzCudaKernels *kernels;
  cudnnHandle_t handle;
};

/* Of the tensors of a graph. */
enum
{
  ID_IN = 1,
  ID_MATRIX,
  ID_OUT,
  ID_BIAS,
  ID_RESIDUAL,
  ID_SUM,           /* virtual: the bare convolution */
  ID_WITH_RESIDUAL, /* virtual */
};

typedef struct
{
  MzCudaWays base;
  MzCudnn *cudnn;
  GPtrArray *made; /* every descriptor, in the order they were made */
  gboolean failed;
  gboolean has_residual;
  gsize enlarged_bytes; /* of the scratch, for an input that is enlarged first: */
  gint64 n_at_once;     /* samples of it that have room there; all, if it is not enlarged */
  cudnnBackendDescriptor_t plans[MZ_CUDA_MAX_WAYS];
} Ways;

MzCudnn *
mz_cudnn_open (const MzCudaKernels *kernels, char **version, char **reason)
{
  MzCudnn *cudnn;
  cudnnHandle_t handle = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (!mz_cuda_library_open (parts[i], NULL, 0, reason))
      return NULL;
  if (!mz_cuda_library_open ("libcudnn.so.9", symbols, G_N_ELEMENTS (symbols), reason))
    return NULL;
  if (lib.cudnnCreate (&handle) != CUDNN_STATUS_SUCCESS)
    {
      *reason = g_strdup ("it does not start");
      return NULL;
    }
  *version = mz_cuda_library_version (lib.cudnnGetVersion ());
  cudnn = g_new0 (MzCudnn, 1);
  cudnn->kernels = kernels;
  cudnn->handle = handle;
  return cudnn;
}

void
mz_cudnn_close (MzCudnn *cudnn)
{
  lib.cudnnDestroy (cudnn->handle);
  g_free (cudnn);
}

/* ---- Descriptors: the first failure sticks in `ways` ---- */

static cudnnBackendDescriptor_t
make (Ways *ways, cudnnBackendDescriptorType_t type)
{
  cudnnBackendDescriptor_t d = NULL;

  if (ways->failed || lib.cudnnBackendCreateDescriptor (type, &d) != CUDNN_STATUS_SUCCESS)
    {
      ways->failed = TRUE;
      return NULL;
    }
  g_ptr_array_add (ways->made, d);
  return d;
}

static void
set (Ways *ways,
     cudnnBackendDescriptor_t d,
     cudnnBackendAttributeName_t name,
     cudnnBackendAttributeType_t type,
     int64_t n,
     const void *values)
{
  if (!ways->failed)
    ways->failed = lib.cudnnBackendSetAttribute (d, name, type, n, values) != CUDNN_STATUS_SUCCESS;
}

static void
set_descriptor (Ways *ways,
                cudnnBackendDescriptor_t d,
                cudnnBackendAttributeName_t name,
                cudnnBackendDescriptor_t value)
{
  set (ways, d, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &value);
}

static cudnnBackendDescriptor_t
finalize (Ways *ways, cudnnBackendDescriptor_t d)
{
  if (!ways->failed)
    ways->failed = lib.cudnnBackendFinalize (d) != CUDNN_STATUS_SUCCESS;
  return d;
}

/* [n, c, h, w] as cuDNN counts dimensions, channels last in memory. */
static cudnnBackendDescriptor_t
make_tensor (Ways *ways, int64_t id, int64_t n, int64_t c, int64_t h, int64_t w, gboolean is_virtual)
{
  cudnnBackendDescriptor_t d = make (ways, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  cudnnDataType_t element = ways->cudnn->kernels->is_bfloat16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_HALF;
  cudnnDataType_t type = is_virtual ? CUDNN_DATA_FLOAT : element;
  int64_t sizes[] = { n, c, h, w }, strides[] = { c * h * w, 1, c * w, c }, alignment = 16;
  bool flag = is_virtual;

  set (ways, d, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
  set (ways, d, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, sizes);
  set (ways, d, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides);
  set (ways, d, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &id);
  set (ways, d, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
  set (ways, d, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &flag);
  return finalize (ways, d);
}

static cudnnBackendDescriptor_t
make_addition (Ways *ways,
               cudnnBackendDescriptor_t a,
               cudnnBackendDescriptor_t b,
               cudnnBackendDescriptor_t sum)
{
  cudnnBackendDescriptor_t add = make (ways, CUDNN_BACKEND_POINTWISE_DESCRIPTOR), op;
  cudnnPointwiseMode_t mode = CUDNN_POINTWISE_ADD;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;

  set (ways, add, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
  set (ways, add, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &type);
  finalize (ways, add);
  op = make (ways, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
  set_descriptor (ways, op, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, add);
  set_descriptor (ways, op, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, a);
  set_descriptor (ways, op, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b);
  set_descriptor (ways, op, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, sum);
  return finalize (ways, op);
}

/* What must lie below or to the right so that the result has `out` rows or columns. */
static int64_t
pad_after (int in, int out, int stride, int kernel, int pad_before)
{
  return MAX ((out - 1) * stride + kernel - in - pad_before, 0);
}

static cudnnBackendDescriptor_t
make_convolution (Ways *ways,
                  const MzCudaProduct *p,
                  cudnnBackendDescriptor_t in,
                  cudnnBackendDescriptor_t matrix,
                  cudnnBackendDescriptor_t out)
{
  cudnnBackendDescriptor_t d = make (ways, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR), op;
  int64_t n_dims = 2, ones[] = { 1, 1 }, strides[] = { p->stride, p->stride };
  int64_t before[] = { p->pad_top, p->pad_left },
          after[] = { pad_after (p->large_h, p->out_h, p->stride, p->kernel_h, p->pad_top),
                      pad_after (p->large_w, p->out_w, p->stride, p->kernel_w, p->pad_left) };
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
  float one = 1, zero = 0;

  set (ways, d, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &n_dims);
  set (ways, d, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
  set (ways, d, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
  set (ways, d, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, before);
  set (ways, d, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, after);
  set (ways, d, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, ones);
  set (ways, d, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, strides);
  finalize (ways, d);
  op = make (ways, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
  set_descriptor (ways, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, in);
  set_descriptor (ways, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, matrix);
  set_descriptor (ways, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, out);
  set_descriptor (ways, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, d);
  set (ways, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1, &one);
  set (ways, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 1, &zero);
  return finalize (ways, op);
}

/* out = (convolution [+ residual]) + bias. */
static cudnnBackendDescriptor_t
make_graph (Ways *ways, const MzCudaProduct *p)
{
  int n = p->m / (p->out_h * p->out_w), k = p->columns, n_ops = 0;
  cudnnBackendDescriptor_t in = make_tensor (ways, ID_IN, n, p->c1, p->large_h, p->large_w, FALSE);
  cudnnBackendDescriptor_t matrix = make_tensor (ways, ID_MATRIX, k, p->c1, p->kernel_h, p->kernel_w, FALSE);
  cudnnBackendDescriptor_t out = make_tensor (ways, ID_OUT, n, k, p->out_h, p->out_w, FALSE);
  cudnnBackendDescriptor_t bias = make_tensor (ways, ID_BIAS, 1, k, 1, 1, FALSE);
  cudnnBackendDescriptor_t sum = make_tensor (ways, ID_SUM, n, k, p->out_h, p->out_w, TRUE);
  cudnnBackendDescriptor_t ops[3], graph;

  ops[n_ops++] = make_convolution (ways, p, in, matrix, sum);
  if (ways->has_residual)
    {
      cudnnBackendDescriptor_t residual = make_tensor (ways, ID_RESIDUAL, n, k, p->out_h, p->out_w, FALSE);
      cudnnBackendDescriptor_t more = make_tensor (ways, ID_WITH_RESIDUAL, n, k, p->out_h, p->out_w, TRUE);

      ops[n_ops++] = make_addition (ways, sum, residual, more);
      sum = more;
    }
  ops[n_ops++] = make_addition (ways, sum, bias, out);
  graph = make (ways, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  set (ways, graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, n_ops, ops);
  set (ways, graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &ways->cudnn->handle);
  return finalize (ways, graph);
}

/* ---- Ways ---- */

/* Is the engine of this configuration compiled already, and the same on every run? */
static gboolean
is_wanted (Ways *ways, cudnnBackendDescriptor_t config)
{
  cudnnBackendDescriptor_t engine = make (ways, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  cudnnBackendNumericalNote_t numerical[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
  cudnnBackendBehaviorNote_t behavior[CUDNN_BEHAVIOR_NOTE_TYPE_COUNT];
  int64_t n = 0;

  if (engine == NULL
      || lib.cudnnBackendGetAttribute (config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                                       &n, &engine)
             != CUDNN_STATUS_SUCCESS
      || lib.cudnnBackendGetAttribute (engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                                       CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &n, numerical)
             != CUDNN_STATUS_SUCCESS)
    return FALSE;
  for (int64_t i = 0; i < n; i++)
    if (numerical[i] == CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC
        || numerical[i] == CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION
        || numerical[i] == CUDNN_NUMERICAL_NOTE_WINOGRAD)
      return FALSE;
  if (lib.cudnnBackendGetAttribute (engine, CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE,
                                    CUDNN_BEHAVIOR_NOTE_TYPE_COUNT, &n, behavior)
      != CUDNN_STATUS_SUCCESS)
    return FALSE;
  for (int64_t i = 0; i < n; i++)
    if (behavior[i] == CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION)
      return FALSE;
  return TRUE;
}

static void
add_way (Ways *ways, cudnnBackendDescriptor_t config, gsize scratch_bytes)
{
  cudnnBackendDescriptor_t plan;
  int64_t n = 0, n_bytes = 0;

  if (!is_wanted (ways, config))
    return;
  plan = make (ways, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  set (ways, plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &ways->cudnn->handle);
  set_descriptor (ways, plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
  if (ways->failed || lib.cudnnBackendFinalize (plan) != CUDNN_STATUS_SUCCESS
      || lib.cudnnBackendGetAttribute (plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1,
                                       &n, &n_bytes)
             != CUDNN_STATUS_SUCCESS
      || (gsize) n_bytes + ways->enlarged_bytes > scratch_bytes)
    return;
  ways->plans[ways->base.n++] = plan;
}

static void
ask (Ways *ways, cudnnBackendDescriptor_t graph, gsize scratch_bytes)
{
  static const cudnnBackendHeurMode_t mode = CUDNN_HEUR_MODE_A;
  cudnnBackendDescriptor_t heuristic = make (ways, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR), configs[MAX_CONFIGS];
  int64_t n = 0;

  set_descriptor (ways, heuristic, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
  set (ways, heuristic, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
  finalize (ways, heuristic);
  for (int i = 0; i < MAX_CONFIGS; i++)
    configs[i] = make (ways, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
  if (ways->failed
      || lib.cudnnBackendGetAttribute (heuristic, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                       CUDNN_TYPE_BACKEND_DESCRIPTOR, MAX_CONFIGS, &n, configs)
             != CUDNN_STATUS_SUCCESS)
    return;
  for (int64_t i = 0; i < MIN (n, MAX_CONFIGS) && ways->base.n < MZ_CUDA_MAX_WAYS && !ways->failed; i++)
    add_way (ways, configs[i], scratch_bytes);
}

static void
free_ways (MzCudaWays *base)
{
  Ways *ways = (Ways *) base;

  for (guint i = ways->made->len; i > 0; i--)
    lib.cudnnBackendDestroyDescriptor (g_ptr_array_index (ways->made, i - 1));
  g_ptr_array_free (ways->made, TRUE);
  g_free (ways);
}

/* Where the tensors of one call lie. */
static gboolean
fill_pack (cudnnBackendDescriptor_t pack, const MzCudaProduct *p, gpointer workspace)
{
  static const int64_t ids[] = { ID_IN, ID_MATRIX, ID_OUT, ID_BIAS, ID_RESIDUAL };
  const void *pointers[] = { p->in, p->matrix, p->out, p->bias_rounded, p->residual };
  int64_t n = p->residual != NULL ? 5 : 4;

  return lib.cudnnBackendSetAttribute (pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, n, ids)
             == CUDNN_STATUS_SUCCESS
         && lib.cudnnBackendSetAttribute (pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, n,
                                          pointers)
                == CUDNN_STATUS_SUCCESS
         && lib.cudnnBackendSetAttribute (pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1,
                                          &workspace)
                == CUDNN_STATUS_SUCCESS
         && lib.cudnnBackendFinalize (pack) == CUDNN_STATUS_SUCCESS;
}

static const char *
execute (Ways *ways, guint index, const MzCudaProduct *p, const MzCudaScratch *scratch, cudaStream_t stream)
{
  cudnnHandle_t handle = ways->cudnn->handle;
  cudnnBackendDescriptor_t pack = NULL;
  gboolean ok;

  if (lib.cudnnBackendCreateDescriptor (CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, &pack) != CUDNN_STATUS_SUCCESS)
    return "cuDNN has no memory";
  ok = fill_pack (pack, p, (guint8 *) scratch->memory + ways->enlarged_bytes)
       && lib.cudnnSetStream (handle, stream) == CUDNN_STATUS_SUCCESS
       && lib.cudnnBackendExecute (handle, ways->plans[index], pack) == CUDNN_STATUS_SUCCESS;
  lib.cudnnBackendDestroyDescriptor (pack);
  return ok ? NULL : "cuDNN could not convolve";
}

static const char *
run (MzCudaWays *base, guint index, const MzCudaProduct *p, const MzCudaScratch *scratch, cudaStream_t stream)
{
  Ways *ways = (Ways *) base;
  gint64 pixels = (gint64) p->out_h * p->out_w, n = p->m / pixels;
  const char *failure = NULL;

  if (ways->enlarged_bytes == 0)
    return execute (ways, index, p, scratch, stream);
  for (gint64 first = 0; first < n && failure == NULL; first += ways->n_at_once)
    {
      MzCudaProduct part = *p;
      gint64 results = first * pixels * p->columns;

      part.in = scratch->memory;
      part.out = (guint16 *) p->out + results;
      part.residual = p->residual != NULL ? (const guint16 *) p->residual + results : NULL;
      if (ways->cudnn->kernels->enlarge (
              scratch->memory, (const guint16 *) p->in + first * p->in_h * p->in_w * p->c1,
              (int) ways->n_at_once, p->in_h, p->in_w, p->large_h, p->large_w, p->c1, stream)
          != cudaSuccess)
        return "a kernel could not be launched";
      failure = execute (ways, index, &part, scratch, stream);
    }
  return failure;
}

static gboolean
can (const MzCudaProduct *p)
{
  gint64 n = p->m / ((gint64) p->out_h * p->out_w);

  /* what is larger, its engines were never tried on */
  if (n * p->large_h * p->large_w * p->c1 > G_MAXINT32 || (gint64) p->m * p->columns > G_MAXINT32)
    return FALSE;
  return p->c2 == 0 && !p->geglu && p->activation == MZ_CUDA_NONE && p->kernel_h > 1 && p->kernel_w > 1
         && p->pad_top >= 0 && p->pad_left >= 0 && p->c1 % 8 == 0 && p->columns % 8 == 0
         && p->depth_padded == p->c1 * p->kernel_h * p->kernel_w
         /* no rows of the picture that no kernel reaches: a band's */
         && (p->out_h - 1) * p->stride + p->kernel_h >= p->large_h + p->pad_top - (p->stride - 1)
         && (p->out_w - 1) * p->stride + p->kernel_w >= p->large_w + p->pad_left - (p->stride - 1);
}

MzCudaWays *
mz_cudnn_ways (MzCudnn *cudnn, const MzCudaProduct *p, gsize scratch_bytes)
{
  gsize sample_bytes
      = p->upsample > 1 ? (gsize) p->large_h * (gsize) p->large_w * (gsize) p->c1 * sizeof (guint16) : 0;
  gint64 n_at_once
      = mz_cuda_plan_samples (p->m / ((gint64) p->out_h * p->out_w), sample_bytes, scratch_bytes);
  MzCudaProduct part = *p;
  Ways *ways;
  cudnnBackendDescriptor_t graph;

  if (!can (p) || n_at_once == 0)
    return NULL;
  part.m = (int) n_at_once * p->out_h * p->out_w;
  ways = g_new0 (Ways, 1);
  ways->base.run = run;
  ways->base.free = free_ways;
  ways->cudnn = cudnn;
  ways->made = g_ptr_array_new ();
  ways->has_residual = p->residual != NULL;
  ways->n_at_once = n_at_once;
  ways->enlarged_bytes = ((gsize) n_at_once * sample_bytes + 255) / 256 * 256;
  graph = make_graph (ways, &part);
  if (!ways->failed)
    ask (ways, graph, scratch_bytes);
  return &ways->base;
}
