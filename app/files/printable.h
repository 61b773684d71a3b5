/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts out of files, made fit for a sentence. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* `text` on one line: at most max_chars characters and an ellipsis, white space as spaces, and what a
 * terminal could take for a command, or turns the direction of writing, as U+FFFD. Free with g_free. */
char *mezzotint_printable (const char *text, guint max_chars);

G_END_DECLS
