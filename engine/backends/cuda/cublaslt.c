/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Linear layers by cuBLASLt: out^T [columns, m] = matrix x in^T, all of them column by column as the library
 * sees them, with bias and residual in the same pass. A GEGLU's product goes to the scratch, some rows at a
 * time so that they stay in the card's cache, and from there through our kernel; two inputs are laid side by
 * side there before, which costs less than a second product and one more rounding of the sums. */
#include <cublasLt.h>

#include "backends/cuda/library-private.h"

/* What a way may use of the scratch besides rows. */
#define WORKSPACE_BYTES ((gsize) 8 << 20)

static struct
{
  size_t (*cublasLtGetVersion) (void);
  cublasStatus_t (*cublasLtCreate) (cublasLtHandle_t *);
  cublasStatus_t (*cublasLtDestroy) (cublasLtHandle_t);
  cublasStatus_t (*cublasLtMatmulDescCreate) (cublasLtMatmulDesc_t *, cublasComputeType_t, cudaDataType_t);
  cublasStatus_t (*cublasLtMatmulDescDestroy) (cublasLtMatmulDesc_t);
  cublasStatus_t (*cublasLtMatmulDescSetAttribute) (cublasLtMatmulDesc_t,
                                                    cublasLtMatmulDescAttributes_t,
                                                    const void *,
                                                    size_t);
  cublasStatus_t (
      *cublasLtMatrixLayoutCreate) (cublasLtMatrixLayout_t *, cudaDataType, uint64_t, uint64_t, int64_t);
  cublasStatus_t (*cublasLtMatrixLayoutDestroy) (cublasLtMatrixLayout_t);
  cublasStatus_t (*cublasLtMatmulPreferenceCreate) (cublasLtMatmulPreference_t *);
  cublasStatus_t (*cublasLtMatmulPreferenceDestroy) (cublasLtMatmulPreference_t);
  cublasStatus_t (*cublasLtMatmulPreferenceSetAttribute) (cublasLtMatmulPreference_t,
                                                          cublasLtMatmulPreferenceAttributes_t,
                                                          const void *,
                                                          size_t);
  cublasStatus_t (*cublasLtMatmulAlgoGetHeuristic) (cublasLtHandle_t,
                                                    cublasLtMatmulDesc_t,
                                                    cublasLtMatrixLayout_t,
                                                    cublasLtMatrixLayout_t,
                                                    cublasLtMatrixLayout_t,
                                                    cublasLtMatrixLayout_t,
                                                    cublasLtMatmulPreference_t,
                                                    int,
                                                    cublasLtMatmulHeuristicResult_t[],
                                                    int *);
  cublasStatus_t (*cublasLtMatmul) (cublasLtHandle_t,
                                    cublasLtMatmulDesc_t,
                                    const void *,
                                    const void *,
                                    cublasLtMatrixLayout_t,
                                    const void *,
                                    cublasLtMatrixLayout_t,
                                    const void *,
                                    const void *,
                                    cublasLtMatrixLayout_t,
                                    void *,
                                    cublasLtMatrixLayout_t,
                                    const cublasLtMatmulAlgo_t *,
                                    void *,
                                    size_t,
                                    cudaStream_t);
} lib;

#define SYMBOL(NAME)                                                                                         \
  {                                                                                                          \
#NAME, (gpointer *) &lib.NAME                                                                            \
  }
static const MzCudaSymbol symbols[] = {
  SYMBOL (cublasLtGetVersion),
  SYMBOL (cublasLtCreate),
  SYMBOL (cublasLtDestroy),
  SYMBOL (cublasLtMatmulDescCreate),
  SYMBOL (cublasLtMatmulDescDestroy),
  SYMBOL (cublasLtMatmulDescSetAttribute),
  SYMBOL (cublasLtMatrixLayoutCreate),
  SYMBOL (cublasLtMatrixLayoutDestroy),
  SYMBOL (cublasLtMatmulPreferenceCreate),
  SYMBOL (cublasLtMatmulPreferenceDestroy),
  SYMBOL (cublasLtMatmulPreferenceSetAttribute),
  SYMBOL (cublasLtMatmulAlgoGetHeuristic),
  SYMBOL (cublasLtMatmul),
};

struct _MzCublasLt
{
  const MzCudaKernels *kernels;
  cublasLtHandle_t handle;
};

typedef struct
{
  MzCudaWays base;
  MzCublasLt *lt;
  cublasLtMatmulDesc_t desc;
  cublasLtMatrixLayout_t matrix, in, out;   /* in, out: of rows_at_once rows */
  cublasLtMatrixLayout_t last_in, last_out; /* of what is left of them; NULL: nothing */
  int rows_at_once, last_rows;
  cublasLtMatmulHeuristicResult_t results[MZ_CUDA_MAX_WAYS];
} Ways;

