/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The promises of engine.h: batches, cancelling anywhere, previews, defaults, and what is refused. */
#include <string.h>

#include "engine.h"

#define SIZE 32
#define STEPS 4

typedef struct
{
  MzEngine *engine;
  MzModel *model;
} Fixture;

static MzModel *
load (MzEngine *engine, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), name, NULL);
  MzModel *model = mz_model_load (engine, path, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return model;
}

static void
setup (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->engine = mz_engine_new ("cpu", 2, &error);
  g_assert_no_error (error);
  f->model = load (f->engine, data != NULL ? data : "models/sd1-mini");
}

static void
teardown (Fixture *f, gconstpointer data)
{
  mz_model_unref (f->model);
  mz_engine_unref (f->engine);
}

static MzRequest *
make_request (MzModel *model)
{
  MzRequest *request = g_new0 (MzRequest, 1);

  mz_request_use_defaults (request, model);
  request->prompt = g_strdup ("a red apple");
  request->negative_prompt = g_strdup ("blue");
  request->width = request->height = SIZE;
  request->steps = STEPS;
  request->seed = 77;
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
assert_same_picture (const MzPicture *a, const MzPicture *b)
{
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpmem (a->rgb, (gsize) a->width * (gsize) a->height * 3, b->rgb,
                   (gsize) b->width * (gsize) b->height * 3);
}

static gboolean
is_same_picture (const MzPicture *a, const MzPicture *b)
{
  return memcmp (a->rgb, b->rgb, (gsize) a->width * (gsize) a->height * 3) == 0;
}

/* ---- Batches ---- */

/* Four at once are four alone, bit for bit, also with a sampler that draws noise on the way. */
static void
test_batch (Fixture *f, gconstpointer data)
{
  static const char *const samplers[] = { "dpmpp_2m", "euler_a" };

  for (gsize s = 0; s < G_N_ELEMENTS (samplers); s++)
    {
      g_autoptr (MzRequest) request = make_request (f->model);
      g_autoptr (MzResult) batch = NULL;

      request->sampler = samplers[s];
      request->count = 4;
      batch = generate (f, request);
      g_assert_cmpint (mz_result_get_n_pictures (batch), ==, 4);
      request->count = 1;
      for (int i = 0; i < 4; i++)
        {
          g_autoptr (MzResult) single = NULL;

          request->seed = 77 + (guint64) i;
          single = generate (f, request);
          g_assert_cmpuint (mz_result_get_seed (batch, i), ==, request->seed);
          assert_same_picture (mz_result_get_picture (batch, i), mz_result_get_picture (single, 0));
        }
      g_assert_false (is_same_picture (mz_result_get_picture (batch, 0), mz_result_get_picture (batch, 1)));
    }
}

/* The number of threads is not part of the picture. */
static void
test_threads (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model);
  g_autoptr (MzResult) two = generate (f, request);

  for (int n_threads = 1; n_threads <= 3; n_threads += 2)
    {
      Fixture other = { mz_engine_new ("cpu", n_threads, NULL), NULL };
      g_autoptr (MzResult) result = NULL;

      other.model = load (other.engine, "models/sd1-mini");
      result = generate (&other, request);
      assert_same_picture (mz_result_get_picture (two, 0), mz_result_get_picture (result, 0));
      teardown (&other, NULL);
    }
}

/* ---- Cancelling ---- */

typedef struct
{
  MzCancel *cancel;
  MzPhase phase;
  int step;
  int n_after; /* callbacks after the trigger */
  int n_pictures;
} Trigger;

static void
trigger_cb (gpointer user, const MzStep *step)
{
  Trigger *trigger = user;

  if (mz_cancel_is_triggered (trigger->cancel))
    trigger->n_after++;
  else if (step->phase == trigger->phase && step->step == trigger->step)
    mz_cancel_trigger (trigger->cancel);
}

static gboolean
count_picture_cb (gpointer user, int index, guint64 seed, const MzPicture *picture, GError **error)
{
  ((Trigger *) user)->n_pictures++;
  return TRUE;
}

/* Whatever moment it is, nothing more is reported, no picture comes, and the next request is as if nothing
 * had happened. */
static void
test_cancel_in_each_phase (Fixture *f, gconstpointer data)
{
  static const struct
  {
    MzPhase phase;
    int step;
  } moments[] = { { MZ_PHASE_TEXT, 0 },
                  { MZ_PHASE_SAMPLE, 0 },
                  { MZ_PHASE_SAMPLE, 1 },
                  { MZ_PHASE_SAMPLE, STEPS },
                  { MZ_PHASE_DECODE, STEPS } };
  g_autoptr (MzRequest) request = make_request (f->model);
  g_autoptr (MzResult) before = generate (f, request);

  for (gsize i = 0; i < G_N_ELEMENTS (moments); i++)
    {
      g_autoptr (MzCancel) cancel = mz_cancel_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (MzResult) after = NULL;
      Trigger trigger = { cancel, moments[i].phase, moments[i].step, 0, 0 };
      const MzCallbacks callbacks = { trigger_cb, count_picture_cb, &trigger };

      g_assert_null (mz_generate (f->model, request, &callbacks, cancel, &error));
      g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
      g_assert_cmpint (trigger.n_after, ==, 0);
      g_assert_cmpint (trigger.n_pictures, ==, 0);
      after = generate (f, request);
      assert_same_picture (mz_result_get_picture (before, 0), mz_result_get_picture (after, 0));
    }
}

