/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A word to the user, from any widget: shown by the nearest AdwToastOverlay above it. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Takes `toast` over. Without an overlay above `widget` (it was closed meanwhile) nothing is shown. */
void mezzotint_toast_show (GtkWidget *widget, AdwToast *toast);
/* The overlay above `widget`, to be used in its stead by what takes longer than the widget may live. Owned by
 * its parent. */
GtkWidget *mezzotint_toast_get_place (GtkWidget *widget);
/* `message` is plain text. */
void mezzotint_toast_say (GtkWidget *widget, const char *message);
/* Says an error, unless it is that something was cancelled. */
void mezzotint_toast_say_error (GtkWidget *widget, const GError *error);

G_END_DECLS
