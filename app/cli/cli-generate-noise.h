/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Options of `mezzotint generate` about noise, guidance and other programs' ways. */
#pragma once

#include "app/cli/arguments.h"
#include "engine.h"

G_BEGIN_DECLS

/* A field that was not given is NULL, FALSE or, where 0 means something, negative. */
typedef struct
{
  const MzMethodInfo *compatibility, *prompt_style;
  int gpu_threads;
  gboolean has_variation_seed, has_step_seed_delta;
  guint64 variation_seed;
  gint64 step_seed_delta;
  double variation_strength;
  double guidance_rescale;
  double threshold_ratio, threshold_limit;
  gboolean zero_snr;
} CliNoiseOptions;

/* Fills *options. FALSE with G_OPTION_ERROR or MZ_ERROR_ARGUMENT. */
gboolean
cli_noise_options_read (CliNoiseOptions *options, const MezzotintArguments *arguments, GError **error);
/* Puts what was given over what is in `request`; a compatibility brings its own prompt style, unless that was
 * given, too, and a strength without a seed of its own draws one. */
void cli_noise_options_apply (const CliNoiseOptions *options, MzRequest *request);

/* The value of an option as a seed; -1 draws one. *has: was it given? */
gboolean cli_read_seed (const MezzotintArguments *arguments,
                        const char *name,
                        gboolean *has,
                        guint64 *seed,
                        GError **error);

G_END_DECLS
