/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine on its thread: making, cancelling, going on, decoding between steps, devices, and closing in the
 * midst of each. */
#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#include "app/jobs/engine-service-private.h"
#include "jobs-fixture.h"

#define STEPS 4

/* What a run told. */
typedef struct
{
  GArray *kinds; /* of MezzotintRunEventKind */
  GPtrArray *pictures, *paths;
  GString *notes;
  GError *error;
  MezzotintRecipe *recipe;
  char *model_name;
  int n_frames, last_step, first_frame_step;
  double last_fraction;
  gboolean has_ended;
  MezzotintRun *run;
  void (*on_frame) (gpointer log, const MezzotintRunEvent *event);
} Log;

static void
unref_pixels_cb (gpointer pixels)
{
  mezzotint_pixels_unref (pixels);
}

static Log *
log_new (void)
{
  Log *log = g_new0 (Log, 1);

  log->kinds = g_array_new (FALSE, FALSE, sizeof (MezzotintRunEventKind));
  log->pictures = g_ptr_array_new_with_free_func (unref_pixels_cb);
  log->paths = g_ptr_array_new_with_free_func (g_free);
  log->notes = g_string_new (NULL);
  return log;
}

static void
log_free (Log *log)
{
  g_array_unref (log->kinds);
  g_ptr_array_unref (log->pictures);
  g_ptr_array_unref (log->paths);
  g_string_free (log->notes, TRUE);
  g_clear_error (&log->error);
  g_clear_pointer (&log->recipe, mezzotint_recipe_unref);
  g_clear_pointer (&log->run, mezzotint_run_unref);
  g_free (log->model_name);
  g_free (log);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Log, log_free)

static void
event_cb (gpointer user, const MezzotintRunEvent *event)
{
  Log *log = user;

  g_assert_false (log->has_ended);
  g_array_append_val (log->kinds, event->kind);
  switch (event->kind)
    {
    case MEZZOTINT_RUN_STARTED:
      log->recipe = mezzotint_recipe_ref (event->recipe);
      log->model_name = g_strdup (event->text);
      break;
    case MEZZOTINT_RUN_NOTE:
      g_string_append (log->notes, event->text);
      break;
    case MEZZOTINT_RUN_PROGRESS:
      g_assert_cmpfloat (event->progress.fraction, >=, log->last_fraction);
      log->last_fraction = event->progress.fraction;
      break;
    case MEZZOTINT_RUN_FRAME:
      if (log->n_frames++ == 0)
        log->first_frame_step = event->step;
      log->last_step = event->step;
      if (log->on_frame != NULL)
        log->on_frame (log, event);
      break;
    case MEZZOTINT_RUN_PICTURE:
      g_ptr_array_add (log->pictures, mezzotint_pixels_ref (event->pixels));
      g_ptr_array_add (log->paths, g_strdup (event->path));
      break;
    case MEZZOTINT_RUN_ENDED:
      log->has_ended = TRUE;
      log->error = event->error != NULL ? g_error_copy (event->error) : NULL;
      break;
    case MEZZOTINT_RUN_LOADING:
    case MEZZOTINT_RUN_SHOWN:
    default:
      break;
    }
}

static MezzotintRunOptions
make_options (JobsFixture *f, MezzotintRecipe *recipe)
{
  return (MezzotintRunOptions){
    .recipe = mezzotint_recipe_ref (recipe),
    .preview = MEZZOTINT_PREVIEW_LINEAR,
    .folder = mezzotint_settings_get_output_folder (f->settings),
    .pattern = g_strdup ("{seed}"),
  };
}

static gboolean
has_ended (gpointer log)
{
  return ((Log *) log)->has_ended;
}

static Log *
start (JobsFixture *f, MezzotintRunOptions *options)
{
  Log *log = log_new ();

  log->run = mezzotint_run_new (options, event_cb, log);
  mezzotint_engine_service_run (f->engine, log->run);
  return log;
}

static Log *
run_recipe (JobsFixture *f, MezzotintRecipe *recipe)
{
  MezzotintRunOptions options = make_options (f, recipe);
  Log *log = start (f, &options);

  jobs_fixture_wait (has_ended, log);
  return log;
}

static void
assert_pictures (const Log *log, const GPtrArray *expected, guint from)
{
  g_assert_cmpuint (log->pictures->len, ==, expected->len - from);
  for (guint i = 0; i < log->pictures->len; i++)
    jobs_fixture_assert_same (mezzotint_pixels_get_picture (log->pictures->pdata[i]),
                              expected->pdata[from + i]);
}

