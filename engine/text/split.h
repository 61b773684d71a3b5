/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Cuts clean text into the words that byte-pair encoding works on. */
#pragma once

#include "text/chars.h"

G_BEGIN_DECLS

/* Where a text has been cut so far; start with { .chars = text }. */
typedef struct
{
  const MzChars *chars;
  guint pos;         /* first character that is not cut yet */
  guint special_end; /* end of the special token's name that `pos` is in, else 0 */
} MzSplitter;

/* Finds the next word: sets `first` to its first character and the splitter's `pos` behind its last.
 * A word is one of the contractions 's 't 're 've 'm 'll 'd, a run of letters, a single digit, or a run of
 * anything else but white space. "<|startoftext|>" and "<|endoftext|>" start a word of their own and make
 * three:
 * "<|", the name, "|>" (this is what the expressions in transformers' tokenizer amount to; a special token
 * that is written exactly never comes here). Returns FALSE when no word is left. */
gboolean mz_split_next (MzSplitter *splitter, guint *first);

G_END_DECLS
