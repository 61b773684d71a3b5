/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Printing, and errors. */
#include "app/cli/cli.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* In the "C" locale GLib would print “ and × as "?". Whoever has set no locale has a UTF-8 terminal today. */
static void
put (FILE *stream, const char *text)
{
  g_autofree char *converted = NULL;
  const char *charset;

  if (!g_get_charset (&charset) && strstr (charset, "ANSI") == NULL && strstr (charset, "ASCII") == NULL)
    converted = g_convert_with_fallback (text, -1, charset, "UTF-8", "?", NULL, NULL, NULL);
  fputs (converted != NULL ? converted : text, stream);
  fflush (stream);
}

static void
print_cb (const char *text)
{
  put (stdout, text);
}

static void
printerr_cb (const char *text)
{
  put (stderr, text);
}

void
cli_set_up_printing (void)
{
  g_set_print_handler (print_cb);
  g_set_printerr_handler (printerr_cb);
}

void
cli_print (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  put (stdout, text);
}

void
cli_print_error (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  put (stderr, text);
}

void
cli_print_json (const char *line)
{
  fputs (line, stdout);
  fflush (stdout);
}

gboolean
cli_finish_printing (void)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return TRUE;
  if (errno != EPIPE) /* who closed it does not want to know */
    cli_print_error ("mezzotint: %s\n", _ ("The standard output could not be written."));
  return FALSE;
}

void
cli_report_error (const GError *error)
{
  cli_print_error ("mezzotint: %s\n", error->message);
}

int
cli_exit_code (const GError *error, gboolean reading_file)
{
  if (g_error_matches (error, MZ_ERROR, MZ_ERROR_CANCELLED))
    return CLI_CANCELLED;
  if (error->domain == G_OPTION_ERROR || g_error_matches (error, MZ_ERROR, MZ_ERROR_ARGUMENT))
    return CLI_USAGE;
  if (error->domain == G_FILE_ERROR)
    return CLI_CANNOT_WRITE;
  if (reading_file && error->domain == MZ_ERROR && error->code != MZ_ERROR_MEMORY
      && error->code != MZ_ERROR_BACKEND)
    return CLI_BAD_FILE;
  return CLI_FAILED;
}

int
cli_fail (const GError *error, gboolean reading_file)
{
  cli_report_error (error);
  return cli_exit_code (error, reading_file);
}
