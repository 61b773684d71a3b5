/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How far a task is, in words. Each result is owned by the caller. */
#pragma once

#include "app/jobs/task.h"

G_BEGIN_DECLS

/* "8 seconds left", "3 minutes left", "2 h 10 min left"; NULL when it is not known (negative). */
char *mezzotint_words_for_time_left (double seconds);
/* "Step 12 of 20 · 0.34 s a step · 8 seconds left", "Reading the model…", "Stopped". */
char *mezzotint_words_for_task (MezzotintTask *task);
/* The same for a narrow list: "Picture 2 of 4 · 8 seconds left". */
char *mezzotint_words_for_task_briefly (MezzotintTask *task);
/* What a job is to make: "256 × 256 · 4 pictures". */
char *mezzotint_words_for_recipe (MezzotintRecipe *recipe);
/* The prompt on one line; "No prompt" when it is empty. */
char *mezzotint_words_for_prompt (MezzotintRecipe *recipe);

G_END_DECLS
