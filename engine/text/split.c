/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Cuts clean text into words: CLIP's regular expression, by hand. */
#include "text/split.h"

#include "text/clean.h"

#include <string.h>

typedef enum
{
  SPACE,
  LETTER,
  NUMBER,
  OTHER,
} CharClass;

static CharClass
classify (gunichar ch)
{
  switch (g_unichar_type (ch))
    {
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_OTHER_LETTER:
    case G_UNICODE_TITLECASE_LETTER:
    case G_UNICODE_UPPERCASE_LETTER:
      return LETTER;
    case G_UNICODE_DECIMAL_NUMBER:
    case G_UNICODE_LETTER_NUMBER:
    case G_UNICODE_OTHER_NUMBER:
      return NUMBER;
    default:
      return mz_clean_is_space (ch) ? SPACE : OTHER;
    }
}

static CharClass
class_at (const MzChars *chars, guint i)
{
  return i < chars->len ? classify (g_array_index (chars, MzChar, i).ch) : SPACE;
}

static gboolean
has_text_at (const MzChars *chars, guint pos, const char *ascii)
{
  gsize n = strlen (ascii);

  if (n > chars->len - pos)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    if (g_array_index (chars, MzChar, pos + i).ch != (gunichar) ascii[i])
      return FALSE;
  return TRUE;
}

static guint
contraction_length (const MzChars *chars, guint pos)
{
  static const char *const contractions[] = { "'s", "'t", "'re", "'ve", "'m", "'ll", "'d" };

  for (guint i = 0; i < G_N_ELEMENTS (contractions); i++)
    if (has_text_at (chars, pos, contractions[i]))
      return (guint) strlen (contractions[i]);
  return 0;
}

static guint
special_name_length (const MzChars *chars, guint pos)
{
  static const char *const names[] = { "<|startoftext|>", "<|endoftext|>" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (has_text_at (chars, pos, names[i]))
      return (guint) strlen (names[i]);
  return 0;
}

/* Length of the opening or closing bracket of a special token's name at `pos`, else 0. */
static guint
special_bracket_length (MzSplitter *splitter, guint pos)
{
  guint name_length = special_name_length (splitter->chars, pos);

  if (name_length > 0)
    splitter->special_end = pos + name_length;
  return name_length > 0 || pos + 2 == splitter->special_end ? 2 : 0;
}

gboolean
mz_split_next (MzSplitter *splitter, guint *first)
{
  const MzChars *chars = splitter->chars;
  guint i = splitter->pos;

  while (i < chars->len && class_at (chars, i) == SPACE)
    i++;
  *first = splitter->pos = i;
  if (i == chars->len)
    return FALSE;

  CharClass word_class = class_at (chars, i);
  guint length = special_bracket_length (splitter, i);
  if (length == 0)
    length = contraction_length (chars, i);
  if (length == 0 && word_class == NUMBER)
    length = 1;
  if (length == 0)
    while (class_at (chars, i + length) == word_class)
      length++;
  splitter->pos = i + length;
  return TRUE;
}
