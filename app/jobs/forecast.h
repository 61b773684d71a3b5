/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What memory the request that is being put together will take: asks the engine once the user pauses, and
 * forgets an answer that is not of this request any more. Main thread.
 *
 * Signal: changed(), when get_need() gives something else. */
#pragma once

#include "app/jobs/engine-service.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_FORECAST (mezzotint_forecast_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintForecast, mezzotint_forecast, MEZZOTINT, FORECAST, GObject)

MezzotintForecast *mezzotint_forecast_new (MezzotintEngineService *engine, MezzotintSettings *settings);
/* What is asked about from now on; may be called at every key. `model`: path; NULL: built in. `request` NULL:
 * nothing. */
void mezzotint_forecast_set_request (MezzotintForecast *self, const char *model, const MzRequest *request);
/* NULL while it is not known: the model is not loaded, or something else is being made, or the request is not
 * sound. Owned by the forecast, until the next `changed`. */
const MezzotintMemoryNeed *mezzotint_forecast_get_need (MezzotintForecast *self);

G_END_DECLS
