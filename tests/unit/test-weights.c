/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of a model's tensors: taking, what is left over, and the sentences about what does not fit. */
#include "core/weights.h"

#define TAKE(WEIGHTS, NAME, ...)                                                                             \
  mz_weights_take (WEIGHTS, NAME, (int) G_N_ELEMENTS (((gint64[]){ __VA_ARGS__ })), (gint64[]){ __VA_ARGS__ })

static void
add (MzWeights *weights, const char *name, int n_dims, gint64 a, gint64 b, gint64 c, gint64 d)
{
  MzView view = { MZ_DTYPE_F16, n_dims, { a, b, c, d }, NULL, 0 };

  g_assert_true (mz_weights_add (weights, name, &view));
}

static void
test_take (void)
{
  g_autoptr (MzWeights) weights = mz_weights_new ("model.safetensors");
  g_autoptr (GError) error = NULL;
  const MzView *view;
  g_auto (GStrv) unused = NULL;

  add (weights, "unet.b", 1, 320, 0, 0, 0);
  add (weights, "unet.a", 4, 320, 4, 3, 3);
  add (weights, "vae.z", 1, 1, 0, 0, 0);
  view = TAKE (weights, "unet.a", 320, 4, 3, 3);
  g_assert_nonnull (view);
  g_assert_true (view == mz_weights_lookup (weights, "unet.a"));
  g_assert_cmpint (view->dtype, ==, MZ_DTYPE_F16);
  g_assert_true (mz_weights_check (weights, &error));
  g_assert_no_error (error);
  g_assert_null (mz_weights_lookup (weights, "unet.c"));
  g_assert_cmpstr (mz_weights_origin (weights), ==, "model.safetensors");
  unused = mz_weights_unused (weights);
  g_assert_cmpuint (g_strv_length (unused), ==, 2); /* looking does not count as use */
  g_assert_cmpstr (unused[0], ==, "unet.b");
  g_assert_cmpstr (unused[1], ==, "vae.z");
}

/* A matrix and a 1x1 convolution hold the same numbers; nothing else passes for something else. */
static void
test_shapes (void)
{
  g_autoptr (MzWeights) weights = mz_weights_new ("m");

  add (weights, "matrix", 2, 8, 4, 0, 0);
  add (weights, "conv", 4, 8, 4, 1, 1);
  add (weights, "vector", 1, 8, 0, 0, 0);
  add (weights, "scalar", 0, 0, 0, 0, 0);
  g_assert_nonnull (TAKE (weights, "matrix", 8, 4));
  g_assert_nonnull (TAKE (weights, "matrix", 8, 4, 1, 1));
  g_assert_nonnull (TAKE (weights, "conv", 8, 4));
  g_assert_nonnull (TAKE (weights, "conv", 8, 4, 1, 1));
  g_assert_nonnull (mz_weights_take (weights, "scalar", 0, (gint64[]){ 0 }));
  g_assert_null (TAKE (weights, "matrix", 4, 8));
  g_assert_null (TAKE (weights, "conv", 8, 4, 3, 3));
  g_assert_null (TAKE (weights, "vector", 8, 1));
  g_assert_null (TAKE (weights, "scalar", 1));
}

static void
test_duplicates (void)
{
  g_autoptr (MzWeights) weights = mz_weights_new ("m");
  MzView second = { MZ_DTYPE_F32, 1, { 2 }, NULL, 8 };

  add (weights, "a", 1, 1, 0, 0, 0);
  g_assert_false (mz_weights_add (weights, "a", &second));
  g_assert_cmpint (mz_weights_lookup (weights, "a")->shape[0], ==, 1);
}

static void
test_prefix (void)
{
  g_autoptr (MzWeights) weights = mz_weights_new ("m");

  add (weights, "vae.encoder.x", 1, 1, 0, 0, 0);
  g_assert_true (mz_weights_has_prefix (weights, "vae."));
  g_assert_true (mz_weights_has_prefix (weights, "vae.encoder.x"));
  g_assert_false (mz_weights_has_prefix (weights, "vae.encoder.xy"));
  g_assert_false (mz_weights_has_prefix (weights, "unet."));
}

static void
test_names (void)
{
  g_autoptr (MzWeights) weights = mz_weights_new ("m");
  g_autofree const char **names = NULL;
  guint n;

  add (weights, "b", 1, 1, 0, 0, 0);
  add (weights, "a.10", 1, 1, 0, 0, 0);
  add (weights, "a.1", 1, 1, 0, 0, 0);
  names = mz_weights_names (weights, &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpstr (names[0], ==, "a.1");
  g_assert_cmpstr (names[1], ==, "a.10");
  g_assert_cmpstr (names[2], ==, "b");
}

static void
test_missing (void)
{
  g_autoptr (MzWeights) weights = mz_weights_new ("some.safetensors");
  g_autoptr (GError) error = NULL;
  guint n;

  add (weights, "unet.conv_in.weight", 4, 320, 9, 3, 3);
  g_assert_null (TAKE (weights, "unet.conv_in.weight", 320, 4, 3, 3));
  g_assert_null (TAKE (weights, "unet.conv_in.bias", 320));
  g_assert_false (mz_weights_check (weights, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_MISSING);
  g_assert_cmpstr (error->message, ==,
                   "The model “some.safetensors” does not fit its architecture: unet.conv_in.weight is "
                   "[320, 9, 3, 3] instead of [320, 4, 3, 3]; unet.conv_in.bias [320] is missing.");
  g_assert_cmpstr (mz_weights_problems (weights, &n)[1], ==, "unet.conv_in.bias [320] is missing");
  g_assert_cmpuint (n, ==, 2);
}

/* Only wrong shapes: the file is whole, but it is something else. */
static void
test_wrong_shape (void)
{
  g_autoptr (MzWeights) weights = mz_weights_new ("m");
  g_autoptr (GError) error = NULL;

  add (weights, "a", 1, 3, 0, 0, 0);
  g_assert_null (TAKE (weights, "a", 4));
  g_assert_false (mz_weights_check (weights, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_FORMAT);
}

static void
test_many_problems (void)
{
  g_autoptr (MzWeights) weights = mz_weights_new ("m");
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("t%d", i);
      g_assert_null (TAKE (weights, name, 1));
    }
  g_assert_false (mz_weights_check (weights, &error));
  g_assert_cmpstr (
      error->message, ==,
      "The model “m” does not fit its architecture: t0 [1] is missing; t1 [1] is missing; t2 [1] is "
      "missing; t3 [1] is missing; and 996 more.");
}

static void
count_cb (gpointer data)
{
  ++*(int *) data;
}

static void
test_owners (void)
{
  MzWeights *weights = mz_weights_new ("m");
  int first = 0, second = 0;

  mz_weights_add_owner (weights, &first, count_cb);
  mz_weights_add_owner (weights, &second, count_cb);
  mz_weights_ref (weights);
  mz_weights_unref (weights);
  g_assert_cmpint (first, ==, 0);
  mz_weights_unref (weights);
  g_assert_cmpint (first, ==, 1);
  g_assert_cmpint (second, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weights/take", test_take);
  g_test_add_func ("/weights/shapes", test_shapes);
  g_test_add_func ("/weights/duplicates", test_duplicates);
  g_test_add_func ("/weights/prefix", test_prefix);
  g_test_add_func ("/weights/names", test_names);
  g_test_add_func ("/weights/missing", test_missing);
  g_test_add_func ("/weights/wrong-shape", test_wrong_shape);
  g_test_add_func ("/weights/many-problems", test_many_problems);
  g_test_add_func ("/weights/owners", test_owners);
  return g_test_run ();
}
