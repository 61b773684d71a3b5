/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The kernels as host code sees them: what each is told, and the functions that launch them, a table for each
 * type of elements. Pointers are device memory; activations and matrices are elements, channels last. */
#pragma once

#include <cuda_runtime_api.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /* As MzActivation. */
  enum
  {
    MZ_CUDA_NONE,
    MZ_CUDA_SILU,
    MZ_CUDA_GELU,
    MZ_CUDA_QUICK_GELU,
    MZ_CUDA_RELU, /* of a product: after the residual */
  };

  /* Was the module built with products of four warps? */
  int mz_cuda_has_groups (void);

/* ---- product.cu, product-group.cu: convolution and linear layer as one matrix product ---- */

/* A matrix's depth is padded with zeros to a multiple of this, so that its rows begin at whole vectors. */
#define MZ_CUDA_DEPTH 32

  /* out [m, columns] = gathered input [m, depth] x matrix [columns, depth]^T. m runs over the pixels of the
   * result, depth over (ky, kx, channel of `in` then of `in2`). With `geglu`, columns come in pairs of value
   * and gate. */
  typedef struct
  {
    const void *in, *in2;     /* [n, in_h, in_w, c1], [n, in_h, in_w, c2]; in2 NULL: c2 is 0 */
    const void *matrix;       /* [columns, depth_padded] */
    const float *bias;        /* [columns] */
    const void *bias_rounded; /* the same as elements, for libraries */
    const void *add;          /* [n, columns], or with add_is_shared [1, columns], or NULL */
    const void *residual;     /* as out, or NULL */
    void *out;                /* [n, out_h, out_w, columns], or columns / 2 with geglu */
    float *partial;           /* [splits, m, columns] when splits > 1 */
    int c1, c2;
    int in_h, in_w;       /* as stored */
    int large_h, large_w; /* enlarged and cropped: what padding surrounds */
    int out_h, out_w;
    int kernel_h, kernel_w, stride, upsample, pad_top, pad_left;
    int m, columns, depth_padded;
    int activation;
    int geglu;
    int add_is_shared;
    int half_sums; /* a block of the depth may be, or, for the kernel, is summed in float16; blocks always in
                      float32 */
    int splits;    /* the depth is cut into so many parts, summed afterwards in their order */
    int blocks_per_split; /* of MZ_CUDA_DEPTH */
  } MzCudaProduct;

  /* MzCudaKernels.product by products of four warps, for halves alone; only where mz_cuda_has_groups(), on
   * cards of generation 9.0, for what fits and has `vectors`. Sums are float32, whatever half_sums says. A
   * tile: 128x256, 128x160, 128x128, 128x64 or 64x128. */
  int mz_cuda_product_fits_groups (const MzCudaProduct *product);
  cudaError_t mz_cuda_product_by_groups (const MzCudaProduct *product,
                                         int rows,
                                         int columns,
                                         int n_multiprocessors,
                                         cudaStream_t stream);

  /* ---- attention.cu, attention-group.cu, attention-wide.cu ---- */

  /* out = softmax (q k^T scale [+ causal mask]) v for each sample and head. */
  typedef struct
  {
    const void *q, *k, *v; /* [batch, queries or keys, stride], a head's channels side by side */
    void *out;             /* [batch, queries, heads width] */
    int64_t q_stride, k_stride, v_stride; /* elements from one token to the next */
    int batch, heads, queries, keys, width;
    int causal;
    int vectors; /* every head begins at a whole vector of 8 */
    float scale;
    int n_multiprocessors, shared_bytes; /* of the device: how the work is cut */
  } MzCudaAttention;

#define MZ_CUDA_MAX_NARROW 160 /* channels of a head that attention.cu takes */
#define MZ_CUDA_MAX_WIDE 1024  /* and attention-wide.cu */

  /* By products of four warps, for halves alone; only where mz_cuda_has_groups(), on cards of generation 9.0,
   * and for what fits. */
  int mz_cuda_attention_fits_groups (const MzCudaAttention *attention);
  cudaError_t mz_cuda_attention_by_groups (const MzCudaAttention *attention, cudaStream_t stream);

/* ---- norm.cu ---- */

/* Most threads of a block, and pixels that each holds in registers. */
#define MZ_CUDA_NORM_THREADS 384
#define MZ_CUDA_NORM_PIXELS 8

  typedef struct
  {
    const void *in, *in2; /* [n, pixels, c1], [n, pixels, c2] or NULL */
    void *out;            /* [n, pixels, c1 + c2]; may be `in` */
    const float *gamma, *beta;
    float *moments; /* [n, groups, moments_pitch, 2]: mean and sum of squared distances of each chunk of
                       pixels */
    float *scales;  /* [n, groups, 2]: mean and 1 / sqrt (variance + epsilon), where they are known */
    int c1, c2, n, groups, activation;
    int64_t pixels;
    int per_group;    /* channels of a group */
    int slab_groups;  /* groups of a block: their channels are whole vectors, and no more than its threads */
    int slab_vectors; /* and so many of them */
    int rows;         /* pixels that a block reads at once */
    int pixels_per_chunk, chunks;
    int moments_pitch, first_chunk; /* where the chunks' moments go */
    float epsilon;
    int vectors; /* a thread takes 8 channels, which may be of two groups, else one */
  } MzCudaNorm;

  /* ---- lay.cu: weights out of a file to where the other kernels read them ---- */

  enum
  {
    MZ_CUDA_FROM_F32,
    MZ_CUDA_FROM_F16,
    MZ_CUDA_FROM_BF16,
  };

