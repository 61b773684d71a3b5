/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The denoising timeline under the canvas: the strip of steps, playing it, and what can be done with a step.
 *
 *   mezzotint_timeline_view_set_timeline (view, timeline, recipe);
 *   g_signal_connect (view, "frame-selected", G_CALLBACK (show_frame_cb), self);
 *
 * Properties: timeline (MezzotintTimeline or NULL, r), engine (MezzotintEngineService, rw: decodes steps that
 * are to be saved; without one, that is not offered), is-playing (bool, rw). Signals:
 *   "frame-selected" (MezzotintFrame *frame): to be shown on the canvas; NULL: whatever is newest (live)
 *   "branch" (MezzotintFrame *frame): begin a run at this step's snapshot, which is there
 * Actions: timeline.play, timeline.branch, timeline.save-step, timeline.save-animation. What went well or
 * wrong is told by ui/toast.h. Main thread. */
#pragma once

#include <gtk/gtk.h>

#include "app/jobs/engine-service.h"
#include "app/jobs/timeline.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_TIMELINE_VIEW (mezzotint_timeline_view_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintTimelineView, mezzotint_timeline_view, MEZZOTINT, TIMELINE_VIEW, GtkWidget)

GtkWidget *mezzotint_timeline_view_new (void);
/* What to show; `recipe` (NULL without timeline) is what its picture is made of. Goes to the newest frame. */
void mezzotint_timeline_view_set_timeline (MezzotintTimelineView *self,
                                           MezzotintTimeline *timeline,
                                           MezzotintRecipe *recipe);
/* The frame chosen; NULL when live. Owned by the caller. */
MezzotintFrame *mezzotint_timeline_view_dup_selected (MezzotintTimelineView *self);
/* Back to the newest. */
void mezzotint_timeline_view_go_live (MezzotintTimelineView *self);

G_END_DECLS
