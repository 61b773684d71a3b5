/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where settings are kept: finding the schema that describes them, and a place that works without a desktop.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The installed schema, or the build tree's when the program runs from there; NULL when there is none that
 * can be used. The caller owns the reference. */
GSettingsSchema *mezzotint_settings_find_schema (void);
/* Settings of `schema`, in the desktop's store, or where there is none in a file in the user's folder.
 * The caller owns the result. */
GSettings *mezzotint_settings_open_store (GSettingsSchema *schema);

G_END_DECLS
