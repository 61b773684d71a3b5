/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is being made, what waits, and what was done: put into another order by drag, keys or menu, removed
 * and brought back, tried again, held up.
 *
 * Signals: "show-task" (MezzotintTask *task), "use-settings" (MezzotintTask *task). */
#pragma once

#include <adwaita.h>

#include "app/jobs/queue.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_QUEUE_PANEL (mezzotint_queue_panel_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintQueuePanel, mezzotint_queue_panel, MEZZOTINT, QUEUE_PANEL, GtkWidget)

/* Once. */
void mezzotint_queue_panel_set_queue (MezzotintQueuePanel *self, MezzotintQueue *queue);

G_END_DECLS
