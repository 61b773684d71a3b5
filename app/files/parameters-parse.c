/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading the parameters text. */
#include "app/files/parameters-private.h"

#include <glib/gi18n.h>
#include <string.h>

/* A piece of a text that somebody else owns. */
typedef struct
{
  const char *start, *end;
} Span;

gboolean
mezzotint_is_space (gunichar c)
{
  return g_unichar_isspace (c) || c == 0x0b || (c >= 0x1c && c <= 0x1f) || c == 0x85;
}

static Span
strip (Span span)
{
  while (span.start < span.end && mezzotint_is_space (g_utf8_get_char (span.start)))
    span.start = g_utf8_next_char (span.start);
  while (span.start < span.end)
    {
      const char *last = g_utf8_find_prev_char (span.start, span.end);

      if (!mezzotint_is_space (g_utf8_get_char (last)))
        break;
      span.end = last;
    }
  return span;
}

static gboolean
has_prefix (Span span, const char *prefix)
{
  gsize n = strlen (prefix);

  return (gsize) (span.end - span.start) >= n && memcmp (span.start, prefix, n) == 0;
}

/* ---- Values ---- */

/* Four hexadecimal digits, or -1. */
static int
hex4 (const char *p, const char *end)
{
  int value = 0;

  if (end - p < 4)
    return -1;
  for (int i = 0; i < 4; i++)
    {
      if (!g_ascii_isxdigit (p[i]))
        return -1;
      value = value * 16 + g_ascii_xdigit_value (p[i]);
    }
  return value;
}

/* What follows "\u": a character, or half of one whose other half follows. Returns the bytes read, 0 on
 * errors. */
static gsize
decode_unicode_escape (GString *text, const char *p, const char *end)
{
  int high = hex4 (p, end), low;

  if (high < 0)
    return 0;
  if (high >= 0xd800 && high < 0xdc00 && end - p >= 10 && p[4] == '\\' && p[5] == 'u')
    {
      low = hex4 (p + 6, end);
      if (low >= 0xdc00 && low < 0xe000)
        {
          g_string_append_unichar (text, 0x10000 + ((gunichar) (high - 0xd800) << 10) + (low - 0xdc00));
          return 10;
        }
    }
  /* C strings hold no NUL and UTF-8 no half characters. */
  g_string_append_unichar (text, high == 0 || (high >= 0xd800 && high < 0xe000) ? 0xfffd : high);
  return 4;
}

/* A whole JSON string, quotes included, decoded; or NULL when it is none. Line ends are let through: that is
 * what programs write that quote by hand. */
