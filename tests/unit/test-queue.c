/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The queue: order, stopping, pausing, undo; memory; closing. */
#include <string.h>

#include "app/files/png-file.h"
#include "queue-fixture.h"

#define STEPS 4
#define MANY_STEPS 500

/* ---- Making ---- */

static void
count_cb (gpointer queue, gpointer task, gpointer data)
{
  ++*(int *) data;
}

static void
count_saved_cb (gpointer queue, gpointer task, MezzotintTaskPicture *picture, gpointer data)
{
  g_assert_true (g_file_test (mezzotint_task_picture_get_path (picture), G_FILE_TEST_IS_REGULAR));
  ++*(int *) data;
}

static void
test_makes (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintTask) one = append (f, queue, "one", STEPS, 2),
                            two = append (f, queue, "two", STEPS, 1);
  g_autoptr (GPtrArray) expected = jobs_fixture_generate (f, mezzotint_task_get_recipe (one));
  g_autoptr (MezzotintTimeline) timeline = NULL;
  g_autoptr (MezzotintFrame) frame = NULL;
  g_autofree char *files = NULL, *model = NULL;
  int n_saved = 0, n_ended = 0, n_left;
  double seconds_left;

  g_signal_connect (queue, "picture-saved", G_CALLBACK (count_saved_cb), &n_saved);
  g_signal_connect (queue, "task-ended", G_CALLBACK (count_cb), &n_ended);
  g_object_get (queue, "n-pictures-left", &n_left, "seconds-left", &seconds_left, NULL);
  g_assert_cmpint (n_left, ==, 3);
  g_assert_cmpfloat (seconds_left, <, 0);
  for (int i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_null (mezzotint_queue_get_current (queue)); /* not before it is started */
  mezzotint_queue_start (queue);
  g_assert_true (mezzotint_queue_get_current (queue) == one);
  jobs_fixture_wait (is_over, one);
  g_object_get (queue, "n-pictures-left", &n_left, "seconds-left", &seconds_left, NULL);
  g_assert_cmpint (n_left, ==, 1);
  g_assert_cmpfloat (seconds_left, >, 0); /* the first told how long such a one takes */
  jobs_fixture_wait (is_empty, queue);
  g_assert_cmpint (mezzotint_task_get_state (one), ==, MEZZOTINT_TASK_FINISHED);
  g_assert_cmpint (mezzotint_task_get_state (two), ==, MEZZOTINT_TASK_FINISHED);
  assert_pictures (one, expected, 0);
  assert_prompts (mezzotint_queue_get_recent (queue), "two one");
  g_assert_cmpint (n_saved, ==, 3);
  g_assert_cmpint (n_ended, ==, 2);
  g_object_get (one, "model-name", &model, NULL);
  g_assert_cmpstr (model, ==, "sd1-mini");
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_task_get_timelines (one)), ==, 2);
  timeline = g_list_model_get_item (mezzotint_task_get_timelines (one), 1);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (timeline)), ==, STEPS + 1);
  frame = g_list_model_get_item (G_LIST_MODEL (timeline), STEPS);
  g_assert_true (mezzotint_frame_is_final (frame));
  jobs_fixture_assert_same (mezzotint_pixels_get_picture (mezzotint_task_get_preview (one)),
                            expected->pdata[1]);
  files = jobs_fixture_list (f, "pictures");
  g_assert_cmpstr (files, ==, "5-2.png 5.png 6.png");
  mezzotint_queue_clear_recent (queue);
  assert_prompts (mezzotint_queue_get_recent (queue), "");
  close_queue (queue);
}

/* How often several pictures were seen in one preview. */
typedef struct
{
  int n_square, n_wide;
} Seen;

static void
preview_cb (MezzotintTask *task, GParamSpec *pspec, Seen *seen)
{
  MezzotintPixels *preview = mezzotint_task_get_preview (task);
  int width = mezzotint_pixels_get_width (preview), height = mezzotint_pixels_get_height (preview);

  if (width < JOBS_SIZE) /* of a step: small */
    (width == height ? seen->n_square++ : seen->n_wide++);
}

