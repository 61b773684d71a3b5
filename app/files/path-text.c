/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* File names as UTF-8 text. */
#include "app/files/path-text.h"

#define URI_PREFIX "file:"

char *
mezzotint_path_to_text (const char *path)
{
  g_autofree char *absolute = NULL;

  if (g_utf8_validate (path, -1, NULL) && !g_str_has_prefix (path, URI_PREFIX))
    return g_strdup (path);
  absolute = g_canonicalize_filename (path, NULL);
  return g_filename_to_uri (absolute, NULL, NULL);
}

char *
mezzotint_path_from_text (const char *text)
{
  char *path = g_str_has_prefix (text, URI_PREFIX) ? g_filename_from_uri (text, NULL, NULL) : NULL;

  return path != NULL ? path : g_strdup (text);
}