static char *
decode_json_string (Span span)
{
  static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  g_autoptr (GString) text = g_string_new (NULL);
  const char *p, *end;

  if (span.end - span.start < 2 || *span.start != '"' || span.end[-1] != '"')
    return NULL;
  end = span.end - 1;
  for (p = span.start + 1; p < end; p++)
    {
      const char *escape;

      if (*p == '"' || ((guint8) *p < 0x20 && *p != '\n'))
        return NULL;
      if (*p != '\\')
        {
          g_string_append_c (text, *p);
          continue;
        }
      if (++p == end)
        return NULL;
      if (*p == 'u')
        {
          gsize used = decode_unicode_escape (text, p + 1, end);

          if (used == 0)
            return NULL;
          p += used;
          continue;
        }
      escape = strchr (escapes, *p);
      if (escape == NULL)
        return NULL;
      g_string_append_c (text, meanings[escape - escapes]);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
decode_value (Span span)
{
  char *decoded = decode_json_string (span);

  return decoded != NULL ? decoded : g_strndup (span.start, span.end - span.start);
}

/* ---- Pairs ---- */

static gboolean
is_word (gunichar c)
{
  return c == '_' || g_unichar_isalnum (c);
}

static gboolean
is_key (gunichar c)
{
  return is_word (c) || c == ' ' || c == '-' || c == '/';
}

/* The end of the quoted value that begins at p, behind its second quote; NULL when it does not close, or is
 * empty, or when neither a comma nor the end follows. `open` is set when it does not close. */
static const char *
end_of_quoted (const char *p, const char *end, gboolean *open)
{
  const char *start = ++p;

  for (; p < end && *p != '"'; p++)
    if (*p == '\\' && ++p == end)
      break;
  if (p >= end)
    {
      *open = TRUE;
      return NULL;
    }
  if (p == start || (p + 1 < end && p[1] != ','))
    return NULL;
  return p + 1;
}

/* Finds the next pair at or after *p and moves *p behind it. The same pairs as with A1111's regular
 * expression \s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$) but in linear time. */
static gboolean
next_pair (const char **p, const char *end, Span *key, Span *value, gboolean *open)
{
  const char *at = *p, *stop;

  for (;;)
    {
      while (at < end && !is_word (g_utf8_get_char (at)))
        at = g_utf8_next_char (at);
      if (at >= end)
        return FALSE;
      key->start = at;
      while (at < end && is_key (g_utf8_get_char (at)))
        at = g_utf8_next_char (at);
      key->end = at;
      /* A key has two characters at least. No later start inside this run would do better: it ends here too.
       */
      if (at < end && *at == ':' && g_utf8_next_char (key->start) < at)
        break;
    }
  at++;
  while (at < end && mezzotint_is_space (g_utf8_get_char (at)))
    at = g_utf8_next_char (at);
  if (at < end && *at == '{' && has_prefix (*key, "SDCPP"))
    return FALSE;
  stop = at < end && *at == '"' ? end_of_quoted (at, end, open) : NULL;
  if (stop == NULL && (stop = memchr (at, ',', end - at)) == NULL)
    stop = end;
  value->start = at;
  value->end = stop;
  *p = stop < end ? stop + 1 : end;
  return TRUE;
}

/* Counts the pairs of a line; `open`: does a quoted value run past its end? */
static guint
count_pairs (Span line, gboolean *open)
{
  const char *p = line.start;
  Span key, value;
  guint n = 0;

  *open = FALSE;
  while (n < MEZZOTINT_MAX_PAIRS && next_pair (&p, line.end, &key, &value, open))
    n++;
  return n;
}

static void
read_pairs (Span line, MezzotintParameters *parameters)
{
  const char *p = line.start;
  gboolean open = FALSE;
  Span key, value;

  for (guint n = 0; n < MEZZOTINT_MAX_PAIRS && next_pair (&p, line.end, &key, &value, &open); n++)
    {
      g_autofree char *name = g_strndup (key.start, key.end - key.start);
      g_autofree char *text = decode_value (value);

      mezzotint_parameters_set (parameters, name, text);
    }
}

/* ---- Lines ---- */

/* The last line that begins with "Steps:", as every program begins its key line; empty when there is none. */
static Span
find_steps_line (Span text)
{
  const char *end = text.end;

  for (;;)
    { /* not g_strrstr_len, which measures all that is in front for each line */
      const char *previous = memrchr (text.start, '\n', end - text.start);
      Span line = strip ((Span){ previous != NULL ? previous + 1 : text.start, end });

      if (has_prefix (line, "Steps:"))
        return line;
      if (previous == NULL)
        return (Span){ text.end, text.end };
      end = previous;
    }
}

/* Where the pairs begin: at the last line, when three are found there; or at an earlier one that begins with
 * "Steps:" and whose quoted value spans lines up to the end. At the text's end when there are none. */
static const char *
find_key_line (Span text)
{
  const char *break_before = memrchr (text.start, '\n', text.end - text.start);
  const char *last = break_before != NULL ? break_before + 1 : text.start;
  Span line = find_steps_line (text);
  gboolean open;

  if (line.end <= last && count_pairs (line, &open) > 3 && open
      && count_pairs ((Span){ line.start, text.end }, &open) > 3 && !open)
    return line.start;
  return count_pairs ((Span){ last, text.end }, &open) >= 3 ? last : text.end;
}

static void
add_line (GString *prompt, Span line)
{
  if (prompt->len > 0)
    g_string_append_c (prompt, '\n');
  g_string_append_len (prompt, line.start, line.end - line.start);
}

static MezzotintParameters *
new_from_prompt_lines (Span text)
{
  g_autoptr (GString) prompt = g_string_new (NULL), negative = g_string_new (NULL);
  GString *current = prompt;
  const char *at = text.start, *end;

  do
    {
      Span line;

      end = memchr (at, '\n', text.end - at);
      line = strip ((Span){ at, end != NULL ? end : text.end });
      if (has_prefix (line, MEZZOTINT_NEGATIVE_PREFIX))
        {
          current = negative;
          line.start += strlen (MEZZOTINT_NEGATIVE_PREFIX);
          line = strip (line);
        }
      add_line (current, line);
      at = end != NULL ? end + 1 : text.end;
    }
  while (end != NULL);
  return mezzotint_parameters_new (prompt->str, negative->str);
}

MezzotintParameters *
mezzotint_parameters_parse_plain (const char *text)
{
  Span all = strip ((Span){ text, text + strlen (text) });
  Span keys = { find_key_line (all), all.end };
  Span prompts = { all.start, keys.start > all.start && keys.start < all.end ? keys.start - 1 : keys.start };
  MezzotintParameters *parameters = new_from_prompt_lines (prompts);

  read_pairs (keys, parameters);
  return parameters;
}

/* Takes the pair out and, when it was there, makes its value the prompt. */
static void
lift_prompt (MezzotintParameters *parameters, const char *key, char **prompt)
{
  for (guint i = 0; i < parameters->pairs->len; i++)
    {
      const MezzotintPair *pair = &g_array_index (parameters->pairs, MezzotintPair, i);

      if (strcmp (pair->key, key) != 0)
        continue;
      g_free (*prompt);
      *prompt = g_strdup (strcmp (pair->value, " ") != 0 ? pair->value : "");
      g_array_remove_index (parameters->pairs, i);
      return;
    }
}

MezzotintParameters *
mezzotint_parameters_parse (const char *text, GError **error)
{
  MezzotintParameters *parameters;

  if (strnlen (text, MEZZOTINT_PARAMETERS_MAX_BYTES + 1) > MEZZOTINT_PARAMETERS_MAX_BYTES)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                           _ ("The settings are too long to be read."));
      return NULL;
    }
  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("The settings are not valid UTF-8 text."));
      return NULL;
    }
  parameters = mezzotint_parameters_parse_plain (text);
  lift_prompt (parameters, MEZZOTINT_KEY_PROMPT, &parameters->prompt);
  lift_prompt (parameters, MEZZOTINT_KEY_NEGATIVE, &parameters->negative_prompt);
  return parameters;
}