MzCublasLt *
mz_cublaslt_open (const MzCudaKernels *kernels, char **version, char **reason)
{
  MzCublasLt *lt;
  cublasLtHandle_t handle = NULL;
  g_autofree char *file = g_strdup_printf ("libcublasLt.so.%d", CUBLAS_VER_MAJOR);

  if (!mz_cuda_library_open (file, symbols, G_N_ELEMENTS (symbols), reason))
    return NULL;
  if (lib.cublasLtCreate (&handle) != CUBLAS_STATUS_SUCCESS)
    {
      *reason = g_strdup ("it does not start");
      return NULL;
    }
  *version = mz_cuda_library_version (lib.cublasLtGetVersion ());
  lt = g_new0 (MzCublasLt, 1);
  lt->kernels = kernels;
  lt->handle = handle;
  return lt;
}

void
mz_cublaslt_close (MzCublasLt *lt)
{
  lib.cublasLtDestroy (lt->handle);
  g_free (lt);
}

static void
destroy_layout (cublasLtMatrixLayout_t layout)
{
  if (layout != NULL)
    lib.cublasLtMatrixLayoutDestroy (layout);
}

static void
free_ways (MzCudaWays *base)
{
  Ways *ways = (Ways *) base;

  destroy_layout (ways->matrix);
  destroy_layout (ways->in);
  destroy_layout (ways->out);
  destroy_layout (ways->last_in);
  destroy_layout (ways->last_out);
  if (ways->desc != NULL)
    lib.cublasLtMatmulDescDestroy (ways->desc);
  g_free (ways);
}

static gboolean
set (cublasLtMatmulDesc_t desc, cublasLtMatmulDescAttributes_t name, const void *value, gsize n_bytes)
{
  return lib.cublasLtMatmulDescSetAttribute (desc, name, value, n_bytes) == CUBLAS_STATUS_SUCCESS;
}

static gboolean
set_bias (Ways *ways, const void *bias)
{
  return set (ways->desc, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias, sizeof bias);
}

static cublasLtMatrixLayout_t
new_layout (const Ways *ways, int rows, int columns, int stride)
{
  cudaDataType type = ways->lt->kernels->is_bfloat16 ? CUDA_R_16BF : CUDA_R_16F;
  cublasLtMatrixLayout_t layout = NULL;

  lib.cublasLtMatrixLayoutCreate (&layout, type, (uint64_t) rows, (uint64_t) columns, stride);
  return layout;
}

static gboolean
describe (Ways *ways, const MzCudaProduct *p)
{
  cublasOperation_t transposed = CUBLAS_OP_T;
  cublasLtEpilogue_t bias = CUBLASLT_EPILOGUE_BIAS;
  int depth = p->c1 + p->c2;

  if (lib.cublasLtMatmulDescCreate (&ways->desc, CUBLAS_COMPUTE_32F, CUDA_R_32F) != CUBLAS_STATUS_SUCCESS
      || !set (ways->desc, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof transposed)
      || !set (ways->desc, CUBLASLT_MATMUL_DESC_EPILOGUE, &bias, sizeof bias)
      || !set_bias (ways, p->bias_rounded))
    return FALSE;
  ways->matrix = new_layout (ways, depth, p->columns, p->depth_padded);
  ways->in = new_layout (ways, depth, ways->rows_at_once, depth);
  ways->out = new_layout (ways, p->columns, ways->rows_at_once, p->columns);
  if (ways->last_rows > 0)
    {
      ways->last_in = new_layout (ways, depth, ways->last_rows, depth);
      ways->last_out = new_layout (ways, p->columns, ways->last_rows, p->columns);
    }
  return ways->matrix != NULL && ways->in != NULL && ways->out != NULL;
}

/* The library's own guesses, those that work and that it repeats bit by bit: all of its ways do on one card.
 */
static void
ask (Ways *ways, gsize workspace_bytes)
{
  cublasLtMatmulPreference_t preference = NULL;
  int n = 0;

  if (lib.cublasLtMatmulPreferenceCreate (&preference) != CUBLAS_STATUS_SUCCESS)
    return;
  if (lib.cublasLtMatmulPreferenceSetAttribute (preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                                &workspace_bytes, sizeof workspace_bytes)
          == CUBLAS_STATUS_SUCCESS
      && lib.cublasLtMatmulAlgoGetHeuristic (ways->lt->handle, ways->desc, ways->matrix, ways->in, ways->out,
                                             ways->out, preference, MZ_CUDA_MAX_WAYS, ways->results, &n)
             == CUBLAS_STATUS_SUCCESS)
    for (int i = 0; i < n; i++)
      if (ways->results[i].state == CUBLAS_STATUS_SUCCESS)
        ways->results[ways->base.n++] = ways->results[i];
  lib.cublasLtMatmulPreferenceDestroy (preference);
}

