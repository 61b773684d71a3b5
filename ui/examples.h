/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Small pictures of what a model draws, to be chosen from: one that is activated is asked for with the signal
 *
 *   void chosen (MezzotintExamples *examples, const MzRequest *request)
 *
 * Hidden where a model has none. */
#pragma once

#include <gtk/gtk.h>

#include "engine.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_EXAMPLES (mezzotint_examples_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintExamples, mezzotint_examples, MEZZOTINT, EXAMPLES, GtkWidget)

/* Shows those of the model in `folder`, once they are read; NULL: none. */
void mezzotint_examples_set_folder (MezzotintExamples *self, const char *folder);

/* How many are shown. */
guint mezzotint_examples_get_count (MezzotintExamples *self);

G_END_DECLS
