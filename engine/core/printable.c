/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Words out of a file, made fit to stand in a message on somebody's terminal. */
#include "core/printable.h"

#define MAX_SHOWN 80
#define REPLACEMENT 0xfffdu

static gboolean
is_safe (gunichar ch)
{
  return g_unichar_isprint (ch) && g_unichar_type (ch) != G_UNICODE_FORMAT;
}

char *
mz_printable (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (GString) out = g_string_new (NULL);
  guint n = 0;

  for (const char *p = valid; *p != 0; p = g_utf8_next_char (p))
    {
      gunichar ch = g_utf8_get_char (p);

      if (n++ == MAX_SHOWN)
        {
          g_string_append (out, "…");
          break;
        }
      g_string_append_unichar (out, is_safe (ch) ? ch : REPLACEMENT);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

gboolean
mz_is_printable (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (const char *p = text; *p != 0; p = g_utf8_next_char (p))
    if (!is_safe (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}
