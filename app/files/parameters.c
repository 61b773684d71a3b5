/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Prompts and pairs: making, finding, writing. */
#include "app/files/parameters-private.h"

#include <string.h>

#include "app/files/json-text.h"

static void
clear_pair (gpointer data)
{
  MezzotintPair *pair = data;

  g_free (pair->key);
  g_free (pair->value);
}

MezzotintParameters *
mezzotint_parameters_new (const char *prompt, const char *negative_prompt)
{
  MezzotintParameters *parameters = g_new0 (MezzotintParameters, 1);

  parameters->prompt = g_strdup (prompt != NULL ? prompt : "");
  parameters->negative_prompt = g_strdup (negative_prompt != NULL ? negative_prompt : "");
  parameters->pairs = g_array_new (FALSE, FALSE, sizeof (MezzotintPair));
  g_array_set_clear_func (parameters->pairs, clear_pair);
  return parameters;
}

void
mezzotint_parameters_free (MezzotintParameters *parameters)
{
  g_free (parameters->prompt);
  g_free (parameters->negative_prompt);
  g_array_unref (parameters->pairs);
  g_free (parameters);
}

static MezzotintPair *
find_pair (const MezzotintParameters *parameters, const char *key)
{
  for (guint i = 0; i < parameters->pairs->len; i++)
    {
      MezzotintPair *pair = &g_array_index (parameters->pairs, MezzotintPair, i);

      if (strcmp (pair->key, key) == 0)
        return pair;
    }
  return NULL;
}

const char *
mezzotint_parameters_get (const MezzotintParameters *parameters, const char *key)
{
  const MezzotintPair *pair = find_pair (parameters, key);

  return pair != NULL ? pair->value : NULL;
}

void
mezzotint_parameters_set (MezzotintParameters *parameters, const char *key, const char *value)
{
  MezzotintPair *pair = find_pair (parameters, key);
  MezzotintPair added;

  if (value == NULL || *value == '\0')
    return;
  if (pair != NULL)
    {
      g_free (pair->value);
      pair->value = g_strdup (value);
      return;
    }
  added.key = g_strdup (key);
  added.value = g_strdup (value);
  g_array_append_val (parameters->pairs, added);
}

/* Would the bare value not come back as it is? A1111 asks for the first three characters only. */
static gboolean
needs_quotes (const char *value)
{
  const char *last = g_utf8_find_prev_char (value, value + strlen (value));

  return strpbrk (value, ",:\n\"") != NULL || mezzotint_is_space (g_utf8_get_char (value))
         || (last != NULL && mezzotint_is_space (g_utf8_get_char (last)));
}

static void
append_pair (GString *text, const char *key, const char *value)
{
  if (text->len > 0 && text->str[text->len - 1] != '\n')
    g_string_append (text, ", ");
  g_string_append (text, key);
  g_string_append (text, ": ");
  if (needs_quotes (value))
    mezzotint_append_json_string (text, value);
  else
    g_string_append (text, value);
}

static char *
write_plain (const MezzotintParameters *parameters)
{
  GString *text = g_string_new (parameters->prompt);

  if (*parameters->negative_prompt != '\0')
    g_string_append_printf (text, "\n" MEZZOTINT_NEGATIVE_PREFIX " %s", parameters->negative_prompt);
  g_string_append_c (text, '\n');
  for (guint i = 0; i < parameters->pairs->len; i++)
    {
      const MezzotintPair *pair = &g_array_index (parameters->pairs, MezzotintPair, i);

      append_pair (text, pair->key, pair->value);
    }
  return g_string_free (text, FALSE);
}

/* Skips white space; was there any? */
static gboolean
skip_space (const char **p)
{
  const char *start = *p;

  while (**p != '\0' && mezzotint_is_space (g_utf8_get_char (*p)))
    *p = g_utf8_next_char (*p);
  return *p != start;
}

/* Are the two the same but for the amount of white space? Tokenizers take any run of it for one space. */
static gboolean
same_words (const char *a, const char *b)
{
  skip_space (&a);
  skip_space (&b);
  while (*a != '\0' && g_utf8_get_char (a) == g_utf8_get_char (b))
    {
      gboolean gap_a, gap_b;

      a = g_utf8_next_char (a);
      b = g_utf8_next_char (b);
      gap_a = skip_space (&a);
      gap_b = skip_space (&b);
      if (gap_a != gap_b && *a != '\0' && *b != '\0')
        return FALSE;
    }
  return *a == *b;
}

/* Keeps a prompt that the grammar tears. */
static void
append_torn (GString *text, const char *key, const char *prompt, const char *seen)
{
  if (!same_words (prompt, seen))
    append_pair (text, key, *prompt != '\0' ? prompt : " ");
}

char *
mezzotint_parameters_to_text (const MezzotintParameters *parameters)
{
  g_autofree char *plain = write_plain (parameters);
  g_autoptr (MezzotintParameters) seen = mezzotint_parameters_parse_plain (plain);
  GString *text = g_string_new (plain);

  append_torn (text, MEZZOTINT_KEY_PROMPT, parameters->prompt, seen->prompt);
  append_torn (text, MEZZOTINT_KEY_NEGATIVE, parameters->negative_prompt, seen->negative_prompt);
  return g_string_free (text, FALSE);
}
