/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One job of the queue as the window sees it: its recipe, how far it is, what came out. All changes happen on
 * the main thread and are notified; only the queue makes them.
 *
 * Properties: id (string), recipe, state, phase (MzPhase as int), picture, count, step, steps (int), progress
 * (double 0..1 of the whole task), step-seconds, seconds-left (double, negative: unknown), preview
 * (MezzotintPixels, the latest; the finished picture in the end), preview-step (int), error (string: why it
 * failed, a sentence), note (string: a word about something changed on the way), model-name (string). */
#pragma once

#include "app/jobs/recipe.h"
#include "app/jobs/timeline.h"

G_BEGIN_DECLS

typedef enum
{
  MEZZOTINT_TASK_WAITING,
  MEZZOTINT_TASK_LOADING, /* its model is being read; progress then is the loading's */
  MEZZOTINT_TASK_RUNNING,
  MEZZOTINT_TASK_FINISHED,
  MEZZOTINT_TASK_CANCELLED,
  MEZZOTINT_TASK_FAILED,
} MezzotintTaskState;

#define MEZZOTINT_TYPE_TASK_STATE (mezzotint_task_state_get_type ())
GType mezzotint_task_state_get_type (void) G_GNUC_CONST;

#define MEZZOTINT_TYPE_TASK (mezzotint_task_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintTask, mezzotint_task, MEZZOTINT, TASK, GObject)

const char *mezzotint_task_get_id (MezzotintTask *self);
MezzotintRecipe *mezzotint_task_get_recipe (MezzotintTask *self);
MezzotintTaskState mezzotint_task_get_state (MezzotintTask *self);
gboolean mezzotint_task_is_active (MezzotintTask *self); /* LOADING or RUNNING */
const char *mezzotint_task_get_error (MezzotintTask *self);
const char *mezzotint_task_get_note (MezzotintTask *self);
MezzotintPixels *mezzotint_task_get_preview (MezzotintTask *self);
/* GListModel of MezzotintTimeline, one per picture begun, in their order; owned by the task. The oldest go
 * when the setting timeline-mb is spent. */
GListModel *mezzotint_task_get_timelines (MezzotintTask *self);

/* A finished picture. */
#define MEZZOTINT_TYPE_TASK_PICTURE (mezzotint_task_picture_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintTaskPicture, mezzotint_task_picture, MEZZOTINT, TASK_PICTURE, GObject)
/* Properties: index (int, in its task), pixels (MezzotintPixels), path, parameters (strings). NULL pixels:
 * the memory was given back, the file has them; never so for a picture that is not on disk. */
int mezzotint_task_picture_get_index (MezzotintTaskPicture *self);
MezzotintPixels *mezzotint_task_picture_get_pixels (MezzotintTaskPicture *self);
guint64 mezzotint_task_picture_get_seed (MezzotintTaskPicture *self);
/* Where it was saved; NULL when it could not be (it can be saved elsewhere:
 * mezzotint_queue_save_picture_async()). */
const char *mezzotint_task_picture_get_path (MezzotintTaskPicture *self);
/* Its settings as parameters text, owned. */
const char *mezzotint_task_picture_get_parameters (MezzotintTaskPicture *self);
/* GListModel of MezzotintTaskPicture; owned by the task. */
GListModel *mezzotint_task_get_pictures (MezzotintTask *self);

G_END_DECLS
