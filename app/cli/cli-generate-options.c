/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Options of `mezzotint generate`. */
#include "app/cli/cli-generate-options.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli-options.h"
#include "app/files/import.h"
#include "app/files/numbers.h"
#include "app/jobs/job.h"

const MezzotintOption cli_generate_option_table[] = {
  { NULL, 0, NULL, N_ ("What to draw:") },
  { "negative", 'n', N_ ("TEXT"), N_ ("what to keep out of the picture") },
  { "prompt-file", 0, N_ ("FILE"), N_ ("read the prompt from a file; “-” is the standard input") },
  { "from", 0, N_ ("PICTURE"),
    N_ ("take the settings from a picture of any known program; options go first") },
  { NULL, 0, NULL, N_ ("How:") },
  { "model", 'm', N_ ("PATH"), N_ ("a .safetensors file or a diffusers folder (the built-in model)") },
  { "size", 's', N_ ("WxH"), N_ ("width and height in pixels (what the model was trained for)") },
  { "width", 0, N_ ("N"), N_ ("width alone") },
  { "height", 0, N_ ("N"), N_ ("height alone") },
  { "steps", 0, N_ ("N"), N_ ("steps from noise to picture, 1 to 1000 (what suits the sampler)") },
  { "sampler", 0, N_ ("NAME"), N_ ("way from noise to picture; see --list-samplers") },
  { "schedule", 0, N_ ("NAME"), N_ ("spacing of noise levels; see --list-schedules") },
  { "guidance", 'g', N_ ("X"),
    N_ ("how closely to follow the prompt, 0 to 100 (what suits the model); 1 is fast") },
  { "seed", 0, N_ ("N"), N_ ("start of the noise; the same seed gives the same picture (random)") },
  { "count", 'c', N_ ("N"), N_ ("pictures, each with the next seed (1)") },
  { "at-once", 0, N_ ("N"),
    N_ ("pictures that are drawn together, 1 to 16: sooner done on a graphics card (1)") },
  { "clip-skip", 0, N_ ("N"), N_ ("layer of the text encoder to use, from its end (1)") },
  { "eta", 0, N_ ("X"), N_ ("share of fresh noise in samplers that add some, 0 to 1 (their own)") },
  { "guidance-rescale", 0, N_ ("X"), N_ ("take back contrast that guidance adds, 0 to 1 (0)") },
  { "threshold", 0, N_ ("X"), N_ ("dynamic thresholding: share of values left alone, 0 to 1; 0 is off (0)") },
  { "threshold-limit", 0, N_ ("X"), N_ ("the most that thresholding lets through, 1 to 100 (100)") },
  { "zero-snr", 0, NULL, N_ ("noise levels up to pure noise, for models trained so") },
  { "prompt-style", 0, N_ ("NAME"), N_ ("what brackets in prompts mean; see --list-prompt-styles (a1111)") },
  { NULL, 0, NULL, N_ ("Like other pictures:") },
  { "variation-seed", 0, N_ ("N"), N_ ("seed to move the noise towards (random)") },
  { "variation-strength", 0, N_ ("X"), N_ ("how far, 0 to 1; --count counts the variation’s seed then (0)") },
  { "compatible", 0, N_ ("NAME"),
    N_ ("noise and steps as another program’s; see --list-compatible (diffusers)") },
  { "ensd", 0, N_ ("N"),
    N_ ("added to the seed for the noise in steps, as A1111’s setting of that name (0)") },
  { "gpu-threads", 0, N_ ("N"),
    N_ ("threads that the other program’s GPU holds; 0 is enough for any picture (0)") },
  { NULL, 0, NULL, N_ ("Where to:") },
  { "output", 'o', N_ ("PATH"), N_ ("a file, which is replaced, or a folder, where nothing is (.)") },
  { "preview-every", 0, N_ ("N"), N_ ("save a preview beside the picture after every N steps") },
  { "preview", 0, N_ ("KIND"),
    N_ ("“linear”, small and at no cost; “quick”, by the taesd_decoder.safetensors beside the model, "
        "where there is one; “vae”, the real decoder (quick)") },
  { NULL, 0, NULL, N_ ("On what:") },
  { "backend", 0, N_ ("NAME"), N_ ("which engine computes; see mezzotint devices (the fastest)") },
  { "threads", 0, N_ ("N"), N_ ("processor threads to use (all)") },
  { "memory-limit", 0, N_ ("SIZE"),
    N_ ("memory to use at most, like 3G: slower the less it is, the picture is the same (no limit)") },
  { "vram-limit", 0, N_ ("SIZE"),
    N_ ("the same of a graphics card’s memory (what is free, less a reserve)") },
  { "weights", 0, N_ ("KIND"),
    N_ ("“file”, or “8bit” for half the memory and a slightly different picture (file)") },
  { "half-sums", 0, NULL,
    N_ ("sum in half precision where a graphics card is faster so; a slightly different picture") },
  { NULL, 0, NULL, N_ ("What to tell:") },
  { "quiet", 'q', NULL, N_ ("nothing but errors") },
  { "json", 0, NULL, N_ ("a line of JSON for each thing that happens, on the standard output") },
  { "list-samplers", 0, NULL, N_ ("list samplers, and end") },
  { "list-schedules", 0, NULL, N_ ("list schedules, and end") },
  { "list-compatible", 0, NULL, N_ ("list programs to be compatible with, and end") },
  { "list-prompt-styles", 0, NULL, N_ ("list prompt styles, and end") },
  { "help", 'h', NULL, N_ ("show this help, and end") },
  { NULL },
};

