/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether numbers are numbers. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Are all of n values neither infinite nor NaN? Any thread. Looks at every value and branches at none, as it
 * stands between two steps on a card that waits for it. */
gboolean mz_all_finite (const float *values, gsize n);

G_END_DECLS
