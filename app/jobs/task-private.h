/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How the queue changes a task. Each notifies what changed. */
#pragma once

#include "app/jobs/task.h"

G_BEGIN_DECLS

/* `id`: NULL makes a new one. */
MezzotintTask *mezzotint_task_new (const char *id, MezzotintRecipe *recipe);
void mezzotint_task_set_state (MezzotintTask *self, MezzotintTaskState state);
void mezzotint_task_set_error (MezzotintTask *self, const char *error);
/* Adds a sentence to the note, unless it says so already. */
void mezzotint_task_add_note (MezzotintTask *self, const char *sentence);
void mezzotint_task_set_model_name (MezzotintTask *self, const char *name);
/* The width and height that the model really makes, and the like: the request as it was run. */
void mezzotint_task_set_recipe (MezzotintTask *self, MezzotintRecipe *recipe);

/* Where the work is. */
typedef struct
{
  MzPhase phase;
  int picture, step, steps;
  int together;    /* pictures that it is about, this and those behind it; 0 is 1 */
  double fraction; /* of the whole task, or of the loading */
  double step_seconds, seconds_left;
  int stepped; /* pictures that step_seconds is of; 0 is 1 */
} MezzotintTaskProgress;

void mezzotint_task_set_progress (MezzotintTask *self, const MezzotintTaskProgress *progress);
void mezzotint_task_set_preview (MezzotintTask *self, MezzotintPixels *preview, int step);
/* The timeline of picture `index`, for its frame of `step`. Begun when it is not there, and anew when it is
 * of an earlier attempt, which came as far or further. Owned by the task. */
MezzotintTimeline *mezzotint_task_begin_timeline (MezzotintTask *self, int index, guint64 seed, int step);
void mezzotint_task_drop_timeline (MezzotintTask *self, MezzotintTimeline *timeline);
void mezzotint_task_add_picture (MezzotintTask *self, MezzotintTaskPicture *picture);

/* `pixels` may be NULL where only the file is left of it. */
MezzotintTaskPicture *mezzotint_task_picture_new (int index,
                                                  guint64 seed,
                                                  MezzotintPixels *pixels,
                                                  const char *path,
                                                  const char *parameters);
void mezzotint_task_picture_set_path (MezzotintTaskPicture *self, const char *path);
/* Gives the memory back of a picture that is on disk. */
void mezzotint_task_picture_drop_pixels (MezzotintTaskPicture *self);

G_END_DECLS
