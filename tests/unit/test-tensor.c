/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Element types, views and how they are read. */
#include "core/tensor.h"

#include <math.h>
#include <string.h>

static void
test_dtypes (void)
{
  static const struct
  {
    MzDType dtype;
    gsize size;
    const char *name;
  } rows[] = {
    { MZ_DTYPE_F32, 4, "F32" }, { MZ_DTYPE_F16, 2, "F16" }, { MZ_DTYPE_BF16, 2, "BF16" },
    { MZ_DTYPE_F64, 8, "F64" }, { MZ_DTYPE_I64, 8, "I64" }, { MZ_DTYPE_I32, 4, "I32" },
    { MZ_DTYPE_U8, 1, "U8" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpuint (mz_dtype_size (rows[i].dtype), ==, rows[i].size);
      g_assert_cmpstr (mz_dtype_name (rows[i].dtype), ==, rows[i].name);
    }
}

static void
check_shape (int n_dims, const gint64 *shape, gsize elements, const char *text)
{
  MzView view = { .n_dims = n_dims };
  g_autofree char *s = NULL;

  memcpy (view.shape, shape, (gsize) n_dims * sizeof *shape);
  s = mz_view_shape_string (&view);
  g_assert_cmpuint (mz_view_elements (&view), ==, elements);
  g_assert_cmpstr (s, ==, text);
}

static void
test_shapes (void)
{
  check_shape (0, (gint64[]){ 0 }, 1, "[]");
  check_shape (1, (gint64[]){ 7 }, 7, "[7]");
  check_shape (4, (gint64[]){ 320, 4, 3, 3 }, 11520, "[320, 4, 3, 3]");
  check_shape (3, (gint64[]){ 5, 0, 9 }, 0, "[5, 0, 9]");
  check_shape (2, (gint64[]){ G_GINT64_CONSTANT (4294967296), 2 }, (gsize) G_GUINT64_CONSTANT (8589934592),
               "[4294967296, 2]");
}

/* Reads `n` elements, at every misalignment, whole and from the second on. */
static void
check_read (MzDType dtype, const void *elements, int n, const float *wanted)
{
  gsize size = mz_dtype_size (dtype), n_bytes = (gsize) n * size;

  for (gsize shift = 0; shift < 8; shift++)
    {
      g_autofree guint8 *bytes = g_malloc (n_bytes + shift);
      MzView view = { dtype, 1, { n }, bytes + shift, n_bytes };
      float out[9] = { 0 };

      memcpy (bytes + shift, elements, n_bytes);
      out[n] = -77;
      mz_view_read_f32 (&view, 0, (gsize) n, out);
      g_assert_cmpmem (out, (gsize) n * sizeof *out, wanted, (gsize) n * sizeof *out);
      g_assert_cmpfloat (out[n], ==, -77);
      mz_view_read_f32 (&view, 1, (gsize) n - 1, out);
      g_assert_cmpmem (out, (gsize) (n - 1) * sizeof *out, wanted + 1, (gsize) (n - 1) * sizeof *out);
    }
}

static void
test_read (void)
{
  const float f32[] = { 1.5f, -0.0f, 0x1p-149f, INFINITY };
  const double f64[] = { 0.1, -3.0, 1e300, 0x1p-200 };
  const guint16 f16[] = { 0x3c00, 0xc000, 0x0001, 0x7bff };
  const guint16 bf16[] = { 0x3f80, 0xc000, 0x0001, 0x7f80 };
  const gint64 i64[] = { 49407, -1, G_GINT64_CONSTANT (1) << 40, 0 };
  const gint32 i32[] = { 5, -6, G_MAXINT32, 0 };
  const guint8 u8[] = { 0, 1, 128, 255 };

  check_read (MZ_DTYPE_F32, f32, 4, f32);
  check_read (MZ_DTYPE_F64, f64, 4, (float[]){ 0.1f, -3.0f, INFINITY, 0.0f });
  check_read (MZ_DTYPE_F16, f16, 4, (float[]){ 1.0f, -2.0f, 0x1p-24f, 65504.0f });
  check_read (MZ_DTYPE_BF16, bf16, 4, (float[]){ 1.0f, -2.0f, 0x1p-133f, INFINITY });
  check_read (MZ_DTYPE_I64, i64, 4, (float[]){ 49407.0f, -1.0f, 0x1p40f, 0.0f });
  check_read (MZ_DTYPE_I32, i32, 4, (float[]){ 5.0f, -6.0f, 0x1p31f, 0.0f });
  check_read (MZ_DTYPE_U8, u8, 4, (float[]){ 0.0f, 1.0f, 128.0f, 255.0f });
}

static void
test_counts (void)
{
  MzTensor t = { MZ_DTYPE_F32, 3, 5, 7, 11, 11, NULL };
  MzTensor large = { MZ_DTYPE_F32, 8, 4096, 4096, 512, 512, NULL };

  g_assert_cmpuint (mz_tensor_pixels (&t), ==, 35);
  g_assert_cmpuint (mz_tensor_rows (&t), ==, 105);
  g_assert_cmpuint (mz_tensor_elements (&t), ==, 1155);
  g_assert_cmpuint (mz_tensor_elements (&large), ==, (gsize) 1 << 36); /* no int overflow on the way */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/dtypes", test_dtypes);
  g_test_add_func ("/tensor/shapes", test_shapes);
  g_test_add_func ("/tensor/read", test_read);
  g_test_add_func ("/tensor/counts", test_counts);
  return g_test_run ();
}
