/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* mezzotint inspect: what a model file is, and what is wrong with it; or what a picture says of itself. */
#include "app/cli/cli.h"

#include <glib/gi18n.h>

#include "app/cli/cli-inspect-picture.h"
#include "app/files/json-text.h"

/* Names listed for people; JSON has all. */
#define MAX_LISTED 20

static void
print_list (const char *title, char *const *names)
{
  guint n = names != NULL ? g_strv_length ((GStrv) names) : 0;

  if (n == 0)
    return;
  cli_print ("%s (%u):\n", title, n);
  for (guint i = 0; i < MIN (n, MAX_LISTED); i++)
    cli_print ("  %s\n", names[i]);
  if (n > MAX_LISTED)
    cli_print (ngettext ("  and %u more\n", "  and %u more\n", n - MAX_LISTED), n - MAX_LISTED);
}

static void
print_info (const MzModelInfo *info)
{
  g_autofree char *size = g_format_size (info->n_bytes);
  g_autofree char *shown = g_filename_display_name (info->path);

  cli_print ("%s\n", info->name);
  cli_print (_ ("  Path:        %s\n"), shown);
  cli_print (_ ("  Family:      %s, %s\n"), info->family, info->layout);
  cli_print (_ ("  Prediction:  %s\n"), info->prediction_type);
  cli_print (_ ("  Trained for: %d×%d px; sizes are multiples of %d px\n"), info->native_width,
             info->native_height, info->size_multiple);
  cli_print (_ ("  Latent:      %d channels, one cell for %d×%d px\n"), info->latent_channels,
             info->latent_factor, info->latent_factor);
  cli_print (_ ("  Prompt:      up to %d tokens\n"), info->max_tokens);
  cli_print (_ ("  Weights:     %.1f million numbers in %s, %s\n"), (double) info->n_parameters / 1e6,
             info->dtypes, size);
  print_list (_ ("Components"), info->components);
  print_list (_ ("Missing, or of another shape: this model cannot be used"), info->missing);
  print_list (_ ("Not used"), info->unused);
}

static void
print_info_as_json (const MzModelInfo *info)
{
  GString *line = mezzotint_json_begin ();
  g_autofree char *shown = g_filename_display_name (info->path);
  g_autofree char *text = NULL;

  mezzotint_json_add_string (line, "name", info->name);
  mezzotint_json_add_string (line, "path", shown);
  mezzotint_json_add_string (line, "layout", info->layout);
  mezzotint_json_add_string (line, "family", info->family);
  mezzotint_json_add_string (line, "prediction_type", info->prediction_type);
  mezzotint_json_add_string (line, "dtypes", info->dtypes);
  mezzotint_json_add_uint64 (line, "parameters", info->n_parameters);
  mezzotint_json_add_uint64 (line, "bytes", info->n_bytes);
  mezzotint_json_add_int (line, "native_width", info->native_width);
  mezzotint_json_add_int (line, "native_height", info->native_height);
  mezzotint_json_add_int (line, "size_multiple", info->size_multiple);
  mezzotint_json_add_int (line, "max_tokens", info->max_tokens);
  mezzotint_json_add_int (line, "latent_channels", info->latent_channels);
  mezzotint_json_add_int (line, "latent_factor", info->latent_factor);
  mezzotint_json_add_strings (line, "components", (const char *const *) info->components);
  mezzotint_json_add_strings (line, "missing", (const char *const *) info->missing);
  mezzotint_json_add_strings (line, "unused", (const char *const *) info->unused);
  text = mezzotint_json_end (line);
  cli_print_json (text);
}

static int
run (const MezzotintArguments *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MzModelInfo) info = NULL;
  g_autoptr (MezzotintMetadata) metadata = NULL;
  const char *path;

  if (mezzotint_arguments_n_words (arguments) != 1)
    {
      cli_print_error ("mezzotint: %s\n",
                       _ ("The command “inspect” takes one model file or folder, or a picture."));
      return CLI_USAGE;
    }
  path = mezzotint_arguments_get_word (arguments, 0);
  metadata = mezzotint_metadata_read (path, NULL);
  if (metadata != NULL)
    {
      cli_inspect_picture (metadata, mezzotint_arguments_has (arguments, "json"));
      return CLI_OK;
    }
  info = mz_model_inspect (path, &error);
  if (info == NULL)
    return cli_fail (error, TRUE);
  if (mezzotint_arguments_has (arguments, "json"))
    print_info_as_json (info);
  else
    print_info (info);
  return CLI_OK;
}

static const MezzotintOption options[] = {
  { NULL, 0, NULL, N_ ("Options:") },
  { "json", 0, NULL, N_ ("one line of JSON, with all names of tensors, or all settings") },
  { "help", 'h', NULL, N_ ("show this help") },
  { NULL },
};

const CliCommand cli_inspect = {
  .name = "inspect",
  .summary = N_ ("Tell what a model file is, what it lacks, and what is not used; or how a picture was made"),
  .usage = N_ ("[OPTION…] FILE"),
  .options = options,
  .epilogue = N_ (
      "FILE is a .safetensors file, a diffusers folder, or a PNG, JPEG or WebP picture. Nothing but headers\n"
      "is read.\n\n"
      "Examples:\n"
      "  mezzotint inspect v1-5-pruned-emaonly.safetensors\n"
      "  mezzotint inspect --json my-model/\n"
      "  mezzotint inspect lighthouse.png\n"),
  .run = run,
};
