/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The thread that owns the engine and the one loaded model. Runs come first, in their order; then decodes of
 * steps, which are also done between two steps of a run of the same model; then the question what memory a
 * request would take; loading ahead comes last. */
#pragma once

#include "app/jobs/engine-slot.h"
#include "app/jobs/run.h"

G_BEGIN_DECLS

typedef struct _MezzotintEngineThread MezzotintEngineThread;

/* What the thread tells, on the main thread. Strings belong to the struct. */
typedef struct
{
  gboolean is_busy;
  gboolean has_model;
  char *model;       /* path; NULL: the built-in one */
  char *description; /* of the device; NULL: none is open */
  char *problem;     /* why the one wished for is not used; NULL */
} MezzotintEngineStatus;

typedef void (*MezzotintEngineStatusFunc) (gpointer user, const MezzotintEngineStatus *status);

/* `func` is called on the main thread whenever something of the status changed. All functions are the main
 * thread's. */
MezzotintEngineThread *mezzotint_engine_thread_new (MezzotintEngineStatusFunc func, gpointer user);
/* Cancels what runs and what waits, and joins. Neither `func` nor a run is called any more; decodes that
 * waited answer CANCELLED. */
void mezzotint_engine_thread_free (MezzotintEngineThread *thread);

/* The device for what comes next: "auto", "cpu" ...; 0 threads: as many as leave the desktop its share. */
void mezzotint_engine_thread_set_device (MezzotintEngineThread *thread, const char *device, int n_threads);
/* Likewise. */
void mezzotint_engine_thread_set_limits (MezzotintEngineThread *thread, const MezzotintEngineLimits *limits);
/* Takes a reference of the run. */
void mezzotint_engine_thread_run (MezzotintEngineThread *thread, MezzotintRun *run);
/* `task` is returned a MezzotintPixels. */
void mezzotint_engine_thread_decode (MezzotintEngineThread *thread,
                                     MzSnapshot *snapshot,
                                     const char *model,
                                     GTask *task);
/* `task` is returned a MezzotintMemoryNeed. Takes `request` over. One that still waits gives way to the next.
 */
void mezzotint_engine_thread_estimate (MezzotintEngineThread *thread,
                                       MzRequest *request,
                                       const char *model,
                                       GTask *task);
void mezzotint_engine_thread_preload (MezzotintEngineThread *thread, const char *path);

/* Tokens of `text` for the loaded model; -1 when there is none yet. */
int
mezzotint_engine_thread_count_tokens (MezzotintEngineThread *thread, const char *text, GArray **part_ends);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintEngineThread, mezzotint_engine_thread_free)

G_END_DECLS