static gboolean
is_idle (gpointer engine)
{
  gboolean is_busy;

  g_object_get (engine, "is-busy", &is_busy, NULL);
  return !is_busy;
}

/* ---- Making ---- */

static void
test_makes (JobsFixture *f, gconstpointer data)
{
  g_autoptr (MezzotintRecipe) recipe = jobs_fixture_make_recipe (f, "a red apple", STEPS, 2);
  g_autoptr (GPtrArray) expected = jobs_fixture_generate (f, recipe);
  g_autoptr (Log) log = run_recipe (f, recipe), again = NULL;
  g_autofree char *files = jobs_fixture_list (f, "pictures"), *description = NULL, *model = NULL;

  g_assert_no_error (log->error);
  assert_pictures (log, expected, 0);
  g_assert_cmpint (log->n_frames, ==, 2 * STEPS);
  g_assert_cmpint (log->last_step, ==, STEPS);
  g_assert_cmpfloat (log->last_fraction, ==, 0.9); /* all but the last decoding: 9 of 10 pieces */
  g_assert_cmpstr (log->model_name, ==, "sd1-mini");
  g_assert_cmpstr (log->notes->str, ==, "");
  g_assert_cmpstr (files, ==, "5.png 6.png");
  jobs_fixture_wait (is_idle, f->engine);
  g_object_get (f->engine, "description", &description, "model", &model, NULL);
  g_assert_cmpstr (description, !=, "");
  g_assert_cmpstr (model, ==, f->model);
  again = run_recipe (f, recipe); /* the model stays: nothing is loaded any more */
  assert_pictures (again, expected, 0);
  g_assert_cmpint (g_array_index (again->kinds, MezzotintRunEventKind, 0), ==, MEZZOTINT_RUN_STARTED);
}

static void
test_fails (JobsFixture *f, gconstpointer data)
{
  g_autoptr (MezzotintRecipe) good = jobs_fixture_make_recipe (f, "a red apple", 1, 1);
  g_autoptr (MezzotintRecipe) bad = jobs_fixture_make_recipe (f, "a red apple", 100000, 1);
  g_autoptr (MezzotintRecipe) none
      = mezzotint_recipe_new ("/nowhere.safetensors", mezzotint_recipe_get_request (good));
  g_autoptr (Log) bad_log = run_recipe (f, bad), none_log = run_recipe (f, none),
                  good_log = run_recipe (f, good);

  g_assert_error (bad_log->error, MZ_ERROR, MZ_ERROR_ARGUMENT);
  g_assert_error (none_log->error, MZ_ERROR, MZ_ERROR_MISSING);
  g_assert_no_error (good_log->error);
}

/* Where a picture cannot be saved, it is told, kept, and the batch goes on. */
static void
test_cannot_save (JobsFixture *f, gconstpointer data)
{
  g_autoptr (MezzotintRecipe) recipe = jobs_fixture_make_recipe (f, "a red apple", 1, 2);
  g_autofree char *in_the_way = g_build_filename (f->folder, "pictures", NULL);
  g_autoptr (Log) log = NULL;

  g_assert_true (g_file_set_contents (in_the_way, "no folder", -1, NULL));
  log = run_recipe (f, recipe);
  g_assert_no_error (log->error);
  g_assert_cmpuint (log->pictures->len, ==, 2);
  g_assert_null (log->paths->pdata[0]);
  g_assert_null (log->paths->pdata[1]);
  g_assert_nonnull (strstr (log->notes->str, in_the_way));
}

static void
test_vae_preview (JobsFixture *f, gconstpointer data)
{
  g_autoptr (MezzotintRecipe) recipe = jobs_fixture_make_recipe (f, "a red apple", STEPS, 1);
  g_autoptr (GPtrArray) expected = jobs_fixture_generate (f, recipe);
  MezzotintRunOptions options = make_options (f, recipe);
  g_autoptr (Log) log = NULL;

  options.preview = MEZZOTINT_PREVIEW_VAE;
  log = start (f, &options);
  jobs_fixture_wait (has_ended, log);
  assert_pictures (log, expected, 0);
  g_assert_cmpint (log->n_frames, ==, STEPS);
}

/* ---- Stopping and going on ---- */

static void
cancel_on_frame (gpointer user, const MezzotintRunEvent *event)
{
  mezzotint_run_cancel (((Log *) user)->run);
}

static void
stop_after_on_frame (gpointer user, const MezzotintRunEvent *event)
{
  mezzotint_run_set_stop_after_picture (((Log *) user)->run, TRUE);
}

static Log *
run_with (JobsFixture *f, MezzotintRecipe *recipe, void (*on_frame) (gpointer, const MezzotintRunEvent *))
{
  MezzotintRunOptions options = make_options (f, recipe);
  Log *log = start (f, &options);

  log->on_frame = on_frame;
  jobs_fixture_wait (has_ended, log);
  return log;
}

