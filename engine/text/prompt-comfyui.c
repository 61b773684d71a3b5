/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* ComfyUI's grammar of prompts (sd1_clip.py's token weights). */
#include <string.h>

#include "text/prompt-private.h"

#define ROUND 1.1

/* Is the byte at p a bracket that counts, or one behind a backslash? */
static gboolean
is_bracket (const MzPromptReader *reader, gsize at, char bracket)
{
  return reader->source[at] == bracket && (at == 0 || reader->source[at - 1] != '\\');
}

/* Adds source[from..to) with the backslashes before brackets dropped. */
static void
add_unescaped (MzPromptReader *reader, gsize from, gsize to, double weight)
{
  gsize begin = from;

  for (gsize i = from; i + 1 < to; i++)
    if (reader->source[i] == '\\' && (reader->source[i + 1] == '(' || reader->source[i + 1] == ')'))
      {
        if (i > begin)
          mz_prompt_add_text (reader, begin, i, weight);
        begin = i + 1;
      }
  mz_prompt_add_text (reader, begin, to, weight);
}

static void read_range (MzPromptReader *reader, gsize from, gsize to, double weight, guint depth);

/* source[from..to), of which the first and the last byte may be a pair of brackets. */
static void
read_item (MzPromptReader *reader, gsize from, gsize to, double weight, guint depth)
{
  const char *colon;
  double own = weight * ROUND;

  if (to - from < 2 || depth == MZ_MAX_BRACKETS || !is_bracket (reader, from, '(')
      || !is_bracket (reader, to - 1, ')'))
    {
      add_unescaped (reader, from, to, weight);
      return;
    }
  from++;
  to--;
  colon = g_strrstr_len (reader->source + from, (gssize) (to - from), ":");
  if (colon != NULL && colon > reader->source + from)
    {
      g_autofree char *number
          = g_strstrip (g_strndup (colon + 1, (gsize) (reader->source + to - (colon + 1))));

      if (mz_prompt_read_weight (number, number + strlen (number), &own))
        to = (gsize) (colon - reader->source);
    }
  read_range (reader, from, to, own, depth + 1);
}

/* Cuts at the outermost brackets. A closing one too many stays open the other way, so that the next pair is
 * text: so does ComfyUI. */
static void
read_range (MzPromptReader *reader, gsize from, gsize to, double weight, guint depth)
{
  gsize begin = from;
  gssize level = 0;

  for (gsize i = from; i < to; i++)
    if (is_bracket (reader, i, '('))
      {
        if (level == 0 && i > begin)
          {
            read_item (reader, begin, i, weight, depth);
            begin = i;
          }
        level++;
      }
    else if (is_bracket (reader, i, ')') && --level == 0)
      {
        read_item (reader, begin, i + 1, weight, depth);
        begin = i + 1;
      }
  if (begin < to)
    read_item (reader, begin, to, weight, depth);
}

void
mz_prompt_read_comfyui (MzPromptReader *reader)
{
  read_range (reader, 0, strlen (reader->source), 1, 0);
}
