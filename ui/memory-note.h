/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One quiet line on what memory a request will take; a warning where it is too much. Empty, but as high,
 * while it is not known. */
#pragma once

#include <gtk/gtk.h>

#include "app/jobs/forecast.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_MEMORY_NOTE (mezzotint_memory_note_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintMemoryNote, mezzotint_memory_note, MEZZOTINT, MEMORY_NOTE, GtkWidget)

/* Once. */
void mezzotint_memory_note_set_forecast (MezzotintMemoryNote *self, MezzotintForecast *forecast);
/* The sentences that are shown; NULL: none. Owned by the note. */
const char *mezzotint_memory_note_get_text (MezzotintMemoryNote *self);

G_END_DECLS