static void
test_cancel (JobsFixture *f, gconstpointer data)
{
  g_autoptr (MezzotintRecipe) recipe = jobs_fixture_make_recipe (f, "a red apple", 500, 3);
  g_autoptr (MezzotintRecipe) small = jobs_fixture_make_recipe (f, "a red apple", 1, 1);
  g_autoptr (Log) log = run_with (f, recipe, cancel_on_frame), after = run_recipe (f, small);

  g_assert_error (log->error, MZ_ERROR, MZ_ERROR_CANCELLED);
  g_assert_cmpuint (log->pictures->len, ==, 0);
  g_assert_no_error (after->error);
}

static void
test_stop_after_picture (JobsFixture *f, gconstpointer data)
{
  g_autoptr (MezzotintRecipe) recipe = jobs_fixture_make_recipe (f, "a red apple", 50, 50);
  g_autoptr (MezzotintRecipe) single = jobs_fixture_make_recipe (f, "a red apple", 50, 1);
  g_autoptr (Log) log = run_with (f, recipe, stop_after_on_frame),
                  whole = run_with (f, single, stop_after_on_frame);

  g_assert_error (log->error, MZ_ERROR, MZ_ERROR_CANCELLED);
  g_assert_cmpuint (log->pictures->len, >=, 1);
  g_assert_cmpuint (log->pictures->len, <, 50);
  g_assert_no_error (whole->error); /* nothing was left out */
}

static GPtrArray *
make_resume (MzSnapshot *snapshot)
{
  GPtrArray *resume = g_ptr_array_new_with_free_func ((GDestroyNotify) mz_snapshot_unref);

  g_ptr_array_add (resume, mz_snapshot_ref (snapshot));
  return resume;
}

/* From a snapshot of the second picture's second step, and from the third picture on: the same pictures. */
static void
test_resume (JobsFixture *f, gconstpointer data)
{
  g_autoptr (MezzotintRecipe) recipe = jobs_fixture_make_recipe (f, "a red apple", STEPS, 3);
  g_autoptr (MezzotintRecipe) rest = jobs_fixture_make_recipe (f, "a red apple", STEPS, 2);
  MzRequest shifted = *mezzotint_recipe_get_request (rest);
  g_autoptr (MezzotintRecipe) from_second = NULL;
  g_autoptr (GPtrArray) expected = jobs_fixture_generate (f, recipe), snapshots = NULL;
  MezzotintRunOptions options = make_options (f, recipe), other = make_options (f, recipe);
  g_autoptr (Log) log = NULL, other_log = NULL, changed_log = NULL;

  shifted.seed++;
  from_second = mezzotint_recipe_new (f->model, &shifted);
  snapshots = jobs_fixture_take_snapshots (f, from_second);
  options.n_done = 1;
  options.resume = make_resume (snapshots->pdata[1]);
  options.resume_n_done = 1;
  log = start (f, &options);
  jobs_fixture_wait (has_ended, log);
  g_assert_no_error (log->error);
  g_assert_cmpint (log->first_frame_step, ==, 3);
  assert_pictures (log, expected, 1);
  other.n_done = 2;
  other_log = start (f, &other);
  jobs_fixture_wait (has_ended, other_log);
  assert_pictures (other_log, expected, 2);
  options = make_options (f, recipe); /* another file than then: begun again, and said so */
  options.n_done = 1;
  options.resume = make_resume (snapshots->pdata[1]);
  options.resume_n_done = 1;
  options.model_state = g_strdup ("another");
  changed_log = start (f, &options);
  jobs_fixture_wait (has_ended, changed_log);
  g_assert_cmpint (changed_log->first_frame_step, ==, 1);
  assert_pictures (changed_log, expected, 1);
  g_assert_cmpstr (changed_log->notes->str, !=, "");
}

/* ---- Decoding ---- */

typedef struct
{
  JobsFixture *f;
  int n_waiting, n_decoded, n_failed;
} Decodes;

static Decodes decodes;

static void
decoded_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintPixels) pixels
      = mezzotint_engine_service_decode_finish (MEZZOTINT_ENGINE_SERVICE (source), result, &error);

  decodes.n_waiting--;
  if (pixels == NULL)
    {
      g_assert_true (g_error_matches (error, MZ_ERROR, MZ_ERROR_CANCELLED)
                     || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
      decodes.n_failed++;
      return;
    }
  g_assert_cmpint (mezzotint_pixels_get_width (pixels), ==, JOBS_SIZE);
  decodes.n_decoded++;
}

