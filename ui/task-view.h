/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A task as it is made and when it is done: the picture coming out of the noise, how far it is, all its
 * pictures, and what can be done with them.
 *
 * Property: task (MezzotintTask or NULL, rw). Signals: "changed" (what is on the canvas), "branch"
 * (MezzotintFrame *frame), "retry" (MezzotintTask *task). Uses the actions win.copy-picture,
 * win.save-picture-as, win.open-folder, which act on mezzotint_task_view_get_picture(). */
#pragma once

#include <adwaita.h>

#include "ui/services.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_TASK_VIEW (mezzotint_task_view_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintTaskView, mezzotint_task_view, MEZZOTINT, TASK_VIEW, GtkWidget)

void mezzotint_task_view_set_services (MezzotintTaskView *self, MezzotintServices *services);
void mezzotint_task_view_set_task (MezzotintTaskView *self, MezzotintTask *task);
MezzotintTask *mezzotint_task_view_get_task (MezzotintTaskView *self);
/* The finished picture that is shown; NULL when none is. Owned by its task. */
MezzotintTaskPicture *mezzotint_task_view_get_picture (MezzotintTaskView *self);
/* What is on the canvas, finished or not; NULL when it is empty. */
GdkTexture *mezzotint_task_view_get_texture (MezzotintTaskView *self);

G_END_DECLS
