/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the queue keeps on disk, through kill -9 too, and what it finds there. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "queue-fixture.h"

#define STEPS 4
#define MANY_STEPS 120
#define CHILD_STEPS 30

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
  G_GNUC_UNUSED g_autoptr (MezzotintTask) first = append (f, queue, "first", MANY_STEPS, 3),
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

/* The step of the first frame of timeline `i`, which must be of `picture`. */
static int
get_first_step (MezzotintTask *task, guint i, int picture)
{
  g_autoptr (MezzotintTimeline) timeline = g_list_model_get_item (mezzotint_task_get_timelines (task), i);
  g_autoptr (MezzotintFrame) frame = g_list_model_get_item (G_LIST_MODEL (timeline), 0);

  g_assert_cmpint (mezzotint_timeline_get_picture (timeline), ==, picture);
  return mezzotint_frame_get_step (frame);
}

static void
together_cb (MezzotintTask *task, GParamSpec *pspec, int *most)
{
  int together;

  g_object_get (task, "together", &together, NULL);
  *most = MAX (*most, together);
}

/* In the midst of the second two of five that are drawn together. What all five will be. */
static GPtrArray *
interrupt_at_once (JobsFixture *f)
{
  MezzotintQueue *queue = open_queue (f);
  g_autoptr (MezzotintTask) task = append (f, queue, "first", MANY_STEPS, 5);
  g_autofree char *files = NULL;
  GPtrArray *expected = jobs_fixture_generate (f, mezzotint_task_get_recipe (task));

  g_object_set (f->settings, "at-once", 2, NULL);
  mezzotint_queue_start (queue);
  while (g_list_model_get_n_items (mezzotint_task_get_timelines (task)) < 4)
    g_main_context_iteration (NULL, TRUE);
  close_queue (queue);
  files = jobs_fixture_list (f, "queue");
  g_assert_nonnull (strstr (files, ".at-0.snapshot"));
  g_assert_nonnull (strstr (files, ".at-0-3.snapshot"));
  return expected;
}

/* The same in the midst of pictures that are drawn together: they go on together. */
static void
test_reopen_at_once (JobsFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) expected = interrupt_at_once (f);
  g_autoptr (MezzotintTask) again = NULL;
  MezzotintQueue *queue = open_queue (f);
  g_autofree char *files = NULL;
  int step, together = 0;

  again = g_list_model_get_item (G_LIST_MODEL (queue), 0);
  g_signal_connect (again, "notify::together", G_CALLBACK (together_cb), &together);
  mezzotint_queue_start (queue);
  jobs_fixture_wait (is_empty, queue);
  g_assert_cmpint (mezzotint_task_get_state (again), ==, MEZZOTINT_TASK_FINISHED);
  assert_pictures (again, expected, 2);
  step = get_first_step (again, 0, 2);
  g_assert_cmpint (step, >, 1);
  g_assert_cmpint (get_first_step (again, 1, 3), ==, step);
  g_assert_cmpint (get_first_step (again, 2, 4), ==, 1);
  g_assert_cmpint (together, ==, 2);
  close_queue (queue);
  files = jobs_fixture_list (f, "queue");
  g_assert_cmpstr (files, ==, "lock queue.json");
}

/* Where they may not be drawn together any more, each goes on from its own step. */
static void
test_reopen_one_by_one (JobsFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) expected = interrupt_at_once (f);
  g_autoptr (MezzotintTask) again = NULL;
  MezzotintQueue *queue = open_queue (f);
  g_autofree char *files = NULL;

  g_object_set (f->settings, "at-once", 1, NULL);
  again = g_list_model_get_item (G_LIST_MODEL (queue), 0);
  mezzotint_queue_start (queue);
  jobs_fixture_wait (is_empty, queue);
  assert_pictures (again, expected, 2);
  g_assert_cmpint (get_first_step (again, 0, 2), >, 1);
  g_assert_cmpint (get_first_step (again, 1, 3), >, 1);
  g_assert_cmpint (get_first_step (again, 2, 4), ==, 1);
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
  files = jobs_fixture_list (f, "queue"); /* but what was there is kept */
  g_assert_cmpstr (files, ==, "lock queue.json queue.json.damaged-1");
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

/* A file that stands for a snapshot. */
static void
put_file (JobsFixture *f, const char *name)
{
  g_autofree char *path = g_build_filename (f->folder, "queue", name, NULL);

  g_assert_true (g_file_set_contents (path, "kept", -1, NULL));
}

