/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The window: header bar, the pages Create and Gallery, the queue beside them, toasts. It is the
 * MezzotintPictureHost of the pages in it. */
#pragma once

#include <adwaita.h>

#include "ui/services.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_WINDOW (mezzotint_window_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintWindow, mezzotint_window, MEZZOTINT, WINDOW, AdwApplicationWindow)

MezzotintWindow *mezzotint_window_new (GtkApplication *application, MezzotintServices *services);
/* A picture, whose settings are to be read back, or a model file, to be used. */
void mezzotint_window_open (MezzotintWindow *self, GFile *file);
/* "create" or "gallery". */
void mezzotint_window_show_page (MezzotintWindow *self, const char *name);
/* The gallery with what has all the words, and with a picture opened. */
void mezzotint_window_search (MezzotintWindow *self, const char *words);
void mezzotint_window_show_picture (MezzotintWindow *self, const char *path);

G_END_DECLS
