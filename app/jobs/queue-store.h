/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The queue's folder: one JSON text, snapshots beside it. Written on a worker, so that nobody waits for the
 * disk; of several changes in a row only the last is written. */
#pragma once

#include "app/files/file-saver.h"
#include "engine.h"

G_BEGIN_DECLS

typedef struct _MezzotintQueueStore MezzotintQueueStore;

/* Opens and locks `folder`, made when missing. Where that cannot be, the store keeps nothing, and *problem
 * says why. *text: what was left there, or NULL. The caller owns all three. */
MezzotintQueueStore *mezzotint_queue_store_open (const char *folder,
                                                 MezzotintFileSaverFunc func,
                                                 gpointer user,
                                                 char **text,
                                                 char **problem);
/* Writes what is still to be written, unlocks. */
void mezzotint_queue_store_free (MezzotintQueueStore *store);
/* The text makes no sense: it is moved aside. Returns a sentence; free with g_free. */
char *mezzotint_queue_store_set_aside (MezzotintQueueStore *store);
/* Some of `text` makes no sense: a copy is kept before anything is written over it. Returns a sentence; free
 * with g_free. */
char *mezzotint_queue_store_copy_aside (MezzotintQueueStore *store, const char *text);
/* Keeps nothing from here on: what lies there is left as it is. */
void mezzotint_queue_store_leave_alone (MezzotintQueueStore *store);

/* Takes `text` over. */
void mezzotint_queue_store_save (MezzotintQueueStore *store, char *text);
/* A snapshot under a name of its own; NULL removes it. */
void mezzotint_queue_store_put (MezzotintQueueStore *store, const char *name, MzSnapshot *snapshot);
/* Fails with MZ_ERROR_IO, or as mz_snapshot_new_from_bytes(). */
MzSnapshot *mezzotint_queue_store_get (MezzotintQueueStore *store, const char *name, GError **error);
/* Names of all snapshots; free with g_strfreev. */
GStrv mezzotint_queue_store_list (MezzotintQueueStore *store);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintQueueStore, mezzotint_queue_store_free)

G_END_DECLS
