/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts out of files, made fit for a sentence. */
#include "app/files/printable.h"

#define REPLACEMENT 0xfffd

static gunichar
shown (gunichar c)
{
  if (g_unichar_isspace (c))
    return ' ';
  return g_unichar_isprint (c) && g_unichar_type (c) != G_UNICODE_FORMAT ? c : REPLACEMENT;
}

char *
mezzotint_printable (const char *text, guint max_chars)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);
  guint n = 0;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (n++ == max_chars)
        {
          g_string_append (out, "…");
          break;
        }
      g_string_append_unichar (out, shown (g_utf8_get_char (p)));
    }
  return g_string_free (out, FALSE);
}
