/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How a strip of frames is drawn: small textures, made once for each frame, cut to a part of the width. Where
 * there are more frames than parts worth drawing, every second, third ... is shown. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEZZOTINT_TIMELINE_FILM_HEIGHT_PX 56

typedef struct _MezzotintTimelineFilm MezzotintTimelineFilm;

MezzotintTimelineFilm *mezzotint_timeline_film_new (void);
void mezzotint_timeline_film_free (MezzotintTimelineFilm *film);
/* A list of MezzotintFrame, or NULL. */
void mezzotint_timeline_film_set_frames (MezzotintTimelineFilm *film, GListModel *frames);
/* To be called when the list changes, with what its items-changed says. */
void
mezzotint_timeline_film_changed (MezzotintTimelineFilm *film, guint position, guint removed, guint added);
/* Frames that there are or that are still to come. */
int mezzotint_timeline_film_get_n_cells (MezzotintTimelineFilm *film);
/* NULL when there is no such frame. Owned by `film`. */
GdkTexture *mezzotint_timeline_film_get_texture (MezzotintTimelineFilm *film, int index);
void mezzotint_timeline_film_snapshot (MezzotintTimelineFilm *film,
                                       GtkSnapshot *snapshot,
                                       int width,
                                       gboolean is_rtl);

G_END_DECLS
