/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Strict, locale-independent numbers. */
#include "app/files/numbers.h"

#include <math.h>
#include <string.h>

gboolean
mezzotint_parse_int (const char *text, int min, int max, int *value)
{
  gint64 parsed;

  if (text == NULL || !g_ascii_string_to_signed (text, 10, min, max, &parsed, NULL))
    return FALSE;
  *value = (int) parsed;
  return TRUE;
}

gboolean
mezzotint_parse_uint64 (const char *text, guint64 *value)
{
  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, value, NULL);
}

gboolean
mezzotint_parse_int64 (const char *text, gint64 *value)
{
  return text != NULL && g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, value, NULL);
}

gboolean
mezzotint_parse_double (const char *text, double min, double max, double *value)
{
  double parsed;
  char *end;

  /* strtod itself would take white space, "inf", "nan" and "0x1p3". */
  if (text == NULL || text[0] == '\0' || text[strspn (text, "0123456789.eE+-")] != '\0')
    return FALSE;
  parsed = g_ascii_strtod (text, &end);
  if (*end != '\0' || !isfinite (parsed) || parsed < min || parsed > max)
    return FALSE;
  *value = parsed;
  return TRUE;
}

gboolean
mezzotint_parse_size (const char *text, int max, int *width, int *height)
{
  g_autofree char *first = NULL;
  const char *times;
  gsize skip;
  int w, h;

  if (text == NULL)
    return FALSE;
  times = text + strspn (text, "0123456789");
  skip = g_str_has_prefix (times, "×") ? strlen ("×") : (*times == 'x' || *times == 'X');
  if (skip == 0)
    return FALSE;
  first = g_strndup (text, times - text);
  if (!mezzotint_parse_int (first, 0, max, &w) || !mezzotint_parse_int (times + skip, 0, max, &h))
    return FALSE;
  *width = w;
  *height = h;
  return TRUE;
}

/* How many times 1 a unit is; 0: no unit. */
static double
unit_factor (const char *unit)
{
  static const char letters[] = "KMGT";
  const char *letter = *unit != '\0' ? strchr (letters, g_ascii_toupper (*unit)) : NULL;
  int power = letter != NULL ? (int) (letter - letters) + 1 : 0;

  if (g_ascii_strcasecmp (unit, "") == 0 || g_ascii_strcasecmp (unit, "b") == 0)
    return 1;
  if (power == 0)
    return 0;
  if (unit[1] == '\0' || g_ascii_strcasecmp (unit + 1, "ib") == 0)
    return pow (1024, power);
  return g_ascii_strcasecmp (unit + 1, "b") == 0 ? pow (1000, power) : 0;
}

gboolean
mezzotint_parse_bytes (const char *text, guint64 *n_bytes)
{
  gsize n_digits = text != NULL ? strspn (text, "0123456789.") : 0;
  g_autofree char *digits = g_strndup (text, n_digits);
  double factor, number;

  if (n_digits == 0 || !mezzotint_parse_double (digits, 0, 1e15, &number))
    return FALSE;
  factor = unit_factor (text + n_digits);
  if (number * factor < 1 || number * factor > 1e18)
    return FALSE;
  *n_bytes = (guint64) (number * factor);
  return TRUE;
}

char *
mezzotint_format_double (double value)
{
  gboolean has_exponent = value != 0 && (fabs (value) < 1e-4 || fabs (value) >= 1e15);
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (int digits = 1; digits < 17; digits++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, value);
      if (g_ascii_strtod (text, NULL) == value && (has_exponent || strchr (text, 'e') == NULL))
        return g_strdup (text);
    }
  return g_strdup (g_ascii_dtostr (text, sizeof text, value));
}
