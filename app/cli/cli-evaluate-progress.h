/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How far `mezzotint evaluate` is, and how long it will take. */
#pragma once

#include "app/cli/cli-progress.h"

G_BEGIN_DECLS

typedef struct
{
  guint n_models, n_pictures;
  guint model, picture; /* being measured */
  CliProgress *bar;     /* NULL: none is shown; borrowed */
  gboolean json;        /* print events */

  gint64 last_us;       /* monotonic, of the last news */
  double autoencoder_s; /* of one picture; 0 while unknown */
  double evaluation_s;  /* likewise, of the network once */
} CliEvaluateProgress;

/* A model's first picture: times of another one say nothing. */
void cli_evaluate_progress_begin_model (CliEvaluateProgress *self, guint model);
void cli_evaluate_progress_begin_picture (CliEvaluateProgress *self, guint picture);
/* MzEvaluateFunc; `user` is the struct. */
void cli_evaluate_progress_cb (gpointer user, int done, int total);

/* The rest of this picture, of the others, and of the other model, in seconds; negative: unknown. */
double cli_evaluate_progress_seconds_left (const CliEvaluateProgress *self, int done, int total);

G_END_DECLS