static gboolean
multiply (Ways *ways,
          guint index,
          const void *matrix,
          const void *in,
          const void *residual,
          void *out,
          gboolean is_last,
          gpointer workspace,
          gsize workspace_bytes,
          cudaStream_t stream)
{
  static const float one = 1, zero = 0;
  cublasLtMatrixLayout_t in_layout = is_last ? ways->last_in : ways->in;
  cublasLtMatrixLayout_t out_layout = is_last ? ways->last_out : ways->out;

  return lib.cublasLtMatmul (ways->lt->handle, ways->desc, &one, matrix, ways->matrix, in, in_layout,
                             residual != NULL ? &one : &zero, residual != NULL ? residual : out, out_layout,
                             out, out_layout, &ways->results[index].algo, workspace, workspace_bytes, stream)
         == CUBLAS_STATUS_SUCCESS;
}

/* Where rows from `first` on begin, of so many elements each; NULL stays NULL. */
static const void *
rows_from (const void *rows, int first, int width)
{
  return rows != NULL ? (const guint16 *) rows + (gsize) first * (gsize) width : NULL;
}

/* Rows first .. first + n of a product that needs the scratch for them. */
static const char *
run_rows (Ways *ways,
          guint index,
          const MzCudaProduct *p,
          int first,
          int n,
          const MzCudaScratch *scratch,
          cudaStream_t stream)
{
  guint8 *rows = (guint8 *) scratch->memory + WORKSPACE_BYTES; /* the workspace wants its alignment */
  int width = p->geglu ? p->columns / 2 : p->columns;
  const void *in = rows_from (p->in, first, p->c1), *residual = rows_from (p->residual, first, width);
  void *out = (guint16 *) p->out + (gsize) first * (gsize) width;
  const MzCudaKernels *kernels = ways->lt->kernels;

  if (p->c2 > 0)
    {
      if (kernels->join (rows, in, rows_from (p->in2, first, p->c2), n, p->c1, p->c2, stream) != cudaSuccess)
        return "a kernel could not be launched";
      in = rows;
    }
  if (!multiply (ways, index, p->matrix, in, p->geglu ? NULL : residual, p->geglu ? rows : out,
                 n < ways->rows_at_once, scratch->memory, WORKSPACE_BYTES, stream))
    return "cuBLASLt could not multiply";
  if (p->geglu && kernels->geglu (out, rows, residual, n, width, stream) != cudaSuccess)
    return "a kernel could not be launched";
  return NULL;
}

static const char *
run (MzCudaWays *base, guint index, const MzCudaProduct *p, const MzCudaScratch *scratch, cudaStream_t stream)
{
  Ways *ways = (Ways *) base;
  const char *failure = NULL;

  if (!set_bias (ways, p->bias_rounded))
    return "cuBLASLt refused a bias";
  if (!p->geglu && p->c2 == 0)
    return multiply (ways, index, p->matrix, p->in, p->residual, p->out, FALSE, scratch->memory,
                     scratch->n_bytes, stream)
               ? NULL
               : "cuBLASLt could not multiply";
  for (int first = 0; first < p->m && failure == NULL; first += ways->rows_at_once)
    failure = run_rows (ways, index, p, first, MIN (ways->rows_at_once, p->m - first), scratch, stream);
  return failure;
}

static gboolean
can (const MzCudaProduct *p)
{
  return p->kernel_h == 1 && p->kernel_w == 1 && p->stride == 1 && p->upsample == 1
         && (p->c2 == 0 || !p->geglu) && p->pad_top == 0 && p->pad_left == 0 && p->large_h == p->out_h
         && p->large_w == p->out_w && p->activation == MZ_CUDA_NONE && p->c1 % 8 == 0 && p->c2 % 8 == 0
         && p->columns % 8 == 0;
}

MzCudaWays *
mz_cublaslt_ways (MzCublasLt *lt, const MzCudaProduct *p, gsize scratch_bytes)
{
  gboolean by_rows = p->geglu || p->c2 > 0; /* of the product, or of both inputs */
  gsize row_bytes = (gsize) (p->geglu ? p->columns : p->c1 + p->c2) * sizeof (guint16);
  Ways *ways;

  if (!can (p) || (by_rows && scratch_bytes < WORKSPACE_BYTES + row_bytes))
    return NULL;
  ways = g_new0 (Ways, 1);
  ways->base.run = run;
  ways->base.free = free_ways;
  ways->lt = lt;
  ways->rows_at_once
      = by_rows ? (int) MIN ((gsize) p->m, (scratch_bytes - WORKSPACE_BYTES) / row_bytes) : p->m;
  if (ways->rows_at_once < p->m && ways->rows_at_once > 128)
    ways->rows_at_once -= ways->rows_at_once % 128;
  ways->last_rows = p->m % ways->rows_at_once;
  if (describe (ways, p))
    ask (ways, by_rows ? WORKSPACE_BYTES : scratch_bytes);
  return &ways->base;
}
