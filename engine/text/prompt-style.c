/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of prompt styles. */
#include <glib/gi18n-lib.h>

#include "text/prompt-style.h"

#include "core/names.h"

static const MzPromptStyle rows[] = {
  {
      .id = "a1111",
      .label = "A1111",
      .description
      = N_ ("(word:1.3) counts more, [word] less; BREAK begins a chunk; [a:b:0.5], [a|b] change; AND "
            "joins."),
      .grammar = MZ_PROMPT_A1111,
      .emphasis = MZ_EMPHASIS_KEEP_MEAN,
  },
  {
      .id = "a1111-no-norm",
      .label = N_ ("A1111, no norm"),
      .description = N_ ("The same, but weights also change how strongly the whole prompt counts."),
      .grammar = MZ_PROMPT_A1111,
      .emphasis = MZ_EMPHASIS_SCALE,
  },
  {
      .id = "comfyui",
      .label = "ComfyUI",
      .description = N_ ("(word:1.3) counts more, (word:0.7) less, measured from an empty prompt."),
      .grammar = MZ_PROMPT_COMFYUI,
      .emphasis = MZ_EMPHASIS_FROM_EMPTY,
  },
  {
      .id = "plain",
      .label = N_ ("Plain"),
      .description = N_ ("Brackets are only brackets, and a long prompt is cut, as in diffusers."),
      .grammar = MZ_PROMPT_PLAIN,
      .emphasis = MZ_EMPHASIS_NONE,
  },
};

const MzPromptStyle *
mz_prompt_styles (gsize *n_rows)
{
  *n_rows = G_N_ELEMENTS (rows);
  return rows;
}

const MzPromptStyle *
mz_prompt_style_find (const char *name, GError **error)
{
  const char *ids[G_N_ELEMENTS (rows)];

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (mz_names_match (name, rows[i].id) || mz_names_match (name, rows[i].label))
        return &rows[i];
      ids[i] = rows[i].id;
    }
  mz_set_unknown_name_error (error, _ ("prompt style"), name, ids, G_N_ELEMENTS (ids));
  return NULL;
}
