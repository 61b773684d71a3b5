/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The two kinds of tensor: a view of bytes in a model file, and an activation in a backend's memory. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  MZ_DTYPE_F32,
  MZ_DTYPE_F16,
  MZ_DTYPE_BF16,
  MZ_DTYPE_F64,
  MZ_DTYPE_I64,
  MZ_DTYPE_I32,
  MZ_DTYPE_U8,
  MZ_DTYPE_I8, /* of weights that a backend made so; no file has them */
} MzDType;

#define MZ_MAX_DIMS 8

/* A read-only tensor as it stands in a file: row-major, little endian, never written, maybe unaligned. */
typedef struct
{
  MzDType dtype;
  int n_dims;                /* 0 for a scalar */
  gint64 shape[MZ_MAX_DIMS]; /* outermost first, as PyTorch prints it */
  const void *data;          /* owned by whoever mapped the file (see MzWeights) */
  gsize n_bytes;             /* product of shape times element size */
} MzView;

/* An activation. Logical shape [N, H, W, C]; a run of tokens [N, T, C] is [N, 1, T, C], so a picture becomes
 * tokens (and back) by renaming its shape. Memory is channels last; `row_stride` (elements from one pixel or
 * token to the next) is C unless the tensor is a slice of channels of a wider one. Only `attention` accepts
 * such slices. */
typedef struct
{
  MzDType dtype; /* the backend's activation type; F32 on the CPU */
  int n, h, w, c;
  int row_stride; /* elements, >= c */
  gpointer data;  /* backend memory; a bare offset while planning (see MzExec) */
} MzTensor;

/* Pixels or tokens in one sample, and in all samples. */
static inline gsize
mz_tensor_pixels (const MzTensor *t)
{
  return (gsize) t->h * (gsize) t->w;
}

static inline gsize
mz_tensor_rows (const MzTensor *t)
{
  return (gsize) t->n * mz_tensor_pixels (t);
}

static inline gsize
mz_tensor_elements (const MzTensor *t)
{
  return mz_tensor_rows (t) * (gsize) t->c;
}

/* Bytes of one element, and the name as safetensors writes it ("F16"). */
gsize mz_dtype_size (MzDType dtype);
const char *mz_dtype_name (MzDType dtype);

/* Elements in the view: the product of its shape (1 for a scalar). */
gsize mz_view_elements (const MzView *view);
/* "[320, 4, 3, 3]"; free with g_free. */
char *mz_view_shape_string (const MzView *view);
/* Converts elements first..first+n of a F32/F16/BF16/F64/I64/I32/U8 view to float32. Unaligned data is fine.
 */
void mz_view_read_f32 (const MzView *view, gsize first, gsize n, float *out);

G_END_DECLS
