/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What of a prompt in A1111's grammar changes from step to step, and the prompts that AND joins. What comes
 * out is read by mz_prompt_parse().
 *
 *   [from:to:when]  `from` up to step number `when`, `to` after it; "0.4" is that share of all steps, "8" a
 * number [to:when]       nothing up to there       [from::when]  nothing after it [a|b|c]         one after
 * the other a AND b:0.8     several predictions at each step, the second counting 0.8 times
 *
 * Steps are counted as A1111 1.6 and later do, who read the first two as step 1: [a|b] gives a, a, b, a, b.
 * Two differences: each step counts once, however often it evaluates the network; and a | that stands in no
 * square brackets is text, where A1111 gives up on the whole prompt. A weight behind a prompt counts only
 * where there is an AND. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _MzPromptSchedule MzPromptSchedule;

/* prompt: UTF-8 below 4 GB, of which `length` bytes are read and kept. Time is linear, and every text has a
 * meaning. Brackets deeper than MZ_MAX_BRACKETS are text. */
MzPromptSchedule *mz_prompt_schedule_new (const char *prompt, gsize length, int n_steps);
void mz_prompt_schedule_free (MzPromptSchedule *schedule);
/* Is it the same at every step? */
gboolean mz_prompt_schedule_is_constant (const MzPromptSchedule *schedule);
/* The prompt at step 0..n_steps-1. Free with g_free. origins: NULL, or gets for each byte of it where in the
 * prompt it stood (guint32). */
char *mz_prompt_schedule_at (const MzPromptSchedule *schedule, int step, GArray *origins);

/* One of the prompts that are joined by AND. */
typedef struct
{
  gsize start, length; /* bytes of the prompt */
  float weight;
} MzPromptTerm;

/* Cuts a prompt at each AND that is a word; one term, the whole prompt, where there is none. Returns an array
 * of MzPromptTerm. */
GArray *mz_prompt_split (const char *prompt);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzPromptSchedule, mz_prompt_schedule_free)

G_END_DECLS
