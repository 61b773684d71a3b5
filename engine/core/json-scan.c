/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A strict reader of JSON that walks through a text without building a tree. */
#include "core/json-scan.h"

#include <string.h>

#include "core/hash.h"
#include "core/printable.h"

static gboolean
fail (MzJsonScan *scan, const char *problem)
{
  if (scan->problem == NULL)
    scan->problem = problem;
  return FALSE;
}

void
mz_json_scan_init (MzJsonScan *scan, const char *text, gsize length)
{
  const char *valid_end = text;

  *scan = (MzJsonScan){ .text = text, .length = length };
  if (length > 0 && !g_utf8_validate_len (text, length, &valid_end))
    {
      scan->position = (gsize) (valid_end - text);
      fail (scan, "is not UTF-8 text");
    }
}

/* The next byte after white space; 0 at the end of the text or after a problem. */
static char
next_byte (MzJsonScan *scan)
{
  if (scan->problem != NULL)
    return 0;
  for (; scan->position < scan->length; scan->position++)
    {
      char c = scan->text[scan->position];

      if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
        return c;
    }
  return 0;
}

/* Steps over `wanted`, which must come next. */
static gboolean
expect (MzJsonScan *scan, char wanted, const char *problem)
{
  char c = next_byte (scan);

  if (c != wanted)
    return fail (scan, c == 0 ? "ends too early" : problem);
  scan->position++;
  return TRUE;
}

char
mz_json_scan_peek (MzJsonScan *scan)
{
  char c = next_byte (scan);

  switch (c)
    {
    case '{':
    case '[':
    case '"':
    case 't':
    case 'n':
      return c;
    case 'f':
      return 't';
    default:
      return c == '-' || g_ascii_isdigit (c) ? '0' : 0;
    }
}

gboolean
mz_json_scan_begin (MzJsonScan *scan, char open)
{
  if (!expect (scan, open,
               open == '{' ? "has no object where one should be" : "has no array where one should be"))
    return FALSE;
  if (++scan->depth > MZ_JSON_MAX_DEPTH)
    return fail (scan, "is nested too deep");
  scan->wants_comma = FALSE;
  return TRUE;
}

gboolean
mz_json_scan_next (MzJsonScan *scan, char close)
{
  char c = next_byte (scan);

  if (scan->problem != NULL)
    return FALSE;
  if (c == close)
    {
      scan->position++;
      scan->depth--;
      scan->wants_comma = TRUE;
      return FALSE;
    }
  if (scan->wants_comma)
    {
      if (!expect (scan, ',', "lacks a comma or a closing bracket"))
        return FALSE;
      if (next_byte (scan) == close)
        return fail (scan, "has a comma with nothing behind it");
      scan->wants_comma = FALSE;
    }
  return TRUE;
}

/* The value of the four hexadecimal digits at `position`; -1 when they are not. */
static int
read_hex4 (const MzJsonScan *scan, gsize position)
{
  int value = 0;

  if (scan->length - position < 4)
    return -1;
  for (gsize i = position; i < position + 4; i++)
    {
      int digit = g_ascii_xdigit_value (scan->text[i]);

      if (digit < 0)
        return -1;
      value = value * 16 + digit;
    }
  return value;
}

/* The escape whose 'u' is at `position` (and a second one, of a pair of surrogates) becomes one character. */
static gboolean
read_unicode_escape (MzJsonScan *scan, GString *value)
{
  int unit = read_hex4 (scan, scan->position + 1);
  gunichar ch = (gunichar) unit;

  if (unit <= 0)
    return fail (scan, unit == 0 ? "has a NUL in a string" : "has a bad escape in a string");
  scan->position += 5;
  if (unit >= 0xd800 && unit < 0xe000)
    {
      int low = -1;

      if (unit < 0xdc00 && scan->length - scan->position >= 6
          && memcmp (scan->text + scan->position, "\\u", 2) == 0)
        low = read_hex4 (scan, scan->position + 2);
      if (low < 0xdc00 || low >= 0xe000)
        return fail (scan, "has half a surrogate pair in a string");
      scan->position += 6;
      ch = 0x10000u + (((gunichar) unit - 0xd800u) << 10) + ((gunichar) low - 0xdc00u);
    }
  if (value != NULL)
    g_string_append_unichar (value, ch);
  return TRUE;
}

/* The escape whose backslash was just stepped over. */
static gboolean
read_escape (MzJsonScan *scan, GString *value)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  char c = scan->position < scan->length ? scan->text[scan->position] : 0;
  const char *found = c != 0 ? strchr (from, c) : NULL;

  if (c == 'u')
    return read_unicode_escape (scan, value);
  if (found == NULL)
    return fail (scan, "has a bad escape in a string");
  if (value != NULL)
    g_string_append_c (value, to[found - from]);
  scan->position++;
  return TRUE;
}

/* `value` may be NULL: only step over it. */
static gboolean
read_string (MzJsonScan *scan, GString *value)
{
  if (!expect (scan, '"', "has no string where one should be"))
    return FALSE;
  if (value != NULL)
    g_string_truncate (value, 0);
  while (scan->position < scan->length)
    {
      gsize start = scan->position;
      char c;

      while (scan->position < scan->length && (guchar) scan->text[scan->position] >= 0x20
             && scan->text[scan->position] != '"' && scan->text[scan->position] != '\\')
        scan->position++;
      if (value != NULL)
        g_string_append_len (value, scan->text + start, (gssize) (scan->position - start));
      if (scan->position == scan->length)
        break;
      c = scan->text[scan->position];
      if (c != '"' && c != '\\')
        return fail (scan, "has a control character in a string");
      scan->position++;
      if (c == '"')
        return TRUE;
      if (!read_escape (scan, value))
        return FALSE;
    }
  return fail (scan, "ends inside a string");
}

