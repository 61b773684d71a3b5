/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One task in the queue's list. Its actions act on the task: task.move-up, task.move-down, task.remove,
 * task.retry, task.use-settings; the panel gives them meaning (signal "command", string name). */
#pragma once

#include <gtk/gtk.h>

#include "app/jobs/task.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_QUEUE_ROW (mezzotint_queue_row_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintQueueRow, mezzotint_queue_row, MEZZOTINT, QUEUE_ROW, GtkListBoxRow)

GtkWidget *mezzotint_queue_row_new (MezzotintTask *task);
MezzotintTask *mezzotint_queue_row_get_task (MezzotintQueueRow *self);

G_END_DECLS
