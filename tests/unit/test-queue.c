/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The queue: order, stopping, pausing, undo; what it keeps on disk, through kill -9 too; what it finds there;
 * memory; closing. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "app/files/png-file.h"
#include "app/jobs/queue-private.h"
#include "jobs-fixture.h"

#define STEPS 4
#define MANY_STEPS 500
#define CHILD_STEPS 60

static MezzotintQueue *
open_queue (JobsFixture *f)
{
  g_autofree char *folder = g_build_filename (f->folder, "queue", NULL);

  return mezzotint_queue_new (f->engine, f->settings, folder);
}

static void
close_queue (MezzotintQueue *queue)
{
  g_assert_finalize_object (queue);
}

static MezzotintTask *
append (JobsFixture *f, MezzotintQueue *queue, const char *prompt, int steps, int count)
{
  g_autoptr (MezzotintRecipe) recipe = jobs_fixture_make_recipe (f, prompt, steps, count);

  return g_object_ref (mezzotint_queue_append (queue, recipe));
}

static const char *
prompt_of (MezzotintTask *task)
{
  return mezzotint_recipe_get_request (mezzotint_task_get_recipe (task))->prompt;
}

/* The prompts of a list of tasks, joined. */
static char *
prompts (GListModel *tasks)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (tasks); i++)
    {
      g_autoptr (MezzotintTask) task = g_list_model_get_item (tasks, i);

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", prompt_of (task));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_prompts (GListModel *tasks, const char *expected)
{
  g_autofree char *text = prompts (tasks);

  g_assert_cmpstr (text, ==, expected);
}

static gboolean
is_empty (gpointer queue)
{
  return g_list_model_get_n_items (queue) == 0;
}

static gboolean
is_over (gpointer task)
{
  return mezzotint_task_get_state (task) >= MEZZOTINT_TASK_FINISHED;
}

static gboolean
has_step (gpointer task)
{
  int step;

  g_object_get (task, "step", &step, NULL);
  return step > 0;
}

static gboolean
has_picture (gpointer task)
{
  return g_list_model_get_n_items (mezzotint_task_get_pictures (task)) > 0;
}

static gboolean
is_waiting (gpointer task)
{
  return mezzotint_task_get_state (task) == MEZZOTINT_TASK_WAITING;
}

static void
assert_pictures (MezzotintTask *task, const GPtrArray *expected, guint from)
{
  GListModel *pictures = mezzotint_task_get_pictures (task);

  g_assert_cmpuint (g_list_model_get_n_items (pictures), ==, expected->len - from);
  for (guint i = 0; i < expected->len - from; i++)
    {
      g_autoptr (MezzotintTaskPicture) picture = g_list_model_get_item (pictures, i);

      g_assert_cmpint (mezzotint_task_picture_get_index (picture), ==, (int) (from + i));
      jobs_fixture_assert_same (mezzotint_pixels_get_picture (mezzotint_task_picture_get_pixels (picture)),
                                expected->pdata[from + i]);
    }
}

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

/* ---- On disk ---- */

static void
assert_problem (MezzotintQueue *queue, const char *words)
{
  g_autofree char *problem = NULL;

  g_object_get (queue, "problem", &problem, NULL);
  if (words == NULL)
    g_assert_cmpstr (problem, ==, NULL);
  else
    {
      g_assert_nonnull (problem);
      g_assert_nonnull (strstr (problem, words));
    }
}

/* Closed in the midst of the second picture: the next start goes on there, with the same bytes. */
static void
test_reopen (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintTask) first = append (f, queue, "first", MANY_STEPS, 3),
                            second = append (f, queue, "second", 1, 1);
  g_autoptr (GPtrArray) expected = jobs_fixture_generate (f, mezzotint_task_get_recipe (first));
  g_autoptr (MezzotintTask) again = NULL;
  g_autoptr (MezzotintTimeline) timeline = NULL;
  g_autoptr (MezzotintFrame) frame = NULL;
  g_autofree char *files = NULL;

  mezzotint_queue_start (queue);
  jobs_fixture_wait (has_picture, first);
  jobs_fixture_wait (has_step, first);
  while (g_list_model_get_n_items (mezzotint_task_get_timelines (first)) < 2)
    g_main_context_iteration (NULL, TRUE);
  close_queue (queue);
  queue = open_queue (f);
  assert_problem (queue, NULL);
  assert_prompts (G_LIST_MODEL (queue), "first second");
  again = g_list_model_get_item (G_LIST_MODEL (queue), 0);
  g_assert_cmpstr (mezzotint_task_get_id (again), ==, mezzotint_task_get_id (first));
  mezzotint_queue_start (queue);
  jobs_fixture_wait (is_empty, queue);
  g_assert_cmpint (mezzotint_task_get_state (again), ==, MEZZOTINT_TASK_FINISHED);
  assert_pictures (again, expected, 1);
  timeline = g_list_model_get_item (mezzotint_task_get_timelines (again), 0);
  frame = g_list_model_get_item (G_LIST_MODEL (timeline), 0);
  g_assert_cmpint (mezzotint_frame_get_step (frame), >, 1);
  close_queue (queue);
  files = jobs_fixture_list (f, "queue");
  g_assert_cmpstr (files, ==, "lock queue.json");
}

