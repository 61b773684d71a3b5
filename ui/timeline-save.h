/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Saving a step of a timeline: asks where, works beside the window, and tells in a toast above `widget` how
 * it went. */
#pragma once

#include <gtk/gtk.h>

#include "app/jobs/engine-service.h"
#include "app/jobs/timeline.h"

G_BEGIN_DECLS

/* `frame` goes through the model's own decoder, unless it is the finished picture. */
void mezzotint_timeline_save_step (GtkWidget *widget,
                                   MezzotintEngineService *engine,
                                   MezzotintTimeline *timeline,
                                   MezzotintFrame *frame,
                                   MezzotintRecipe *recipe);
void
mezzotint_timeline_save_animation (GtkWidget *widget, MezzotintTimeline *timeline, MezzotintRecipe *recipe);
/* APNG or GIF, whichever the user's name for the file says. */
void
mezzotint_timeline_save_animation (GtkWidget *widget, MezzotintTimeline *timeline, MezzotintRecipe *recipe);

G_END_DECLS
