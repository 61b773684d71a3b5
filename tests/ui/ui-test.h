/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Driving real windows: waiting, keys and pointer as a user has them (xdotool), screenshots, and a walk
 * through what a screen reader finds. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Instead of g_test_init(): also GTK, libadwaita and the program's resources. Exits with 77 (skipped) where
 * nothing can be driven. */
void ui_test_init (int *argc, char ***argv);

/* Runs the main loop until `check` is true; fails the test after a minute. */
void ui_test_wait (gboolean (*check) (gpointer data), gpointer data);
/* Until nothing is left to do and a frame was drawn. */
void ui_test_settle (GtkWidget *window);
/* Shows `window` and puts the pointer into it, so that it gets keys. */
void ui_test_present (GtkWidget *window);

/* "plus", "ctrl+a", "Left": xdotool's names. To what has the focus. */
void ui_test_press (GtkWidget *window, const char *key);
/* The first button at `x`, `y` of the widget's size, 0..1. */
void ui_test_click (GtkWidget *widget, double x, double y);
/* The wheel there, `n_clicks` down, or up when negative. */
void ui_test_scroll (GtkWidget *widget, double x, double y, int n_clicks);
/* Pressed at (`x0`, `y`), moved to (`x1`, `y`), let go. */
void ui_test_drag (GtkWidget *widget, double x0, double x1, double y);

/* The first below `widget`, depth first; NULL. */
GtkWidget *ui_test_find (GtkWidget *widget, GType type);

/* NAME.png in the folder $MEZZOTINT_SCREENSHOTS, if that is set. */
void ui_test_shoot (GtkWidget *window, const char *name);
/* Everything that can be operated below `widget` has a name for screen readers. */
void ui_test_assert_accessible (GtkWidget *widget);

G_END_DECLS
