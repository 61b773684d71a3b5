/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* JSON lines. */
#include "app/files/json-text.h"

#include <string.h>

#include "app/files/numbers.h"

void
mezzotint_append_json_string (GString *text, const char *value)
{
  static const char specials[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";

  g_string_append_c (text, '"');
  for (const char *p = value; *p != '\0'; p++)
    {
      const char *special = strchr (specials, *p);

      if (special != NULL)
        g_string_append_printf (text, "\\%c", letters[special - specials]);
      else if ((guint8) *p < 0x20)
        g_string_append_printf (text, "\\u%04x", (guint8) *p);
      else
        g_string_append_c (text, *p);
    }
  g_string_append_c (text, '"');
}

GString *
mezzotint_json_begin (void)
{
  return g_string_new ("{");
}

static void
add_key (GString *line, const char *key)
{
  if (line->len > 1)
    g_string_append_c (line, ',');
  mezzotint_append_json_string (line, key);
  g_string_append_c (line, ':');
}

static void
append_any_string (GString *line, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  mezzotint_append_json_string (line, valid);
}

void
mezzotint_json_add_string (GString *line, const char *key, const char *value)
{
  add_key (line, key);
  if (value != NULL)
    append_any_string (line, value);
  else
    g_string_append (line, "null");
}

void
mezzotint_json_add_strings (GString *line, const char *key, const char *const *values)
{
  add_key (line, key);
  if (values == NULL)
    {
      g_string_append (line, "null");
      return;
    }
  g_string_append_c (line, '[');
  for (gsize i = 0; values[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (line, ',');
      append_any_string (line, values[i]);
    }
  g_string_append_c (line, ']');
}

void
mezzotint_json_add_int (GString *line, const char *key, gint64 value)
{
  add_key (line, key);
  g_string_append_printf (line, "%" G_GINT64_FORMAT, value);
}

void
mezzotint_json_add_uint64 (GString *line, const char *key, guint64 value)
{
  add_key (line, key);
  g_string_append_printf (line, "%" G_GUINT64_FORMAT, value);
}

void
mezzotint_json_add_millionths (GString *line, const char *key, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  add_key (line, key);
  g_string_append (line, g_ascii_formatd (text, sizeof text, "%.6f", value));
}

void
mezzotint_json_add_double (GString *line, const char *key, double value)
{
  g_autofree char *text = mezzotint_format_double (value);

  add_key (line, key);
  g_string_append (line, text);
}

void
mezzotint_json_add_ints (GString *line, const char *key, const int *values, gsize n)
{
  add_key (line, key);
  g_string_append_c (line, '[');
  for (gsize i = 0; i < n; i++)
    g_string_append_printf (line, "%s%d", i > 0 ? "," : "", values[i]);
  g_string_append_c (line, ']');
}

void
mezzotint_json_add_doubles (GString *line, const char *key, const double *values, gsize n)
{
  add_key (line, key);
  g_string_append_c (line, '[');
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *text = mezzotint_format_double (values[i]);

      g_string_append_printf (line, "%s%s", i > 0 ? "," : "", text);
    }
  g_string_append_c (line, ']');
}

char *
mezzotint_json_end (GString *line)
{
  g_string_append (line, "}\n");
  return g_string_free (line, FALSE);
}