static void
decode_on_frame (gpointer user, const MezzotintRunEvent *event)
{
  if (event->step > 2)
    return;
  decodes.n_waiting++;
  mezzotint_engine_service_decode_async (decodes.f->engine, event->snapshot, decodes.f->model, NULL,
                                         decoded_cb, NULL);
}

static gboolean
is_decoded (gpointer data)
{
  return decodes.n_waiting == 0;
}

static void
test_decode (JobsFixture *f, gconstpointer data)
{
  g_autoptr (MezzotintRecipe) recipe = jobs_fixture_make_recipe (f, "a red apple", 30, 1);
  g_autoptr (GPtrArray) expected = jobs_fixture_generate (f, recipe);
  g_autoptr (GPtrArray) snapshots = jobs_fixture_take_snapshots (f, recipe);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (Log) log = NULL;

  decodes = (Decodes){ .f = f };
  log = run_with (f, recipe, decode_on_frame);
  jobs_fixture_wait (is_decoded, NULL);
  g_assert_cmpint (decodes.n_decoded, ==, 2);
  assert_pictures (log, expected, 0); /* looking changes nothing */
  g_cancellable_cancel (cancelled);
  decodes.n_waiting = 2;
  mezzotint_engine_service_decode_async (f->engine, snapshots->pdata[0], f->model, cancelled, decoded_cb,
                                         NULL);
  mezzotint_engine_service_decode_async (f->engine, snapshots->pdata[0], f->model, NULL, decoded_cb, NULL);
  jobs_fixture_wait (is_decoded, NULL);
  g_assert_cmpint (decodes.n_failed, ==, 1);
  g_assert_cmpint (decodes.n_decoded, ==, 3);
}

/* The model's file changes in the midst of a run, and a step is looked at then. */
typedef struct
{
  Log *log; /* of the run in work; NULL: it has not come to a step */
  char *file;
  int n_changes; /* of what is loaded, from the first step to the end */
} Changing;

static Changing changing;

static void
model_changed_cb (GObject *engine, GParamSpec *property, gpointer user)
{
  if (changing.log != NULL && !changing.log->has_ended)
    changing.n_changes++;
}

static void
change_on_frame (gpointer log, const MezzotintRunEvent *event)
{
  struct utimbuf times = { 1000000000, 1000000000 };

  if (event->step == 1)
    {
      changing.log = log;
      g_assert_cmpint (g_utime (changing.file, &times), ==, 0);
    }
  decode_on_frame (log, event);
}

/* The run keeps the model that it began with. */
static void
test_decode_changed (JobsFixture *f, gconstpointer data)
{
  g_autofree char *copy = g_build_filename (f->folder, "model", NULL);
  g_autoptr (GSubprocess) process
      = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, "cp", "-RL", f->model, copy, NULL);
  g_autoptr (MezzotintRecipe) recipe = NULL;
  g_autoptr (GPtrArray) expected = NULL;
  g_autoptr (Log) log = NULL;

  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
  g_free (f->model);
  f->model = g_steal_pointer (&copy);
  recipe = jobs_fixture_make_recipe (f, "a red apple", 200, 1);
  expected = jobs_fixture_generate (f, recipe);
  changing = (Changing){ .file
                         = g_build_filename (f->model, "unet", "diffusion_pytorch_model.safetensors", NULL) };
  decodes = (Decodes){ .f = f };
  g_signal_connect (f->engine, "notify::model", G_CALLBACK (model_changed_cb), NULL);
  log = run_with (f, recipe, change_on_frame);
  g_assert_cmpint (changing.n_changes, ==, 0);
  jobs_fixture_wait (is_decoded, NULL);
  g_assert_cmpint (decodes.n_decoded, ==, 2);
  assert_pictures (log, expected, 0);
  changing.log = NULL;
  g_clear_pointer (&changing.file, g_free);
}

/* ---- Loading ahead, devices ---- */

static gboolean
has_model (gpointer engine)
{
  g_autofree char *model = NULL;

  g_object_get (engine, "model", &model, NULL);
  return model != NULL;
}

