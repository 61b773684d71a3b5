/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows that say what devices there are, and why one cannot be used. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Looks in the background, since that opens drivers, and adds a row for each to `group`. */
void mezzotint_preferences_add_devices (AdwPreferencesGroup *group);

G_END_DECLS
