/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The language of the user, and the translations into it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Takes the user's locale, and finds the translations: those of the installation that the running program
 * lies in, wherever it was moved, else those in `configured_folder`. Before anything else, once. */
void mezzotint_language_begin (const char *configured_folder);

G_END_DECLS
