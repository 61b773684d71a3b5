/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Bytes to characters, white space and letter case as CLIP's tokenizer wants them. */
#include <glib/gi18n-lib.h>

#include "text/clean.h"

#include "text/nfc.h"

#include <string.h>

#define CAPITAL_I_WITH_DOT 0x130
#define COMBINING_DOT_ABOVE 0x307
#define ROMAN_NUMERAL_ONE 0x2160
#define CIRCLED_CAPITAL_A 0x24b6

MzChars *
mz_clean_decode (const char *text, gssize length, gsize max_bytes, GError **error)
{
  gsize n_bytes = length < 0 ? strlen (text) : (gsize) length;
  const char *end;

  if (n_bytes > max_bytes)
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT,
                   _ ("The text has %zu bytes, more than the %zu that are read."), n_bytes, max_bytes);
      return NULL;
    }
  if (!g_utf8_validate_len (text, n_bytes, &end))
    {
      g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT, _ ("The text %s at byte %zu."),
                   *end == '\0' ? _ ("has a NUL") : _ ("is not valid UTF-8"), (gsize) (end - text));
      return NULL;
    }

  MzChars *chars = mz_chars_new ((guint) n_bytes);
  for (const char *p = text; p < text + n_bytes; p = g_utf8_next_char (p))
    {
      MzChar c = { g_utf8_get_char (p), (guint32) (p - text), (guint32) (g_utf8_next_char (p) - text) };
      g_array_append_val (chars, c);
    }
  return chars;
}

gboolean
mz_clean_is_space (gunichar ch)
{
  if (ch < 0x80)
    return ch == ' ' || (ch >= '\t' && ch <= '\r');
  return ch == 0x85 || ch == 0xa0 || ch == 0x1680 || (ch >= 0x2000 && ch <= 0x200a) || ch == 0x2028
         || ch == 0x2029 || ch == 0x202f || ch == 0x205f || ch == 0x3000;
}

/* g_unichar_tolower(), which minds letters only, and the two rows of capitals that are not letters. */
static gunichar
to_lower (gunichar ch)
{
  if (ch >= ROMAN_NUMERAL_ONE && ch < ROMAN_NUMERAL_ONE + 16)
    return ch + 16;
  if (ch >= CIRCLED_CAPITAL_A && ch < CIRCLED_CAPITAL_A + 26)
    return ch + 26;
  return g_unichar_tolower (ch);
}

MzChars *
mz_clean_normalize (const MzChar *chars, guint n)
{
  g_autoptr (GArray) composed = mz_nfc (chars, n);
  MzChars *out = mz_chars_new (composed->len);

  for (guint i = 0; i < composed->len; i++)
    {
      const MzChar *c = mz_chars_at (composed, i);

      if (mz_clean_is_space (c->ch))
        mz_chars_append (out, ' ', c);
      else if (c->ch == CAPITAL_I_WITH_DOT)
        {
          /* the only character whose lower case is two */
          mz_chars_append (out, 'i', c);
          mz_chars_append (out, COMBINING_DOT_ABOVE, c);
        }
      else
        mz_chars_append (out, to_lower (c->ch), c);
    }
  return out;
}
