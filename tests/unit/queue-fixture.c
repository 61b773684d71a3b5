/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Queues in a folder of their own, and what may be waited for. */
#include "queue-fixture.h"

MezzotintQueue *
open_queue (JobsFixture *f)
{
  g_autofree char *folder = g_build_filename (f->folder, "queue", NULL);

  return mezzotint_queue_new (f->engine, f->settings, folder);
}

void
close_queue (MezzotintQueue *queue)
{
  g_assert_finalize_object (queue);
}

MezzotintTask *
append (JobsFixture *f, MezzotintQueue *queue, const char *prompt, int steps, int count)
{
  g_autoptr (MezzotintRecipe) recipe = jobs_fixture_make_recipe (f, prompt, steps, count);

  return g_object_ref (mezzotint_queue_append (queue, recipe));
}

const char *
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

void
assert_prompts (GListModel *tasks, const char *expected)
{
  g_autofree char *text = prompts (tasks);

  g_assert_cmpstr (text, ==, expected);
}

gboolean
is_empty (gpointer queue)
{
  return g_list_model_get_n_items (queue) == 0;
}

gboolean
is_over (gpointer task)
{
  return mezzotint_task_get_state (task) >= MEZZOTINT_TASK_FINISHED;
}

gboolean
has_step (gpointer task)
{
  int step;

  g_object_get (task, "step", &step, NULL);
  return step > 0;
}

gboolean
has_picture (gpointer task)
{
  return g_list_model_get_n_items (mezzotint_task_get_pictures (task)) > 0;
}

gboolean
is_waiting (gpointer task)
{
  return mezzotint_task_get_state (task) == MEZZOTINT_TASK_WAITING;
}

void
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
