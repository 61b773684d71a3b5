/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What memory a request will take, before the start: asked once the user pauses, answered when nothing is
 * being made, never another request's answer; and the questions to the engine's thread behind it. */
#include <string.h>

#include "app/jobs/engine-service-private.h"
#include "app/jobs/forecast.h"
#include "jobs-fixture.h"

typedef struct
{
  JobsFixture jobs;
  MezzotintForecast *forecast;
  MezzotintRecipe *recipe; /* of the small model */
  MzRequest *request;      /* a copy of the recipe's, to be changed */
  int n_changes;
} Fixture;

static void
changed_cb (Fixture *f)
{
  f->n_changes++;
}

static gboolean
has_need (gpointer forecast)
{
  return mezzotint_forecast_get_need (forecast) != NULL;
}

static gboolean
has_problem (gpointer forecast)
{
  const MezzotintMemoryNeed *need = mezzotint_forecast_get_need (forecast);

  return need != NULL && need->problem != NULL;
}

static gboolean
has_model (gpointer engine)
{
  g_autofree char *model = NULL;

  g_object_get (engine, "model", &model, NULL);
  return model != NULL;
}

static gboolean
is_idle (gpointer engine)
{
  gboolean is_busy;

  g_object_get (engine, "is-busy", &is_busy, NULL);
  return !is_busy;
}

static void
load (Fixture *f)
{
  mezzotint_engine_service_preload (f->jobs.engine, f->jobs.model);
  jobs_fixture_wait (has_model, f->jobs.engine);
  jobs_fixture_wait (is_idle, f->jobs.engine);
}

static gboolean
set_true_cb (gpointer is_over)
{
  *(gboolean *) is_over = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
is_true (gpointer is_over)
{
  return *(gboolean *) is_over;
}

/* Longer than the user has to pause. */
static void
let_pass (void)
{
  gboolean is_over = FALSE;

  g_timeout_add (500, set_true_cb, &is_over);
  jobs_fixture_wait (is_true, &is_over);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  jobs_fixture_set_up (&f->jobs, data);
  f->forecast = mezzotint_forecast_new (f->jobs.engine, f->jobs.settings);
  f->recipe = jobs_fixture_make_recipe (&f->jobs, "a red apple", 4, 1);
  f->request = mz_request_copy (mezzotint_recipe_get_request (f->recipe));
  g_signal_connect_swapped (f->forecast, "changed", G_CALLBACK (changed_cb), f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  mezzotint_settings_reset (f->jobs.settings, "memory-limit-mb");
  mezzotint_settings_reset (f->jobs.settings, "at-once");
  mz_request_free (f->request);
  mezzotint_recipe_unref (f->recipe);
  while (g_main_context_iteration (NULL, FALSE)) /* the answer under way */
    ;
  g_assert_finalize_object (f->forecast);
  jobs_fixture_tear_down (&f->jobs, data);
}

static void
ask (Fixture *f)
{
  mezzotint_forecast_set_request (f->forecast, f->jobs.model, f->request);
}

/* By an engine of its own. */
static guint64
find_peak (Fixture *f, int at_once)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzEngine) engine = mz_engine_new ("cpu", 1, &error);
  g_autoptr (MzModel) model = mz_model_load (engine, f->jobs.model, NULL, NULL, NULL, &error);
  g_autoptr (MzRequest) request = mz_request_copy (f->request);
  MzMemoryEstimate estimate;

  request->at_once = at_once;
  g_assert_true (mz_model_estimate_memory (model, request, &estimate, &error));
  return estimate.peak_bytes;
}

/* ---- The forecast ---- */

