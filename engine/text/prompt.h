/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a prompt says beside its words: which of them weigh more, and where a chunk ends. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* No weight is larger, either way. */
#define MZ_MAX_WEIGHT 100.0
/* Brackets deeper than this add no weight; 1.1 to this power is beyond MZ_MAX_WEIGHT. */
#define MZ_MAX_BRACKETS 64

typedef enum
{
  /* Every character is meant as it stands. */
  MZ_PROMPT_PLAIN,
  /* A1111's: (x) 1.1 times, [x] 1/1.1 times, (x:1.3) 1.3 times, nested ones multiply; \( \) \[ \] \\ are the
   * characters; BREAK ends a chunk. Two differences: BREAK does so inside brackets, too, and what stands
   * where a weight should, but is no number, is text. */
  MZ_PROMPT_A1111,
  /* ComfyUI's: (x) 1.1 times, (x:1.3) exactly 1.3 whatever is around; \( and \) are the characters. */
  MZ_PROMPT_COMFYUI,
} MzPromptGrammar;

/* A piece of the text with one weight, or the end of a chunk. */
typedef struct
{
  guint start, end; /* bytes of MzPrompt.text; the same for a break */
  double weight;
  gboolean is_break;
} MzPromptPart;

typedef struct
{
  char *text;       /* the prompt without what is grammar */
  guint32 *origins; /* [strlen (text) + 1] where in the prompt each byte of text stood */
  GArray *parts;    /* MzPromptPart, in order, no two neighbours of one weight; at least one */
} MzPrompt;

/* Reads a prompt of valid UTF-8, below 4 GB; every text has a meaning. Time is linear. Free with
 * mz_prompt_free. */
MzPrompt *mz_prompt_parse (const char *prompt, MzPromptGrammar grammar);
void mz_prompt_free (MzPrompt *prompt);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzPrompt, mz_prompt_free)

G_END_DECLS
