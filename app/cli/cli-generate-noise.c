/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Options of `mezzotint generate` about noise, guidance and other programs' ways. */
#include "app/cli/cli-generate-noise.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "app/files/numbers.h"
#include "app/jobs/job.h"

gboolean
cli_read_seed (const MezzotintArguments *arguments,
               const char *name,
               gboolean *has,
               guint64 *seed,
               GError **error)
{
  const char *text = mezzotint_arguments_get (arguments, name);
  g_autofree char *shown = NULL;

  if (text == NULL)
    return TRUE;
  *has = TRUE;
  if (strcmp (text, "-1") == 0) /* how other programs say "random" */
    {
      *seed = mezzotint_random_seed ();
      return TRUE;
    }
  if (mezzotint_parse_uint64 (text, seed))
    return TRUE;
  shown = g_utf8_make_valid (text, -1);
  g_set_error (
      error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      _ ("The option --%s needs a whole number from 0 to %" PRIu64 ", or -1 for a random one, not “%s”."),
      name, G_MAXUINT64, shown);
  return FALSE;
}

static gboolean
read_step_seed_delta (CliNoiseOptions *options, const MezzotintArguments *arguments, GError **error)
{
  const char *text = mezzotint_arguments_get (arguments, "ensd");
  g_autofree char *shown = NULL;

  if (text == NULL)
    return TRUE;
  options->has_step_seed_delta = TRUE;
  if (mezzotint_parse_int64 (text, &options->step_seed_delta))
    return TRUE;
  shown = g_utf8_make_valid (text, -1);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("The option --ensd needs a whole number, not “%s”."), shown);
  return FALSE;
}

static gboolean
read_rows (CliNoiseOptions *options, const MezzotintArguments *arguments, GError **error)
{
  const char *compatibility = mezzotint_arguments_get (arguments, "compatible");
  const char *style = mezzotint_arguments_get (arguments, "prompt-style");

  if (compatibility != NULL
      && (options->compatibility = mz_find_compatibility (compatibility, error)) == NULL)
    return FALSE;
  return style == NULL || (options->prompt_style = mz_find_prompt_style (style, error)) != NULL;
}

gboolean
cli_noise_options_read (CliNoiseOptions *options, const MezzotintArguments *arguments, GError **error)
{
  options->gpu_threads = -1;
  options->variation_strength = -1;
  options->guidance_rescale = -1;
  options->threshold_ratio = -1;
  options->threshold_limit = -1;
  options->zero_snr = mezzotint_arguments_has (arguments, "zero-snr");
  return read_rows (options, arguments, error)
         && mezzotint_arguments_get_int (arguments, "gpu-threads", 0, MZ_MAX_GPU_THREADS,
                                         &options->gpu_threads, error)
         && cli_read_seed (arguments, "variation-seed", &options->has_variation_seed,
                           &options->variation_seed, error)
         && mezzotint_arguments_get_double (arguments, "variation-strength", 0, 1,
                                            &options->variation_strength, error)
         && read_step_seed_delta (options, arguments, error)
         && mezzotint_arguments_get_double (arguments, "guidance-rescale", 0, 1, &options->guidance_rescale,
                                            error)
         && mezzotint_arguments_get_double (arguments, "threshold", 0, 1, &options->threshold_ratio, error)
         && mezzotint_arguments_get_double (arguments, "threshold-limit", 1, MZ_MAX_THRESHOLD_LIMIT,
                                            &options->threshold_limit, error);
}

static void
apply_variation (const CliNoiseOptions *options, MzRequest *request)
{
  if (options->has_variation_seed)
    request->variation_seed = options->variation_seed;
  else if (options->variation_strength > 0 && !(request->variation_strength > 0))
    request->variation_seed = mezzotint_random_seed ();
  if (options->variation_strength >= 0)
    request->variation_strength = options->variation_strength;
}

void
cli_noise_options_apply (const CliNoiseOptions *options, MzRequest *request)
{
  if (options->compatibility != NULL)
    {
      request->compatibility = options->compatibility->id;
      request->prompt_style = NULL;
    }
  if (options->prompt_style != NULL)
    request->prompt_style = options->prompt_style->id;
  if (options->gpu_threads >= 0)
    request->gpu_threads = options->gpu_threads;
  apply_variation (options, request);
  if (options->has_step_seed_delta)
    request->step_seed_delta = options->step_seed_delta;
  if (options->guidance_rescale >= 0)
    request->guidance_rescale = options->guidance_rescale;
  if (options->threshold_ratio >= 0)
    request->threshold_ratio = options->threshold_ratio;
  if (options->threshold_limit >= 0)
    request->threshold_limit = options->threshold_limit;
  if (options->zero_snr)
    request->zero_snr = TRUE;
}
