/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The command line: commands, exit codes, and what they print with. */
#pragma once

#include "app/cli/arguments.h"
#include "engine.h"

G_BEGIN_DECLS

/* Exit codes; mezzotint --help lists them. */
enum
{
  CLI_OK = 0,
  CLI_FAILED = 1,       /* the engine could not do it */
  CLI_USAGE = 2,        /* wrong options or values */
  CLI_BAD_FILE = 3,     /* a model or picture to read is missing or damaged */
  CLI_CANNOT_WRITE = 4, /* output */
  CLI_CANCELLED = 130,  /* by Ctrl-C */
};

typedef struct
{
  const char *name;               /* "generate" */
  const char *summary;            /* one line */
  const char *usage;              /* "[OPTION…] PROMPT" */
  const MezzotintOption *options; /* --help is every command's own */
  const char *epilogue;           /* examples; may be NULL */
  int (*run) (const MezzotintArguments *arguments);
} CliCommand;

extern const CliCommand cli_generate, cli_inspect, cli_evaluate, cli_devices;

/* Runs the program; returns its exit code. */
int cli_main (int argc, char *const *argv);
/* Is it the name of a command ("generate", "help")? */
gboolean cli_is_command (const char *name);

/* Prints UTF-8 on the standard output or error, in the terminal's character set. */
void cli_print (const char *format, ...) G_GNUC_PRINTF (1, 2);
void cli_print_error (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Prints a line of JSON as it is, at once. */
void cli_print_json (const char *line);
/* Routes g_print() and g_printerr() so that a terminal without a locale still gets UTF-8. */
void cli_set_up_printing (void);
/* Pushes out what was printed. FALSE (and a message) when the standard output could not take it. */
gboolean cli_finish_printing (void);

/* "mezzotint: MESSAGE" on the standard error. */
void cli_report_error (const GError *error);
/* What went wrong, as an exit code; `reading_file`: while a model or picture was being read. */
int cli_exit_code (const GError *error, gboolean reading_file);
/* Reports and returns the code. */
int cli_fail (const GError *error, gboolean reading_file);

/* A flag that the first Ctrl-C (or SIGTERM) raises; the second ends the process at once. Once a process. */
MzCancel *cli_cancel_on_signal (void);

G_END_DECLS
