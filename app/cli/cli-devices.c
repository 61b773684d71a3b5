/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* mezzotint devices: what this machine can compute with, and why not. */
#include "app/cli/cli.h"

#include <glib/gi18n.h>

#include "app/files/json-text.h"

static void
print_device (const MzDeviceInfo *device)
{
  if (device->problem == NULL)
    cli_print ("%-10s %s\n", device->backend, device->description);
  else
    cli_print (_ ("%-10s not usable: %s\n"), device->backend, device->problem);
}

static void
print_device_as_json (const MzDeviceInfo *device)
{
  GString *line = mezzotint_json_begin ();
  g_autofree char *text = NULL;

  mezzotint_json_add_string (line, "backend", device->backend);
  mezzotint_json_add_string (line, "description", device->description);
  mezzotint_json_add_string (line, "problem", device->problem);
  text = mezzotint_json_end (line);
  cli_print_json (text);
}

static int
run (const MezzotintArguments *arguments)
{
  g_autoptr (GPtrArray) devices = NULL;

  if (mezzotint_arguments_n_words (arguments) > 0)
    {
      cli_print_error ("mezzotint: %s\n", _ ("The command “devices” takes options only."));
      return CLI_USAGE;
    }
  devices = mz_list_devices ();
  for (guint i = 0; i < devices->len; i++)
    {
      const MzDeviceInfo *device = g_ptr_array_index (devices, i);

      if (mezzotint_arguments_has (arguments, "json"))
        print_device_as_json (device);
      else
        print_device (device);
    }
  return CLI_OK;
}

static const MezzotintOption options[] = {
  { NULL, 0, NULL, N_ ("Options:") },
  { "json", 0, NULL, N_ ("one line of JSON for each") },
  { "help", 'h', NULL, N_ ("show this help") },
  { NULL },
};

const CliCommand cli_devices = {
  .name = "devices",
  .summary = N_ ("List what this machine can compute with, best first, and why something cannot be used"),
  .usage = N_ ("[OPTION…]"),
  .options = options,
  .epilogue
  = N_ ("The first that is usable is taken; --backend NAME or MEZZOTINT_BACKEND=NAME takes another.\n"),
  .run = run,
};
