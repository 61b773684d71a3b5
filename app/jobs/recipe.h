/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What one job makes: a model and a request, immutable, and their JSON form for the queue's file. */
#pragma once

#include <json-glib/json-glib.h>

#include "engine.h"

G_BEGIN_DECLS

typedef struct _MezzotintRecipe MezzotintRecipe;

#define MEZZOTINT_TYPE_RECIPE (mezzotint_recipe_get_type ())
GType mezzotint_recipe_get_type (void) G_GNUC_CONST;

/* `model`: path, or NULL for the built-in one; `request` is copied, its snapshot included. Any thread. */
MezzotintRecipe *mezzotint_recipe_new (const char *model, const MzRequest *request);
/* The same with another start; `start` may be NULL, then it begins from noise. */
MezzotintRecipe *mezzotint_recipe_new_from_start (MezzotintRecipe *self, MzSnapshot *start, MzStartKind kind);
MezzotintRecipe *mezzotint_recipe_ref (MezzotintRecipe *self);
void mezzotint_recipe_unref (MezzotintRecipe *self);
/* Path; NULL for the built-in one. Owned by `self`, like the request. */
const char *mezzotint_recipe_get_model (MezzotintRecipe *self);
const MzRequest *mezzotint_recipe_get_request (MezzotintRecipe *self);

/* Without the snapshot. What is missing when read has its default; members that a newer version added are
 * passed over. Fails with MZ_ERROR_FORMAT when it is damaged or no recipe at all, and with MZ_ERROR_ARGUMENT
 * when its sampler or schedule is not known here. */
JsonNode *mezzotint_recipe_to_json (MezzotintRecipe *self);
MezzotintRecipe *mezzotint_recipe_from_json (JsonNode *node, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintRecipe, mezzotint_recipe_unref)

G_END_DECLS
