/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the queue asks of the engine. */
#pragma once

#include "app/jobs/engine-service.h"
#include "app/jobs/run.h"

G_BEGIN_DECLS

/* Runs follow each other in the order of the calls. After the service's shutdown nothing is called. */
void mezzotint_engine_service_run (MezzotintEngineService *self, MezzotintRun *run);

G_END_DECLS
