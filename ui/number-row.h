/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A row with a number: a slider over the sensible range, and a field that takes the legal one.
 *
 * Properties: value (double, rw), adjustment (GtkAdjustment: the legal range, rw), sensible-upper,
 * sensible-lower (double: the slider's ends, rw), digits (uint, rw). */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_NUMBER_ROW (mezzotint_number_row_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintNumberRow, mezzotint_number_row, MEZZOTINT, NUMBER_ROW, AdwPreferencesRow)

G_END_DECLS
