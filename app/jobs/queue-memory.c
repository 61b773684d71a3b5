/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What kept steps and pictures of ended and running tasks may take. */
#include "app/jobs/queue-private.h"

int
mezzotint_queue_count_in_work (MezzotintTask *task)
{
  GListModel *timelines = mezzotint_task_get_timelines (task);
  int n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (timelines); i++)
    {
      g_autoptr (MezzotintTimeline) timeline = g_list_model_get_item (timelines, i);

      n += !mezzotint_timeline_is_finished (timeline);
    }
  return n;
}

/* Every timeline of the queue, oldest first, with its task. */
typedef struct
{
  MezzotintTask *task;         /* a reference */
  MezzotintTimeline *timeline; /* likewise */
} Kept;

static void
clear_kept_cb (gpointer data)
{
  Kept *kept = data;

  g_object_unref (kept->task);
  g_object_unref (kept->timeline);
}

static gsize
add_task (GArray *all, MezzotintTask *task)
{
  GListModel *timelines = mezzotint_task_get_timelines (task);
  guint n = g_list_model_get_n_items (timelines);
  gsize n_bytes = 0;

  for (guint i = 0; i < n; i++)
    {
      const Kept kept = { g_object_ref (task), g_list_model_get_item (timelines, i) };

      n_bytes += mezzotint_timeline_get_n_bytes (kept.timeline);
      g_array_append_val (all, kept);
    }
  return n_bytes;
}

static GArray *
list_all (MezzotintQueue *self, gsize *n_bytes)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (Kept));
  guint n_recent = g_list_model_get_n_items (G_LIST_MODEL (self->recent));

  g_array_set_clear_func (all, clear_kept_cb);
  *n_bytes = 0;
  for (guint i = n_recent; i-- > 0;)
    {
      g_autoptr (MezzotintTask) task = g_list_model_get_item (G_LIST_MODEL (self->recent), i);

      *n_bytes += add_task (all, task);
    }
  for (guint i = 0; i < self->tasks->len; i++)
    *n_bytes += add_task (all, g_ptr_array_index (self->tasks, i));
  return all;
}

/* The picture that the timeline became, from its file from here on. */
static void
drop_pixels (MezzotintTask *task, int index)
{
  GListModel *pictures = mezzotint_task_get_pictures (task);
  guint n = g_list_model_get_n_items (pictures);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MezzotintTaskPicture) picture = g_list_model_get_item (pictures, i);

      if (mezzotint_task_picture_get_index (picture) == index)
        mezzotint_task_picture_drop_pixels (picture);
    }
}

void
mezzotint_queue_trim (MezzotintQueue *self)
{
  g_autoptr (GArray) all = NULL;
  gsize n_bytes, limit;
  int limit_mb;

  g_object_get (self->settings, "timeline-mb", &limit_mb, NULL);
  limit = (gsize) limit_mb << 20;
  all = list_all (self, &n_bytes);
  for (guint i = 0; i < all->len && n_bytes > limit; i++) /* the states to branch from are the most of it */
    {
      MezzotintTimeline *timeline = g_array_index (all, Kept, i).timeline;

      n_bytes -= mezzotint_timeline_get_n_bytes (timeline);
      mezzotint_timeline_drop_snapshots (timeline);
      n_bytes += mezzotint_timeline_get_n_bytes (timeline);
    }
  for (guint i = 0; i + 1 < all->len && n_bytes > limit; i++) /* the newest stays in any case */
    {
      const Kept *kept = &g_array_index (all, Kept, i);

      if (kept->task == self->current && !mezzotint_timeline_is_finished (kept->timeline))
        continue; /* it still grows */
      n_bytes -= mezzotint_timeline_get_n_bytes (kept->timeline);
      mezzotint_task_drop_timeline (kept->task, kept->timeline);
      drop_pixels (kept->task, mezzotint_timeline_get_picture (kept->timeline));
    }
}