/* Three of five together: the same pictures, each with its own timeline, seen side by side meanwhile. */
static void
test_at_once (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintTask) task = append (f, queue, "a", STEPS, 5);
  g_autoptr (GPtrArray) expected = jobs_fixture_generate (f, mezzotint_task_get_recipe (task));
  Seen seen = { 0 };
  double seconds_left;

  g_object_set (f->settings, "at-once", 3, NULL);
  g_signal_connect (task, "notify::preview", G_CALLBACK (preview_cb), &seen);
  mezzotint_queue_start (queue);
  jobs_fixture_wait (is_over, task);
  g_assert_cmpint (mezzotint_task_get_state (task), ==, MEZZOTINT_TASK_FINISHED);
  assert_pictures (task, expected, 0);
  g_assert_cmpint (seen.n_square, ==, STEPS); /* three in two rows, then two in one */
  g_assert_cmpint (seen.n_wide, ==, STEPS);
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_task_get_timelines (task)), ==, 5);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (MezzotintTimeline) timeline = g_list_model_get_item (mezzotint_task_get_timelines (task), i);

      g_assert_cmpint (mezzotint_timeline_get_picture (timeline), ==, (int) i);
      g_assert_cmpuint (mezzotint_timeline_get_seed (timeline), ==, 5 + i);
      g_assert_true (mezzotint_timeline_is_finished (timeline));
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (timeline)), ==, STEPS + 1);
    }
  g_clear_object (&task);
  task = append (f, queue, "b", STEPS, 2);
  g_object_get (queue, "seconds-left", &seconds_left, NULL);
  g_assert_cmpfloat (seconds_left, >, 0);
  jobs_fixture_wait (is_empty, queue);
  close_queue (queue);
}

static void
removed_cb (GListModel *timelines, guint position, guint removed, guint added, int *n_removed)
{
  *n_removed += (int) removed;
}

/* Where kept steps have no room, timelines of pictures in work stay all the same, and none is begun twice. */
static void
test_at_once_tight (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintTask) task = append (f, queue, "a", STEPS, 4);
  int n_removed = 0;

  g_object_set (f->settings, "at-once", 4, "timeline-mb", 0, NULL);
  g_signal_connect (mezzotint_task_get_timelines (task), "items-changed", G_CALLBACK (removed_cb),
                    &n_removed);
  mezzotint_queue_start (queue);
  jobs_fixture_wait (is_over, task);
  g_assert_cmpint (n_removed, <=, 3); /* the finished ones but the newest */
  close_queue (queue);
}

/* Those that were drawn together are all finished before it waits. */
static void
test_at_once_pause (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintTask) task = append (f, queue, "a", 50, 4);
  g_autoptr (GPtrArray) expected = jobs_fixture_generate (f, mezzotint_task_get_recipe (task));

  g_object_set (f->settings, "at-once", 2, NULL);
  mezzotint_queue_start (queue);
  jobs_fixture_wait (has_step, task);
  mezzotint_queue_set_is_paused (queue, TRUE);
  jobs_fixture_wait (is_waiting, task);
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_task_get_pictures (task)), ==, 2);
  mezzotint_queue_set_is_paused (queue, FALSE);
  jobs_fixture_wait (is_over, task);
  assert_pictures (task, expected, 0);
  close_queue (queue);
}

static void
test_fails (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintTask) bad = append (f, queue, "bad", 100000, 1), good = append (f, queue, "good", 1, 1);
  MezzotintTask *again;

  mezzotint_queue_start (queue);
  jobs_fixture_wait (is_empty, queue);
  g_assert_cmpint (mezzotint_task_get_state (bad), ==, MEZZOTINT_TASK_FAILED);
  g_assert_nonnull (mezzotint_task_get_error (bad));
  g_assert_cmpint (mezzotint_task_get_state (good), ==, MEZZOTINT_TASK_FINISHED);
  again = mezzotint_queue_retry (queue, good);
  g_assert_true (again != good);
  jobs_fixture_wait (is_empty, queue);
  assert_prompts (mezzotint_queue_get_recent (queue), "good good bad");
  close_queue (queue);
}

