/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the Create page is set to: the next job in the making.
 *
 * Kept in the settings as it changes. What the user never touched follows the model (and the sampler), so
 * that another model comes with its own sensible values; what the user set stays, and a size is kept in
 * proportion to the model's native one.
 *
 * Properties (rw): model (MezzotintModel), prompt, negative-prompt (strings), seed, variation-seed (strings:
 * decimal guint64), keep-seed (bool), and of MzRequest: width, height, steps, count, clip-skip (int),
 * guidance, eta, variation-strength, guidance-rescale (double), sampler, schedule, compatibility,
 * prompt-style (strings: ids). Read only: is-suggested (bool: nothing but what suits the model), rest
 * (string: what is set and has no control, for people, a line each; NULL: nothing). Main thread. */
#pragma once

#include "app/jobs/recipe.h"
#include "app/library/model-store.h"
#include "app/settings.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_DRAFT (mezzotint_draft_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintDraft, mezzotint_draft, MEZZOTINT, DRAFT, GObject)

MezzotintDraft *mezzotint_draft_new (MezzotintSettings *settings, MezzotintModelStore *models);
/* NULL while the chosen model is not found (its file is gone, or its folder was not read yet). */
MezzotintModel *mezzotint_draft_get_model (MezzotintDraft *self);
/* Path of the chosen model, found or not; NULL: built in. */
const char *mezzotint_draft_get_model_path (MezzotintDraft *self);
/* The request as it stands; owned by the draft, until it changes. */
const MzRequest *mezzotint_draft_get_request (MezzotintDraft *self);
/* Takes prompts, seed and all settings from elsewhere (a picture, a task); they count as set by the user. */
void mezzotint_draft_apply (MezzotintDraft *self, const MzRequest *request);
/* Back to what suits the model; prompts, seed and count stay. */
void mezzotint_draft_use_suggested (MezzotintDraft *self);
/* The same for the settings of `rest` alone. */
void mezzotint_draft_reset_rest (MezzotintDraft *self);
/* A new random seed, and one for the variation. */
void mezzotint_draft_roll_seed (MezzotintDraft *self);
void mezzotint_draft_roll_variation_seed (MezzotintDraft *self);
/* The job, with a new seed first unless it is to be kept. Owned by the caller. */
MezzotintRecipe *mezzotint_draft_make_recipe (MezzotintDraft *self);

G_END_DECLS
