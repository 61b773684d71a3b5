/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A graphics card's memory, on the emulated one: what is estimated is enough, limits hold, and a card that is
 * full gives everything back. $MZ_EMULATED_MEMORY_BYTES is what the card has. */
#include <math.h>
#include <string.h>

#include "engine.h"

/* What is left to others of a card of so little. */
#define RESERVE_BYTES ((guint64) 128 << 20)

/* dB; what is asked of a card's picture beside the processor's */
#define LEAST_PSNR 40.0

typedef struct
{
  MzEngine *engine;
  MzModel *model;
} Fixture;

static void
set_card_bytes (guint64 n_bytes)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, n_bytes);

  g_setenv ("MZ_EMULATED_MEMORY_BYTES", text, TRUE);
}

static char *
model_path (void)
{
  return g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "tiny-diffusers", NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = model_path ();

  f->engine = mz_engine_new ("cuda", 0, &error);
  g_assert_no_error (error);
  f->model = mz_model_load (f->engine, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_unsetenv ("MZ_EMULATED_MEMORY_BYTES");
  mz_model_unref (f->model);
  mz_engine_unref (f->engine);
}

static MzRequest *
make_request (Fixture *f)
{
  MzRequest *request = g_new0 (MzRequest, 1);

  mz_request_use_defaults (request, f->model);
  request->prompt = g_strdup ("a red apple");
  request->width = request->height = 16;
  request->steps = 1;
  request->seed = 5;
  return request;
}

static MzResult *
generate (Fixture *f, const MzRequest *request)
{
  g_autoptr (GError) error = NULL;
  MzResult *result = mz_generate (f->model, request, NULL, NULL, &error);

  g_assert_no_error (error);
  return result;
}

static void
assert_alike (MzResult *a, MzResult *b, int most)
{
  g_assert_cmpint (mz_result_get_n_pictures (a), ==, mz_result_get_n_pictures (b));
  for (int k = 0; k < mz_result_get_n_pictures (a); k++)
    {
      const MzPicture *p = mz_result_get_picture (a, k), *q = mz_result_get_picture (b, k);

      g_assert_cmpint (p->width, ==, q->width);
      g_assert_cmpint (p->height, ==, q->height);
      for (int i = 0; i < 3 * p->width * p->height; i++)
        g_assert_cmpint (abs (p->rgb[i] - q->rgb[i]), <=, most);
    }
}

static void
test_auto (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzEngine) engine = NULL;
  g_autofree char *backend = g_strdup (g_getenv ("MEZZOTINT_BACKEND"));

  g_unsetenv ("MEZZOTINT_BACKEND");
  engine = mz_engine_new (NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (mz_engine_get_backend (engine), ==, "cuda");
  g_assert_true (mz_engine_computes_on_card (engine));
  if (backend != NULL)
    g_setenv ("MEZZOTINT_BACKEND", backend, TRUE);
}

/* A card that has just what was estimated, and one limited to the least. */
static void
test_estimate (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  MzRequest *request = make_request (f);
  MzMemoryEstimate roomy, tight;
  g_autoptr (MzResult) first = NULL, second = NULL, third = NULL;

  g_assert_true (mz_model_estimate_memory (f->model, request, &roomy, &error));
  g_assert_cmpint (roomy.measures, ==, 0);
  first = generate (f, request);
  set_card_bytes (roomy.peak_bytes + RESERVE_BYTES);
  second = generate (f, request);
  assert_alike (first, second, 0);
  mz_engine_set_card_limit (f->engine, roomy.least_bytes);
  g_assert_true (mz_model_estimate_memory (f->model, request, &tight, &error));
  g_assert_cmpuint (tight.peak_bytes, <=, roomy.least_bytes);
  third = generate (f, request);
  assert_alike (first, third, 2);
  mz_request_free (request);
}

/* Two together, recorded and replayed, on a card that has just what was estimated. */
static void
test_at_once (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  MzRequest *request = make_request (f);
  MzMemoryEstimate estimate;
  g_autoptr (MzResult) one_by_one = NULL, together = NULL;

  request->count = 2;
  request->steps = 3;
  one_by_one = generate (f, request);
  request->at_once = 2;
  g_assert_true (mz_model_estimate_memory (f->model, request, &estimate, &error));
  g_assert_cmpint (estimate.at_once, ==, 2);
  set_card_bytes (estimate.peak_bytes + RESERVE_BYTES);
  together = generate (f, request);
  assert_alike (one_by_one, together, 2);
  mz_request_free (request);
}

static double
psnr (const MzPicture *p, const MzPicture *q)
{
  double sum = 0, n = 3.0 * p->width * p->height;

  for (int i = 0; i < 3 * p->width * p->height; i++)
    sum += pow (p->rgb[i] - q->rgb[i], 2);
  return 10 * log10 (255 * 255 * n / MAX (sum, 1e-9));
}

/* With sums in halves, here wherever it can, the picture is another, but nearly the same; the autoencoder's
 * are not. */
static void
test_half_sums (void)
{
  Fixture fixture = { 0 }, *f = &fixture;
  MzRequest *request;
  g_autoptr (MzResult) in_floats = NULL, in_halves = NULL, again = NULL;

  g_setenv ("MEZZOTINT_CUDA_PRODUCT", "own-half", TRUE);
  set_up (f, NULL);
  request = make_request (f);
  in_floats = generate (f, request);
  g_assert_false (mz_model_has_half_sums (f->model));
  mz_engine_set_half_sums (f->engine, TRUE);
  g_assert_true (mz_model_has_half_sums (f->model));
  in_halves = generate (f, request);
  g_assert_cmpfloat (psnr (mz_result_get_picture (in_floats, 0), mz_result_get_picture (in_halves, 0)), <,
                     99);
  g_assert_cmpfloat (psnr (mz_result_get_picture (in_floats, 0), mz_result_get_picture (in_halves, 0)), >=,
                     LEAST_PSNR);
  mz_engine_set_half_sums (f->engine, FALSE);
  again = generate (f, request);
  assert_alike (in_floats, again, 0);
  mz_request_free (request);
  tear_down (f, NULL);
  g_unsetenv ("MEZZOTINT_CUDA_PRODUCT");
}

/* Too little for the request: said before anything is done, with what would fit. */
static void
test_too_large (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  MzRequest *request = make_request (f);
  MzMemoryEstimate estimate;

  request->width = request->height = 2048;
  g_assert_true (mz_model_estimate_memory (f->model, request, &estimate, &error));
  mz_engine_set_card_limit (f->engine, estimate.least_bytes - 1);
  g_assert_null (mz_generate (f->model, request, NULL, NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "graphics card"));
  g_assert_nonnull (strstr (error->message, "would fit"));
  mz_request_free (request);
}

static void
fill_card_cb (gpointer user, const MzStep *step)
{
  if (step->phase == MZ_PHASE_DECODE)
    set_card_bytes (1);
}

/* Somebody else takes the rest of the card in the middle of a run. */
static void
test_full (Fixture *f, gconstpointer data)
{
  const MzCallbacks callbacks = { .progress = fill_card_cb };
  g_autoptr (GError) error = NULL;
  MzRequest *request = make_request (f);
  g_autoptr (MzResult) before = generate (f, request), after = NULL;

  request->width *= 2; /* so that the way to the host must grow */
  g_assert_null (mz_generate (f->model, request, &callbacks, NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
  g_unsetenv ("MZ_EMULATED_MEMORY_BYTES");
  request->width /= 2;
  after = generate (f, request);
  assert_alike (before, after, 0);
  mz_request_free (request);
}

static void
test_no_room_to_load (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = model_path ();
  MzModel *model;

  set_card_bytes (1);
  g_assert_null (mz_model_load (f->engine, path, NULL, NULL, NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "graphics card"));
  g_unsetenv ("MZ_EMULATED_MEMORY_BYTES");
  g_clear_error (&error);
  model = mz_model_load (f->engine, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  mz_model_unref (model);
}

static gpointer
generate_in_thread (gpointer data)
{
  Fixture *f = data;
  MzRequest *request = make_request (f);
  MzResult *result = generate (f, request);

  mz_request_free (request);
  return result;
}

/* The second of two cards, from threads that never heard of it: each begins at the first. */
static void
test_second_card (void)
{
  g_autoptr (MzResult) first = NULL, second = NULL;
  Fixture f = { 0 };

  set_up (&f, NULL);
  first = generate_in_thread (&f);
  tear_down (&f, NULL);
  g_setenv ("MZ_EMULATED_DEVICES", "2", TRUE);
  g_setenv ("MEZZOTINT_CUDA_DEVICE", "1", TRUE);
  set_up (&f, NULL);
  second = g_thread_join (g_thread_new ("generate", generate_in_thread, &f));
  assert_alike (first, second, 0);
  tear_down (&f, NULL);
  g_unsetenv ("MEZZOTINT_CUDA_DEVICE");
  g_unsetenv ("MZ_EMULATED_DEVICES");
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/card/auto", test_auto);
  g_test_add_func ("/card/second", test_second_card);
  ADD ("/card/estimate", test_estimate);
  ADD ("/card/at-once", test_at_once);
  g_test_add_func ("/card/half-sums", test_half_sums);
  ADD ("/card/too-large", test_too_large);
  ADD ("/card/full", test_full);
  ADD ("/card/no-room-to-load", test_no_room_to_load);
  return g_test_run ();
}