static void
test_preload (JobsFixture *f, gconstpointer data)
{
  g_autoptr (MezzotintRecipe) recipe = jobs_fixture_make_recipe (f, "a red apple", 1, 1);
  g_autoptr (Log) log = NULL;
  g_autoptr (GArray) ends = NULL;
  int n_tokens = -1;

  g_assert_false (mezzotint_engine_service_count_tokens (f->engine, "a red apple", &n_tokens, NULL));
  mezzotint_engine_service_preload (f->engine, f->model);
  jobs_fixture_wait (has_model, f->engine);
  g_assert_true (mezzotint_engine_service_count_tokens (f->engine, "a red apple", &n_tokens, &ends));
  g_assert_cmpint (n_tokens, >=, 3);
  g_assert_nonnull (ends);
  log = run_recipe (f, recipe);
  g_assert_cmpint (g_array_index (log->kinds, MezzotintRunEventKind, 0), ==, MEZZOTINT_RUN_STARTED);
  mezzotint_engine_service_preload (f->engine, "/nowhere"); /* nobody hears of it */
  mezzotint_engine_service_preload (f->engine, NULL);
}

static void
test_device (JobsFixture *f, gconstpointer data)
{
  g_autoptr (MezzotintRecipe) recipe = jobs_fixture_make_recipe (f, "a red apple", 1, 1);
  g_autofree char *problem = NULL, *none = NULL;
  g_autoptr (Log) log = NULL, cpu_log = NULL;

  g_setenv ("MEZZOTINT_BACKEND", "cpu", TRUE);
  g_object_set (f->settings, "device", "cuda", NULL);
  log = run_recipe (f, recipe);
  g_assert_no_error (log->error);
  jobs_fixture_wait (is_idle, f->engine);
  g_object_get (f->engine, "problem", &problem, NULL);
  g_object_set (f->settings, "device", "cpu", NULL);
  cpu_log = run_recipe (f, recipe);
  jobs_fixture_wait (is_idle, f->engine);
  g_object_get (f->engine, "problem", &none, NULL);
  g_assert_null (none);
  if (problem != NULL) /* else this machine has such a device */
    jobs_fixture_assert_same (mezzotint_pixels_get_picture (log->pictures->pdata[0]),
                              mezzotint_pixels_get_picture (cpu_log->pictures->pdata[0]));
}

/* ---- Closing ---- */

static void
never_cb (gpointer user, const MezzotintRunEvent *event)
{
  g_assert_cmpint (event->kind, !=, MEZZOTINT_RUN_ENDED);
}

/* While loading, while drawing, with decodes waiting: nothing comes any more, nobody waits for long. */
static void
test_close (JobsFixture *f, gconstpointer data)
{
  g_autoptr (MezzotintRecipe) recipe = jobs_fixture_make_recipe (f, "a red apple", 500, 100);
  g_autoptr (MezzotintRecipe) single = jobs_fixture_make_recipe (f, "a red apple", 1, 1);
  g_autoptr (GPtrArray) snapshots = jobs_fixture_take_snapshots (f, single);

  decodes = (Decodes){ .f = f };
  for (int i = 0; i < 6; i++)
    {
      MezzotintEngineService *engine = mezzotint_engine_service_new (f->settings);
      MezzotintRunOptions options = make_options (f, recipe);
      g_autoptr (MezzotintRun) run = mezzotint_run_new (&options, never_cb, NULL);

      mezzotint_engine_service_preload (engine, NULL);
      mezzotint_engine_service_run (engine, run);
      decodes.n_waiting++;
      mezzotint_engine_service_decode_async (engine, snapshots->pdata[0], "/other", NULL, decoded_cb, NULL);
      for (int n = 0; n < i * 5; n++)
        g_main_context_iteration (NULL, n % 2 == 0);
      mezzotint_engine_service_shutdown (engine);
      mezzotint_engine_service_preload (engine, NULL);
      decodes.n_waiting++;
      mezzotint_engine_service_decode_async (engine, snapshots->pdata[0], NULL, NULL, decoded_cb, NULL);
      jobs_fixture_wait (is_decoded, NULL);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_assert_finalize_object (engine);
    }
  g_assert_cmpint (decodes.n_failed, ==, 12);
}

int
main (int argc, char *argv[])
{
  int status;

  jobs_fixture_init ();
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                                                      \
  g_test_add ("/engine-service/" name, JobsFixture, NULL, jobs_fixture_set_up, func, jobs_fixture_tear_down)
  ADD ("makes", test_makes);
  ADD ("fails", test_fails);
  ADD ("cannot-save", test_cannot_save);
  ADD ("vae-preview", test_vae_preview);
  ADD ("cancel", test_cancel);
  ADD ("stop-after-picture", test_stop_after_picture);
  ADD ("resume", test_resume);
  ADD ("decode", test_decode);
  ADD ("decode-changed", test_decode_changed);
  ADD ("preload", test_preload);
  ADD ("device", test_device);
  ADD ("close", test_close);
#undef ADD
  status = g_test_run ();
  jobs_fixture_remove_tree (g_getenv ("MEZZOTINT_TEST_CACHE"));
  return status;
}
