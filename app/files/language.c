/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Setting up gettext. */
#include "app/files/language.h"

#include <glib/gi18n.h>
#include <locale.h>

/* Free with g_free. */
static char *
find_translations (const char *configured_folder)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *bin = program != NULL ? g_path_get_dirname (program) : NULL;
  g_autofree char *prefix = bin != NULL ? g_path_get_dirname (bin) : NULL;
  g_autofree char *beside = prefix != NULL ? g_build_filename (prefix, "share", "locale", NULL) : NULL;

  if (beside != NULL && g_file_test (beside, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&beside);
  return g_strdup (configured_folder);
}

void
mezzotint_language_begin (const char *configured_folder)
{
  g_autofree char *translations = find_translations (configured_folder);

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, translations);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}
