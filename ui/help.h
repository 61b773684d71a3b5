/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The program's help (data/help), opened at the page about what the user is at. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The page about `widget`: "controls#steps" for the row of steps and everything in it. Static memory; "index"
 * where nothing more particular is known, also for NULL. */
const char *mezzotint_help_find_page (GtkWidget *widget);
/* Shows a page; what goes wrong is said in `window`. */
void mezzotint_help_show (GtkWindow *window, const char *page);

G_END_DECLS
