/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A progress bar on the standard error: one line on a terminal, a few lines anywhere else. */
#pragma once

#include "engine.h"

G_BEGIN_DECLS

typedef struct _CliProgress CliProgress;

/* Looks at the standard error. */
CliProgress *cli_progress_new (void);
/* Clears the line. */
void cli_progress_free (CliProgress *progress);

/* Shows how much of the model is loaded, 0..1. */
void cli_progress_load (CliProgress *progress, double fraction);
void cli_progress_step (CliProgress *progress, const MzStep *step);
/* Other work: `what` is done in words ("Picture 2 of 5, 12 of 20"), `what_short` the same for a narrow
 * terminal, `fraction` 0..1; seconds_left negative: unknown. */
void cli_progress_work (CliProgress *progress,
                        const char *what,
                        const char *what_short,
                        double fraction,
                        double seconds_left);
/* Makes room for other output; the next step draws the line anew. */
void cli_progress_clear (CliProgress *progress);

/* The line for `step`, never wider than `width` columns; parts that don't fit are left out, the bar first.
 * `utf8`: may it have other than ASCII characters? Free with g_free. */
char *cli_progress_format (const MzStep *step, int width, gboolean utf8);
/* Columns that `text` takes on a terminal. */
int cli_display_width (const char *text);
/* "0:07", "12:34", "1:02:03". Free with g_free. */
char *cli_format_duration (double seconds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliProgress, cli_progress_free)

G_END_DECLS
