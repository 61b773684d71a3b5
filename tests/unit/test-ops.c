/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The checked front of the op table: planning, the failure that sticks, cancelling, tracing, choosing a
 * backend. */
#include "ops/ops.h"

#include <string.h>

typedef struct
{
  MzDevice *device;
  MzExec *exec;
  MzWeight *conv;      /* 3 to 5 channels, 3x3 */
  MzWeight *linear;    /* 3 to 5 channels */
  MzWeight *geglu;     /* 3 to 5 channels */
  MzWeight *norm;      /* 6 channels */
  MzWeight *embedding; /* 7 tokens, 4 positions, 2 channels */
} Fixture;

static float ones[3 * 10 * 9];

static MzView
view_of (int n_dims, gint64 a, gint64 b, gint64 c, gint64 d)
{
  MzView view = { MZ_DTYPE_F32, n_dims, { a, b, c, d }, ones, 0 };

  view.n_bytes = mz_view_elements (&view) * sizeof (float);
  g_assert_cmpuint (view.n_bytes, <=, sizeof ones);
  return view;
}

static MzWeight *
matrix (Fixture *f, MzMatrixKind kind, MzView view)
{
  const MzView *views[] = { &view };

  return f->device->backend->prepare_matrix (f->device, kind, 1, views, NULL, NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  MzView vector = view_of (1, 6, 1, 1, 1), tokens = view_of (2, 7, 2, 1, 1),
         positions = view_of (2, 4, 2, 1, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (ones); i++)
    ones[i] = 1.0f;
  f->device = mz_device_open ("reference", NULL, NULL);
  f->exec = mz_exec_new (f->device);
  f->conv = matrix (f, MZ_MATRIX_CONV, view_of (4, 5, 3, 3, 3));
  f->linear = matrix (f, MZ_MATRIX_LINEAR, view_of (2, 5, 3, 1, 1));
  f->geglu = matrix (f, MZ_MATRIX_GEGLU, view_of (2, 10, 3, 1, 1));
  f->norm = f->device->backend->prepare_norm (f->device, &vector, &vector, NULL);
  f->embedding = f->device->backend->prepare_embedding (f->device, &tokens, &positions, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  MzWeight *weights[] = { f->conv, f->linear, f->geglu, f->norm, f->embedding };

  for (gsize i = 0; i < G_N_ELEMENTS (weights); i++)
    f->device->backend->release_weight (f->device, weights[i]);
  mz_exec_free (f->exec);
  mz_device_close (f->device);
}

/* A little model: out = conv (x), 3 to 5 channels. Returns the sum of its results. */
static double
run_model (Fixture *f, int size)
{
  MzTensor x = mz_take (f->exec, 1, size, size, 3), y = mz_take (f->exec, 1, size, size, 5);
  g_autofree float *in = g_new (float, mz_tensor_elements (&x));
  g_autofree float *out = g_new0 (float, mz_tensor_elements (&y));
  double sum = 0;

  for (gsize i = 0; i < mz_tensor_elements (&x); i++)
    in[i] = 1.0f;
  mz_op_upload (f->exec, &x, in);
  mz_op_conv2d (f->exec, &y, &x, NULL, f->conv, &MZ_CONV_SAME, NULL);
  mz_give (f->exec, &x);
  mz_op_download (f->exec, &y, out);
  for (gsize i = 0; i < mz_tensor_elements (&y); i++)
    sum += out[i];
  mz_give (f->exec, &y);
  return sum;
}

static void
test_plan (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  mz_exec_begin_plan (f->exec);
  g_assert_cmpfloat (run_model (f, 4), ==, 0); /* nothing is computed */
  g_assert_true (mz_exec_end_plan (f->exec, &error));
  g_assert_no_error (error);
  /* [4, 4, 3] and [4, 4, 5] float32: 192 + 320 bytes, both multiples of 64 */
  g_assert_cmpuint (mz_exec_block_bytes (f->exec), ==, 512);
  /* 16 windows of 100 taps on the picture in all (4 corners of 4, 8 edges of 6, 4 of 9), 3 channels, 5
   * results */
  g_assert_cmpfloat (run_model (f, 4), ==, 100 * 3 * 5);
  g_assert_true (mz_exec_finish (f->exec, &error));
  g_assert_cmpfloat (run_model (f, 4), ==, 100 * 3 * 5);

  /* Planning something smaller keeps the block; something larger makes it grow. */
  mz_exec_begin_plan (f->exec);
  run_model (f, 2);
  g_assert_true (mz_exec_end_plan (f->exec, &error));
  g_assert_cmpuint (mz_exec_block_bytes (f->exec), ==, 512);
  mz_exec_begin_plan (f->exec);
  run_model (f, 8);
  g_assert_true (mz_exec_end_plan (f->exec, &error));
  g_assert_cmpuint (mz_exec_block_bytes (f->exec), ==, 2048);
  g_assert_cmpfloat (run_model (f, 8), ==, 484 * 3 * 5);
  mz_exec_release (f->exec);
  g_assert_cmpuint (mz_exec_block_bytes (f->exec), ==, 0);
}

/* Taking more than was planned is a failure, not a crash, and it can be recovered from. */
static void
test_unplanned (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  mz_exec_begin_plan (f->exec);
  run_model (f, 4);
  g_assert_true (mz_exec_end_plan (f->exec, NULL));
  run_model (f, 5);
  g_assert_true (mz_exec_failed (f->exec));
  g_assert_false (mz_exec_finish (f->exec, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
  g_assert_cmpfloat (run_model (f, 4), ==, 100 * 3 * 5);
}

static MzTensor
bare (int n, int h, int w, int c)
{
  return (MzTensor){ MZ_DTYPE_F32, n, h, w, c, c, NULL };
}

/* Shapes do not fit: the call must say so, and be the only one that counts. */
static void
expect_refused (Fixture *f, const char *wanted)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (mz_exec_failed (f->exec));
  g_assert_false (mz_exec_finish (f->exec, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED);
  if (strstr (error->message, wanted) == NULL)
    g_error ("“%s” does not say “%s”", error->message, wanted);
  g_assert_true (mz_exec_finish (f->exec, NULL)); /* handed over once */
}

static void
test_matrix_shapes (Fixture *f, gconstpointer data)
{
  MzTensor x = bare (1, 4, 4, 3), x4 = bare (1, 4, 4, 4), x_other = bare (1, 4, 5, 1), y = bare (1, 4, 4, 5);
  MzTensor small = bare (1, 3, 4, 5), y6 = bare (1, 4, 4, 6), slice = x, add = bare (2, 1, 1, 5);
  MzConvGeometry same = MZ_CONV_SAME;
  MzEpilogue bad_add = { .channel_add = &add }, bad_residual = { .residual = &small },
             two_activations = { .activation = MZ_ACTIVATION_SILU };

  slice.row_stride = 6;
  mz_op_conv2d (f->exec, &y, &x4, NULL, f->conv, &same, NULL);
  expect_refused (f, "of 3 channels got 4");
  mz_op_conv2d (f->exec, &y, &x, &x_other, f->conv, &same, NULL);
  expect_refused (f, "cannot join [1, 4, 4, 3] and [1, 4, 5, 1]");
  mz_op_conv2d (f->exec, &small, &x, NULL, f->conv, &same, NULL);
  expect_refused (f, "gives [1, 4, 4, 5], not [1, 3, 4, 5]");
  mz_op_conv2d (f->exec, &y, &slice, NULL, f->conv, &same, NULL);
  expect_refused (f, "slice of channels");
  mz_op_conv2d (f->exec, &y, &x, NULL, f->linear, &same, NULL);
  expect_refused (f, "convolution");
  mz_op_conv2d (f->exec, &y, &x, NULL, f->conv, &same, &bad_add);
  expect_refused (f, "cannot add [2, 1, 1, 5] to the channels of [1, 4, 4, 5]");
  mz_op_conv2d (f->exec, &y, &x, NULL, f->conv, &same, &bad_residual);
  expect_refused (f, "cannot add [1, 3, 4, 5] to [1, 4, 4, 5]");
  mz_op_linear (f->exec, &y, &x4, NULL, f->linear, NULL);
  expect_refused (f, "of 3 channels got 4");
  mz_op_linear (f->exec, &y6, &x, NULL, f->linear, NULL);
  expect_refused (f, "of 5 channels makes [1, 4, 4, 6]");
  mz_op_linear (f->exec, &y, &x, NULL, f->conv, NULL);
  expect_refused (f, "linear");
  mz_op_linear (f->exec, &y, &x, NULL, f->geglu, &two_activations);
  expect_refused (f, "two activations");
}

static void
test_other_shapes (Fixture *f, gconstpointer data)
{
  MzTensor x = bare (1, 4, 4, 6), y = bare (1, 4, 4, 6), x5 = bare (1, 4, 4, 5), picture = bare (1, 2, 2, 6);
  MzTensor tokens = bare (1, 1, 4, 6), longer = bare (1, 1, 9, 6), batch = bare (2, 1, 4, 6);
  MzTensor embedded = bare (1, 1, 4, 2), too_long = bare (1, 1, 5, 2);

  mz_op_group_norm (f->exec, &y, &x5, NULL, f->norm, 1, 1e-5f, MZ_ACTIVATION_NONE);
  expect_refused (f, "of 6 channels in 1 groups got 5");
  mz_op_group_norm (f->exec, &y, &x, NULL, f->norm, 4, 1e-5f, MZ_ACTIVATION_NONE);
  expect_refused (f, "in 4 groups");
  mz_op_group_norm (f->exec, &y, &x, NULL, f->norm, 0, 1e-5f, MZ_ACTIVATION_NONE);
  expect_refused (f, "in 0 groups");
  mz_op_layer_norm (f->exec, &x5, &x5, f->norm, 1e-5f);
  expect_refused (f, "layer norm of 6 channels");
  mz_op_attention (f->exec, &tokens, &tokens, &tokens, &tokens, 4, FALSE);
  expect_refused (f, "cannot split 6 channels into 4 heads");
  mz_op_attention (f->exec, &picture, &picture, &tokens, &tokens, 2, FALSE);
  expect_refused (f, "pictures instead of tokens");
  mz_op_attention (f->exec, &tokens, &tokens, &longer, &tokens, 2, FALSE);
  expect_refused (f, "attention");
  mz_op_attention (f->exec, &tokens, &tokens, &batch, &batch, 2, FALSE);
  expect_refused (f, "attention");
  mz_op_attention (f->exec, &tokens, &tokens, &longer, &longer, 2, TRUE);
  expect_refused (f, "causal attention of 4 tokens over 9");
  mz_op_embed (f->exec, &too_long, (gint32[]){ 0, 0, 0, 0, 0 }, f->embedding);
  expect_refused (f, "embedding of 4 tokens");
  mz_op_embed (f->exec, &embedded, (gint32[]){ 0, 6, 7, 0 }, f->embedding);
  expect_refused (f, "token 7 is not one of the vocabulary's 7");
  mz_op_embed (f->exec, &embedded, (gint32[]){ 0, -1, 0, 0 }, f->embedding);
  expect_refused (f, "token -1");
}

/* Shapes are checked while planning as well, and the plan then fails. */
static void
test_plan_refused (Fixture *f, gconstpointer data)
{
  MzTensor x = bare (1, 4, 4, 4), y = bare (1, 4, 4, 5);
  g_autoptr (GError) error = NULL;

  mz_exec_begin_plan (f->exec);
  mz_op_linear (f->exec, &y, &x, NULL, f->linear, NULL);
  run_model (f, 4);
  g_assert_false (mz_exec_end_plan (f->exec, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED);
}

/* After a failure nothing is computed any more, and the first failure is the one that is told. */
static void
test_sticky (Fixture *f, gconstpointer data)
{
  MzTensor wrong = bare (1, 4, 4, 4), wrong_too = bare (1, 4, 4, 9), y = bare (1, 4, 4, 5);
  g_autoptr (GError) error = NULL;

  mz_exec_begin_plan (f->exec);
  run_model (f, 4);
  g_assert_true (mz_exec_end_plan (f->exec, NULL));
  mz_op_linear (f->exec, &y, &wrong, NULL, f->linear, NULL);
  mz_op_linear (f->exec, &y, &wrong_too, NULL, f->linear, NULL);
  g_assert_cmpfloat (run_model (f, 4), ==, 0);
  g_assert_false (mz_exec_finish (f->exec, &error));
  g_assert_nonnull (strstr (error->message, "got 4"));
  g_assert_cmpfloat (run_model (f, 4), ==, 100 * 3 * 5);
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  g_autoptr (GError) error = NULL;

  mz_exec_begin_plan (f->exec);
  run_model (f, 4);
  g_assert_true (mz_exec_end_plan (f->exec, NULL));
  f->exec->cancel = cancel;
  mz_cancel_trigger (cancel);
  g_assert_cmpfloat (run_model (f, 4), ==, 0);
  g_assert_false (mz_exec_finish (f->exec, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
  mz_cancel_reset (cancel);
  g_assert_cmpfloat (run_model (f, 4), ==, 100 * 3 * 5);
  g_assert_true (mz_exec_finish (f->exec, NULL));
}

static void
trace_cb (gpointer user, const char *op, const MzTensor *out, double seconds)
{
  g_assert_cmpfloat (seconds, >=, 0);
  g_string_append_printf (user, "%s %dx%dx%d;", op, out->h, out->w, out->c);
}

static void
test_trace (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) seen = g_string_new (NULL);

  f->exec->trace = trace_cb;
  f->exec->trace_user = seen;
  mz_exec_begin_plan (f->exec);
  run_model (f, 2);
  g_assert_true (mz_exec_end_plan (f->exec, NULL));
  g_assert_cmpstr (seen->str, ==, "");
  run_model (f, 2);
  g_assert_cmpstr (seen->str, ==, "upload 2x2x3;conv2d 2x2x5;download 2x2x5;");
}

static void
test_views_of_tensors (Fixture *f, gconstpointer data)
{
  float memory[2 * 6 * 8];
  MzTensor t = { MZ_DTYPE_F32, 2, 2, 3, 8, 8, memory };
  MzTensor tokens = mz_reshape (&t, 2, 1, 6), slice = mz_slice_channels (&tokens, 5, 3);
  MzTensor second = mz_slice_samples (&t, 1, 1), both = mz_slice_samples (&slice, 1, 1);

  g_assert_cmpint (tokens.w, ==, 6);
  g_assert_true (tokens.data == memory);
  g_assert_cmpint (slice.c, ==, 3);
  g_assert_cmpint (slice.row_stride, ==, 8);
  g_assert_true (slice.data == memory + 5);
  g_assert_cmpint (second.n, ==, 1);
  g_assert_true (second.data == memory + 48);
  g_assert_true (both.data == memory + 48 + 5);
}

static void
test_conv_size (void)
{
  static const struct
  {
    MzConvGeometry geometry;
    int in, kernel, out;
  } rows[] = {
    { { 1, 1, 1, 1, 1, 1, 0, 0 }, 64, 3, 64 }, { { 1, 1, 0, 0, 0, 0, 0, 0 }, 64, 1, 64 },
    { { 2, 1, 1, 1, 1, 1, 0, 0 }, 64, 3, 32 }, { { 2, 1, 1, 1, 1, 1, 0, 0 }, 9, 3, 5 },
    { { 2, 1, 0, 0, 1, 1, 0, 0 }, 64, 3, 32 }, { { 2, 1, 0, 0, 1, 1, 0, 0 }, 9, 3, 4 },
    { { 1, 2, 1, 1, 1, 1, 0, 0 }, 5, 3, 10 },  { { 1, 2, 1, 1, 1, 1, 1, 1 }, 5, 3, 9 },
    { { 1, 1, 0, 0, 0, 0, 0, 0 }, 2, 3, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpint (mz_conv_out_height (&rows[i].geometry, rows[i].in, rows[i].kernel), ==, rows[i].out);
      g_assert_cmpint (mz_conv_out_width (&rows[i].geometry, rows[i].in, rows[i].kernel), ==, rows[i].out);
    }
}

static void
test_choose (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzDevice) forced = NULL, best = NULL;

  g_assert_null (mz_device_open ("abacus", NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "abacus"));
  g_assert_nonnull (strstr (error->message, "reference"));
  g_setenv ("MEZZOTINT_BACKEND", "reference", TRUE);
  forced = mz_device_open (NULL, NULL, NULL);
  g_assert_true (forced->backend == &mz_backend_reference);
  g_unsetenv ("MEZZOTINT_BACKEND");
  best = mz_device_open ("auto", NULL, NULL);
  g_assert_nonnull (best);
  g_assert_nonnull (best->description);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(NAME, FUNCTION) g_test_add (NAME, Fixture, NULL, set_up, FUNCTION, tear_down)
  ADD ("/ops/plan", test_plan);
  ADD ("/ops/unplanned", test_unplanned);
  ADD ("/ops/matrix-shapes", test_matrix_shapes);
  ADD ("/ops/other-shapes", test_other_shapes);
  ADD ("/ops/plan-refused", test_plan_refused);
  ADD ("/ops/sticky", test_sticky);
  ADD ("/ops/cancel", test_cancel);
  ADD ("/ops/trace", test_trace);
  ADD ("/ops/views-of-tensors", test_views_of_tensors);
  g_test_add_func ("/ops/conv-size", test_conv_size);
  g_test_add_func ("/ops/choose", test_choose);
  return g_test_run ();
}
