/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the reader and the writer of parameters share. */
#pragma once

#include "app/files/parameters.h"

G_BEGIN_DECLS

#define MEZZOTINT_NEGATIVE_PREFIX "Negative prompt:"

/* Pairs that hold, JSON-quoted, a prompt that the grammar would tear: one with a line "Negative prompt:". */
#define MEZZOTINT_KEY_PROMPT "Mezzotint prompt"
#define MEZZOTINT_KEY_NEGATIVE "Mezzotint negative prompt"

/* Reads text without looking for those two pairs: what any other program sees. */
MezzotintParameters *mezzotint_parameters_parse_plain (const char *text);

/* White space as Python's str.strip() knows it. */
gboolean mezzotint_is_space (gunichar c);

G_END_DECLS
