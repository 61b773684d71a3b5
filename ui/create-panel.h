/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What to make: prompt, model, controls, and the button that begins. Uses the actions win.generate,
 * win.stop-now and win.stop-after. */
#pragma once

#include "ui/draft.h"
#include "ui/services.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_CREATE_PANEL (mezzotint_create_panel_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintCreatePanel, mezzotint_create_panel, MEZZOTINT, CREATE_PANEL, GtkWidget)

/* Once. */
void mezzotint_create_panel_set_services (MezzotintCreatePanel *self, MezzotintServices *services);
MezzotintDraft *mezzotint_create_panel_get_draft (MezzotintCreatePanel *self);
/* While something is being made the button stops it, and another adds to the queue. */
void mezzotint_create_panel_set_busy (MezzotintCreatePanel *self, gboolean is_busy);
void mezzotint_create_panel_focus_prompt (MezzotintCreatePanel *self);

G_END_DECLS
