/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The reference backend against PyTorch, op by op (ops.safetensors is made by tests/reference/op_goldens.py),
 * so that the backend that all others are held against (tests/parity) does not hang in the air.
 *
 * Both sides sum in double precision and round to float32 at the end; so they may differ in the last bit,
 * 2^-23 of the value, and by the rounding of the double sums, which 1e-11 covers (terms of at most 300, a few
 * hundred of them). */
#include "golden.h"
#include "ops/ops.h"

#include <math.h>

typedef struct
{
  Golden *golden;
  MzDevice *device;
  MzExec *exec;
  GPtrArray *memory;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->golden = golden_open ("ops.safetensors");
  f->device = mz_device_open ("reference", NULL, &error);
  g_assert_no_error (error);
  f->exec = mz_exec_new (f->device);
  f->memory = g_ptr_array_new ();
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < f->memory->len; i++)
    f->device->backend->release (f->device, g_ptr_array_index (f->memory, i));
  g_ptr_array_unref (f->memory);
  mz_exec_free (f->exec);
  mz_device_close (f->device);
  golden_free (f->golden);
}

static MzTensor
new_tensor (Fixture *f, int n, int h, int w, int c)
{
  MzTensor t = { MZ_DTYPE_F32, n, h, w, c, c, NULL };

  t.data = f->device->backend->alloc (f->device, mz_tensor_elements (&t) * sizeof (float), NULL);
  g_ptr_array_add (f->memory, t.data);
  return t;
}

/* The shape of a golden: [N, C, H, W], tokens [B, T, C], or one number a channel [N, C]. */
static MzTensor
tensor_like (Fixture *f, const MzView *view)
{
  const gint64 *s = view->shape;

  if (view->n_dims == 4)
    return new_tensor (f, (int) s[0], (int) s[2], (int) s[3], (int) s[1]);
  if (view->n_dims == 3)
    return new_tensor (f, (int) s[0], 1, (int) s[1], (int) s[2]);
  return new_tensor (f, (int) s[0], 1, 1, (int) s[1]);
}

/* Element (n, c, pixel) of a golden, whose tokens come before their channels. */
static gsize
golden_index (const MzView *view, const MzTensor *t, gsize n, gsize c, gsize pixel)
{
  gsize channels = (gsize) t->c, pixels = mz_tensor_pixels (t);

  return view->n_dims == 3 ? (n * pixels + pixel) * channels + c : (n * channels + c) * pixels + pixel;
}

static MzTensor
upload (Fixture *f, const char *name, const char *role)
{
  const MzView *view = golden_get (f->golden, name, role);
  MzTensor t = tensor_like (f, view);
  gsize pixels = mz_tensor_pixels (&t), i = 0;
  g_autofree float *values = golden_floats (view);
  g_autofree float *nchw = g_new (float, mz_tensor_elements (&t));

  for (int n = 0; n < t.n; n++)
    for (int c = 0; c < t.c; c++)
      for (gsize p = 0; p < pixels; p++)
        nchw[i++] = values[golden_index (view, &t, (gsize) n, (gsize) c, p)];
  mz_op_upload (f->exec, &t, nchw);
  return t;
}

/* As upload(), into *storage; NULL when the golden has no such tensor. */
static const MzTensor *
upload_optional (Fixture *f, const char *name, const char *role, MzTensor *storage)
{
  if (golden_find (f->golden, name, role) == NULL)
    return NULL;
  *storage = upload (f, name, role);
  return storage;
}