static void
test_order (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintTask) a = append (f, queue, "a", MANY_STEPS, 3), b = append (f, queue, "b", 1, 1);
  g_autoptr (MezzotintTask) c = append (f, queue, "c", 1, 1), d = append (f, queue, "d", 1, 1);

  mezzotint_queue_move (queue, d, 0);
  assert_prompts (G_LIST_MODEL (queue), "d a b c");
  mezzotint_queue_move (queue, d, 99);
  mezzotint_queue_start (queue);
  assert_prompts (G_LIST_MODEL (queue), "a b c d");
  mezzotint_queue_move (queue, d, 0); /* behind the one in work */
  mezzotint_queue_move (queue, a, 2);
  assert_prompts (G_LIST_MODEL (queue), "a d b c");
  mezzotint_queue_remove (queue, b);
  assert_prompts (G_LIST_MODEL (queue), "a d c");
  mezzotint_queue_restore (queue, b, 1);
  assert_prompts (G_LIST_MODEL (queue), "a d b c");
  mezzotint_queue_stop (queue, c, MEZZOTINT_STOP_NOW);
  g_assert_cmpint (mezzotint_task_get_state (c), ==, MEZZOTINT_TASK_CANCELLED);
  assert_prompts (mezzotint_queue_get_recent (queue), "c");
  mezzotint_queue_remove (queue, c);
  assert_prompts (mezzotint_queue_get_recent (queue), "");
  mezzotint_queue_restore (queue, c, 0);
  assert_prompts (mezzotint_queue_get_recent (queue), "c");
  mezzotint_queue_stop (queue, a, MEZZOTINT_STOP_NOW);
  jobs_fixture_wait (is_empty, queue);
  assert_prompts (mezzotint_queue_get_recent (queue), "b d a c");
  close_queue (queue);
}

/* ---- Stopping ---- */

static void
test_stop (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintTask) now = append (f, queue, "now", MANY_STEPS, 50),
                            after = append (f, queue, "after", 50, 50);

  mezzotint_queue_start (queue);
  jobs_fixture_wait (has_step, now);
  mezzotint_queue_stop (queue, now, MEZZOTINT_STOP_NOW);
  jobs_fixture_wait (is_over, now);
  g_assert_cmpint (mezzotint_task_get_state (now), ==, MEZZOTINT_TASK_CANCELLED);
  g_assert_null (mezzotint_task_get_error (now));
  jobs_fixture_wait (has_step, after);
  mezzotint_queue_stop (queue, after, MEZZOTINT_STOP_AFTER_PICTURE);
  jobs_fixture_wait (is_over, after);
  g_assert_cmpint (mezzotint_task_get_state (after), ==, MEZZOTINT_TASK_CANCELLED);
  g_assert_true (has_picture (after));
  close_queue (queue);
}

/* The picture in work is finished, the task waits, and the rest is made afterwards: nothing twice, nothing
 * left out. */
static void
test_pause (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintTask) task = append (f, queue, "a", 50, 4);
  g_autoptr (GPtrArray) expected = jobs_fixture_generate (f, mezzotint_task_get_recipe (task));
  guint n_made;

  mezzotint_queue_start (queue);
  jobs_fixture_wait (has_step, task);
  mezzotint_queue_set_is_paused (queue, TRUE);
  jobs_fixture_wait (is_waiting, task);
  n_made = g_list_model_get_n_items (mezzotint_task_get_pictures (task));
  g_assert_cmpuint (n_made, >=, 1);
  g_assert_cmpuint (n_made, <, 4);
  g_assert_null (mezzotint_queue_get_current (queue));
  g_assert_true (mezzotint_queue_get_is_paused (queue));
  mezzotint_queue_set_is_paused (queue, FALSE);
  jobs_fixture_wait (has_step, task);
  mezzotint_queue_set_is_paused (queue, TRUE); /* thought better of at once */
  mezzotint_queue_set_is_paused (queue, FALSE);
  jobs_fixture_wait (is_over, task);
  assert_pictures (task, expected, 0);
  close_queue (queue);
}

