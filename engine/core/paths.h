/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the data files are: the built-in model and CLIP's merges. */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/* Finds `relative` ("models/proof") in the first of these folders that has it: $MEZZOTINT_DATA_DIR;
 * share/mezzotint beside the program's own bin folder, so that an installation can be moved; the source tree,
 * when the program runs from its build folder; the configured installation. Returns a path to be freed, or
 * NULL with MZ_ERROR_MISSING naming the places. Any thread. */
char *mz_find_data (const char *relative, GError **error);

G_END_DECLS
