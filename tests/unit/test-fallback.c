/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A device whose numbers overflow now and then: the picture is that of a sound one, and a note says so. It is
 * the processor, called a card, whose downloads are spoiled. Its wider form is the processor, too: what it
 * downloads is a little larger, so that it is known by its pictures. */
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
static MzBackend card, wider;
/* Downloads of the card, of its wider form, and whether that spoils all of them or has no memory. */
static int n_downloads, n_wider_downloads;
static gboolean wider_overflows, wider_has_no_memory;

#define WIDER_FACTOR 1.01f

static gboolean
download (MzDevice *device, const MzTensor *tensor, float *nchw, GError **error)
{
  if (!mz_backend_cpu.download (device, tensor, nchw, error))
    return FALSE;
  n_downloads++;
  if (spoil_after > 0 && --spoil_after == 0)
    {
      nchw[mz_tensor_elements (tensor) / 2] = n_spoils % 2 == 0 ? NAN : -INFINITY;
      spoil_after = n_spoils-- > 1 ? 1 : 0;
    }
  return TRUE;
}

static gboolean
download_wider (MzDevice *device, const MzTensor *tensor, float *nchw, GError **error)
{
  if (!mz_backend_cpu.download (device, tensor, nchw, error))
    return FALSE;
  n_wider_downloads++;
  for (gsize i = 0; i < mz_tensor_elements (tensor); i++)
    nchw[i] = wider_overflows ? NAN : nchw[i] * WIDER_FACTOR;
  return TRUE;
}

static gpointer
alloc_wider (MzDevice *device, gsize n_bytes, GError **error)
{
  if (!wider_has_no_memory)
    return mz_backend_cpu.alloc (device, n_bytes, error);
  g_set_error_literal (error, MZ_ERROR, MZ_ERROR_MEMORY, "full");
  return NULL;
}

static MzDevice *
open_wider (const MzDeviceOptions *options, GError **error)
{
  MzDevice *device = mz_backend_cpu.open (options, error);

  if (device != NULL)
    device->backend = &wider;
  return device;
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
  wider_overflows = wider_has_no_memory = FALSE;
  mz_result_unref (f->sound);
  mz_request_free (f->request);
  mz_model_unref (f->model);
  mz_engine_unref (f->engine);
}

static void
give_wider_form (Fixture *f)
{
  wider = mz_backend_cpu;
  wider.open = open_wider;
  wider.alloc = alloc_wider;
  wider.download = download_wider;
  f->engine->device->wider = &wider;
  n_downloads = n_wider_downloads = 0;
}

static void
progress_cb (gpointer user, const MzStep *step)
{
  if (step->note != NULL)
    g_ptr_array_add (user, g_strdup (step->note));
}

/* Spoils so many downloads from the given one on; notes: out. */
static MzResult *
generate_noted (Fixture *f, int first, int n, GPtrArray **notes)
{
  MzCallbacks callbacks = { .progress = progress_cb };
  g_autoptr (GError) error = NULL;
  MzResult *result;

  callbacks.user = *notes = g_ptr_array_new_with_free_func (g_free);
  spoil_after = first;
  n_spoils = n;
  result = mz_generate (f->model, f->request, &callbacks, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n_spoils, ==, 0);
  return result;
}

/* The same; the picture must be the sound one all the same, or nearly: a card decodes it without bands. */
static GPtrArray *
generate_spoiled (Fixture *f, int first, int n)
{
  GPtrArray *notes;
  g_autoptr (MzResult) result = generate_noted (f, first, n, &notes);

  for (int p = 0; p < f->request->count; p++)
    {
      const MzPicture *got = mz_result_get_picture (result, p), *wanted = mz_result_get_picture (f->sound, p);

      for (int i = 0; i < 3 * wanted->width * wanted->height; i++)
        g_assert_cmpint (abs (got->rgb[i] - wanted->rgb[i]), <=, 1);
    }
  return notes;
}