static void
check_result (Fixture *f, const char *name, const MzTensor *y)
{
  const MzView *view = golden_get (f->golden, name, "y");
  gsize pixels = mz_tensor_pixels (y), i = 0;
  g_autofree float *wanted = golden_floats (view);
  g_autofree float *got = g_new (float, mz_tensor_elements (y));
  g_autoptr (GError) error = NULL;

  mz_op_download (f->exec, y, got);
  mz_exec_finish (f->exec, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (mz_view_elements (view), ==, mz_tensor_elements (y));
  for (int n = 0; n < y->n; n++)
    for (int c = 0; c < y->c; c++)
      for (gsize p = 0; p < pixels; p++, i++)
        {
          double w = wanted[golden_index (view, y, (gsize) n, (gsize) c, p)];

          if (!(fabs (got[i] - w) <= 0x1p-23 * fabs (w) + 1e-11))
            g_error ("%s: sample %d, channel %d, pixel %" G_GSIZE_FORMAT " is %.9g instead of %.9g", name, n,
                     c, p, got[i], w);
        }
}

static MzWeight *
prepare (Fixture *f, MzMatrixKind kind, const char *name)
{
  const MzView *weight = golden_get (f->golden, name, "weight");
  const MzView *bias = golden_find (f->golden, name, "bias");
  g_autoptr (GError) error = NULL;
  MzWeight *w
      = f->device->backend->prepare_matrix (f->device, kind, 1, &weight, bias != NULL ? &bias : NULL, &error);

  g_assert_no_error (error);
  return w;
}

static void
release (Fixture *f, MzWeight *weight)
{
  f->device->backend->release_weight (f->device, weight);
}

typedef struct
{
  const char *name;
  MzConvGeometry geometry;
  MzActivation activation;
} ConvCase;

/* stride, upsample, pads top left bottom right, crop bottom right */
static const ConvCase conv_cases[] = {
  { "conv.same", { 1, 1, 1, 1, 1, 1, 0, 0 } },
  { "conv.one", { 1, 1, 0, 0, 0, 0, 0, 0 } },
  { "conv.down", { 2, 1, 1, 1, 1, 1, 0, 0 } },
  { "conv.down_odd", { 2, 1, 1, 1, 1, 1, 0, 0 } },
  { "conv.down_asymmetric", { 2, 1, 0, 0, 1, 1, 0, 0 } },
  { "conv.up", { 1, 2, 1, 1, 1, 1, 0, 0 } },
  { "conv.up_crop", { 1, 2, 1, 1, 1, 1, 1, 1 } },
  { "conv.join", { 1, 1, 1, 1, 1, 1, 0, 0 } },
  { "conv.epilogue", { 1, 1, 1, 1, 1, 1, 0, 0 }, MZ_ACTIVATION_SILU },
  { "conv.five", { 1, 1, 2, 2, 2, 2, 0, 0 } },
};

static void
test_conv2d (Fixture *f, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (conv_cases); i++)
    {
      const ConvCase *k = &conv_cases[i];
      MzTensor x = upload (f, k->name, "x"), y = tensor_like (f, golden_get (f->golden, k->name, "y"));
      MzTensor x2, add, residual;
      MzEpilogue epilogue = { .channel_add = upload_optional (f, k->name, "channel_add", &add),
                              .activation = k->activation,
                              .residual = upload_optional (f, k->name, "residual", &residual) };
      MzWeight *weight = prepare (f, MZ_MATRIX_CONV, k->name);

      mz_op_conv2d (f->exec, &y, &x, upload_optional (f, k->name, "x2", &x2), weight, &k->geometry,
                    &epilogue);
      check_result (f, k->name, &y);
      release (f, weight);
    }
}

typedef struct
{
  const char *name;
  MzMatrixKind kind;
  MzActivation activation;
} LinearCase;

static const LinearCase linear_cases[] = {
  { "linear.plain", MZ_MATRIX_LINEAR, MZ_ACTIVATION_NONE },
  { "linear.gelu", MZ_MATRIX_LINEAR, MZ_ACTIVATION_GELU },
  { "linear.quick_gelu", MZ_MATRIX_LINEAR, MZ_ACTIVATION_QUICK_GELU },
  { "linear.geglu", MZ_MATRIX_GEGLU, MZ_ACTIVATION_NONE },
};

static void
test_linear (Fixture *f, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (linear_cases); i++)
    {
      const LinearCase *k = &linear_cases[i];
      MzTensor x = upload (f, k->name, "x"), y = tensor_like (f, golden_get (f->golden, k->name, "y")),
               residual;
      MzEpilogue epilogue
          = { .activation = k->activation, .residual = upload_optional (f, k->name, "residual", &residual) };
      MzWeight *weight = prepare (f, k->kind, k->name);

      mz_op_linear (f->exec, &y, &x, NULL, weight, &epilogue);
      check_result (f, k->name, &y);
      release (f, weight);
    }
}

