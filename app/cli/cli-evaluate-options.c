/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Options of `mezzotint evaluate`. */
#include "app/cli/cli-evaluate-options.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/cli-options.h"
#include "app/files/numbers.h"

#define DEFAULT_TIMESTEPS 20
/* No model has as many; the model itself says which there are. */
#define MAX_TIMESTEP 1000000

const MezzotintOption cli_evaluate_option_table[] = {
  { NULL, 0, NULL, N_ ("What to measure:") },
  { "model", 'm', N_ ("PATH"), N_ ("a .safetensors file or a diffusers folder (the built-in model)") },
  { "against", 0, N_ ("PATH"), N_ ("a second model, on the same pictures and the same noise") },
  { "prompt", 'p', N_ ("TEXT"), N_ ("what all pictures show (nothing: what it knows without words)") },
  { "size", 's', N_ ("WxH"), N_ ("size in pixels to bring pictures to (what the model was trained for)") },
  { NULL, 0, NULL, N_ ("How:") },
  { "timesteps", 0, N_ ("N"), N_ ("noise levels, spread evenly (20), or a list of them: 1,250,999") },
  { "samples", 0, N_ ("N"), N_ ("draws of noise at each level (1)") },
  { "seed", 0, N_ ("N"), N_ ("start of the noise, the same for each picture (0)") },
  { NULL, 0, NULL, N_ ("Where to:") },
  { "plot", 0, N_ ("FILE"), N_ ("draw the losses and errors as a PNG picture, too") },
  { "output", 'o', N_ ("FILE"), N_ ("write the numbers to a file (the standard output)") },
  { NULL, 0, NULL, N_ ("On what:") },
  { "backend", 0, N_ ("NAME"), N_ ("which engine computes; see mezzotint devices (the fastest)") },
  { "threads", 0, N_ ("N"), N_ ("processor threads to use (all)") },
  { "memory-limit", 0, N_ ("SIZE"), N_ ("memory to use at most, like 3G (no limit)") },
  { NULL, 0, NULL, N_ ("What to tell:") },
  { "quiet", 'q', NULL, N_ ("nothing but the numbers and errors") },
  { "json", 0, NULL, N_ ("lines of JSON, all numbers of each picture among them, instead of tables") },
  { "help", 'h', NULL, N_ ("show this help, and end") },
  { NULL },
};

static int
compare_ints (gconstpointer a, gconstpointer b)
{
  return *(const int *) a < *(const int *) b ? -1 : *(const int *) a > *(const int *) b;
}

/* "1,250,999", also with a comma at the end, so that one alone can be a list. */
static gboolean
read_list (CliEvaluateOptions *options, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", MZ_MAX_EVALUATION_TIMESTEPS + 2);
  guint n = g_strv_length (parts);

  if (n > 1 && *parts[n - 1] == '\0')
    n--;
  if (n > MZ_MAX_EVALUATION_TIMESTEPS)
    return FALSE;
  options->n_timesteps = (int) n;
  options->timesteps = g_new (int, n);
  for (guint i = 0; i < n; i++)
    if (!mezzotint_parse_int (parts[i], 0, MAX_TIMESTEP, &options->timesteps[i]))
      return FALSE;
  qsort (options->timesteps, n, sizeof *options->timesteps, compare_ints);
  return TRUE;
}

static gboolean
read_timesteps (CliEvaluateOptions *options, const MezzotintArguments *arguments, GError **error)
{
  const char *text = mezzotint_arguments_get (arguments, "timesteps");
  g_autofree char *shown = NULL;

  options->n_timesteps = DEFAULT_TIMESTEPS;
  if (text == NULL)
    return TRUE;
  if (strchr (text, ',') != NULL
          ? read_list (options, text)
          : mezzotint_parse_int (text, 1, MZ_MAX_EVALUATION_TIMESTEPS, &options->n_timesteps))
    return TRUE;
  shown = g_utf8_make_valid (text, -1);
  g_set_error (
      error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      _ ("The option --timesteps needs a number from 1 to %d, or a list like 1,250,999, not “%.100s”."),
      MZ_MAX_EVALUATION_TIMESTEPS, shown);
  return FALSE;
}

static gboolean
read_seed (CliEvaluateOptions *options, const MezzotintArguments *arguments, GError **error)
{
  const char *text = mezzotint_arguments_get (arguments, "seed");
  g_autofree char *shown = NULL;

  if (text == NULL || mezzotint_parse_uint64 (text, &options->seed))
    return TRUE;
  shown = g_utf8_make_valid (text, -1);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("The option --seed needs a whole number from 0 to %" PRIu64 ", not “%s”."), G_MAXUINT64,
               shown);
  return FALSE;
}

gboolean
cli_evaluate_options_read (CliEvaluateOptions *options, const MezzotintArguments *arguments, GError **error)
{
  const char *prompt = mezzotint_arguments_get (arguments, "prompt");

  options->models[0] = mezzotint_arguments_get (arguments, "model");
  options->models[1] = mezzotint_arguments_get (arguments, "against");
  options->n_models = options->models[1] != NULL ? 2 : 1;
  options->plot = mezzotint_arguments_get (arguments, "plot");
  options->output = mezzotint_arguments_get (arguments, "output");
  options->backend = mezzotint_arguments_get (arguments, "backend");
  options->json = mezzotint_arguments_has (arguments, "json");
  options->quiet = mezzotint_arguments_has (arguments, "quiet");
  options->n_samples = 1;
  if (mezzotint_arguments_n_words (arguments) == 0)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _ ("There is no picture: name one or more to measure on."));
      return FALSE;
    }
  options->prompt = cli_text_to_utf8 (prompt != NULL ? prompt : "", error);
  return options->prompt != NULL && cli_read_size (arguments, &options->width, &options->height, error)
         && read_timesteps (options, arguments, error) && read_seed (options, arguments, error)
         && mezzotint_arguments_get_int (arguments, "samples", 1, MZ_MAX_EVALUATION_SAMPLES,
                                         &options->n_samples, error)
         && cli_read_limit (arguments, "memory-limit", &options->memory_limit, error)
         && mezzotint_arguments_get_int (arguments, "threads", 1, MZ_MAX_THREADS, &options->n_threads, error);
}

void
cli_evaluate_options_clear (CliEvaluateOptions *options)
{
  g_clear_pointer (&options->prompt, g_free);
  g_clear_pointer (&options->timesteps, g_free);
}