static void
test_sound (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = generate_spoiled (f, 0, 0);

  g_assert_cmpuint (notes->len, ==, 0);
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

/* ---- On the card itself ---- */

/* The second of four steps overflows: it and the two after it go to the wider form, which downloads the
 * encoded prompts besides, and the card does not try them any more. */
static void
test_wider (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = NULL;
  g_autoptr (MzResult) result = NULL;

  give_wider_form (f);
  result = generate_noted (f, 2, 1, &notes);
  g_assert_cmpuint (notes->len, ==, 1);
  g_assert_nonnull (strstr (notes->pdata[0], "Step 2 "));
  g_assert_nonnull (strstr (notes->pdata[0], "bfloat16"));
  g_assert_cmpint (n_wider_downloads, ==, 1 + 3);
  g_assert_cmpint (n_downloads, ==, 2 + 1); /* two steps and the decoded picture */
  g_assert_null (f->engine->wider);
}

/* Of two that are drawn together, the first overflows: the second is what it would be without that. */
static void
test_wider_together (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (MzResult) result = NULL;
  const MzPicture *got[2], *sound[2];
  gsize n_bytes;

  f->request->count = f->request->at_once = 2;
  mz_result_unref (f->sound);
  f->sound = mz_generate (f->model, f->request, NULL, NULL, &error);
  g_assert_no_error (error);
  give_wider_form (f);
  result = generate_noted (f, 2, 1, &notes);
  g_assert_cmpuint (notes->len, ==, 1);
  g_assert_nonnull (strstr (notes->pdata[0], "bfloat16"));
  for (int i = 0; i < 2; i++)
    {
      got[i] = mz_result_get_picture (result, i);
      sound[i] = mz_result_get_picture (f->sound, i);
    }
  n_bytes = (gsize) got[1]->width * (gsize) got[1]->height * 3;
  g_assert_cmpint (memcmp (got[0]->rgb, sound[0]->rgb, n_bytes), !=, 0);
  g_assert_cmpmem (got[1]->rgb, n_bytes, sound[1]->rgb, n_bytes);
}

/* Every step that overflows there, too, goes to the processor. */
static void
test_wider_overflows (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = NULL;

  give_wider_form (f);
  wider_overflows = TRUE;
  notes = generate_spoiled (f, 2, 1);
  g_assert_cmpuint (notes->len, ==, 1);
  g_assert_nonnull (strstr (notes->pdata[0], "Step 2 "));
  g_assert_nonnull (strstr (notes->pdata[0], "processor"));
}

/* Without memory for it, steps go to the card as before, and those that overflow to the processor. */
static void
test_wider_is_full (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = NULL;

  give_wider_form (f);
  wider_has_no_memory = TRUE;
  notes = generate_spoiled (f, 2, 1);
  g_assert_cmpuint (notes->len, ==, 1);
  g_assert_nonnull (strstr (notes->pdata[0], "processor"));
  g_assert_cmpint (n_wider_downloads, ==, 0);
  g_assert_cmpint (n_downloads, ==, 4 + 1);
  g_assert_null (f->engine->wider);
}

static void
test_wider_decoder (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) notes = NULL;
  g_autoptr (MzResult) result = NULL;

  give_wider_form (f);
  f->request->count = 2; /* the second is decoded by the card again */
  result = generate_noted (f, 5, 1, &notes);
  g_assert_cmpuint (notes->len, ==, 1);
  g_assert_nonnull (strstr (notes->pdata[0], "autoencoder"));
  g_assert_nonnull (strstr (notes->pdata[0], "bfloat16"));
  g_assert_cmpint (n_wider_downloads, ==, 1);
  g_assert_cmpint (n_downloads, ==, 2 * (4 + 1));
}

static void
keep_cb (gpointer user, const MzStep *step)
{
  if (step->phase == MZ_PHASE_SAMPLE && step->step > 0)
    g_ptr_array_add (user, mz_step_take_snapshot (step, NULL));
}

/* `spoil`: the evaluation that overflows, from the first that is done. */
static MzResult *
generate_with (Fixture *f, int spoil, GPtrArray *snapshots)
{
  const MzCallbacks callbacks = { .progress = keep_cb, .user = snapshots };
  g_autoptr (GError) error = NULL;
  MzResult *result;

  spoil_after = spoil;
  n_spoils = 1;
  result = mz_generate (f->model, f->request, snapshots != NULL ? &callbacks : NULL, NULL, &error);
  g_assert_no_error (error);
  spoil_after = 0;
  return result;
}

static void
assert_same (MzResult *a, int i, MzResult *b, int k)
{
  const MzPicture *p = mz_result_get_picture (a, i), *q = mz_result_get_picture (b, k);
  gsize n = (gsize) p->width * (gsize) p->height * 3;

  g_assert_cmpmem (p->rgb, n, q->rgb, n);
}

/* Interrupted before the step that overflows and after it, the picture is the same; the picture after it is
 * that which is made alone. */
static void
test_resume (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) snapshots = g_ptr_array_new_with_free_func ((GDestroyNotify) mz_snapshot_unref);
  g_autoptr (MzResult) whole = NULL, sound = NULL;

  f->request->count = 2;
  sound = generate_with (f, 0, NULL);
  give_wider_form (f);
  whole = generate_with (f, 2, snapshots);
  g_assert_cmpuint (snapshots->len, ==, 2 * 4);
  assert_same (whole, 1, sound, 1);
  g_assert_cmpint (memcmp (mz_result_get_picture (whole, 0)->rgb, mz_result_get_picture (sound, 0)->rgb,
                           3 * (gsize) f->request->width * (gsize) f->request->height),
                   !=, 0);
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (MzResult) rest = NULL;
      g_autoptr (GBytes) bytes = mz_snapshot_to_bytes (snapshots->pdata[i]);
      g_autoptr (GError) error = NULL;
      int picture = i < 4 ? 0 : 1;

      g_clear_pointer (&f->request->start, mz_snapshot_unref);
      f->request->start = mz_snapshot_new_from_bytes (bytes, &error);
      g_assert_no_error (error);
      f->request->start_kind = MZ_START_RESUME;
      rest = generate_with (f, i == 0 ? 1 : 0, NULL);
      for (int k = picture; k < 2; k++)
        assert_same (whole, k, rest, k - picture);
    }
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
  ADD ("/fallback/wider", test_wider);
  ADD ("/fallback/wider-together", test_wider_together);
  ADD ("/fallback/wider-overflows", test_wider_overflows);
  ADD ("/fallback/wider-is-full", test_wider_is_full);
  ADD ("/fallback/wider-decoder", test_wider_decoder);
  ADD ("/fallback/resume", test_resume);
  return g_test_run ();
}
