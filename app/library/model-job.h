/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Scanning and reading headers on a worker thread, for the store. */
#pragma once

#include "app/library/model-scan.h"
#include "engine.h"

G_BEGIN_DECLS

/* What comes back, on the main thread, in this order; `user` is alive. */
typedef struct
{
  /* What lies in the folders. */
  void (*scanned) (gpointer user, const MezzotintScan *scan);
  /* One model's headers; `info` is taken over, NULL with an error. */
  void (*inspected) (gpointer user,
                     const char *path,
                     const char *state,
                     MzModelInfo *info,
                     const GError *error);
  void (*ended) (gpointer user);
} MezzotintModelJobListener;

/* Begins. `user` is held weakly: once it is gone, or `cancellable` is cancelled, nothing comes any more.
 * known: path to state of the models whose headers need not be read again. */
void mezzotint_model_job_start (const char *const *places,
                                GHashTable *known,
                                const MezzotintModelJobListener *listener,
                                GObject *user,
                                GCancellable *cancellable);

G_END_DECLS