static gboolean
set_usage (GError **error, const char *message)
{
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, message);
  return FALSE;
}

/* ---- Texts ---- */

/* Reads a prompt that may be longer than an argument can, without its last line end. */
static char *
read_prompt_file (const char *path, GError **error)
{
  gboolean is_stdin = strcmp (path, "-") == 0;
  FILE *stream = is_stdin ? stdin : fopen (path, "rbe");
  g_autofree char *text = g_malloc (MZ_MAX_PROMPT_BYTES + 2);
  g_autofree char *shown = g_filename_display_name (path);
  gsize n = 0;
  int saved_errno = errno;

  if (stream != NULL)
    {
      n = fread (text, 1, MZ_MAX_PROMPT_BYTES + 1, stream);
      saved_errno = ferror (stream) ? errno : 0;
      if (!is_stdin)
        fclose (stream);
    }
  if (stream == NULL || saved_errno != 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("The prompt “%s” cannot be read: %s."),
                   shown, g_strerror (saved_errno));
      return NULL;
    }
  text[n] = '\0';
  if (strlen (text) != n)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("The prompt “%s” is not a text."),
                   shown);
      return NULL;
    }
  if (n > 0 && text[n - 1] == '\n')
    text[n - 1] = '\0';
  return g_steal_pointer (&text);
}

static gboolean
read_prompt (CliGenerateOptions *options, const MezzotintArguments *arguments, GError **error)
{
  const char *file = mezzotint_arguments_get (arguments, "prompt-file");
  guint n_words = mezzotint_arguments_n_words (arguments);
  const char *word = n_words > 0 ? mezzotint_arguments_get_word (arguments, 0) : NULL;
  g_autofree char *text = NULL;

  if (n_words > 1)
    return set_usage (error, _ ("There is more than one prompt: put quotes round it."));
  if (word != NULL && file != NULL)
    return set_usage (error, _ ("There are two prompts: one as an argument, one by --prompt-file."));
  if (word == NULL && file == NULL)
    return options->from != NULL || set_usage (error, _ ("There is no prompt: say in quotes what to draw."));
  if (file == NULL && strcmp (word, "-") == 0)
    file = word;
  if (file != NULL && (text = read_prompt_file (file, error)) == NULL)
    return FALSE;
  options->prompt = cli_text_to_utf8 (text != NULL ? text : word, error);
  return options->prompt != NULL;
}

static gboolean
read_from (CliGenerateOptions *options,
           const MezzotintArguments *arguments,
           gboolean *reading_file,
           GError **error)
{
  const char *path = mezzotint_arguments_get (arguments, "from");
  const MzRequest base = MZ_REQUEST_INIT;
  g_autoptr (MezzotintImport) trial = NULL; /* what it comes to shows when a model says what suits it */

  if (path == NULL)
    return TRUE;
  *reading_file = TRUE;
  options->from = mezzotint_metadata_read (path, error);
  if (options->from == NULL || (trial = mezzotint_import_new (options->from, &base, error)) == NULL)
    return FALSE;
  *reading_file = FALSE;
  return TRUE;
}

/* ---- Values ---- */

static gboolean
read_methods (CliGenerateOptions *options, const MezzotintArguments *arguments, GError **error)
{
  const char *sampler = mezzotint_arguments_get (arguments, "sampler");
  const char *schedule = mezzotint_arguments_get (arguments, "schedule");

  if (sampler != NULL && (options->sampler = mz_find_sampler (sampler, error)) == NULL)
    return FALSE;
  return schedule == NULL || (options->schedule = mz_find_schedule (schedule, error)) != NULL;
}

static gboolean
read_preview (CliGenerateOptions *options, const MezzotintArguments *arguments, GError **error)
{
  const char *kind = mezzotint_arguments_get (arguments, "preview");

  if (kind == NULL || strcmp (kind, "quick") == 0)
    options->preview_kind = MZ_PREVIEW_QUICK;
  else if (strcmp (kind, "linear") == 0)
    options->preview_kind = MZ_PREVIEW_LINEAR;
  else if (strcmp (kind, "vae") == 0)
    options->preview_kind = MZ_PREVIEW_VAE;
  else
    return set_usage (error, _ ("The option --preview needs “quick”, “linear” or “vae”."));
  return mezzotint_arguments_get_int (arguments, "preview-every", 1, MZ_MAX_STEPS, &options->preview_every,
                                      error);
}

