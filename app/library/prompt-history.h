/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Prompts used before, newest first, without repeats, the last 2000; kept on disk, searched by words, which
 * may stand anywhere in prompt or negative prompt, in any order and case. Main thread. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_PROMPT (mezzotint_prompt_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintPrompt, mezzotint_prompt, MEZZOTINT, PROMPT, GObject)
/* Properties: text, negative (strings), used (gint64, Unix seconds). */
const char *mezzotint_prompt_get_text (MezzotintPrompt *self);
const char *mezzotint_prompt_get_negative (MezzotintPrompt *self);

#define MEZZOTINT_TYPE_PROMPT_HISTORY (mezzotint_prompt_history_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintPromptHistory, mezzotint_prompt_history, MEZZOTINT, PROMPT_HISTORY, GObject)

/* A GListModel of MezzotintPrompt that match `search` (property, string, may be NULL). folder NULL: the
 * user's data folder. A damaged file is moved aside; a newer version's is left as it is, and nothing is kept.
 */
MezzotintPromptHistory *mezzotint_prompt_history_new (const char *folder);
void mezzotint_prompt_history_add (MezzotintPromptHistory *self, const char *text, const char *negative);
void mezzotint_prompt_history_remove (MezzotintPromptHistory *self, MezzotintPrompt *prompt);
void mezzotint_prompt_history_set_search (MezzotintPromptHistory *self, const char *search);

G_END_DECLS
