/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The preferences window. */
#pragma once

#include <adwaita.h>

#include "ui/services.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_PREFERENCES (mezzotint_preferences_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintPreferences,
                      mezzotint_preferences,
                      MEZZOTINT,
                      PREFERENCES,
                      AdwPreferencesWindow)

GtkWidget *mezzotint_preferences_new (MezzotintServices *services);

G_END_DECLS
