/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The denoising timeline of one picture: every step's preview, and the state to branch from. A GListModel of
 * MezzotintFrame, growing while the picture is made. Main thread. */
#pragma once

#include <gio/gio.h>

#include "app/files/pixels.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_FRAME (mezzotint_frame_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintFrame, mezzotint_frame, MEZZOTINT, FRAME, GObject)

/* Properties: step, steps (int), pixels (MezzotintPixels, may be small), is-final (the finished picture),
 * can-branch. */
int mezzotint_frame_get_step (MezzotintFrame *self);
int mezzotint_frame_get_steps (MezzotintFrame *self);
MezzotintPixels *mezzotint_frame_get_pixels (MezzotintFrame *self);
gboolean mezzotint_frame_is_final (MezzotintFrame *self);
/* NULL for the finished picture, and where memory had to be given back. Owned by the frame. */
MzSnapshot *mezzotint_frame_get_snapshot (MezzotintFrame *self);

#define MEZZOTINT_TYPE_TIMELINE (mezzotint_timeline_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintTimeline, mezzotint_timeline, MEZZOTINT, TIMELINE, GObject)

MezzotintTimeline *mezzotint_timeline_new (int picture, guint64 seed);
/* Index of the picture in its task, and its seed. */
int mezzotint_timeline_get_picture (MezzotintTimeline *self);
guint64 mezzotint_timeline_get_seed (MezzotintTimeline *self);
/* Of the newest frame; 0 before the first. */
int mezzotint_timeline_get_last_step (MezzotintTimeline *self);
/* Is the finished picture there? */
gboolean mezzotint_timeline_is_finished (MezzotintTimeline *self);
/* Appends a step; takes nothing over. snapshot: may be NULL. */
void mezzotint_timeline_append (MezzotintTimeline *self,
                                int step,
                                int steps,
                                MezzotintPixels *pixels,
                                MzSnapshot *snapshot);
/* The finished picture closes it. */
void mezzotint_timeline_finish (MezzotintTimeline *self, MezzotintPixels *pixels);
/* Memory that the snapshots and pixels take, and giving the snapshots back. */
gsize mezzotint_timeline_get_n_bytes (MezzotintTimeline *self);
void mezzotint_timeline_drop_snapshots (MezzotintTimeline *self);

G_END_DECLS
