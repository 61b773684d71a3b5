/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Unicode's form NFC: decompose, put combining marks in order, compose. */
#include "text/nfc.h"

/* Below this every text is in form NFC already. */
#define FIRST_COMBINING 0x300

static void
decompose (MzChars *out, const MzChar *c)
{
  gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
  gsize n_parts = g_unichar_fully_decompose (c->ch, FALSE, parts, G_N_ELEMENTS (parts));

  for (gsize i = 0; i < n_parts; i++)
    mz_chars_append (out, parts[i], c);
}

static int
compare_class (gconstpointer a, gconstpointer b, gpointer unused)
{
  return g_unichar_combining_class (((const MzChar *) a)->ch)
         - g_unichar_combining_class (((const MzChar *) b)->ch);
}

/* Sorts the marks of one base character. They all stand for all of their bytes afterwards, because offsets
 * must not decrease. */
static void
order_marks (MzChar *marks, guint n)
{
  gboolean ordered = TRUE;
  for (guint i = 1; i < n && ordered; i++)
    ordered = compare_class (&marks[i - 1], &marks[i], NULL) <= 0;
  if (ordered)
    return;

  guint32 begin = marks[0].begin;
  guint32 end = marks[n - 1].end;
  g_qsort_with_data (marks, (int) n, sizeof *marks, compare_class, NULL);
  for (guint i = 0; i < n; i++)
    {
      marks[i].begin = begin;
      marks[i].end = end;
    }
}

static void
order_all_marks (MzChars *chars)
{
  guint first = 0;
  for (guint i = 0; i <= chars->len; i++)
    if (i == chars->len || g_unichar_combining_class (mz_chars_at (chars, i)->ch) == 0)
      {
        if (i > first + 1)
          order_marks (mz_chars_at (chars, first), i - first);
        first = i + 1;
      }
}

/* Composes in place. `last_class` is that of the last character kept behind the base: a mark reaches the base
 * unless one of its own class or of a greater one stands between. */
static void
compose (MzChars *chars)
{
  MzChar *base = NULL;
  int last_class = 0;
  guint kept = 0;

  for (guint i = 0; i < chars->len; i++)
    {
      MzChar c = *mz_chars_at (chars, i);
      int this_class = g_unichar_combining_class (c.ch);
      gunichar composed;

      if (base && (last_class == 0 || last_class < this_class)
          && g_unichar_compose (base->ch, c.ch, &composed))
        {
          base->ch = composed;
          base->end = MAX (base->end, c.end);
          continue;
        }
      last_class = this_class;
      *mz_chars_at (chars, kept) = c;
      if (this_class == 0)
        base = mz_chars_at (chars, kept);
      kept++;
    }
  g_array_set_size (chars, kept);
}

MzChars *
mz_nfc (const MzChar *chars, guint n)
{
  MzChars *out = mz_chars_new (n);
  gboolean plain = TRUE;

  for (guint i = 0; i < n && plain; i++)
    plain = chars[i].ch < FIRST_COMBINING;
  if (plain)
    {
      g_array_append_vals (out, chars, n);
      return out;
    }
  for (guint i = 0; i < n; i++)
    decompose (out, &chars[i]);
  order_all_marks (out);
  compose (out);
  return out;
}
