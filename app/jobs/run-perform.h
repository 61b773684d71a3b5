/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Making a run's pictures, on the engine's thread. */
#pragma once

#include "app/jobs/engine-slot.h"
#include "app/jobs/run.h"

G_BEGIN_DECLS

/* Loads the model on the slot's open device, makes and saves the pictures, and posts the events but the last.
 * A picture that cannot be saved is no failure: it is kept in memory, and the next one is made. between_steps
 * (user) is called after each step and may decode snapshots. Fails with what loading and generating do. */
gboolean mezzotint_run_perform (MezzotintRun *run,
                                MezzotintEngineSlot *slot,
                                void (*between_steps) (gpointer user),
                                gpointer user,
                                GError **error);

G_END_DECLS
