/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* mezzotint inspect PICTURE: what it says of how it was made, and what of that can be used. */
#include "app/cli/cli-inspect-picture.h"

#include <glib/gi18n.h>

#include "app/cli/cli.h"
#include "app/files/import.h"
#include "app/files/json-text.h"
#include "app/files/printable.h"

/* Of a prompt, for people; JSON has all. */
#define MAX_SHOWN_CHARS 2000

static void
print_text (const char *title, const char *text)
{
  g_autofree char *shown = mezzotint_printable (text, MAX_SHOWN_CHARS);

  if (*shown != '\0')
    cli_print ("  %s %s\n", title, shown);
}

static void
print_list (const char *title, const GStrv list)
{
  if (list[0] == NULL)
    return;
  cli_print ("%s\n", title);
  for (gsize i = 0; list[i] != NULL; i++)
    cli_print ("  %s\n", list[i]);
}

static void
print_picture (const MezzotintMetadata *metadata, const MezzotintImport *import, const char *problem)
{
  cli_print ("%s\n", metadata->name);
  if (metadata->width > 0)
    cli_print (_ ("  Size:            %d×%d px\n"), metadata->width, metadata->height);
  if (import == NULL)
    {
      cli_print ("  %s\n", problem);
      return;
    }
  print_text (_ ("Made with:      "), import->program);
  print_text (_ ("Prompt:         "), import->request.prompt);
  print_text (_ ("Negative prompt:"), import->request.negative_prompt);
  print_list (_ ("Settings:"), import->understood);
  print_list (_ ("LoRAs:"), import->loras);
  print_list (_ ("Not used here:"), import->recall.unused);
  print_list (_ ("What will differ:"), import->recall.notes);
}

static void
print_picture_as_json (const MezzotintMetadata *metadata, const MezzotintImport *import, const char *problem)
{
  GString *line = mezzotint_json_begin ();
  g_autofree char *text = NULL;

  mezzotint_json_add_string (line, "path", metadata->name);
  mezzotint_json_add_int (line, "width", metadata->width);
  mezzotint_json_add_int (line, "height", metadata->height);
  mezzotint_json_add_string (line, "problem", problem);
  if (import != NULL)
    {
      mezzotint_json_add_string (line, "program", import->program);
      mezzotint_json_add_string (line, "prompt", import->request.prompt);
      mezzotint_json_add_string (line, "negative", import->request.negative_prompt);
      mezzotint_json_add_strings (line, "settings", (const char *const *) import->understood);
      mezzotint_json_add_string (line, "model", import->recall.model);
      mezzotint_json_add_string (line, "model_hash", import->recall.model_hash);
      mezzotint_json_add_strings (line, "loras", (const char *const *) import->loras);
      mezzotint_json_add_strings (line, "unused", (const char *const *) import->recall.unused);
      mezzotint_json_add_strings (line, "notes", (const char *const *) import->recall.notes);
    }
  text = mezzotint_json_end (line);
  cli_print_json (text);
}

void
cli_inspect_picture (const MezzotintMetadata *metadata, gboolean as_json)
{
  g_autoptr (GError) error = NULL;
  g_auto (MzRequest) base = MZ_REQUEST_INIT;
  g_autoptr (MezzotintImport) import = NULL;
  const char *problem;

  mz_request_use_defaults (&base, NULL);
  import = mezzotint_import_new (metadata, &base, &error);
  problem = import != NULL ? metadata->problem : error->message;
  if (as_json)
    print_picture_as_json (metadata, import, problem);
  else
    print_picture (metadata, import, problem);
}
