/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Element types, and reading a file's elements as float32. */
#include "core/tensor.h"

#include "core/half.h"

gsize
mz_dtype_size (MzDType dtype)
{
  switch (dtype)
    {
    case MZ_DTYPE_F64:
    case MZ_DTYPE_I64:
      return 8;
    case MZ_DTYPE_F32:
    case MZ_DTYPE_I32:
      return 4;
    case MZ_DTYPE_F16:
    case MZ_DTYPE_BF16:
      return 2;
    case MZ_DTYPE_U8:
    case MZ_DTYPE_I8:
    default:
      return 1;
    }
}

const char *
mz_dtype_name (MzDType dtype)
{
  static const char *const names[] = { "F32", "F16", "BF16", "F64", "I64", "I32", "U8", "I8" };

  return dtype < G_N_ELEMENTS (names) ? names[dtype] : "?";
}

gsize
mz_view_elements (const MzView *view)
{
  gsize n = 1;

  for (int i = 0; i < view->n_dims; i++)
    n *= (gsize) view->shape[i];
  return n;
}

char *
mz_view_shape_string (const MzView *view)
{
  GString *s = g_string_new ("[");

  for (int i = 0; i < view->n_dims; i++)
    g_string_append_printf (s, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", view->shape[i]);
  g_string_append_c (s, ']');
  return g_string_free (s, FALSE);
}

/* One case of mz_view_read_f32: elements of TYPE, each turned into a float by CONVERT (v). */
#define READ(TYPE, CONVERT)                                                                                  \
  for (gsize i = 0; i < n; i++)                                                                              \
    {                                                                                                        \
      TYPE v;                                                                                                \
      memcpy (&v, bytes + i * sizeof v, sizeof v);                                                           \
      out[i] = CONVERT (v);                                                                                  \
    }                                                                                                        \
  break

void
mz_view_read_f32 (const MzView *view, gsize first, gsize n, float *out)
{
  const guint8 *bytes = (const guint8 *) view->data + first * mz_dtype_size (view->dtype);

  switch (view->dtype)
    {
    case MZ_DTYPE_F32:
      memcpy (out, bytes, n * sizeof *out);
      break;
    case MZ_DTYPE_F16:
      READ (guint16, mz_f16_to_float);
    case MZ_DTYPE_BF16:
      READ (guint16, mz_bf16_to_float);
    case MZ_DTYPE_F64:
      READ (double, (float) );
    case MZ_DTYPE_I64:
      READ (gint64, (float) );
    case MZ_DTYPE_I32:
      READ (gint32, (float) );
    case MZ_DTYPE_I8:
      READ (gint8, (float) );
    case MZ_DTYPE_U8:
    default:
      READ (guint8, (float) );
    }
}
