/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A text as an array of characters that remember which bytes of the caller's text they came from, so that
 * clean-up may add, drop and reorder characters and a token can still be found in what the user typed. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gunichar ch;
  guint32 begin; /* byte offset in the caller's text */
  guint32 end;   /* byte offset just behind it */
} MzChar;

/* A GArray of MzChar. */
typedef GArray MzChars;

static inline MzChars *
mz_chars_new (guint reserved)
{
  return g_array_sized_new (FALSE, FALSE, sizeof (MzChar), reserved);
}

static inline MzChar *
mz_chars_at (MzChars *chars, guint i)
{
  return &g_array_index (chars, MzChar, i);
}

/* Appends `ch`, which stands for what `source` came from. */
static inline void
mz_chars_append (MzChars *chars, gunichar ch, const MzChar *source)
{
  MzChar added = { ch, source->begin, source->end };
  g_array_append_val (chars, added);
}

G_END_DECLS
