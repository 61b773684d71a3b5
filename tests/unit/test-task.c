/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tasks and timelines: what they notify, what memory they count and give back. */
#include "app/jobs/task-private.h"

#define SIZE 4

static MezzotintPixels *
make_pixels (void)
{
  MzPicture *picture = g_new0 (MzPicture, 1);

  picture->width = picture->height = SIZE;
  picture->rgb = g_malloc0 (SIZE * SIZE * 3);
  return mezzotint_pixels_new (picture);
}

/* A snapshot can only come out of a run. */
static void
take_cb (gpointer user, const MzStep *step)
{
  MzSnapshot **snapshot = user;

  if (step->phase == MZ_PHASE_SAMPLE && step->step > 0 && *snapshot == NULL)
    *snapshot = mz_step_take_snapshot (step, NULL);
}

static MzSnapshot *
make_snapshot (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "models", "sd1-mini", NULL);
  g_autoptr (MzEngine) engine = mz_engine_new ("cpu", 1, NULL);
  g_autoptr (MzModel) model = mz_model_load (engine, path, NULL, NULL, NULL, NULL);
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  MzSnapshot *snapshot = NULL;
  const MzCallbacks callbacks = { take_cb, NULL, &snapshot };
  g_autoptr (MzResult) result = NULL;

  mz_request_use_defaults (&request, model);
  request.width = request.height = 32;
  request.steps = 1;
  result = mz_generate (model, &request, &callbacks, NULL, NULL);
  g_assert_nonnull (snapshot);
  return snapshot;
}

static MezzotintTask *
make_task (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_autoptr (MezzotintRecipe) recipe = NULL;

  mz_request_use_defaults (&request, NULL);
  request.count = 3;
  recipe = mezzotint_recipe_new (NULL, &request);
  return mezzotint_task_new (NULL, recipe);
}

static void
count_cb (gpointer object, GParamSpec *pspec, gpointer count)
{
  ++*(int *) count;
}

static void
test_timeline (void)
{
  g_autoptr (MezzotintTimeline) timeline = mezzotint_timeline_new (2, 77);
  g_autoptr (MezzotintPixels) pixels = make_pixels ();
  g_autoptr (MzSnapshot) snapshot = make_snapshot ();
  g_autoptr (MezzotintFrame) first = NULL, last = NULL;
  const gsize n_pixels = SIZE * SIZE * 3;
  int n_notified = 0;
  gboolean can_branch;

  g_assert_cmpint (mezzotint_timeline_get_picture (timeline), ==, 2);
  g_assert_cmpuint (mezzotint_timeline_get_seed (timeline), ==, 77);
  mezzotint_timeline_append (timeline, 1, 2, pixels, snapshot);
  mezzotint_timeline_append (timeline, 2, 2, pixels, NULL);
  mezzotint_timeline_finish (timeline, pixels);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (timeline)), ==, 3);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (timeline), 3));
  g_assert_cmpuint (mezzotint_timeline_get_n_bytes (timeline), ==,
                    3 * n_pixels + mz_snapshot_get_bytes (snapshot));
  first = g_list_model_get_item (G_LIST_MODEL (timeline), 0);
  last = g_list_model_get_item (G_LIST_MODEL (timeline), 2);
  g_assert_true (mezzotint_frame_get_snapshot (first) == snapshot);
  g_assert_cmpint (mezzotint_frame_get_step (first), ==, 1);
  g_assert_false (mezzotint_frame_is_final (first));
  g_assert_true (mezzotint_frame_is_final (last));
  g_assert_cmpint (mezzotint_frame_get_step (last), ==, 2);
  g_assert_cmpint (mezzotint_frame_get_steps (last), ==, 2);
  g_signal_connect (first, "notify::can-branch", G_CALLBACK (count_cb), &n_notified);
  mezzotint_timeline_drop_snapshots (timeline);
  mezzotint_timeline_drop_snapshots (timeline);
  g_object_get (first, "can-branch", &can_branch, NULL);
  g_assert_false (can_branch);
  g_assert_cmpint (n_notified, ==, 1);
  g_assert_cmpuint (mezzotint_timeline_get_n_bytes (timeline), ==, 3 * n_pixels);
}

