/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How weights in prompts are written, and what they do: a row each. */
#pragma once

#include "core/error.h"
#include "text/prompt.h"

G_BEGIN_DECLS

/* What a weight w does to z, the text encoder's output for a token. */
typedef enum
{
  MZ_EMPHASIS_NONE,
  MZ_EMPHASIS_SCALE,      /* w z */
  MZ_EMPHASIS_KEEP_MEAN,  /* w z, then the whole chunk times what brings its mean back */
  MZ_EMPHASIS_FROM_EMPTY, /* e + w (z - e), e being the output for an empty prompt */
} MzEmphasis;

typedef struct
{
  const char *id;          /* "a1111" */
  const char *label;       /* for people */
  const char *description; /* one line */
  MzPromptGrammar grammar;
  MzEmphasis emphasis;
} MzPromptStyle;

/* All rows, the first being the default. n_rows: out, their count. Constant. */
const MzPromptStyle *mz_prompt_styles (gsize *n_rows);
/* The row with this id or label (case and punctuation ignored); NULL and MZ_ERROR_ARGUMENT with the nearest
 * name when there is none. */
const MzPromptStyle *mz_prompt_style_find (const char *name, GError **error);

G_END_DECLS