/* A branch waits with the latent that it begins at. */
static void
test_branch (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintRecipe) plain = jobs_fixture_make_recipe (f, "plain", STEPS, 1);
  g_autoptr (MezzotintRecipe) other = jobs_fixture_make_recipe (f, "other", STEPS, 2);
  g_autoptr (GPtrArray) snapshots = jobs_fixture_take_snapshots (f, plain), expected = NULL;
  g_autoptr (MezzotintRecipe) branch
      = mezzotint_recipe_new_from_start (other, snapshots->pdata[1], MZ_START_BRANCH);
  g_autoptr (MezzotintTask) task = NULL;
  g_autofree char *start = NULL, *path = NULL, *files = NULL;

  expected = jobs_fixture_generate (f, branch);
  mezzotint_queue_append (queue, branch);
  mezzotint_queue_append (queue, branch);
  close_queue (queue);
  queue = open_queue (f);
  task = g_list_model_get_item (G_LIST_MODEL (queue), 0);
  g_assert_nonnull (mezzotint_recipe_get_request (mezzotint_task_get_recipe (task))->start);
  mezzotint_queue_start (queue);
  jobs_fixture_wait (is_over, task);
  assert_pictures (task, expected, 0);
  jobs_fixture_wait (is_empty, queue);
  mezzotint_queue_set_is_paused (queue, TRUE);
  mezzotint_queue_append (queue, branch);
  g_clear_object (&task);
  task = g_list_model_get_item (G_LIST_MODEL (queue), 0);
  start = g_strconcat (mezzotint_task_get_id (task), ".start.snapshot", NULL);
  path = g_build_filename (f->folder, "queue", start, NULL);
  close_queue (queue);
  g_assert_cmpint (g_remove (path), ==, 0);
  queue = open_queue (f); /* without it the task cannot be made, and says so */
  g_assert_true (is_empty (queue));
  assert_prompts (mezzotint_queue_get_recent (queue), "other");
  close_queue (queue);
  files = jobs_fixture_list (f, "queue");
  g_assert_cmpstr (files, ==, "lock queue.json");
}