/* Nothing is loaded for it; it comes as soon as the model is there, and follows size, number and limits. */
static void
test_follows (Fixture *f, gconstpointer data)
{
  const MezzotintMemoryNeed *need;

  ask (f);
  let_pass ();
  g_assert_null (mezzotint_forecast_get_need (f->forecast));
  g_assert_false (has_model (f->jobs.engine));
  load (f);
  jobs_fixture_wait (has_need, f->forecast);
  need = mezzotint_forecast_get_need (f->forecast);
  g_assert_cmpuint (need->estimate.peak_bytes, ==, find_peak (f, 1));
  g_assert_cmpuint (need->usable_bytes, ==, 0);
  g_assert_cmpuint (need->machine_bytes, >, 0);
  g_assert_false (need->is_on_card);
  g_assert_false (mezzotint_memory_need_is_too_much (need));

  f->request->width = 256;
  f->request->count = 4;
  ask (f);
  g_assert_null (mezzotint_forecast_get_need (f->forecast)); /* it was the small picture's */
  jobs_fixture_wait (has_need, f->forecast);
  need = mezzotint_forecast_get_need (f->forecast);
  g_assert_cmpuint (need->estimate.peak_bytes, ==, find_peak (f, 1));

  g_object_set (f->jobs.settings, "at-once", 4, NULL);
  g_assert_null (mezzotint_forecast_get_need (f->forecast));
  jobs_fixture_wait (has_need, f->forecast);
  need = mezzotint_forecast_get_need (f->forecast);
  g_assert_cmpint (need->estimate.at_once, ==, 4);
  g_assert_cmpuint (need->estimate.peak_bytes, ==, find_peak (f, 4));

  mezzotint_forecast_set_request (f->forecast, "/another.safetensors", f->request);
  g_assert_null (mezzotint_forecast_get_need (f->forecast));
  let_pass ();
  g_assert_null (mezzotint_forecast_get_need (f->forecast));
  mezzotint_forecast_set_request (f->forecast, NULL, NULL);
}

