/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A row to choose one of the engine's methods (sampler, schedule, compatibility): the list says what each is
 * good for. Properties: method (string: id, rw). */
#pragma once

#include <adwaita.h>

#include "engine.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_METHOD_ROW (mezzotint_method_row_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintMethodRow, mezzotint_method_row, MEZZOTINT, METHOD_ROW, AdwComboRow)

/* `methods`: [n_methods], static memory. */
void
mezzotint_method_row_set_methods (MezzotintMethodRow *self, const MzMethodInfo *methods, guint n_methods);

G_END_DECLS