/* What a tensor's fault is while there is none. */
#define MZ_CUDA_NO_FAULT UINT64_MAX

  /* Elements first..first+n of a tensor [rows, inner, taps] to [rows, taps, inner], rows `row_stride` apart.
   */
  typedef struct
  {
    const void *from; /* the elements, the first of them at a whole vector */
    void *to;         /* row 0 of the tensor's first part */
    uint64_t *fault;  /* out: the least (element << 32 | its bits as float32) that `to` cannot hold */
    int64_t first, n;
    int64_t inner, row_stride;
    int64_t first_row; /* of this part */
    int64_t half_rows; /* not 0: row r of the lower half goes to 2 r, of the upper half to its next */
    int taps;
    int dtype;
    int to_elements; /* else float32 */
  } MzCudaLaying;

  /* ---- kernels.cu ---- */

  /* Each only enqueues on `stream` and returns what cudaGetLastError() says. */
  typedef struct
  {
    int is_bfloat16; /* else float16 */

    /* `rows`, `columns` of a tile: 128x128, 128x64 or 64x64. `vectors`: c1 and c2 are multiples of 8 and all
     * pointers are aligned to 16 bytes; without, half_sums means nothing, nor in bfloat16. */
    cudaError_t (
        *product) (const MzCudaProduct *product, int rows, int columns, int vectors, cudaStream_t stream);

    /* around.cu: what libraries leave to do around a product. Widths are multiples of 8 channels. */
    /* out [rows, width] = value * gelu (gate) [+ residual] of pairs [rows, width, 2]. width: of 4. */
    cudaError_t (*geglu) (void *out,
                          const void *pairs,
                          const void *residual,
                          int rows,
                          int width,
                          cudaStream_t stream);
    /* out [n, large_h, large_w, c] = in [n, h, w, c], every pixel twice each way. */
    cudaError_t (*enlarge) (void *out,
                            const void *in,
                            int n,
                            int h,
                            int w,
                            int large_h,
                            int large_w,
                            int c,
                            cudaStream_t stream);
    /* out [rows, c + c2] = in [rows, c] and in2 [rows, c2] side by side. */
    cudaError_t (
        *join) (void *out, const void *in, const void *in2, int rows, int c, int c2, cudaStream_t stream);
    /* out [n] = bias [+ add], elements of float32 and elements. */
    cudaError_t (*round_bias) (void *out, const float *bias, const void *add, int n, cudaStream_t stream);

    cudaError_t (*attention) (const MzCudaAttention *attention, cudaStream_t stream);
    cudaError_t (*attention_wide) (const MzCudaAttention *attention, cudaStream_t stream);

    /* norm.cu: the moments of the chunks; the scales from the moments; and the result, from `scales` or else
     * from the moments. Where there is one chunk only, which is no more than rows x MZ_CUDA_NORM_PIXELS
     * pixels, it does without the first. */
    cudaError_t (*group_moments) (const MzCudaNorm *norm, cudaStream_t stream);
    cudaError_t (*group_finish) (const MzCudaNorm *norm, cudaStream_t stream);
    cudaError_t (*group_scale) (const MzCudaNorm *norm, cudaStream_t stream);
    /* in and out [rows, c]; may be the same. `vectors`: c is a multiple of 8, all pointers aligned to 16
     * bytes. */
    cudaError_t (*layer_norm) (void *out,
                               const void *in,
                               const float *gamma,
                               const float *beta,
                               int64_t rows,
                               int c,
                               float epsilon,
                               int vectors,
                               cudaStream_t stream);

    /* move.cu: float32 [n, c, pixels] to elements [n, pixels, c], and back. */
    cudaError_t (
        *from_planes) (void *out, const float *planes, int n, int c, int64_t pixels, cudaStream_t stream);
    cudaError_t (
        *to_planes) (float *planes, const void *in, int n, int c, int64_t pixels, cudaStream_t stream);
    /* out [n, tokens, c] = table[ids[n, t]] + positions[t]. */
    cudaError_t (*embed) (void *out,
                          const int32_t *ids,
                          const void *table,
                          const void *positions,
                          int n,
                          int tokens,
                          int c,
                          cudaStream_t stream);

    cudaError_t (*lay) (const MzCudaLaying *laying, cudaStream_t stream);
  } MzCudaKernels;

  extern const MzCudaKernels mz_cuda_kernels_float16;
  /* All 0 where no kernels were built for cards that have them, of generation 8.0 or later. */
  extern const MzCudaKernels mz_cuda_kernels_bfloat16;

#ifdef __cplusplus
}
#endif
