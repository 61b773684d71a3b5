/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The model that a picture names, among those on this machine. */
#pragma once

#include "app/files/import.h"
#include "app/library/model-store.h"

G_BEGIN_DECLS

/* Its path, "" for the built-in one; NULL when it is not named, not here, or of no use. What the model cannot
 * do is brought to what it can, and noted in `import`. Owned by the store. */
const char *mezzotint_import_find_model (MezzotintImport *import, MezzotintModelStore *models);

G_END_DECLS
