/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* HTML's character references, resolved the way Python's html.unescape() resolves them. */
#include "text/html.h"

#include <stdlib.h>
#include <string.h>

/* Longest run behind "&" that is tried as a name; the longest name has 31. */
#define MAX_NAME 32
#define BEYOND_UNICODE 0x110000

static MzChar
at (const MzChars *chars, guint i)
{
  static const MzChar nothing;
  return i < chars->len ? g_array_index (chars, MzChar, i) : nothing;
}

/* Appends `ch` as what the `n` characters from `first` on stood for. */
static void
append_for (MzChars *out, gunichar ch, const MzChars *chars, guint first, guint n)
{
  MzChar source = { 0, at (chars, first).begin, at (chars, first + n - 1).end };
  mz_chars_append (out, ch, &source);
}

/* What a number stands for; 0 for nothing at all. */
static gunichar
resolve_number (gunichar number)
{
  /* Windows-1252 from 0x80 on; its five holes keep their control character. */
  static const guint16 windows[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178,
  };

  if (number == 0 || (number >= 0xd800 && number <= 0xdfff) || number >= BEYOND_UNICODE)
    return 0xfffd;
  if (number >= 0x80 && number <= 0x9f)
    return windows[number - 0x80];
  gboolean is_control = number < 0x20 && !strchr ("\t\n\f\r", (int) number);
  gboolean is_noncharacter = (number >= 0xfdd0 && number <= 0xfdef) || (number & 0xfffe) == 0xfffe;
  return is_control || number == 0x7f || is_noncharacter ? 0 : number;
}

/* Reads "&#39;" or "&#x27;" at `first`. Returns how many characters it has, 0 if it is none. */
static guint
read_number (const MzChars *chars, guint first, MzChars *out)
{
  guint i = first + 2;
  gboolean hex = at (chars, i).ch == 'x' || at (chars, i).ch == 'X';
  i += hex;
  guint first_digit = i;
  gunichar number = 0;

  for (;; i++)
    {
      gunichar ch = at (chars, i).ch;
      if (ch >= 128 || !(hex ? g_ascii_isxdigit ((char) ch) : g_ascii_isdigit ((char) ch)))
        break;
      number = number * (hex ? 16 : 10) + (gunichar) g_ascii_xdigit_value ((char) ch);
      number = MIN (number, BEYOND_UNICODE);
    }
  if (i == first_digit)
    return 0;
  i += at (chars, i).ch == ';';
  gunichar resolved = resolve_number (number);
  if (resolved)
    append_for (out, resolved, chars, first, i - first);
  return i - first;
}

static int
compare_name (const void *name, const void *entity)
{
  return strcmp (name, ((const MzHtmlEntity *) entity)->name);
}

static const MzHtmlEntity *
find_entity (const char *name)
{
  return bsearch (name, mz_html_entities, MZ_HTML_N_ENTITIES, sizeof mz_html_entities[0], compare_name);
}

/* Finds the entity that a run of `n` characters names: all of it, or else (names of two or more characters
 * only) its longest beginning. `closed` tells that ";" stands behind the run. Sets how many of it the name
 * takes. */
static const MzHtmlEntity *
match_name (const MzChars *chars, guint first, guint n, gboolean closed, guint *n_taken)
{
  char name[MAX_NAME + 1];
  guint n_ascii = 0;
  const MzHtmlEntity *entity;

  while (n_ascii < n && at (chars, first + n_ascii).ch < 128)
    {
      name[n_ascii] = (char) at (chars, first + n_ascii).ch;
      n_ascii++;
    }
  for (guint length = n_ascii; length > 0; length--)
    {
      name[length] = '\0';
      gboolean whole = length == n;
      if (!whole && length < 2)
        break;
      entity = find_entity (name);
      if (entity && ((whole && closed) || entity->bare))
        {
          *n_taken = length + (whole && closed);
          return entity;
        }
    }
  return NULL;
}

static gboolean
is_in_name (gunichar ch)
{
  return ch && (ch >= 128 || !strchr ("\t\n\f <&#;", (int) ch));
}

/* Copies "&name;" at `first`, resolved if it is a reference. Returns how many characters it has. */
static guint
copy_name (const MzChars *chars, guint first, MzChars *out)
{
  guint n_name = 0, n_taken = 0;
  while (n_name < MAX_NAME && is_in_name (at (chars, first + 1 + n_name).ch))
    n_name++;
  gboolean closed = n_name > 0 && at (chars, first + 1 + n_name).ch == ';';
  guint n_all = 1 + n_name + closed;
  guint n_copied = 0;

  const MzHtmlEntity *entity = match_name (chars, first + 1, n_name, closed, &n_taken);
  if (entity)
    {
      n_copied = 1 + n_taken;
      append_for (out, entity->ch[0], chars, first, n_copied);
      if (entity->ch[1])
        append_for (out, entity->ch[1], chars, first, n_copied);
    }
  g_array_append_vals (out, &g_array_index (chars, MzChar, first) + n_copied, n_all - n_copied);
  return n_all;
}

MzChars *
mz_html_unescape (const MzChars *chars)
{
  MzChars *out = mz_chars_new (chars->len);
  guint i = 0;

  while (i < chars->len)
    {
      guint n_read = 0;
      if (at (chars, i).ch != '&')
        {
          MzChar c = at (chars, i);
          g_array_append_val (out, c);
          n_read = 1;
        }
      else if (at (chars, i + 1).ch == '#')
        n_read = read_number (chars, i, out);
      if (n_read == 0)
        n_read = copy_name (chars, i, out);
      i += n_read;
    }
  return out;
}
