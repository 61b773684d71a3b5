/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The pictures of a timeline side by side, fitted to the width however many there are; the one looked at is
 * shown whole, over the others. Dragged along with the pointer, or moved along with keys.
 *
 * Properties (rw): timeline (MezzotintTimeline or NULL), position (int: index of the frame looked at; -1: the
 * newest, whichever that is). Signal: "play-toggled" (Space or Enter). */
#pragma once

#include <gtk/gtk.h>

#include "app/jobs/timeline.h"

G_BEGIN_DECLS

#define MEZZOTINT_TIMELINE_LIVE -1

#define MEZZOTINT_TYPE_TIMELINE_STRIP (mezzotint_timeline_strip_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintTimelineStrip, mezzotint_timeline_strip, MEZZOTINT, TIMELINE_STRIP, GtkWidget)

void mezzotint_timeline_strip_set_timeline (MezzotintTimelineStrip *self, MezzotintTimeline *timeline);
int mezzotint_timeline_strip_get_position (MezzotintTimelineStrip *self);
/* Taken into the range that there is. */
void mezzotint_timeline_strip_set_position (MezzotintTimelineStrip *self, int position);
/* The frame looked at, the newest when live; NULL when there is none. Owned by the caller. */
MezzotintFrame *mezzotint_timeline_strip_dup_frame (MezzotintTimelineStrip *self);
guint mezzotint_timeline_strip_get_n_frames (MezzotintTimelineStrip *self);

/* "Step 7 of 20", "Finished picture"; free with g_free. */
char *mezzotint_frame_describe (MezzotintFrame *frame);

G_END_DECLS
