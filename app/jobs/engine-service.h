/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine on a thread of its own, for the window: opened device, the one loaded model, one piece of work
 * at a time. Every function is for the main thread; answers come there.
 *
 * Properties: description (string: device in words, "" until opened), problem (string: why the device wished
 * for is not used, a sentence; NULL when it is), model (string: path of the loaded model; "" is the built-in
 * one; NULL: none yet), is-busy (bool). */
#pragma once

#include "app/files/pixels.h"
#include "app/jobs/memory-need.h"
#include "app/jobs/recipe.h"
#include "app/settings.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_ENGINE_SERVICE (mezzotint_engine_service_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintEngineService, mezzotint_engine_service, MEZZOTINT, ENGINE_SERVICE, GObject)

/* The thread starts with the first piece of work; device and threads follow the settings, at the next piece.
 */
MezzotintEngineService *mezzotint_engine_service_new (MezzotintSettings *settings);
/* Cancels what runs and joins the thread. Whoever waits for a decoded step gets MZ_ERROR_CANCELLED; nothing
 * else comes afterwards. */
void mezzotint_engine_service_shutdown (MezzotintEngineService *self);

/* Loads a model ahead of the first job, so that this begins at once; path NULL: built in. Idle priority:
 * gives way to a job. Errors are the next job's to tell. */
void mezzotint_engine_service_preload (MezzotintEngineService *self, const char *path);

/* A step's latent through the real decoder, between two pieces of work or two steps. */
void mezzotint_engine_service_decode_async (MezzotintEngineService *self,
                                            MzSnapshot *snapshot,
                                            const char *model,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
MezzotintPixels *
mezzotint_engine_service_decode_finish (MezzotintEngineService *self, GAsyncResult *result, GError **error);

/* What memory `request` would take with the model at `model`, drawn as the settings have it. Answered when
 * nothing is being made, so that it disturbs nothing; without loading anything: MZ_ERROR_MISSING when that
 * model is not loaded. Only the newest question waits; the one before gets MZ_ERROR_CANCELLED. */
void mezzotint_engine_service_estimate_async (MezzotintEngineService *self,
                                              const MzRequest *request,
                                              const char *model,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data);
MezzotintMemoryNeed *
mezzotint_engine_service_estimate_finish (MezzotintEngineService *self, GAsyncResult *result, GError **error);

/* Tokens of `text` for the loaded model, begin and end left out, and where its 75-token parts end: GArray of
 * gsize byte offsets. FALSE when no model is loaded yet. Quick: for use while typing. */
gboolean mezzotint_engine_service_count_tokens (MezzotintEngineService *self,
                                                const char *text,
                                                int *n_tokens,
                                                GArray **part_ends);

G_END_DECLS
