/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Expands patterns of file names. */
#include "app/files/name-pattern.h"

#include <string.h>

#define MAX_PART_BYTES 200
#define MAX_VALUE_CHARS 60
#define FALLBACK_NAME "mezzotint"

typedef struct
{
  const MezzotintNameFacts *facts;
  int index;
  guint64 seed;
  GDateTime *when;
} Naming;

static int
count_digits (int n)
{
  int digits = 1;

  for (; n >= 10; n /= 10)
    digits++;
  return digits;
}

static char *
text_value (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  glong length = g_utf8_strlen (valid, -1);

  return g_strstrip (g_utf8_substring (valid, 0, MIN (length, MAX_VALUE_CHARS)));
}

static char *
number_value (int number)
{
  return g_strdup_printf ("%d", number);
}

/* The value of the name in braces; NULL when there is no such name. */
static char *
get_value (const Naming *naming, const char *name)
{
  const MezzotintNameFacts *facts = naming->facts;

  if (g_str_equal (name, "date"))
    return g_date_time_format (naming->when, "%Y-%m-%d");
  if (g_str_equal (name, "time"))
    return g_date_time_format (naming->when, "%H-%M-%S");
  if (g_str_equal (name, "seed"))
    return g_strdup_printf ("%" G_GUINT64_FORMAT, naming->seed);
  if (g_str_equal (name, "index"))
    return g_strdup_printf ("%0*d", count_digits (MAX (facts->count, 1)), naming->index + 1);
  if (g_str_equal (name, "prompt"))
    return text_value (facts->prompt);
  if (g_str_equal (name, "model"))
    return text_value (facts->model);
  if (g_str_equal (name, "sampler"))
    return text_value (facts->sampler);
  if (g_str_equal (name, "steps"))
    return number_value (facts->steps);
  if (g_str_equal (name, "width"))
    return number_value (facts->width);
  if (g_str_equal (name, "height"))
    return number_value (facts->height);
  return NULL;
}

/* Some value for what stands at `open`, a brace; returns where to go on. */
static const char *
expand_brace (const Naming *naming, const char *open, GString *part)
{
  const char *close = strchr (open, '}');
  g_autofree char *name = close != NULL ? g_strndup (open + 1, (gsize) (close - open - 1)) : NULL;
  g_autofree char *value = name != NULL ? get_value (naming, name) : NULL;

  if (value == NULL)
    {
      g_string_append_c (part, '{');
      return open + 1;
    }
  g_string_append (part, value);
  return close + 1;
}

/* Appends `part` to `path` as the name of a file or folder, when anything of it is left. */
static void
append_part (GString *path, GString *part)
{
  const char *end;
  char *c, *begin;

  for (c = part->str; *c != '\0'; c++)
    if ((guchar) *c < 0x20 || *c == 0x7f || strchr ("/\\:*?\"<>|", *c) != NULL)
      *c = '_';
  g_utf8_validate (part->str, MIN ((gssize) part->len, MAX_PART_BYTES), &end);
  g_string_truncate (part, (gsize) (end - part->str));
  while (part->len > 0 && strchr (". ", part->str[part->len - 1]) != NULL)
    g_string_truncate (part, part->len - 1);
  begin = part->str + strspn (part->str, ". ");
  if (*begin != '\0')
    g_string_append_printf (path, "%s%s", path->len > 0 ? G_DIR_SEPARATOR_S : "", begin);
}

char *
mezzotint_name_pattern_expand (const char *pattern,
                               const MezzotintNameFacts *facts,
                               int index,
                               guint64 seed,
                               GDateTime *when)
{
  g_autofree char *valid = g_utf8_make_valid (pattern, -1);
  g_autoptr (GDateTime) now = when != NULL ? g_date_time_ref (when) : g_date_time_new_now_local ();
  const Naming naming = { facts, index, seed, now };
  g_autoptr (GString) part = g_string_new (NULL), path = g_string_new (NULL);

  for (const char *c = valid; *c != '\0';)
    if (*c == '{')
      c = expand_brace (&naming, c, part);
    else if (*c == G_DIR_SEPARATOR)
      {
        append_part (path, part);
        g_string_truncate (part, 0);
        c++;
      }
    else
      g_string_append_c (part, *c++);
  append_part (path, part);
  return path->len > 0 ? g_string_free (g_steal_pointer (&path), FALSE) : g_strdup (FALLBACK_NAME);
}