static gpointer
trigger_later_thread (gpointer data)
{
  g_usleep (g_random_int_range (0, 20000));
  mz_cancel_trigger (data);
  return NULL;
}

/* From another thread, at moments that nobody chose. */
static void
test_cancel_any_time (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model);
  g_autoptr (MzResult) before = generate (f, request), after = NULL;
  int n_cancelled = 0;

  request->count = 50;
  for (int i = 0; i < 30; i++)
    {
      g_autoptr (MzCancel) cancel = mz_cancel_new ();
      g_autoptr (GError) error = NULL;
      GThread *thread = g_thread_new ("trigger", trigger_later_thread, cancel);
      g_autoptr (MzResult) result = mz_generate (f->model, request, NULL, cancel, &error);

      g_thread_join (thread);
      if (result == NULL)
        g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
      n_cancelled += result == NULL;
    }
  g_assert_cmpint (n_cancelled, >, 0);
  request->count = 1;
  after = generate (f, request);
  assert_same_picture (mz_result_get_picture (before, 0), mz_result_get_picture (after, 0));
}

static void
cancel_load_cb (gpointer user, double fraction)
{
  g_assert_cmpfloat (fraction, >=, 0);
  g_assert_cmpfloat (fraction, <=, 1);
  if (fraction >= 0.5)
    mz_cancel_trigger (user);
}

static void
test_cancel_load (Fixture *f, gconstpointer data)
{
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "models/sd1-mini", NULL);

  g_assert_null (mz_model_load (f->engine, path, cancel, cancel_load_cb, cancel, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
  mz_cancel_reset (cancel);
  mz_model_unref (load (f->engine, "models/sd1-mini"));
}

/* ---- Previews ---- */

static void
preview_cb (gpointer user, const MzStep *step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzPicture) linear = mz_step_preview (step, MZ_PREVIEW_LINEAR, &error);
  g_autoptr (MzPicture) full = NULL;

  if (step->denoised == NULL)
    {
      g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpint (linear->width, ==, step->latent_width);
  g_assert_cmpint (linear->height, ==, step->latent_height);
  full = mz_step_preview (step, MZ_PREVIEW_VAE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (full->width, ==, SIZE);
  (*(int *) user)++;
}

/* A preview at every step changes nothing of the picture. */
static void
test_preview (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model);
  g_autoptr (MzResult) plain = generate (f, request), watched = NULL;
  g_autoptr (GError) error = NULL;
  int n_previews = 0;
  const MzCallbacks callbacks = { preview_cb, NULL, &n_previews };

  watched = mz_generate (f->model, request, &callbacks, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n_previews, ==, STEPS + 1); /* each step, and the beginning of the decoding */
  assert_same_picture (mz_result_get_picture (plain, 0), mz_result_get_picture (watched, 0));
}

/* ---- What is refused, and what is mended ---- */

static void
assert_refused (Fixture *f, MzRequest *request, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mz_generate (f->model, request, NULL, NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
  mz_request_free (request);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  MzRequest *request;

#define REFUSE(change, words)                                                                                \
  request = make_request (f->model);                                                                         \
  change;                                                                                                    \
  assert_refused (f, request, words)
  REFUSE (request->steps = 0, "number of steps is 0; it must be from 1 to 1000");
  REFUSE (request->steps = 1001, "number of steps");
  REFUSE (request->guidance = -1, "guidance scale");
  REFUSE (request->guidance = 0.0 / 0.0, "guidance scale");
  REFUSE (request->eta = 1.5, "eta");
  REFUSE (request->eta = 0.0 / 0.0, "eta");
  REFUSE (request->count = 0, "number of pictures");
  REFUSE (request->clip_skip = 0, "clip skip");
  REFUSE (request->clip_skip = 9, "clip skip is 9; it must be from 1 to 4");
  REFUSE (request->width = -8, "width");
  REFUSE (request->height = 1 << 30, "height");
  REFUSE (request->sampler = "dpmpp_2n", "dpmpp_2m");
  REFUSE (request->schedule = "karas", "karras");
  REFUSE (g_free (request->prompt); request->prompt = g_strdup ("ab\xff"), "byte 2");
  REFUSE (g_free (request->prompt); request->prompt = g_strnfill (MZ_MAX_PROMPT_BYTES + 1, 'a'), "bytes");
#undef REFUSE
}

static void
test_rounded (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) notes = NULL;

  request->width = 50;
  request->height = 33;
  g_assert_true (mz_request_validate (request, f->model, &notes, &error));
  g_assert_cmpint (request->width, ==, 52);
  g_assert_cmpint (request->height, ==, 32);
  g_assert_cmpuint (g_strv_length (notes), ==, 1);
  g_assert_nonnull (strstr (notes[0], "50×33"));
  g_clear_pointer (&notes, g_strfreev);
  g_assert_true (mz_request_validate (request, f->model, &notes, &error));
  g_assert_null (notes);
}

/* A megabyte is legal; what did not fit is told. */
static void
test_long_prompt (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model);
  g_autoptr (MzResult) result = NULL;
  int n_tokens;

  g_free (request->prompt);
  request->prompt = g_strnfill (MZ_MAX_PROMPT_BYTES, 'a');
  for (gsize i = 5; i < MZ_MAX_PROMPT_BYTES; i += 6)
    request->prompt[i] = ' ';
  result = generate (f, request);
  g_assert_nonnull (mz_result_get_cut_prompt (result, &n_tokens));
  g_assert_cmpint (n_tokens, >, 100000);
}

