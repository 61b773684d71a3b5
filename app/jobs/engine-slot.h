/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The open device and the one loaded model. For one thread, but where it says otherwise. */
#pragma once

#include "app/jobs/model-hash.h"

G_BEGIN_DECLS

typedef struct _MezzotintEngineSlot MezzotintEngineSlot;

/* `changed` is called whenever device or model are others. */
MezzotintEngineSlot *mezzotint_engine_slot_new (void (*changed) (gpointer user), gpointer user);
void mezzotint_engine_slot_free (MezzotintEngineSlot *slot);

typedef struct
{
  guint64 memory, card; /* bytes; 0: none. See mz_engine_set_memory_limit() and mz_engine_set_card_limit() */
  gboolean half_sums;   /* see mz_engine_set_half_sums() */
} MezzotintEngineLimits;

/* For what is made from now on. */
void mezzotint_engine_slot_set_limits (MezzotintEngineSlot *slot, const MezzotintEngineLimits *limits);
/* Opens the device unless it is open. `device`: "auto", "cpu" ...; where that one cannot be used, another is
 * taken, and the problem says so. n_threads 0: all processors, but one where there are three or more. */
gboolean
mezzotint_engine_slot_open (MezzotintEngineSlot *slot, const char *device, int n_threads, GError **error);
/* The model at `path` (NULL: built in) on the open device, loaded unless it is, and its file as it was. The
 * one loaded before is freed first. Owned by the slot, until the next call. */
MzModel *mezzotint_engine_slot_load (MezzotintEngineSlot *slot,
                                     const char *path,
                                     MzCancel *cancel,
                                     MzLoadFunc progress,
                                     gpointer user,
                                     GError **error);

/* The loaded model, if it is the one that slot_open() and slot_load() would give for these, without opening
 * or loading anything; else NULL. `engine` is set to what it computes with. Owned by the slot. */
MzModel *mezzotint_engine_slot_peek (MezzotintEngineSlot *slot,
                                     const char *device,
                                     int n_threads,
                                     const char *path,
                                     MzEngine **engine);

/* The loaded model (NULL: none), its path (NULL: built in), the state of its file when it was loaded, its
 * hash to come. Owned by the slot. */
MzModel *mezzotint_engine_slot_get_model (MezzotintEngineSlot *slot);
const char *mezzotint_engine_slot_get_path (MezzotintEngineSlot *slot);
const char *mezzotint_engine_slot_get_state (MezzotintEngineSlot *slot);
MezzotintModelHash *mezzotint_engine_slot_get_hash (MezzotintEngineSlot *slot);
/* Of the device, NULL when none is open; why it is not the one wished for, or NULL. */
const char *mezzotint_engine_slot_get_description (MezzotintEngineSlot *slot);
const char *mezzotint_engine_slot_get_problem (MezzotintEngineSlot *slot);

/* Any thread: as mz_model_count_tokens() of the loaded model; -1 when there is none. */
int mezzotint_engine_slot_count_tokens (MezzotintEngineSlot *slot, const char *text, GArray **part_ends);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintEngineSlot, mezzotint_engine_slot_free)

G_END_DECLS