gboolean
mz_json_scan_key (MzJsonScan *scan, GString *key)
{
  return read_string (scan, key) && expect (scan, ':', "has a key without a colon");
}

gboolean
mz_json_scan_string (MzJsonScan *scan, GString *value)
{
  if (!read_string (scan, value))
    return FALSE;
  scan->wants_comma = TRUE;
  return TRUE;
}

/* Steps over digits; FALSE when there is none. */
static gboolean
skip_digits (MzJsonScan *scan)
{
  gsize start = scan->position;

  while (scan->position < scan->length && g_ascii_isdigit (scan->text[scan->position]))
    scan->position++;
  return scan->position > start;
}

/* Steps over `c` if it comes next, without white space. */
static gboolean
skip_byte (MzJsonScan *scan, char c)
{
  if (scan->position == scan->length || scan->text[scan->position] != c)
    return FALSE;
  scan->position++;
  return TRUE;
}

/* A number as RFC 8259 has it: no leading zeros, no bare point. */
static gboolean
skip_number (MzJsonScan *scan)
{
  gboolean sound;

  next_byte (scan);
  skip_byte (scan, '-');
  sound = skip_byte (scan, '0') || skip_digits (scan);
  if (sound && skip_byte (scan, '.'))
    sound = skip_digits (scan);
  if (sound && (skip_byte (scan, 'e') || skip_byte (scan, 'E')))
    {
      if (!skip_byte (scan, '-'))
        skip_byte (scan, '+');
      sound = skip_digits (scan);
    }
  if (!sound || (scan->position < scan->length && g_ascii_isalnum (scan->text[scan->position])))
    return fail (scan, "has a malformed number");
  return TRUE;
}

gboolean
mz_json_scan_uint64 (MzJsonScan *scan, guint64 *value)
{
  static const char problem[] = "has no whole number from 0 up where one should be";
  gsize start;

  if (mz_json_scan_peek (scan) != '0')
    return fail (scan, problem);
  start = scan->position;
  if (!skip_number (scan))
    return FALSE;
  *value = 0;
  for (gsize i = start; i < scan->position; i++)
    {
      guint digit = (guint) (scan->text[i] - '0');

      if (!g_ascii_isdigit (scan->text[i]))
        {
          scan->position = start;
          return fail (scan, problem);
        }
      if (!g_uint64_checked_mul (value, *value, 10) || !g_uint64_checked_add (value, *value, digit))
        {
          scan->position = start;
          return fail (scan, "has a number beyond 64 bits");
        }
    }
  scan->wants_comma = TRUE;
  return TRUE;
}

static gboolean
skip_word (MzJsonScan *scan)
{
  static const char *const words[] = { "true", "false", "null" };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize n = strlen (words[i]);

      if (scan->length - scan->position >= n && memcmp (scan->text + scan->position, words[i], n) == 0)
        {
          scan->position += n;
          return TRUE;
        }
    }
  return fail (scan, "has something that is no value");
}

/* Any value; with `duplicate`, sees to it that no object has a key twice, and returns the one that it has.
 * Recursion is bounded by MZ_JSON_MAX_DEPTH. */
static gboolean
skip_value (MzJsonScan *scan, char **duplicate)
{
  char kind = mz_json_scan_peek (scan);
  gboolean sound = TRUE;

  if (kind == '{' || kind == '[')
    {
      char close = kind == '{' ? '}' : ']';
      g_autoptr (GHashTable) keys = NULL;
      g_autoptr (GString) key = NULL;

      if (kind == '{' && duplicate != NULL)
        {
          keys = g_hash_table_new_full (mz_str_hash, g_str_equal, g_free, NULL);
          key = g_string_new (NULL);
        }
      mz_json_scan_begin (scan, kind);
      while (mz_json_scan_next (scan, close))
        {
          if (kind == '{' && !mz_json_scan_key (scan, key))
            return FALSE;
          if (keys != NULL && g_hash_table_size (keys) == MZ_JSON_MAX_KEYS)
            return fail (scan, "has an object with too many keys");
          if (keys != NULL && !g_hash_table_add (keys, g_strdup (key->str)))
            {
              *duplicate = g_strdup (key->str);
              return fail (scan, "has a key twice");
            }
          if (!skip_value (scan, duplicate))
            return FALSE;
        }
      return scan->problem == NULL;
    }
  if (kind == '"')
    sound = read_string (scan, NULL);
  else if (kind == '0')
    sound = skip_number (scan);
  else if (kind != 0)
    sound = skip_word (scan);
  else
    sound = fail (scan, scan->position == scan->length ? "ends too early" : "has something that is no value");
  scan->wants_comma = TRUE;
  return sound;
}

gboolean
mz_json_scan_skip (MzJsonScan *scan)
{
  return skip_value (scan, NULL);
}

gboolean
mz_json_scan_end (MzJsonScan *scan)
{
  if (scan->problem == NULL && (next_byte (scan) != 0 || scan->position < scan->length))
    fail (scan, "goes on after its end");
  return scan->problem == NULL;
}

char *
mz_json_find_problem (const char *text, gsize length)
{
  MzJsonScan scan;
  g_autofree char *duplicate = NULL;

  mz_json_scan_init (&scan, text, length);
  skip_value (&scan, &duplicate);
  if (mz_json_scan_end (&scan))
    return NULL;
  if (duplicate != NULL)
    {
      g_autofree char *shown = mz_printable (duplicate);

      return g_strdup_printf ("has the key “%s” twice", shown);
    }
  return g_strdup_printf ("%s (byte %" G_GSIZE_FORMAT ")", scan.problem, scan.position);
}
