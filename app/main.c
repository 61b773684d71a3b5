/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The program's beginning: language, then the command line or the window. */
#include <glib.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/files/language.h"
#ifdef MEZZOTINT_HAVE_WINDOW
#include "ui/application.h"

/* `mezzotint`, `mezzotint apple.png`, and how D-Bus starts it. A word that is neither a command nor a file is
 * a mistyped command, which the command line explains. */
static gboolean
is_for_window (int argc, char *const *argv)
{
  if (argc < 2 || g_str_equal (argv[1], "--gapplication-service"))
    return TRUE;
  if (argv[1][0] == '-' || cli_is_command (argv[1]))
    return FALSE;
  return g_file_test (argv[1], G_FILE_TEST_EXISTS) || strchr (argv[1], '/') != NULL;
}
#endif

int
main (int argc, char **argv)
{
  mezzotint_language_begin (MEZZOTINT_LOCALEDIR);
#ifdef MEZZOTINT_HAVE_WINDOW
  if (is_for_window (argc, argv))
    return mezzotint_application_main (argc, argv);
#endif
  return cli_main (argc, argv);
}