static void
test_stacked (Fixture *f, gconstpointer data)
{
  const char *name = "linear.stacked";
  const MzView *weights[3], *biases[3];
  MzTensor x = upload (f, name, "x"), y = tensor_like (f, golden_get (f->golden, name, "y"));
  MzWeight *weight;

  for (int p = 0; p < 3; p++)
    {
      weights[p] = golden_get (f->golden, name, ((const char *[]){ "weight0", "weight1", "weight2" })[p]);
      biases[p] = golden_find (f->golden, name, ((const char *[]){ "bias0", "bias1", "bias2" })[p]);
    }
  g_assert_null (biases[1]);
  weight = f->device->backend->prepare_matrix (f->device, MZ_MATRIX_LINEAR, 3, weights, biases, NULL);
  mz_op_linear (f->exec, &y, &x, NULL, weight, NULL);
  check_result (f, name, &y);
  release (f, weight);
}

typedef struct
{
  const char *name;
  int n_groups; /* 0: a layer norm */
  float epsilon;
  MzActivation activation;
} NormCase;

static const NormCase norm_cases[] = {
  { "group_norm.plain", 3, 1e-5f, MZ_ACTIVATION_NONE },
  { "group_norm.silu", 4, 1e-6f, MZ_ACTIVATION_SILU },
  { "group_norm.straddle", 3, 1e-5f, MZ_ACTIVATION_SILU },
  { "group_norm.offset", 2, 1e-6f, MZ_ACTIVATION_NONE },
  { "layer_norm.plain", 0, 1e-5f, MZ_ACTIVATION_NONE },
  { "layer_norm.offset", 0, 1e-5f, MZ_ACTIVATION_NONE },
};

static void
test_norms (Fixture *f, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (norm_cases); i++)
    {
      const NormCase *k = &norm_cases[i];
      MzTensor x = upload (f, k->name, "x"), y = tensor_like (f, golden_get (f->golden, k->name, "y")), x2;
      g_autoptr (GError) error = NULL;
      MzWeight *norm = f->device->backend->prepare_norm (f->device, golden_get (f->golden, k->name, "gamma"),
                                                         golden_get (f->golden, k->name, "beta"), &error);

      g_assert_no_error (error);
      if (k->n_groups > 0)
        mz_op_group_norm (f->exec, &y, &x, upload_optional (f, k->name, "x2", &x2), norm, k->n_groups,
                          k->epsilon, k->activation);
      else
        mz_op_layer_norm (f->exec, &y, &x, norm, k->epsilon);
      check_result (f, k->name, &y);
      release (f, norm);
    }
}

typedef struct
{
  const char *name;
  int n_heads;
  gboolean causal;
} AttentionCase;

static const AttentionCase attention_cases[] = {
  { "attention.self", 3, FALSE },
  { "attention.cross", 2, FALSE },
  { "attention.causal", 2, TRUE },
  { "attention.sharp", 1, FALSE },
};

static void
test_attention (Fixture *f, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (attention_cases); i++)
    {
      const AttentionCase *a = &attention_cases[i];
      MzTensor q = upload (f, a->name, "q"), k = upload (f, a->name, "k"), v = upload (f, a->name, "v");
      MzTensor y = tensor_like (f, golden_get (f->golden, a->name, "y"));

      mz_op_attention (f->exec, &y, &q, &k, &v, a->n_heads, a->causal);
      check_result (f, a->name, &y);
    }
}

static void
test_embed (Fixture *f, gconstpointer data)
{
  const char *name = "embed.plain";
  MzTensor y = tensor_like (f, golden_get (f->golden, name, "y"));
  MzWeight *weight = f->device->backend->prepare_embedding (f->device, golden_get (f->golden, name, "tokens"),
                                                            golden_get (f->golden, name, "positions"), NULL);
  g_autofree float *numbers = golden_floats (golden_get (f->golden, name, "ids"));
  gint32 ids[10];

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    ids[i] = (gint32) numbers[i];
  mz_op_embed (f->exec, &y, ids, weight);
  check_result (f, name, &y);
  release (f, weight);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(NAME, FUNCTION) g_test_add (NAME, Fixture, NULL, set_up, FUNCTION, tear_down)
  ADD ("/op-goldens/conv2d", test_conv2d);
  ADD ("/op-goldens/linear", test_linear);
  ADD ("/op-goldens/stacked", test_stacked);
  ADD ("/op-goldens/norms", test_norms);
  ADD ("/op-goldens/attention", test_attention);
  ADD ("/op-goldens/embed", test_embed);
  return g_test_run ();
}