static void
test_empty_prompt (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model);
  g_autoptr (MzResult) result = NULL;

  g_free (request->prompt);
  request->prompt = NULL;
  result = generate (f, request);
  g_assert_cmpint (mz_result_get_n_pictures (result), ==, 1);
  g_assert_null (mz_result_get_cut_prompt (result, NULL));
  g_assert_cmpuint (mz_result_get_activation_bytes (result), >, 1000);
}

/* Guidance 1 is the prompt alone: the negative prompt has no say. */
static void
test_unguided (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model);
  g_autoptr (MzResult) with = NULL, without = NULL;

  request->guidance = 1;
  with = generate (f, request);
  g_clear_pointer (&request->negative_prompt, g_free);
  without = generate (f, request);
  assert_same_picture (mz_result_get_picture (with, 0), mz_result_get_picture (without, 0));
}

static void
test_info (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const MzModelInfo *info = mz_model_get_info (f->model);
  const char *hash = mz_model_get_hash (f->model, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (hash), ==, 64);
  g_assert_cmpstr (info->name, ==, "sd1-mini");
  g_assert_cmpstr (info->layout, ==, "diffusers folder");
  g_assert_cmpstr (info->prediction_type, ==, "epsilon");
  g_assert_cmpstr (info->dtypes, ==, "F16");
  g_assert_cmpint (info->native_width, ==, 32);
  g_assert_cmpint (info->size_multiple, ==, 4);
  g_assert_cmpint (info->max_tokens, ==, 77);
  g_assert_cmpuint (g_strv_length (info->components), ==, 3);
  g_assert_cmpuint (g_strv_length (info->missing), ==, 0);
  g_assert_cmpuint (g_strv_length (info->unused), ==, 0);
}

/* What a model comes with is legal for it, and nothing of it needs mending. */
static void
test_defaults (Fixture *f, gconstpointer data)
{
  static const char *const models[] = { "models/sd1-mini", "models/proof-mini", "models/odd",
                                        "models/bare",     "tiny-diffusers",    "tiny-ldm.safetensors" };

  for (gsize i = 0; i < G_N_ELEMENTS (models); i++)
    {
      g_autoptr (MzModel) model = load (f->engine, models[i]);
      g_auto (MzRequest) request = MZ_REQUEST_INIT;
      g_auto (GStrv) notes = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), models[i], NULL);
      g_autoptr (MzModelInfo) info = mz_model_inspect (path, &error);
      MzRequest from_headers;

      g_assert_no_error (error);
      memset (&request, 0, sizeof request); /* padding too, so that all bytes can be compared */
      memset (&from_headers, 0, sizeof from_headers);
      mz_request_use_defaults (&request, model);
      mz_request_use_info_defaults (&from_headers, info);
      g_assert_cmpmem (&from_headers, sizeof from_headers, &request, sizeof request);
      g_assert_true (mz_request_validate (&request, model, &notes, &error));
      g_assert_no_error (error);
      g_assert_null (notes);
    }
}

static gboolean
refuse_picture_cb (gpointer user, int index, guint64 seed, const MzPicture *picture, GError **error)
{
  return FALSE;
}

/* A callback that stops without a reason still gives the caller an error. */
static void
test_stop_without_error (Fixture *f, gconstpointer data)
{
  g_autoptr (MzRequest) request = make_request (f->model);
  const MzCallbacks callbacks = { NULL, refuse_picture_cb, NULL };
  g_autoptr (GError) error = NULL;

  g_assert_null (mz_generate (f->model, request, &callbacks, NULL, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/generate/" name, Fixture, NULL, setup, func, teardown)
  ADD ("batch", test_batch);
  ADD ("threads", test_threads);
  ADD ("cancel-in-each-phase", test_cancel_in_each_phase);
  ADD ("cancel-any-time", test_cancel_any_time);
  ADD ("cancel-load", test_cancel_load);
  ADD ("preview", test_preview);
  ADD ("refused", test_refused);
  ADD ("rounded", test_rounded);
  ADD ("long-prompt", test_long_prompt);
  ADD ("empty-prompt", test_empty_prompt);
  ADD ("unguided", test_unguided);
  ADD ("info", test_info);
  ADD ("defaults", test_defaults);
  ADD ("stop-without-error", test_stop_without_error);
#undef ADD
  return g_test_run ();
}
