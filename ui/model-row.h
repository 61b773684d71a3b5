/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A row to choose the model: each with its kind and size, and why it cannot be used where it cannot.
 * Properties: model (MezzotintModel, rw). Activates the actions win.add-model and win.add-model-folder. */
#pragma once

#include <adwaita.h>

#include "app/library/model-store.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_MODEL_ROW (mezzotint_model_row_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintModelRow, mezzotint_model_row, MEZZOTINT, MODEL_ROW, AdwActionRow)

void mezzotint_model_row_set_store (MezzotintModelRow *self, MezzotintModelStore *store);
/* What to say while `model` is NULL: the path that was chosen, whose model is not there. */
void mezzotint_model_row_set_missing (MezzotintModelRow *self, const char *path);

G_END_DECLS
