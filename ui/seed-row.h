/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A row for the seed: a number, a die that rolls a new one, and a pin that keeps it.
 * Properties: seed (string: decimal guint64, rw; only legal ones), keep-seed, can-keep (bool, rw: is there a
 * pin?). Signal "roll". */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_SEED_ROW (mezzotint_seed_row_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintSeedRow, mezzotint_seed_row, MEZZOTINT, SEED_ROW, AdwEntryRow)

G_END_DECLS
