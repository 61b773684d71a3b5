/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which command, and help. */
#include "app/cli/cli.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>

#include "core/names.h"

static const CliCommand *const commands[] = { &cli_generate, &cli_inspect, &cli_evaluate, &cli_devices };

static void
print_help (void)
{
  cli_print (_ ("Mezzotint %s makes pictures from words with Stable Diffusion, on this machine alone.\n\n"
                "Usage: mezzotint [PICTURE…]           open the window\n"
                "       mezzotint COMMAND [OPTION…]    work without it\n\nCommands:\n"),
             MEZZOTINT_VERSION);
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    cli_print ("  %-10s %s\n", commands[i]->name, _ (commands[i]->summary));
  cli_print (_ ("\n“mezzotint COMMAND --help” tells more; “mezzotint --version” the version.\n\n"
                "Try:\n  mezzotint generate \"a red apple\" --output apple.png\n\n"
                "Exit codes:\n"
                "  0    done\n"
                "  1    the engine could not do it (memory, device)\n"
                "  2    a wrong command, option or value\n"
                "  3    a model or picture to be read is missing, damaged or of an unknown kind\n"
                "  4    the output cannot be written\n"
                "  130  cancelled by Ctrl-C; finished pictures are kept\n\n"
                "Environment:\n"
                "  MEZZOTINT_BACKEND   which engine computes (see “mezzotint devices”)\n"
                "  MEZZOTINT_DATA_DIR  where the built-in model is\n"));
}

static void
print_command_help (const CliCommand *command)
{
  g_autofree char *options = mezzotint_options_to_help (command->options);

  /* Translators: a command, its arguments, and what it does as a sentence without its full stop. */
  cli_print (_ ("Usage: mezzotint %s %s\n\n%s.\n"), command->name, _ (command->usage), _ (command->summary));
  cli_print ("%s", options);
  if (command->epilogue != NULL)
    cli_print ("\n%s", _ (command->epilogue));
}

gboolean
cli_is_command (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i]->name, name) == 0)
      return TRUE;
  return strcmp (name, "help") == 0;
}

static const CliCommand *
find_command (const char *name, GError **error)
{
  const char *names[G_N_ELEMENTS (commands)];

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (strcmp (commands[i]->name, name) == 0)
        return commands[i];
      names[i] = commands[i]->name;
    }
  mz_set_unknown_name_error (error, _ ("command"), name, names, G_N_ELEMENTS (names));
  return NULL;
}

static int
run_command (const CliCommand *command, int argc, char *const *argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintArguments) arguments = NULL;

  arguments = mezzotint_arguments_new (command->options, argc, argv, &error);
  if (arguments == NULL)
    return cli_fail (error, FALSE);
  if (mezzotint_arguments_has (arguments, "help"))
    {
      print_command_help (command);
      return CLI_OK;
    }
  return command->run (arguments);
}

/* `mezzotint`, `mezzotint --help`, `mezzotint --version`: no command. */
static int
run_without_command (int argc, char *const *argv)
{
  static const MezzotintOption options[] = {
    { "help", 'h', NULL, "" },
    { "version", 0, NULL, "" },
    { NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintArguments) arguments = mezzotint_arguments_new (options, argc, argv, &error);

  if (arguments == NULL)
    return cli_fail (error, FALSE);
  if (mezzotint_arguments_has (arguments, "version"))
    cli_print ("Mezzotint %s\n", MEZZOTINT_VERSION);
  else
    print_help ();
  return CLI_OK;
}

int
cli_main (int argc, char *const *argv)
{
  g_autoptr (GError) error = NULL;
  const CliCommand *command;
  int code;

  cli_set_up_printing ();
  signal (SIGPIPE, SIG_IGN); /* a closed pipe must not cost the picture in work */
  signal (SIGXFSZ, SIG_IGN); /* a file too long for its limit is a write error like another */
  if (argc < 2 || argv[1][0] == '-')
    code = run_without_command (argc - 1, argv + 1);
  else if (strcmp (argv[1], "help") == 0)
    code = run_without_command (0, NULL);
  else if ((command = find_command (argv[1], &error)) != NULL)
    code = run_command (command, argc - 2, argv + 2);
  else
    code = cli_fail (error, FALSE);
  if (!cli_finish_printing () && code == CLI_OK)
    code = CLI_CANNOT_WRITE;
  return code;
}
