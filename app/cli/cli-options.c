/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Options that several commands have. */
#include "app/cli/cli-options.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/files/numbers.h"

char *
cli_text_to_utf8 (const char *text, GError **error)
{
  const char *bad;
  char *converted = NULL;

  if (strlen (text) > MZ_MAX_PROMPT_BYTES)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("The prompt is longer than %d bytes, the most that is taken."), MZ_MAX_PROMPT_BYTES);
      return NULL;
    }
  if (g_utf8_validate (text, -1, &bad))
    return g_strdup (text);
  if (!g_get_charset (NULL))
    converted = g_locale_to_utf8 (text, -1, NULL, NULL, NULL);
  if (converted == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("The prompt is not valid UTF-8 text (at byte %zu)."), (gsize) (bad - text) + 1);
  return converted;
}

gboolean
cli_read_size (const MezzotintArguments *arguments, int *width, int *height, GError **error)
{
  const char *size = mezzotint_arguments_get (arguments, "size");
  g_autofree char *shown = NULL;

  if (size == NULL
      || (mezzotint_parse_size (size, MZ_MAX_SIZE_PX, width, height)
          && MIN (*width, *height) >= MZ_MIN_SIZE_PX))
    return TRUE;
  shown = g_utf8_make_valid (size, -1);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("The option --size needs two numbers from %d to %d, like 512x512, not “%s”."),
               MZ_MIN_SIZE_PX, MZ_MAX_SIZE_PX, shown);
  return FALSE;
}

gboolean
cli_read_limit (const MezzotintArguments *arguments, const char *option, guint64 *n_bytes, GError **error)
{
  const char *text = mezzotint_arguments_get (arguments, option);
  g_autofree char *shown = NULL;

  if (text == NULL || mezzotint_parse_bytes (text, n_bytes))
    return TRUE;
  shown = g_utf8_make_valid (text, -1);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               g_str_equal (option, "vram-limit")
                   ? _ ("The option --vram-limit needs a size like 3G or 2500M, not “%s”.")
                   : _ ("The option --memory-limit needs a size like 3G or 2500M, not “%s”."),
               shown);
  return FALSE;
}
