/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A device whose numbers overflow now and then: the picture is that of a sound one, and a note says so. It is
 * the processor, called a card, whose downloads are spoiled. */
#include <math.h>
#include <string.h>

#include "pipeline/private.h"

typedef struct
{
  MzEngine *engine;
  MzModel *model;
  MzRequest *request;
  MzResult *sound; /* what the processor makes of the request */
} Fixture;

/* How many downloads from now one is spoiled, and how often after it; 0: none. */
static int spoil_after, n_spoils;
static MzBackend card;

static gboolean
download (MzDevice *device, const MzTensor *tensor, float *nchw, GError **error)
{
  if (!mz_backend_cpu.download (device, tensor, nchw, error))
    return FALSE;
  if (spoil_after > 0 && --spoil_after == 0)
    {
      nchw[mz_tensor_elements (tensor) / 2] = n_spoils % 2 == 0 ? NAN : -INFINITY;
      spoil_after = n_spoils-- > 1 ? 1 : 0;
    }
  return TRUE;
}

static guint64
count_usable_bytes (MzDevice *device)
{
  return 0;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "tests/golden/tiny-diffusers", NULL);

  f->engine = mz_engine_new ("cpu", 1, &error);
  g_assert_no_error (error);
  f->model = mz_model_load (f->engine, path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  f->request = g_new0 (MzRequest, 1);
  mz_request_use_defaults (f->request, f->model);
  f->request->prompt = g_strdup ("a red apple");
  f->request->steps = 4;
  f->request->sampler = "euler";
  f->request->guidance = 3;
  f->sound = mz_generate (f->model, f->request, NULL, NULL, &error);
  g_assert_no_error (error);
  card = mz_backend_cpu;
  card.download = download;
  card.count_usable_bytes = count_usable_bytes;
  f->engine->device->backend = &card;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  spoil_after = n_spoils = 0;
  mz_result_unref (f->sound);
  mz_request_free (f->request);
  mz_model_unref (f->model);
  mz_engine_unref (f->engine);
}

static void
progress_cb (gpointer user, const MzStep *step)
{
  if (step->note != NULL)
    g_ptr_array_add (user, g_strdup (step->note));
}

/* Spoils so many downloads from the given one on; the picture must be the sound one all the same, or nearly:
 * a card decodes it without bands. */
static GPtrArray *
generate_spoiled (Fixture *f, int first, int n)
{
  GPtrArray *notes = g_ptr_array_new_with_free_func (g_free);
  const MzCallbacks callbacks = { .progress = progress_cb, .user = notes };
  g_autoptr (GError) error = NULL;
  g_autoptr (MzResult) result = NULL;

  spoil_after = first;
  n_spoils = n;
  result = mz_generate (f->model, f->request, &callbacks, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n_spoils, ==, 0);
  for (int p = 0; p < f->request->count; p++)
    {
      const MzPicture *got = mz_result_get_picture (result, p), *wanted = mz_result_get_picture (f->sound, p);

      for (int i = 0; i < 3 * wanted->width * wanted->height; i++)
        g_assert_cmpint (abs (got->rgb[i] - wanted->rgb[i]), <=, 1);
    }
  return notes;
}

static void
test_step (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = generate_spoiled (f, 2, 1);

  g_assert_cmpuint (notes->len, ==, 1);
  g_assert_nonnull (strstr (notes->pdata[0], "Step 2 "));
}

/* One word is enough for many of them. */
static void
test_steps (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = generate_spoiled (f, 1, 4);

  g_assert_cmpuint (notes->len, ==, 1);
}

static void
test_decoder (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = generate_spoiled (f, 5, 1);

  g_assert_cmpuint (notes->len, ==, 1);
  g_assert_nonnull (strstr (notes->pdata[0], "autoencoder"));
}

/* Of two that are drawn together, one overflows: both of the step are found again. */
static void
test_together (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = NULL;
  g_autoptr (GError) error = NULL;

  f->request->count = f->request->at_once = 2;
  mz_result_unref (f->sound);
  f->sound = mz_generate (f->model, f->request, NULL, NULL, &error);
  g_assert_no_error (error);
  notes = generate_spoiled (f, 3, 1);
  g_assert_cmpuint (notes->len, ==, 1);
  g_assert_nonnull (strstr (notes->pdata[0], "Step 3 "));
}

/* Where only sums were halves, the card itself does it again, and there is nothing to tell. */
static void
test_half_sums (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = NULL;

  card.has_half_sums = TRUE;
  mz_engine_set_half_sums (f->engine, TRUE);
  notes = generate_spoiled (f, 2, 1);
  g_assert_cmpuint (notes->len, ==, 0);
}

static void
test_sound (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = generate_spoiled (f, 0, 0);

  g_assert_cmpuint (notes->len, ==, 0);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/fallback/sound", test_sound);
  ADD ("/fallback/step", test_step);
  ADD ("/fallback/steps", test_steps);
  ADD ("/fallback/decoder", test_decoder);
  ADD ("/fallback/together", test_together);
  ADD ("/fallback/half-sums", test_half_sums);
  return g_test_run ();
}
