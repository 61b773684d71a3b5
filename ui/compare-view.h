/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Two pictures that zoom and move together: side by side (one above the other where the space is high), or
 * one over the other with a border to slide between them.
 *
 * Properties (rw): is-sliding (bool), split (double 0..1: where the border is, from the left). */
#pragma once

#include "ui/picture-view.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_COMPARE_VIEW (mezzotint_compare_view_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintCompareView, mezzotint_compare_view, MEZZOTINT, COMPARE_VIEW, GtkWidget)

GtkWidget *mezzotint_compare_view_new (void);
/* The two, owned by the view; to be filled. */
MezzotintPictureView *mezzotint_compare_view_get_first (MezzotintCompareView *self);
MezzotintPictureView *mezzotint_compare_view_get_second (MezzotintCompareView *self);

G_END_DECLS
