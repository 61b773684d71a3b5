/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the data files are: the built-in model and CLIP's merges. */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/* Finds `relative` ("models/proof") in the first of these folders that has it: $MEZZOTINT_DATA_DIR, and then
 * no other; share/mezzotint of the installation that the engine's library, and then the program, lies in, so
 * that both can be moved; the source tree, when they lie in its build folder; the configured installation.
 * Returns a path to be freed, or NULL with MZ_ERROR_MISSING naming the places. Any thread. */
char *mz_find_data (const char *relative, GError **error);

G_END_DECLS
