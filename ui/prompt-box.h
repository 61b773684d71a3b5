/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Prompt and negative prompt in one card, with the count of tokens and the prompts used before.
 * Properties: prompt, negative-prompt (strings, rw). */
#pragma once

#include <adwaita.h>

#include "app/jobs/engine-service.h"
#include "app/library/prompt-history.h"

G_BEGIN_DECLS

#define MEZZOTINT_TYPE_PROMPT_BOX (mezzotint_prompt_box_get_type ())
G_DECLARE_FINAL_TYPE (MezzotintPromptBox, mezzotint_prompt_box, MEZZOTINT, PROMPT_BOX, GtkWidget)

void mezzotint_prompt_box_set_services (MezzotintPromptBox *self,
                                        MezzotintEngineService *engine,
                                        MezzotintPromptHistory *history);
/* Tokens that the model reads of a prompt, begin and end left out. */
void mezzotint_prompt_box_set_limit (MezzotintPromptBox *self, int n_tokens);
void mezzotint_prompt_box_focus_prompt (MezzotintPromptBox *self);

G_END_DECLS
