/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the grammars of prompts share. */
#pragma once

#include "text/prompt.h"

G_BEGIN_DECLS

/* A prompt being read. */
typedef struct
{
  const char *source;
  GString *text;
  GArray *origins; /* guint32 */
  GArray *parts;   /* MzPromptPart */
} MzPromptReader;

/* Appends source[from..to) to the text as a part of its own. */
void mz_prompt_add_text (MzPromptReader *reader, gsize from, gsize to, double weight);
void mz_prompt_add_break (MzPromptReader *reader);
MzPromptPart *mz_prompt_part (MzPromptReader *reader, guint i);
/* A number of the digits, points and one sign in source[from..to), else FALSE. */
gboolean mz_prompt_read_weight (const char *from, const char *to, double *weight);

/* The first `word` in from..to that stands by itself there; NULL when there is none. */
const char *mz_prompt_find_word (const char *from, const char *to, const char *word);

void mz_prompt_read_a1111 (MzPromptReader *reader);
void mz_prompt_read_comfyui (MzPromptReader *reader);

G_END_DECLS