static void
put_text (JobsFixture *f, const char *text)
{
  g_autofree char *folder = g_build_filename (f->folder, "queue", NULL);
  g_autofree char *path = g_build_filename (folder, "queue.json", NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_damaged (JobsFixture *f, gconstpointer data)
{
  static const char *const texts[] = { "", "{", "[]", "3", "{ \"version\": 1 }", "{ \"tasks\": {} }" };
  g_autofree char *files = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      MezzotintQueue *queue;

      put_text (f, texts[i]);
      queue = open_queue (f);
      assert_problem (queue, "queue.json.damaged-");
      g_assert_true (is_empty (queue));
      close_queue (queue);
    }
  files = jobs_fixture_list (f, "queue");
  g_assert_nonnull (strstr (files, "queue.json.damaged-6"));
}

/* One task that is odd costs no other. */
static void
test_odd_tasks (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue;

  put_text (
      f, "{ \"version\": 1, \"is_paused\": true, \"news\": {}, \"tasks\": [ 3, null, {},"
         "{ \"id\": \"../../x\", \"recipe\": { \"prompt\": \"a\" } },"
         "{ \"id\": \"b\", \"recipe\": { \"prompt\": \"b\", \"sampler\": \"of 2030\" } },"
         "{ \"id\": \"c\", \"recipe\": { \"prompt\": \"c\", \"count\": 2 }, \"n_done\": 77, \"n_begun\": 1 },"
         "{ \"id\": \"d\", \"recipe\": { \"prompt\": \"d\" }, \"n_begun\": 3 } ] }");
  queue = open_queue (f);
  assert_problem (queue, NULL);
  g_assert_true (mezzotint_queue_get_is_paused (queue));
  assert_prompts (G_LIST_MODEL (queue), "a c");
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_queue_get_recent (queue)), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (MezzotintTask) task = g_list_model_get_item (mezzotint_queue_get_recent (queue), i);

      g_assert_cmpint (mezzotint_task_get_state (task), ==, MEZZOTINT_TASK_FAILED);
      g_assert_nonnull (mezzotint_task_get_error (task));
    }
  close_queue (queue);
}

static void
test_newer (JobsFixture *f, gconstpointer data)
{
  static const char newer[] = "{ \"version\": 2, \"tasks\": \"elsewhere\" }";
  g_autofree char *path = g_build_filename (f->folder, "queue", "queue.json", NULL);
  g_autofree char *left = NULL;
  g_autoptr (MezzotintTask) task = NULL;
  MezzotintQueue *queue;

  put_text (f, newer);
  queue = open_queue (f);
  assert_problem (queue, "newer");
  task = append (f, queue, "a", 1, 1);
  mezzotint_queue_start (queue);
  jobs_fixture_wait (is_over, task);
  g_assert_cmpint (mezzotint_task_get_state (task), ==, MEZZOTINT_TASK_FINISHED);
  close_queue (queue);
  g_assert_true (g_file_get_contents (path, &left, NULL, NULL));
  g_assert_cmpstr (left, ==, newer);
}

static void
test_two (JobsFixture *f, gconstpointer data)
{
  MezzotintQueue *queue = open_queue (f), *other = open_queue (f);
  g_autoptr (MezzotintTask) kept = append (f, queue, "kept", 1, 1), lost = append (f, other, "lost", 1, 1);

  assert_problem (queue, NULL);
  assert_problem (other, "another");
  close_queue (other);
  close_queue (queue);
  queue = open_queue (f);
  assert_problem (queue, NULL);
  assert_prompts (G_LIST_MODEL (queue), "kept");
  close_queue (queue);
}

static void
test_no_folder (JobsFixture *f, gconstpointer data)
{
  g_autofree char *in_the_way = g_build_filename (f->folder, "queue", NULL);
  g_autoptr (MezzotintTask) task = NULL;
  MezzotintQueue *queue;

  g_assert_true (g_file_set_contents (in_the_way, "no folder", -1, NULL));
  queue = open_queue (f);
  assert_problem (queue, "forgotten");
  task = append (f, queue, "a", 1, 1);
  mezzotint_queue_start (queue);
  jobs_fixture_wait (is_over, task);
  g_assert_cmpint (mezzotint_task_get_state (task), ==, MEZZOTINT_TASK_FINISHED);
  close_queue (queue);
}

/* ---- kill -9 ---- */

/* With the built-in model: what a child makes until it is killed. */
static MezzotintRecipe *
make_child_recipe (void)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;

  mz_request_use_defaults (&request, NULL);
  request.prompt = g_strdup ("a red apple");
  request.width = request.height = 64;
  request.sampler = "euler_a";
  request.steps = CHILD_STEPS;
  request.count = 2;
  request.seed = 11;
  return mezzotint_recipe_new (NULL, &request);
}

