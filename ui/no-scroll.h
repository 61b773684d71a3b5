/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Controls inside a scrolled panel must not take the wheel: who scrolls past a slider would change it. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Leaves the wheel over `control` to what is around it. */
void mezzotint_ignore_scroll (GtkWidget *control);

G_END_DECLS
