/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One question to the engine's thread: what memory would a request take? */
#pragma once

#include <gio/gio.h>

#include "app/jobs/engine-slot.h"

G_BEGIN_DECLS

typedef struct _MezzotintEstimate MezzotintEstimate;

/* Main thread. Takes `request` over; `task` is returned a MezzotintMemoryNeed. */
MezzotintEstimate *mezzotint_estimate_new (MzRequest *request, const char *model, GTask *task);
/* The slot's thread. Answers and frees it. Nothing is opened or loaded for it: the user may never start what
 * is asked about. MZ_ERROR_MISSING when the model is not loaded on this device. */
void mezzotint_estimate_answer (MezzotintEstimate *estimate,
                                MezzotintEngineSlot *slot,
                                const char *device,
                                int n_threads);
/* Any thread: answers MZ_ERROR_CANCELLED, and frees it. */
void mezzotint_estimate_drop (MezzotintEstimate *estimate);

G_END_DECLS
