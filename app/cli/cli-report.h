/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What `mezzotint generate` tells while it works: to a person, or as lines of JSON. */
#pragma once

#include "app/cli/cli-progress.h"
#include "app/jobs/job.h"

G_BEGIN_DECLS

typedef struct _CliReport CliReport;

CliReport *cli_report_new (gboolean json, gboolean quiet);
void cli_report_free (CliReport *report);

/* MzLoadFunc; `user` is the report. */
void cli_report_load_cb (gpointer user, double fraction);
/* What is about to be made; `device` in words. */
void
cli_report_start (CliReport *report, const MzModelInfo *model, const MzRequest *request, const char *device);
/* What it will take; limit: bytes, 0 for none. */
void cli_report_memory (CliReport *report, const MzMemoryEstimate *estimate, MzEngine *engine);
/* Something to know: one sentence. */
void cli_report_note (CliReport *report, const char *message);
/* The job's events. */
MezzotintJobListener cli_report_listener (CliReport *report);
/* All pictures are there. */
void cli_report_done (CliReport *report, MzResult *result);
/* Says what went wrong and returns the exit code. */
int cli_report_fail (CliReport *report, const GError *error, gboolean reading_file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliReport, cli_report_free)

G_END_DECLS
