/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Words out of a file, made fit to stand in a message on somebody's terminal. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* At most the first 80 characters of `text`; what is not printable (control characters, escape sequences,
 * marks that turn the direction of writing) or not UTF-8 becomes U+FFFD. A new string, free with g_free. */
char *mz_printable (const char *text);

/* Would mz_printable() leave every character as it is, whatever the length? */
gboolean mz_is_printable (const char *text);

G_END_DECLS
