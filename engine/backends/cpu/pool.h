/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The CPU backend's threads: they live as long as the device and share out numbered tasks.
 *
 * Which thread does which task changes from run to run; so that results don't, a task's result must depend on
 * its number alone, and how work is cut into tasks must not change the order of any sum. */
#pragma once

#include "core/cancel.h"

G_BEGIN_DECLS

typedef struct _MzPool MzPool;

/* Does task `task`. `scratch` belongs to the running thread: as many bytes as were reserved, 64-byte aligned,
 * with unknown contents. Cancelling is noticed between tasks: one that may take more than
 * 20 ms should look at the flag itself, and return. */
typedef void (*MzPoolFunc) (gconstpointer data, guint task, gpointer scratch);

/* `n_threads` includes the caller of mz_pool_run(); 0 means one for each processor this process may use.
 * Threads that the system refuses are done without. */
MzPool *mz_pool_new (int n_threads);
void mz_pool_free (MzPool *pool);
int mz_pool_n_threads (MzPool *pool);

/* Makes every thread's scratch at least `n_bytes` large; MZ_ERROR_MEMORY when there is not enough memory. */
gboolean mz_pool_reserve (MzPool *pool, gsize n_bytes, GError **error);

/* Does tasks 0..n_tasks-1, which may run in any order and at the same time, and returns when all are done.
 * When `cancel` (or NULL) is raised, begins no further task and returns FALSE with MZ_ERROR_CANCELLED. One
 * call at a time. */
gboolean mz_pool_run (MzPool *pool,
                      guint n_tasks,
                      MzPoolFunc func,
                      gconstpointer data,
                      MzCancel *cancel,
                      GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzPool, mz_pool_free)

G_END_DECLS