static void
test_remove_at_work (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintTask) gone = append (f, queue, "gone", MANY_STEPS, 3),
                            back = append (f, queue, "back", 60, 1), late = append (f, queue, "late", 60, 1);

  mezzotint_queue_start (queue);
  jobs_fixture_wait (has_step, gone);
  mezzotint_queue_remove (queue, gone);
  jobs_fixture_wait (is_over, gone);
  jobs_fixture_wait (has_step, back);
  mezzotint_queue_remove (queue, back);
  mezzotint_queue_restore (queue, back, 0); /* before it has ended */
  jobs_fixture_wait (is_over, back);
  g_assert_cmpint (mezzotint_task_get_state (back), ==, MEZZOTINT_TASK_FINISHED);
  jobs_fixture_wait (has_step, late);
  mezzotint_queue_remove (queue, late);
  jobs_fixture_wait (is_over, late);
  g_assert_cmpint (mezzotint_task_get_state (late), ==, MEZZOTINT_TASK_CANCELLED);
  mezzotint_queue_restore (queue, late, 0); /* and after it has */
  jobs_fixture_wait (is_empty, queue);
  g_assert_cmpint (mezzotint_task_get_state (late), ==, MEZZOTINT_TASK_FINISHED);
  assert_prompts (mezzotint_queue_get_recent (queue), "late back");
  close_queue (queue);
}

static void
remove_cb (MezzotintQueue *queue, MezzotintTask *task, MezzotintTaskPicture *picture, gpointer user)
{
  mezzotint_queue_remove (queue, task);
}

/* Removed with its last picture: undone, there is nothing left to make, and it has not failed. */
static void
test_remove_finished (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintTask) task = append (f, queue, "late", STEPS, 1);

  g_signal_connect (queue, "picture-saved", G_CALLBACK (remove_cb), NULL);
  mezzotint_queue_start (queue);
  jobs_fixture_wait (is_over, task);
  mezzotint_queue_restore (queue, task, 0);
  jobs_fixture_wait (is_empty, queue);
  g_assert_cmpint (mezzotint_task_get_state (task), ==, MEZZOTINT_TASK_FINISHED);
  assert_prompts (mezzotint_queue_get_recent (queue), "late");
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_task_get_pictures (task)), ==, 1);
  close_queue (queue);
}

/* ---- Pictures that cannot be saved ---- */

static gboolean is_saved, was_saved;

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  was_saved = mezzotint_queue_save_picture_finish (MEZZOTINT_QUEUE (source), result, &error);
  g_assert_true (was_saved == (error == NULL));
  is_saved = TRUE;
}

static gboolean
is_answered (gpointer data)
{
  return is_saved;
}

static void
save_to (MezzotintQueue *queue, MezzotintTaskPicture *picture, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);

  is_saved = FALSE;
  mezzotint_queue_save_picture_async (queue, picture, file, NULL, saved_cb, NULL);
  jobs_fixture_wait (is_answered, NULL);
}

static void
test_cannot_save (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autofree char *in_the_way = g_build_filename (f->folder, "pictures", NULL);
  g_autofree char *elsewhere = g_build_filename (f->folder, "elsewhere.png", NULL);
  g_autofree char *nowhere = g_build_filename (f->folder, "no", "where.png", NULL);
  g_autofree char *words = NULL;
  g_autoptr (MezzotintTask) task = append (f, queue, "a", 1, 2);
  g_autoptr (MezzotintTaskPicture) picture = NULL;

  g_assert_true (g_file_set_contents (in_the_way, "no folder", -1, NULL));
  mezzotint_queue_start (queue);
  jobs_fixture_wait (is_over, task);
  g_assert_cmpint (mezzotint_task_get_state (task), ==, MEZZOTINT_TASK_FINISHED);
  g_assert_nonnull (mezzotint_task_get_note (task));
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_task_get_pictures (task)), ==, 2);
  picture = g_list_model_get_item (mezzotint_task_get_pictures (task), 0);
  g_assert_null (mezzotint_task_picture_get_path (picture));
  save_to (queue, picture, nowhere);
  g_assert_false (was_saved);
  g_assert_null (mezzotint_task_picture_get_path (picture));
  save_to (queue, picture, elsewhere);
  g_assert_true (was_saved);
  g_assert_cmpstr (mezzotint_task_picture_get_path (picture), ==, elsewhere);
  words = mezzotint_png_read_text (elsewhere, MEZZOTINT_PNG_PARAMETERS, NULL);
  g_assert_cmpstr (words, ==, mezzotint_task_picture_get_parameters (picture));
  close_queue (queue);
}

