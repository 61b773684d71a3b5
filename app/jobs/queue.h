/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The queue: jobs in their order, run one after another on the engine's thread, kept on disk as they change.
 *
 * A GListModel of MezzotintTask: first what is being made, then what waits. Ended tasks move to `recent`,
 * newest first, at most 50, which is not kept. After a crash, as after an ordinary end in mid-picture, the
 * interrupted task goes on from its last kept step, with the same bytes as if nothing had happened. A picture
 * whose file was written in the very moment of a crash may be made and saved a second time; none is lost. A
 * task that ends the program three times without coming on is not begun again by itself. Main thread.
 *
 * Properties: current (MezzotintTask or NULL), is-paused (bool, rw, kept: the picture in work is finished,
 * then its task waits with the rest), seconds-left (double: all of it; negative: unknown), n-pictures-left
 * (int), problem (string: why it is not kept on disk, a sentence, or NULL). */
#pragma once

#include "app/jobs/engine-service.h"
#include "app/jobs/task.h"

G_BEGIN_DECLS

typedef enum
{
  MEZZOTINT_STOP_NOW,           /* nothing of the picture in work is kept */
  MEZZOTINT_STOP_AFTER_PICTURE, /* the picture in work is finished, and those that are drawn together with it;
                                   the rest of the task is not begun */
} MezzotintStop;

#define MEZZOTINT_TYPE_QUEUE (mezzotint_queue_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintQueue, mezzotint_queue, MEZZOTINT, QUEUE, GObject)

/* `folder`: where it is kept (made when missing); NULL: mezzotint/queue in the user's data folder. Reads what
 * was left there; a damaged file is moved aside, never deleted, and `problem` says so. A second instance of
 * the program must not use the same folder: it is locked; then the queue lives in memory and `problem` says
 * so, as when a newer version left the file, which is not touched. Nothing runs before
 * mezzotint_queue_start().
 *
 * Close the engine service before the last reference goes, or after: what is in work then stays kept. */
MezzotintQueue *
mezzotint_queue_new (MezzotintEngineService *engine, MezzotintSettings *settings, const char *folder);
void mezzotint_queue_start (MezzotintQueue *self);

/* Appends a job and returns its task, owned by the queue. */
MezzotintTask *mezzotint_queue_append (MezzotintQueue *self, MezzotintRecipe *recipe);
/* Takes a waiting task, or an ended one, out; a running one is stopped first. Put back by
 * mezzotint_queue_restore() for undo: among those waiting at `position`, also when it ran, where pictures
 * that it made are not made again; an ended one into `recent`. */
void mezzotint_queue_remove (MezzotintQueue *self, MezzotintTask *task);
void mezzotint_queue_restore (MezzotintQueue *self, MezzotintTask *task, guint position);
/* To `position` among those waiting. */
void mezzotint_queue_move (MezzotintQueue *self, MezzotintTask *task, guint position);
/* Appends an ended task's recipe again. */
MezzotintTask *mezzotint_queue_retry (MezzotintQueue *self, MezzotintTask *task);
void mezzotint_queue_stop (MezzotintQueue *self, MezzotintTask *task, MezzotintStop how);
gboolean mezzotint_queue_get_is_paused (MezzotintQueue *self);
void mezzotint_queue_set_is_paused (MezzotintQueue *self, gboolean is_paused);
MezzotintTask *mezzotint_queue_get_current (MezzotintQueue *self);
/* GListModel of ended MezzotintTask; owned by the queue. */
GListModel *mezzotint_queue_get_recent (MezzotintQueue *self);
void mezzotint_queue_clear_recent (MezzotintQueue *self);

/* Saves a picture that is not on disk (full disk, read-only folder) to a file of the user's choice. */
void mezzotint_queue_save_picture_async (MezzotintQueue *self,
                                         MezzotintTaskPicture *picture,
                                         GFile *file,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean mezzotint_queue_save_picture_finish (MezzotintQueue *self, GAsyncResult *result, GError **error);

/* Signal "picture-saved" (MezzotintTask *task, MezzotintTaskPicture *picture); "task-ended" (MezzotintTask
 * *task). */

G_END_DECLS
