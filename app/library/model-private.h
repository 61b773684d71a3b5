/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How the store makes and fills models. */
#pragma once

#include "app/library/model-store.h"

G_BEGIN_DECLS

/* `path`: NULL is the built-in one. `state` as in model-scan.h. */
MezzotintModel *mezzotint_model_new (const char *path, const char *state, guint64 n_bytes);
const char *mezzotint_model_get_state (MezzotintModel *self);
/* What its headers say: takes `info` over, or copies the error's message. */
void mezzotint_model_fill (MezzotintModel *self, MzModelInfo *info, const GError *error);
/* In the order to show them: the built-in one first. */
int mezzotint_model_compare (MezzotintModel *a, MezzotintModel *b);

G_END_DECLS
