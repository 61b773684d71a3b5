/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Several pictures as one: how those that are drawn together are shown. */
#pragma once

#include "app/files/pixels.h"

G_BEGIN_DECLS

/* The n pictures (at least 1) in rows from the top left, about as many as columns. NULL when they are not all
 * of one size, or there is no memory. Any thread. */
MezzotintPixels *mezzotint_sheet_new (MezzotintPixels *const *pictures, int n);

G_END_DECLS