static gboolean
read_weights (CliGenerateOptions *options, const MezzotintArguments *arguments, GError **error)
{
  const char *kind = mezzotint_arguments_get (arguments, "weights");

  options->weights_8bit = g_strcmp0 (kind, "8bit") == 0;
  if (kind == NULL || options->weights_8bit || strcmp (kind, "file") == 0)
    return TRUE;
  return set_usage (error, _ ("The option --weights needs “file” or “8bit”."));
}

static gboolean
read_numbers (CliGenerateOptions *options, const MezzotintArguments *arguments, GError **error)
{
  options->guidance = -1;
  options->eta = -1;
  options->count = options->at_once = 1;
  return mezzotint_arguments_get_int (arguments, "steps", 1, MZ_MAX_STEPS, &options->steps, error)
         && mezzotint_arguments_get_double (arguments, "guidance", 0, MZ_MAX_GUIDANCE, &options->guidance,
                                            error)
         && mezzotint_arguments_get_double (arguments, "eta", 0, 1, &options->eta, error)
         && mezzotint_arguments_get_int (arguments, "count", 1, MZ_MAX_COUNT, &options->count, error)
         && mezzotint_arguments_get_int (arguments, "at-once", 1, MZ_MAX_AT_ONCE, &options->at_once, error)
         && mezzotint_arguments_get_int (arguments, "clip-skip", 1, 100, &options->clip_skip, error)
         && mezzotint_arguments_get_int (arguments, "threads", 1, MZ_MAX_THREADS, &options->n_threads, error)
         && cli_read_size (arguments, &options->width, &options->height, error)
         && mezzotint_arguments_get_int (arguments, "width", MZ_MIN_SIZE_PX, MZ_MAX_SIZE_PX, &options->width,
                                         error)
         && mezzotint_arguments_get_int (arguments, "height", MZ_MIN_SIZE_PX, MZ_MAX_SIZE_PX,
                                         &options->height, error)
         && cli_read_limit (arguments, "memory-limit", &options->memory_limit, error)
         && cli_read_limit (arguments, "vram-limit", &options->card_limit, error)
         && cli_read_seed (arguments, "seed", &options->has_seed, &options->seed, error)
         && cli_noise_options_read (&options->noise, arguments, error);
}

gboolean
cli_generate_options_read (CliGenerateOptions *options,
                           const MezzotintArguments *arguments,
                           gboolean *reading_file,
                           GError **error)
{
  const char *negative = mezzotint_arguments_get (arguments, "negative");

  *reading_file = FALSE;
  options->model = mezzotint_arguments_get (arguments, "model");
  options->output = mezzotint_arguments_get (arguments, "output");
  options->backend = mezzotint_arguments_get (arguments, "backend");
  options->json = mezzotint_arguments_has (arguments, "json");
  options->quiet = mezzotint_arguments_has (arguments, "quiet");
  options->half_sums = mezzotint_arguments_has (arguments, "half-sums");
  return read_numbers (options, arguments, error) && read_methods (options, arguments, error)
         && read_preview (options, arguments, error) && read_weights (options, arguments, error)
         && (negative == NULL || (options->negative_prompt = cli_text_to_utf8 (negative, error)) != NULL)
         && read_from (options, arguments, reading_file, error) && read_prompt (options, arguments, error);
}

void
cli_generate_options_clear (CliGenerateOptions *options)
{
  g_clear_pointer (&options->prompt, g_free);
  g_clear_pointer (&options->negative_prompt, g_free);
  g_clear_pointer (&options->from, mezzotint_metadata_free);
}

static void
replace_text (char **text, const char *with)
{
  if (with == NULL)
    return;
  g_free (*text);
  *text = g_strdup (with);
}

void
cli_generate_options_apply (const CliGenerateOptions *options, MzRequest *request)
{
  replace_text (&request->prompt, options->prompt);
  replace_text (&request->negative_prompt, options->negative_prompt);
  if (options->sampler != NULL)
    {
      request->sampler = options->sampler->id;
      request->schedule = options->sampler->default_schedule;
      if (options->from == NULL)
        request->steps = options->sampler->default_steps;
    }
  if (options->schedule != NULL)
    request->schedule = options->schedule->id;
  request->width = options->width > 0 ? options->width : request->width;
  request->height = options->height > 0 ? options->height : request->height;
  request->steps = options->steps > 0 ? options->steps : request->steps;
  request->guidance = options->guidance >= 0 ? options->guidance : request->guidance;
  request->eta = options->eta >= 0 ? options->eta : request->eta;
  request->clip_skip = options->clip_skip > 0 ? options->clip_skip : request->clip_skip;
  request->seed = options->has_seed ? options->seed : request->seed;
  request->count = options->count;
  request->at_once = options->at_once;
  cli_noise_options_apply (&options->noise, request);
}
