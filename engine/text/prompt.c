/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Prompts to weighted parts. */
#include "text/prompt-private.h"

#include <string.h>

MzPromptPart *
mz_prompt_part (MzPromptReader *reader, guint i)
{
  return &g_array_index (reader->parts, MzPromptPart, i);
}

void
mz_prompt_add_text (MzPromptReader *reader, gsize from, gsize to, double weight)
{
  MzPromptPart part = { .start = (guint) reader->text->len, .weight = weight };

  for (gsize i = from; i < to; i++)
    {
      guint32 origin = (guint32) i;

      g_string_append_c (reader->text, reader->source[i]);
      g_array_append_val (reader->origins, origin);
    }
  part.end = (guint) reader->text->len;
  g_array_append_val (reader->parts, part);
}

void
mz_prompt_add_break (MzPromptReader *reader)
{
  guint at = (guint) reader->text->len;
  MzPromptPart part = { at, at, 1, TRUE };

  g_array_append_val (reader->parts, part);
}

gboolean
mz_prompt_read_weight (const char *from, const char *to, double *weight)
{
  g_autofree char *digits = g_strndup (from, (gsize) (to - from));
  double value;
  char *end;

  if (*digits == '\0' || strspn (digits, "+-.0123456789") != strlen (digits))
    return FALSE;
  value = g_ascii_strtod (digits, &end);
  if (*end != '\0' || end == digits)
    return FALSE;
  *weight = value;
  return TRUE;
}

static gboolean
is_word_char (gunichar c)
{
  return c == '_' || g_unichar_isalnum (c);
}

const char *
mz_prompt_find_word (const char *from, const char *to, const char *word)
{
  const char *at = from;

  while ((at = g_strstr_len (at, to - at, word)) != NULL)
    {
      const char *before = g_utf8_find_prev_char (from, at), *after = at + strlen (word);

      if ((before == NULL || !is_word_char (g_utf8_get_char (before)))
          && (after == to || !is_word_char (g_utf8_get_char (after))))
        return at;
      at = after;
    }
  return NULL;
}

/* Joins neighbours of one weight, so that words are cut where the text is, and drops what is empty. */
static void
join_parts (MzPromptReader *reader)
{
  guint n = 0;

  for (guint i = 0; i < reader->parts->len; i++)
    {
      MzPromptPart part = *mz_prompt_part (reader, i);

      part.weight = CLAMP (part.weight, -MZ_MAX_WEIGHT, MZ_MAX_WEIGHT);
      if (!part.is_break && part.start == part.end)
        continue;
      if (n > 0 && !part.is_break && !mz_prompt_part (reader, n - 1)->is_break
          && mz_prompt_part (reader, n - 1)->weight == part.weight)
        mz_prompt_part (reader, n - 1)->end = part.end;
      else
        *mz_prompt_part (reader, n++) = part;
    }
  g_array_set_size (reader->parts, n);
  if (n == 0)
    mz_prompt_add_text (reader, 0, 0, 1);
}

MzPrompt *
mz_prompt_parse (const char *prompt, MzPromptGrammar grammar)
{
  MzPromptReader reader = { prompt, g_string_new (NULL), g_array_new (FALSE, FALSE, sizeof (guint32)),
                            g_array_new (FALSE, FALSE, sizeof (MzPromptPart)) };
  guint32 end = (guint32) strlen (prompt);
  MzPrompt *parsed = g_new0 (MzPrompt, 1);

  switch (grammar)
    {
    case MZ_PROMPT_A1111:
      mz_prompt_read_a1111 (&reader);
      break;
    case MZ_PROMPT_COMFYUI:
      mz_prompt_read_comfyui (&reader);
      break;
    case MZ_PROMPT_PLAIN:
    default:
      mz_prompt_add_text (&reader, 0, end, 1);
    }
  join_parts (&reader);
  g_array_append_val (reader.origins, end);
  parsed->text = g_string_free (reader.text, FALSE);
  parsed->origins = (guint32 *) g_array_free (reader.origins, FALSE);
  parsed->parts = reader.parts;
  return parsed;
}

void
mz_prompt_free (MzPrompt *prompt)
{
  g_free (prompt->text);
  g_free (prompt->origins);
  g_array_unref (prompt->parts);
  g_free (prompt);
}
