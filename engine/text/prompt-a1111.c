/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A1111's grammar of prompts (prompt_parser.py's attention). */
#include <string.h>

#include "text/prompt-private.h"

#define ROUND 1.1
#define SQUARE (1 / 1.1)
#define SPECIAL "\\()[]:"
#define BREAK "BREAK"

/* Brackets that are open: the part that each stands before. */
typedef struct
{
  guint parts[MZ_MAX_BRACKETS];
  guint n;
  guint n_beyond; /* opened deeper than is counted */
} Brackets;

static void
open_bracket (Brackets *brackets, guint part)
{
  if (brackets->n < MZ_MAX_BRACKETS)
    brackets->parts[brackets->n++] = part;
  else
    brackets->n_beyond++;
}

static gboolean
is_open (const Brackets *brackets)
{
  return brackets->n > 0;
}

/* Closes the innermost, whose parts weigh `factor` times as much. */
static void
close_bracket (MzPromptReader *reader, Brackets *brackets, double factor)
{
  if (brackets->n_beyond > 0)
    {
      brackets->n_beyond--;
      return;
    }
  brackets->n--;
  for (guint i = brackets->parts[brackets->n]; i < reader->parts->len; i++)
    mz_prompt_part (reader, i)->weight *= factor;
}

/* Text between special characters, with its BREAKs and the white space around these taken out. */
static void
add_words (MzPromptReader *reader, const char *from, const char *to)
{
  const char *at;

  while ((at = mz_prompt_find_word (from, to, BREAK)) != NULL)
    {
      const char *end = at, *last;

      while ((last = g_utf8_find_prev_char (from, end)) != NULL && g_unichar_isspace (g_utf8_get_char (last)))
        end = last;
      mz_prompt_add_text (reader, (gsize) (from - reader->source), (gsize) (end - reader->source), 1);
      mz_prompt_add_break (reader);
      from = at + strlen (BREAK);
      while (from < to && g_unichar_isspace (g_utf8_get_char (from)))
        from = g_utf8_next_char (from);
    }
  mz_prompt_add_text (reader, (gsize) (from - reader->source), (gsize) (to - reader->source), 1);
}

/* Skips spaces; no other white space stands in a weight that anybody writes. */
static const char *
skip_space (const char *p)
{
  while (g_ascii_isspace (*p))
    p++;
  return p;
}

/* ":1.3)" at p: its end, behind the bracket, or NULL when it is none. */
static const char *
read_weight (const char *p, double *weight)
{
  const char *from = skip_space (p + 1), *to = from;

  to += *to == '+' || *to == '-' ? 1 : 0;
  to += strspn (to, ".0123456789");
  if (*skip_space (to) != ')' || !mz_prompt_read_weight (from, to, weight))
    return NULL;
  return skip_space (to) + 1;
}

/* A backslash makes the special character behind it text, and is dropped itself. */
static const char *
read_escape (MzPromptReader *reader, const char *p)
{
  gsize at = (gsize) (p - reader->source) + 1;

  if (p[1] == '\0' || strchr ("\\()[]", p[1]) == NULL)
    return p + 1;
  mz_prompt_add_text (reader, at, at + 1, 1);
  return p + 2;
}

/* A special character that has no meaning where it stands. */
static const char *
read_literal (MzPromptReader *reader, const char *from, const char *to)
{
  mz_prompt_add_text (reader, (gsize) (from - reader->source), (gsize) (to - reader->source), 1);
  return to;
}

static const char *
read_special (MzPromptReader *reader, Brackets *round, Brackets *square, const char *p)
{
  guint n_parts = reader->parts->len;
  const char *end;
  double weight;

  switch (*p)
    {
    case '\\':
      return read_escape (reader, p);
    case '(':
      open_bracket (round, n_parts);
      return p + 1;
    case '[':
      open_bracket (square, n_parts);
      return p + 1;
    case ')':
      if (!is_open (round))
        return read_literal (reader, p, p + 1);
      close_bracket (reader, round, ROUND);
      return p + 1;
    case ']':
      if (!is_open (square))
        return read_literal (reader, p, p + 1);
      close_bracket (reader, square, SQUARE);
      return p + 1;
    default:
      end = read_weight (p, &weight);
      if (end == NULL || !is_open (round))
        return read_literal (reader, p, end != NULL ? end : p + 1);
      close_bracket (reader, round, weight);
      return end;
    }
}

void
mz_prompt_read_a1111 (MzPromptReader *reader)
{
  Brackets round = { 0 }, square = { 0 };
  const char *p = reader->source;

  while (*p != '\0')
    {
      gsize n = strcspn (p, SPECIAL);

      if (n > 0)
        add_words (reader, p, p + n);
      p += n;
      if (*p != '\0')
        p = read_special (reader, &round, &square, p);
    }
  /* What is never closed weighs to the end. */
  round.n_beyond = square.n_beyond = 0;
  while (is_open (&round))
    close_bracket (reader, &round, ROUND);
  while (is_open (&square))
    close_bracket (reader, &square, SQUARE);
}
