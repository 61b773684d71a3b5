/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading the options that several commands have. Errors are G_OPTION_ERROR_BAD_VALUE. */
#pragma once

#include "app/cli/arguments.h"
#include "engine.h"

G_BEGIN_DECLS

/* A prompt as UTF-8: it mostly is; else it may be in the locale's character set. Free with g_free. */
char *cli_text_to_utf8 (const char *text, GError **error);
/* --size. TRUE also when it was not given: then both are left alone. */
gboolean cli_read_size (const MezzotintArguments *arguments, int *width, int *height, GError **error);
/* “memory-limit” or “vram-limit”, bytes; likewise. */
gboolean
cli_read_limit (const MezzotintArguments *arguments, const char *option, guint64 *n_bytes, GError **error);

G_END_DECLS