G_NORETURN static void
run_child (const char *folder)
{
  g_autoptr (MezzotintSettings) settings = mezzotint_settings_new ();
  g_autoptr (MezzotintEngineService) engine = mezzotint_engine_service_new (settings);
  g_autofree char *queue_folder = g_build_filename (folder, "queue", NULL);
  g_autofree char *pictures = g_build_filename (folder, "pictures", NULL);
  g_autoptr (MezzotintQueue) queue = NULL;
  g_autoptr (MezzotintRecipe) recipe = make_child_recipe ();

  g_object_set (settings, "output-folder", pictures, "file-name-pattern", "{seed}", NULL);
  queue = mezzotint_queue_new (engine, settings, queue_folder);
  queue->keep_us = 0;
  mezzotint_queue_append (queue, recipe);
  mezzotint_queue_append (queue, recipe);
  mezzotint_queue_start (queue);
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
has_place (JobsFixture *f)
{
  g_autofree char *files = jobs_fixture_list (f, "queue");

  return strstr (files, ".at-0.snapshot") != NULL;
}

static void
test_kill (JobsFixture *f, gconstpointer data)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (MezzotintRecipe) recipe = make_child_recipe ();
  g_autoptr (GPtrArray) expected = jobs_fixture_generate (f, recipe);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) child
      = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program, "--child", f->folder, NULL);
  g_autoptr (MezzotintTask) task = NULL;
  g_autoptr (MezzotintTimeline) timeline = NULL;
  g_autoptr (MezzotintFrame) frame = NULL;
  g_autofree char *files = NULL;
  MezzotintQueue *queue;

  g_assert_no_error (error);
  while (!has_place (f))
    g_usleep (1000);
  g_subprocess_send_signal (child, SIGKILL);
  g_subprocess_wait (child, NULL, NULL);
  g_assert_true (g_subprocess_get_if_signaled (child));
  files = jobs_fixture_list (f, "pictures");
  g_assert_null (strstr (files, "12.png")); /* it was in the first picture, or just behind it */
  queue = open_queue (f);
  assert_problem (queue, NULL);
  assert_prompts (G_LIST_MODEL (queue), "a red apple a red apple");
  task = g_list_model_get_item (G_LIST_MODEL (queue), 0);
  mezzotint_queue_start (queue);
  jobs_fixture_wait (is_empty, queue);
  g_assert_cmpint (mezzotint_task_get_state (task), ==, MEZZOTINT_TASK_FINISHED);
  g_assert_null (mezzotint_task_get_note (task));
  assert_pictures (task, expected, 0);
  timeline = g_list_model_get_item (mezzotint_task_get_timelines (task), 0);
  frame = g_list_model_get_item (G_LIST_MODEL (timeline), 0);
  g_assert_cmpint (mezzotint_frame_get_step (frame), >, 1); /* it did go on */
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
      g_autoptr (MezzotintTask) task = append (f, queue, "a", MANY_STEPS, 9);

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
  if (argc == 3 && g_str_equal (argv[1], "--child"))
    run_child (argv[2]);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                                                      \
  g_test_add ("/queue/" name, JobsFixture, NULL, jobs_fixture_set_up, func, jobs_fixture_tear_down)
  ADD ("makes", test_makes);
  ADD ("fails", test_fails);
  ADD ("order", test_order);
  ADD ("stop", test_stop);
  ADD ("pause", test_pause);
  ADD ("remove-at-work", test_remove_at_work);
  ADD ("cannot-save", test_cannot_save);
  ADD ("reopen", test_reopen);
  ADD ("branch", test_branch);
  ADD ("damaged", test_damaged);
  ADD ("odd-tasks", test_odd_tasks);
  ADD ("newer", test_newer);
  ADD ("two", test_two);
  ADD ("no-folder", test_no_folder);
  ADD ("kill", test_kill);
  ADD ("memory", test_memory);
  ADD ("close", test_close);
#undef ADD
  status = g_test_run ();
  jobs_fixture_remove_tree (g_getenv ("MEZZOTINT_TEST_CACHE"));
  return status;
}