/* Typing asks once; a word more in the prompt does not take away what is there. */
static void
test_waits_for_pause (Fixture *f, gconstpointer data)
{
  g_autofree char *prompt = NULL;

  load (f);
  for (int side = 64; side <= 512; side += 8)
    {
      f->request->width = side;
      ask (f);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  jobs_fixture_wait (has_need, f->forecast);
  let_pass ();
  g_assert_cmpint (f->n_changes, ==, 1);
  g_assert_cmpuint (mezzotint_forecast_get_need (f->forecast)->estimate.peak_bytes, ==, find_peak (f, 1));

  prompt = g_strnfill (2000, 'y');
  g_free (f->request->prompt);
  f->request->prompt = g_steal_pointer (&prompt);
  ask (f);
  g_assert_cmpint (f->n_changes, ==, 1);
  g_assert_nonnull (mezzotint_forecast_get_need (f->forecast));
  let_pass ();
  g_assert_cmpint (f->n_changes, ==, 2);

  f->request->seed++; /* no other request, for the memory */
  ask (f);
  let_pass ();
  g_assert_cmpint (f->n_changes, ==, 2);
}

/* What was asked about the small picture is answered after the large one is set: nobody hears of it. */
static void
test_drops_stale (Fixture *f, gconstpointer data)
{
  load (f);
  ask (f);
  g_usleep (250 * 1000); /* the pause is over at the next look */
  g_main_context_iteration (NULL, FALSE);
  f->request->width = f->request->height = 512;
  ask (f);
  jobs_fixture_wait (has_need, f->forecast);
  g_assert_cmpint (f->n_changes, ==, 1);
  g_assert_cmpuint (mezzotint_forecast_get_need (f->forecast)->estimate.peak_bytes, ==, find_peak (f, 1));
}

static void
test_does_not_fit (Fixture *f, gconstpointer data)
{
  const MezzotintMemoryNeed *need;
  g_autofree char *text = NULL;

  load (f);
  f->request->width = f->request->height = 4096;
  g_object_set (f->jobs.settings, "memory-limit-mb", 64, NULL);
  ask (f);
  jobs_fixture_wait (has_problem, f->forecast);
  need = mezzotint_forecast_get_need (f->forecast);
  text = mezzotint_memory_need_describe (need);
  g_assert_cmpuint (need->usable_bytes, ==, 64 << 20);
  g_assert_cmpuint (need->estimate.least_bytes, >, 64 << 20);
  g_assert_true (mezzotint_memory_need_is_too_much (need));
  g_assert_nonnull (strstr (text, "4096×4096"));
  g_assert_nonnull (strstr (text, "would fit"));

  f->request->width = f->request->height = JOBS_SIZE;
  ask (f);
  jobs_fixture_wait (has_need, f->forecast);
  g_assert_null (mezzotint_forecast_get_need (f->forecast)->problem);
}

static void
test_not_sound (Fixture *f, gconstpointer data)
{
  load (f);
  f->request->steps = 100000;
  ask (f);
  let_pass ();
  g_assert_null (mezzotint_forecast_get_need (f->forecast));
  f->request->steps = 4;
  ask (f);
  jobs_fixture_wait (has_need, f->forecast);
}

static void
run_event_cb (gpointer has_ended, const MezzotintRunEvent *event)
{
  if (event->kind == MEZZOTINT_RUN_ENDED)
    *(gboolean *) has_ended = TRUE;
}

/* While something is made nobody is asked, and what was known of another size is gone. */
static void
test_while_making (Fixture *f, gconstpointer data)
{
  MezzotintRunOptions options = { .recipe = jobs_fixture_make_recipe (&f->jobs, "a red apple", 900, 20),
                                  .folder = mezzotint_settings_get_output_folder (f->jobs.settings),
                                  .pattern = g_strdup ("{seed}") };
  gboolean has_ended = FALSE;
  g_autoptr (MezzotintRun) run = NULL;

  load (f);
  ask (f);
  jobs_fixture_wait (has_need, f->forecast);
  run = mezzotint_run_new (&options, run_event_cb, &has_ended);
  mezzotint_engine_service_run (f->jobs.engine, run);
  let_pass ();
  g_assert_false (is_idle (f->jobs.engine));
  g_assert_nonnull (mezzotint_forecast_get_need (f->forecast)); /* still of this request */
  f->request->width = 64;
  ask (f);
  g_assert_null (mezzotint_forecast_get_need (f->forecast));
  let_pass ();
  g_assert_null (mezzotint_forecast_get_need (f->forecast));
  g_assert_false (has_ended);
  mezzotint_run_cancel (run);
  jobs_fixture_wait (is_true, &has_ended);
  jobs_fixture_wait (has_need, f->forecast);
  g_assert_cmpuint (mezzotint_forecast_get_need (f->forecast)->estimate.peak_bytes, ==, find_peak (f, 1));
}

/* ---- The engine service ---- */

typedef struct
{
  MezzotintMemoryNeed *need;
  GError *error;
  gboolean is_there;
} Answer;

static void
answer_cb (GObject *engine, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;

  g_assert_false (answer->is_there);
  answer->need
      = mezzotint_engine_service_estimate_finish (MEZZOTINT_ENGINE_SERVICE (engine), result, &answer->error);
  answer->is_there = TRUE;
}

static gboolean
is_answered (gpointer answer)
{
  return ((Answer *) answer)->is_there;
}

static void
clear_answer (Answer *answer)
{
  g_clear_pointer (&answer->need, mezzotint_memory_need_free);
  g_clear_error (&answer->error);
}

static void
ask_service (Fixture *f, GCancellable *cancellable, Answer *answer)
{
  *answer = (Answer){ 0 };
  mezzotint_engine_service_estimate_async (f->jobs.engine, f->request, f->jobs.model, cancellable, answer_cb,
                                           answer);
}

static void
test_service (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Answer first, second, cancelled, late;

  ask_service (f, NULL, &first);
  jobs_fixture_wait (is_answered, &first);
  g_assert_error (first.error, MZ_ERROR, MZ_ERROR_MISSING); /* not loaded */
  clear_answer (&first);
  load (f);

  ask_service (f, cancellable, &cancelled);
  g_cancellable_cancel (cancellable);
  jobs_fixture_wait (is_answered, &cancelled);
  g_assert_error (cancelled.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  clear_answer (&cancelled);

  g_object_set (f->jobs.settings, "threads", 2, NULL); /* a run would open the device anew */
  ask_service (f, NULL, &first);
  jobs_fixture_wait (is_answered, &first);
  g_assert_error (first.error, MZ_ERROR, MZ_ERROR_MISSING);
  clear_answer (&first);
  g_object_set (f->jobs.settings, "threads", 1, NULL);

  ask_service (f, NULL, &first);
  ask_service (f, NULL, &second);
  jobs_fixture_wait (is_answered, &first);
  jobs_fixture_wait (is_answered, &second);
  if (first.error != NULL) /* unless it was answered before the second came */
    g_assert_error (first.error, MZ_ERROR, MZ_ERROR_CANCELLED);
  clear_answer (&first);
  clear_answer (&second);

  mezzotint_engine_service_shutdown (f->jobs.engine);
  ask_service (f, NULL, &late);
  jobs_fixture_wait (is_answered, &late);
  g_assert_error (late.error, MZ_ERROR, MZ_ERROR_CANCELLED);
  clear_answer (&late);
}

/* Closed while a question waits behind a run. */
static void
test_close (Fixture *f, gconstpointer data)
{
  MezzotintRunOptions options = { .recipe = jobs_fixture_make_recipe (&f->jobs, "a red apple", 900, 20),
                                  .folder = mezzotint_settings_get_output_folder (f->jobs.settings),
                                  .pattern = g_strdup ("{seed}") };
  gboolean has_ended = FALSE;
  g_autoptr (MezzotintRun) run = mezzotint_run_new (&options, run_event_cb, &has_ended);
  Answer first, second;

  mezzotint_engine_service_run (f->jobs.engine, run);
  jobs_fixture_wait (has_model, f->jobs.engine);
  ask_service (f, NULL, &first);
  ask_service (f, NULL, &second);
  jobs_fixture_wait (is_answered, &first);
  g_assert_error (first.error, MZ_ERROR, MZ_ERROR_CANCELLED);
  g_assert_false (second.is_there);
  mezzotint_engine_service_shutdown (f->jobs.engine);
  jobs_fixture_wait (is_answered, &second);
  g_assert_error (second.error, MZ_ERROR, MZ_ERROR_CANCELLED);
  clear_answer (&first);
  clear_answer (&second);
}

/* ---- Words ---- */

static void
test_words (void)
{
  MezzotintMemoryNeed need = { .estimate = { .peak_bytes = 2500000000 }, .machine_bytes = 8000000000 };
  g_autofree char *plain = mezzotint_memory_need_describe (&need);
  g_autofree char *card = NULL, *slow = NULL, *measures = NULL;

  g_assert_cmpstr (plain, ==, "Takes about 2.5 GB of memory.");
  need.estimate.measures = MZ_MEMORY_SMALL_BANDS | MZ_MEMORY_TAKE_TURNS;
  need.is_on_card = TRUE;
  need.machine_bytes = 0;
  card = mezzotint_memory_need_describe (&need);
  g_assert_cmpstr (card, ==,
                   "Takes about 2.5 GB of the graphics card’s memory. To stay under the limit, the decoder "
                   "works on smaller parts; the networks are read again for each picture.");
  g_assert_false (mezzotint_memory_need_is_too_much (&need));
  need.is_on_card = FALSE;
  need.machine_bytes = 2000000000;
  g_assert_true (mezzotint_memory_need_is_too_much (&need));
  slow = mezzotint_memory_need_describe (&need);
  g_assert_true (g_str_has_prefix (slow, "Takes about 2.5 GB of memory, and this computer has 2.0 GB"));
  measures = mezzotint_memory_measures_describe (0);
  g_assert_null (measures);
}

#define ADD(path, test) g_test_add ("/forecast/" path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  jobs_fixture_init ();
  g_test_init (&argc, &argv, NULL);
  ADD ("follows", test_follows);
  ADD ("waits-for-pause", test_waits_for_pause);
  ADD ("drops-stale", test_drops_stale);
  ADD ("does-not-fit", test_does_not_fit);
  ADD ("not-sound", test_not_sound);
  ADD ("while-making", test_while_making);
  ADD ("service", test_service);
  ADD ("close", test_close);
  g_test_add_func ("/forecast/words", test_words);
  return g_test_run ();
}
