/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What memory a request will take, and how to say it. */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

typedef struct
{
  MzMemoryEstimate estimate;
  guint64 usable_bytes;  /* of what the estimate is about; 0: no limit */
  guint64 machine_bytes; /* all memory of the machine; 0: not known, or not what the estimate is about */
  gboolean is_on_card;   /* the estimate is about a graphics card's memory */
  char *problem;         /* why the request cannot be made, and what could, a sentence; NULL: it can */
} MezzotintMemoryNeed;

/* On the thread that `model` belongs to (milliseconds). A request that does not fit has a need with a
 * problem; NULL with ARGUMENT or other errors of mz_model_estimate_memory(). The caller frees it. */
MezzotintMemoryNeed *
mezzotint_memory_need_new (MzModel *model, MzEngine *engine, const MzRequest *request, GError **error);
void mezzotint_memory_need_free (MezzotintMemoryNeed *need);

/* Should the user hear of it before the start: it does not fit, or only in a way that nobody waits for? */
gboolean mezzotint_memory_need_is_too_much (const MezzotintMemoryNeed *need);
/* "Takes about 2.5 GB of memory", with what is done to stay under the limit, or the problem. The caller frees
 * it. */
char *mezzotint_memory_need_describe (const MezzotintMemoryNeed *need);

/* One measure's name for programs ("small_bands"), by its bit's number; NULL behind the last. */
const char *mezzotint_memory_measure_get_id (guint bit);
/* "To stay under the limit, the decoder works on smaller parts; …."; NULL when there are none. The caller
 * frees it. */
char *mezzotint_memory_measures_describe (MzMemoryMeasures measures);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MezzotintMemoryNeed, mezzotint_memory_need_free)

G_END_DECLS
