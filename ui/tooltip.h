/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tooltips of what is updated at every step of a picture. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* As gtk_widget_set_tooltip_text(), but nothing happens when it is the same one. GTK asks the display for the
 * pointer's place each time, and waits for the answer. */
void mezzotint_tooltip_set (GtkWidget *widget, const char *text);

G_END_DECLS
