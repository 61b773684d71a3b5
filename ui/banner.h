/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A sentence across the top of a page, with a way on. (libadwaita has one only from 1.3 on.)
 * Signals: "activated" (its button), "closed". */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_BANNER (mezzotint_banner_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintBanner, mezzotint_banner, MEZZOTINT, BANNER, GtkWidget)

/* message: plain text; NULL hides the banner. button: with a mnemonic; NULL: none. */
void mezzotint_banner_show (MezzotintBanner *self, const char *message, const char *button);
void mezzotint_banner_hide (MezzotintBanner *self);

G_END_DECLS