/* ---- Memory ---- */

static void
test_memory (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintTask) task = append (f, queue, "a", STEPS, 3);
  g_autoptr (MezzotintTimeline) left = NULL;
  g_autoptr (MezzotintTaskPicture) oldest = NULL, newest = NULL;

  g_object_set (f->settings, "timeline-mb", 0, NULL);
  mezzotint_queue_start (queue);
  jobs_fixture_wait (is_over, task);
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_task_get_timelines (task)), ==, 1);
  left = g_list_model_get_item (mezzotint_task_get_timelines (task), 0);
  g_assert_cmpint (mezzotint_timeline_get_picture (left), ==, 2);
  oldest = g_list_model_get_item (mezzotint_task_get_pictures (task), 0);
  newest = g_list_model_get_item (mezzotint_task_get_pictures (task), 2);
  g_assert_null (mezzotint_task_picture_get_pixels (oldest));
  g_assert_nonnull (mezzotint_task_picture_get_path (oldest));
  g_assert_nonnull (mezzotint_task_picture_get_pixels (newest));
  for (int i = 0; i < 60; i++)
    {
      g_autoptr (MezzotintTask) waiting = append (f, queue, "w", 1, 1);

      mezzotint_queue_stop (queue, waiting, MEZZOTINT_STOP_NOW);
    }
  while (!is_empty (queue))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_queue_get_recent (queue)), ==, 50);
  close_queue (queue);
}

/* ---- Closing ---- */

static void
test_close (JobsFixture *f, gconstpointer data)
{
  for (int i = 0; i < 6; i++)
    {
      MezzotintQueue *queue = open_queue (f);
      G_GNUC_UNUSED g_autoptr (MezzotintTask) task = append (f, queue, "a", MANY_STEPS, 9);

      mezzotint_queue_start (queue);
      for (int n = 0; n < 3 * i; n++)
        g_main_context_iteration (NULL, n % 2 == 0);
      if (i % 2 == 0) /* in either order */
        mezzotint_engine_service_shutdown (f->engine);
      close_queue (queue);
      if (i % 2 == 0)
        {
          g_object_unref (f->engine);
          f->engine = mezzotint_engine_service_new (f->settings);
        }
    }
}

int
main (int argc, char *argv[])
{
  int status;

  jobs_fixture_init ();
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                                                      \
  g_test_add ("/queue/" name, JobsFixture, NULL, jobs_fixture_set_up, func, jobs_fixture_tear_down)
  ADD ("makes", test_makes);
  ADD ("at-once", test_at_once);
  ADD ("at-once-tight", test_at_once_tight);
  ADD ("at-once-pause", test_at_once_pause);
  ADD ("fails", test_fails);
  ADD ("order", test_order);
  ADD ("stop", test_stop);
  ADD ("pause", test_pause);
  ADD ("remove-at-work", test_remove_at_work);
  ADD ("remove-finished", test_remove_finished);
  ADD ("cannot-save", test_cannot_save);
  ADD ("memory", test_memory);
  ADD ("close", test_close);
#undef ADD
  status = g_test_run ();
  jobs_fixture_remove_tree (g_getenv ("MEZZOTINT_TEST_CACHE"));
  return status;
}
