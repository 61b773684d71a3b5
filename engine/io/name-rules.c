/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Renaming tensors by tables of patterns. */
#include "io/name-rules.h"

#include <string.h>

#define MAX_NUMBERS 4

/* What the wildcards of a pattern matched. */
typedef struct
{
  int numbers[MAX_NUMBERS];
  int n_numbers;
  const char *rest;
} Match;

/* Steps over a decimal number below MZ_MAX_PLACES, without leading zeros; -1 when there is none. */
static int
read_number (const char **p)
{
  int value = 0;

  if (!g_ascii_isdigit (**p) || (**p == '0' && g_ascii_isdigit ((*p)[1])))
    return -1;
  while (g_ascii_isdigit (**p))
    {
      value = value * 10 + (**p - '0');
      if (value >= MZ_MAX_PLACES)
        return -1;
      (*p)++;
    }
  return value;
}

static gboolean
match (const char *from, const char *name, Match *result)
{
  *result = (Match){ .rest = "" };
  for (; *from != 0; from++)
    {
      if (*from == '*')
        {
          result->rest = name;
          return *name != 0;
        }
      if (*from == '#')
        {
          int number = read_number (&name);

          if (number < 0)
            return FALSE;
          result->numbers[result->n_numbers++] = number;
        }
      else if (*from != *name++)
        return FALSE;
    }
  return *name == 0;
}

/* The number that `mark` stands for; -1 when there is none. */
static int
resolve (char mark, int number, const MzNameContext *context)
{
  switch (mark)
    {
    case '~':
      return context->n_levels - 1 - number;
    case '@':
      return context->places[number].block;
    case '&':
      return context->places[number].block < 0 ? -1 : context->places[number].layer;
    default:
      return number;
    }
}

static char *
expand (const char *to, const Match *result, const MzNameContext *context)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (; *to != 0; to++)
    {
      if (*to == '*')
        g_string_append (out, result->rest);
      else if (strchr ("$~@&", *to) != NULL)
        {
          char mark = *to++;
          int number = resolve (mark, result->numbers[*to - '0'], context);

          if (number < 0)
            return NULL;
          g_string_append_printf (out, "%d", number);
        }
      else
        g_string_append_c (out, *to);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
mz_name_rules_apply (const MzNameRule *rules, gsize n_rules, const MzNameContext *context, const char *name)
{
  for (gsize i = 0; i < n_rules; i++)
    {
      Match result;

      if (match (rules[i].from, name, &result))
        return expand (rules[i].to, &result, context);
    }
  return NULL;
}
