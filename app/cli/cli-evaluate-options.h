/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What `mezzotint evaluate` was asked for. */
#pragma once

#include "app/cli/arguments.h"
#include "engine.h"

G_BEGIN_DECLS

/* Strings that are `const` belong to the arguments. */
typedef struct
{
  const char *models[2]; /* NULL in the first: the built-in one; NULL in the second: none */
  int n_models;
  char *prompt;      /* UTF-8; "" when not given */
  int width, height; /* px; 0: what the first model was trained for */
  int n_timesteps;   /* how many, or how many there are in the list */
  int *timesteps;    /* [n_timesteps] rising; NULL: spread over the model's range */
  int n_samples;
  guint64 seed;
  const char *plot, *output; /* NULL: none */
  int n_threads;
  guint64 memory_limit; /* bytes; 0: none */
  const char *backend;
  gboolean json, quiet;
} CliEvaluateOptions;

/* The table, for the help. */
extern const MezzotintOption cli_evaluate_option_table[];

/* Fills *options, which must be zero; free it with cli_evaluate_options_clear(), also on failure. Fails with
 * G_OPTION_ERROR. */
gboolean
cli_evaluate_options_read (CliEvaluateOptions *options, const MezzotintArguments *arguments, GError **error);
void cli_evaluate_options_clear (CliEvaluateOptions *options);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliEvaluateOptions, cli_evaluate_options_clear)

G_END_DECLS
