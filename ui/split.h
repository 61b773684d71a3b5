/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A panel beside its content where there is room, and below it where there is not.
 * Properties: panel, content (GtkWidget, rw), is-wide (bool, r). */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_SPLIT (mezzotint_split_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintSplit, mezzotint_split, MEZZOTINT, SPLIT, GtkWidget)

G_END_DECLS