static void
test_task (void)
{
  g_autoptr (MezzotintTask) task = make_task (), other = make_task ();
  g_autoptr (MezzotintPixels) pixels = make_pixels ();
  const MezzotintTaskProgress progress = { .phase = MZ_PHASE_SAMPLE,
                                           .picture = 1,
                                           .step = 2,
                                           .steps = 20,
                                           .fraction = 0.4,
                                           .step_seconds = 0.1,
                                           .seconds_left = 3 };
  MezzotintTimeline *timeline;
  int count, step, n_states = 0, n_steps = 0;
  double fraction, seconds_left;

  g_assert_cmpstr (mezzotint_task_get_id (task), !=, mezzotint_task_get_id (other));
  g_signal_connect (task, "notify::state", G_CALLBACK (count_cb), &n_states);
  g_signal_connect (task, "notify::step", G_CALLBACK (count_cb), &n_steps);
  g_object_get (task, "count", &count, "seconds-left", &seconds_left, NULL);
  g_assert_cmpint (count, ==, 3);
  g_assert_true (seconds_left < 0);
  g_assert_false (mezzotint_task_is_active (task));
  mezzotint_task_set_state (task, MEZZOTINT_TASK_RUNNING);
  mezzotint_task_set_state (task, MEZZOTINT_TASK_RUNNING);
  g_assert_true (mezzotint_task_is_active (task));
  g_assert_cmpint (n_states, ==, 1);
  mezzotint_task_set_progress (task, &progress);
  mezzotint_task_set_progress (task, &progress);
  g_assert_cmpint (n_steps, ==, 1);
  g_object_get (task, "step", &step, "progress", &fraction, "seconds-left", &seconds_left, NULL);
  g_assert_cmpint (step, ==, 2);
  g_assert_true (fraction == 0.4 && seconds_left == 3);
  mezzotint_task_add_note (task, "One.");
  mezzotint_task_add_note (task, "Two.");
  mezzotint_task_add_note (task, "One.");
  g_assert_cmpstr (mezzotint_task_get_note (task), ==, "One. Two.");
  timeline = mezzotint_task_begin_timeline (task, 0, 5, 1);
  g_assert_true (mezzotint_task_begin_timeline (task, 0, 5, 1) == timeline);
  g_assert_true (mezzotint_task_begin_timeline (task, 1, 6, 1) != timeline);
  g_assert_true (mezzotint_task_begin_timeline (task, 0, 5, 2) == timeline); /* they may take turns */
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_task_get_timelines (task)), ==, 2);
  mezzotint_timeline_append (timeline, 3, 4, pixels, NULL);
  g_assert_true (mezzotint_task_begin_timeline (task, 0, 5, 4) == timeline);
  g_assert_false (mezzotint_timeline_is_finished (timeline));
  timeline = mezzotint_task_begin_timeline (task, 0, 5, 1); /* begun again */
  g_assert_cmpint (mezzotint_timeline_get_last_step (timeline), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_task_get_timelines (task)), ==, 2);
}

/* Pixels of a picture that is nowhere else are never given back. */
static void
test_picture (void)
{
  g_autoptr (MezzotintPixels) pixels = make_pixels ();
  g_autoptr (MezzotintTaskPicture) picture = mezzotint_task_picture_new (3, 8, pixels, NULL, "words");
  int n_notified = 0;

  g_signal_connect (picture, "notify", G_CALLBACK (count_cb), &n_notified);
  g_assert_cmpint (mezzotint_task_picture_get_index (picture), ==, 3);
  g_assert_cmpuint (mezzotint_task_picture_get_seed (picture), ==, 8);
  g_assert_cmpstr (mezzotint_task_picture_get_parameters (picture), ==, "words");
  mezzotint_task_picture_drop_pixels (picture);
  g_assert_true (mezzotint_task_picture_get_pixels (picture) == pixels);
  mezzotint_task_picture_set_path (picture, "/somewhere.png");
  mezzotint_task_picture_drop_pixels (picture);
  g_assert_null (mezzotint_task_picture_get_pixels (picture));
  g_assert_cmpstr (mezzotint_task_picture_get_path (picture), ==, "/somewhere.png");
  g_assert_cmpint (n_notified, ==, 2);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/task/timeline", test_timeline);
  g_test_add_func ("/task/task", test_task);
  g_test_add_func ("/task/picture", test_picture);
  return g_test_run ();
}