/* One task that is odd costs no other. What could not be read stays for who can, a finished one is over. */
static void
test_odd_tasks (JobsFixture *f, gconstpointer data)
{
  g_autofree char *files = NULL;
  MezzotintQueue *queue;

  put_text (
      f, "{ \"version\": 1, \"is_paused\": true, \"news\": {}, \"tasks\": [ 3, null, {},"
         "{ \"id\": \"../../x\", \"recipe\": { \"prompt\": \"a\" } },"
         "{ \"id\": \"b\", \"recipe\": { \"prompt\": \"b\", \"sampler\": \"of 2030\" } },"
         "{ \"id\": \"c\", \"recipe\": { \"prompt\": \"c\", \"count\": 2 }, \"n_done\": 1, \"n_begun\": 1 },"
         "{ \"id\": \"e\", \"recipe\": { \"prompt\": \"e\", \"count\": 2 }, \"n_done\": 77 },"
         "{ \"id\": \"d\", \"recipe\": { \"prompt\": \"d\" }, \"n_begun\": 3 } ] }");
  put_file (f, "b.at-0.snapshot");
  put_file (f, "b.start.snapshot");
  put_file (f, "bb.at-0.snapshot");
  put_file (f, "e.at-1.snapshot");
  queue = open_queue (f);
  assert_problem (queue, "queue.json.damaged-1");
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
  files = jobs_fixture_list (f, "queue");
  g_assert_cmpstr (files, ==, "b.at-0.snapshot b.start.snapshot lock queue.json queue.json.damaged-1");
  g_free (files);

  queue = open_queue (f); /* nor is it lost the second time, or told as news */
  assert_problem (queue, NULL);
  close_queue (queue);
  files = jobs_fixture_list (f, "queue");
  g_assert_cmpstr (files, ==, "b.at-0.snapshot b.start.snapshot lock queue.json queue.json.damaged-1");
}

static void
store_cb (gpointer user, const char *problem)
{
  if (problem != NULL)
    ++*(int *) user;
}

static gboolean
is_positive (gpointer number)
{
  return *(int *) number > 0;
}

/* A disk that refuses for a while: nothing of what was to be written is forgotten. */
static void
test_refusing_disk (JobsFixture *f, gconstpointer data)
{
  g_autoptr (MezzotintRecipe) recipe = jobs_fixture_make_recipe (f, "a", STEPS, 1);
  g_autoptr (GPtrArray) snapshots = jobs_fixture_take_snapshots (f, recipe);
  g_autofree char *folder = g_build_filename (f->folder, "queue", NULL);
  g_autofree char *in_the_way = g_build_filename (folder, "a.start.snapshot", NULL);
  g_autofree char *text = NULL, *problem = NULL, *files = NULL;
  MezzotintQueueStore *store;
  int n_problems = 0;

  g_assert_cmpint (g_mkdir_with_parents (in_the_way, 0700), ==, 0);
  put_file (f, "old.snapshot");
  store = mezzotint_queue_store_open (folder, store_cb, &n_problems, &text, &problem);
  g_assert_cmpstr (problem, ==, NULL);
  mezzotint_queue_store_put (store, "a.start", snapshots->pdata[0]);
  mezzotint_queue_store_put (store, "old", NULL);
  mezzotint_queue_store_save (store, g_strdup ("{}"));
  jobs_fixture_wait (is_positive, &n_problems);
  g_assert_cmpint (g_rmdir (in_the_way), ==, 0);
  mezzotint_queue_store_free (store);
  files = jobs_fixture_list (f, "queue");
  g_assert_cmpstr (files, ==, "a.start.snapshot lock queue.json");
  g_assert_true (g_file_test (in_the_way, G_FILE_TEST_IS_REGULAR));
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
  G_GNUC_UNUSED g_autoptr (MezzotintTask) kept = append (f, queue, "kept", 1, 1),
                                          lost = append (f, other, "lost", 1, 1);

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
  request.width = request.height = 32;
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

int
main (int argc, char *argv[])
{
  int status;

  jobs_fixture_init ();
  if (argc == 3 && g_str_equal (argv[1], "--child"))
    run_child (argv[2]);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                                                      \
  g_test_add ("/queue-kept/" name, JobsFixture, NULL, jobs_fixture_set_up, func, jobs_fixture_tear_down)
  ADD ("reopen", test_reopen);
  ADD ("reopen-at-once", test_reopen_at_once);
  ADD ("reopen-one-by-one", test_reopen_one_by_one);
  ADD ("branch", test_branch);
  ADD ("damaged", test_damaged);
  ADD ("odd-tasks", test_odd_tasks);
  ADD ("refusing-disk", test_refusing_disk);
  ADD ("newer", test_newer);
  ADD ("two", test_two);
  ADD ("no-folder", test_no_folder);
  ADD ("kill", test_kill);
#undef ADD
  status = g_test_run ();
  jobs_fixture_remove_tree (g_getenv ("MEZZOTINT_TEST_CACHE"));
  return status;
}
