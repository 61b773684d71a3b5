/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A row to choose the picture's size: shapes that suit the model, turned over, or any size.
 * Properties: width, height (int, px, rw). */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_SIZE_ROW (mezzotint_size_row_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintSizeRow, mezzotint_size_row, MEZZOTINT, SIZE_ROW, AdwActionRow)

/* What the model was trained for, and what sides must be multiples of, px. */
void mezzotint_size_row_set_native (MezzotintSizeRow *self, int width, int height, int multiple);

G_END_DECLS
