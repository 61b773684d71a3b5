/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The prompts used before, to be searched and taken up again. Signal "chosen" (MezzotintPrompt *prompt). */
#pragma once

#include <gtk/gtk.h>

#include "app/library/prompt-history.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_HISTORY_POPOVER (mezzotint_history_popover_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintHistoryPopover,
                      mezzotint_history_popover,
                      MEZZOTINT,
                      HISTORY_POPOVER,
                      GtkPopover)

GtkWidget *mezzotint_history_popover_new (MezzotintPromptHistory *history);

G_END_DECLS
