/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A model in the list to choose from. */
#pragma once

#include <gtk/gtk.h>

#include "app/library/model-store.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_MODEL_ITEM (mezzotint_model_item_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintModelItem, mezzotint_model_item, MEZZOTINT, MODEL_ITEM, GtkListBoxRow)

GtkWidget *mezzotint_model_item_new (MezzotintModel *model);
MezzotintModel *mezzotint_model_item_get_model (MezzotintModelItem *self);
/* Shows a check mark. */
void mezzotint_model_item_set_chosen (MezzotintModelItem *self, gboolean is_chosen);

G_END_DECLS
