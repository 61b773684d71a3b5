/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What `mezzotint generate` was asked for, before a model is there to say what suits it. */
#pragma once

#include "app/cli/arguments.h"
#include "app/cli/cli-generate-noise.h"
#include "app/files/metadata.h"
#include "engine.h"

G_BEGIN_DECLS

/* A field that was not given is NULL, 0 or, where 0 means something, negative. Strings that are `const`
 * belong to the arguments. */
typedef struct
{
  char *prompt;            /* UTF-8 */
  char *negative_prompt;   /* UTF-8 */
  MezzotintMetadata *from; /* of the picture given by --from: there are settings in them */
  const char *model;
  int width, height; /* px */
  int steps;
  const MzMethodInfo *sampler, *schedule;
  double guidance; /* -1: not given */
  double eta;      /* -1: not given */
  gboolean has_seed;
  guint64 seed;
  int count, at_once; /* 1 when not given */
  int clip_skip;
  CliNoiseOptions noise;
  const char *output;
  int preview_every;
  MzPreviewKind preview_kind;
  int n_threads;
  guint64 memory_limit; /* bytes; 0: not given */
  guint64 card_limit;   /* likewise */
  const char *backend;
  gboolean weights_8bit, half_sums;
  gboolean json, quiet;
} CliGenerateOptions;

/* The table, for the help. */
extern const MezzotintOption cli_generate_option_table[];

/* Fills *options, which must be zero; free it with cli_generate_options_clear(), also on failure. Reads the
 * prompt from a file or the standard input, and --from's picture, as asked for. *reading_file tells the kind
 * of failure: errors are G_OPTION_ERROR, or those of mezzotint_import_read() with *reading_file TRUE. */
gboolean cli_generate_options_read (CliGenerateOptions *options,
                                    const MezzotintArguments *arguments,
                                    gboolean *reading_file,
                                    GError **error);
void cli_generate_options_clear (CliGenerateOptions *options);

/* Puts what was asked for over what is in `request`; a sampler brings its own schedule and number of steps,
 * unless those were given, too, or, for the steps, stand in --from's picture. */
void cli_generate_options_apply (const CliGenerateOptions *options, MzRequest *request);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliGenerateOptions, cli_generate_options_clear)

G_END_DECLS
