/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The services behind the window, made once and owned by the application; widgets get this one object.
 * Main thread. */
#pragma once

#include "app/jobs/queue.h"
#include "app/library/gallery.h"
#include "app/library/model-store.h"
#include "app/library/prompt-history.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_SERVICES (mezzotint_services_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintServices, mezzotint_services, MEZZOTINT, SERVICES, GObject)

/* The queue does not run before mezzotint_queue_start(). */
MezzotintServices *mezzotint_services_new (void);
/* Stops the engine's thread; the queue keeps what was not finished. Afterwards nothing calls back. */
void mezzotint_services_shutdown (MezzotintServices *self);

/* Each owned by the services. */
MezzotintSettings *mezzotint_services_get_settings (MezzotintServices *self);
MezzotintEngineService *mezzotint_services_get_engine (MezzotintServices *self);
MezzotintQueue *mezzotint_services_get_queue (MezzotintServices *self);
MezzotintModelStore *mezzotint_services_get_models (MezzotintServices *self);
MezzotintPromptHistory *mezzotint_services_get_history (MezzotintServices *self);
/* Made when first asked for: it begins to read the index. */
MezzotintGallery *mezzotint_services_get_gallery (MezzotintServices *self);

G_END_DECLS
