/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A job: one request run on a loaded model, its pictures saved as they come, previews beside them. It prints
 * nothing; the command line and the window listen. */
#pragma once

#include "app/jobs/model-hash.h"
#include "app/files/output.h"
#include "engine.h"

G_BEGIN_DECLS

/* What a job tells while it runs, on the thread that runs it. Each may be NULL. */
typedef struct
{
  void (*step) (gpointer user, const MzStep *step);
  void (*preview_saved) (gpointer user, const MzStep *step, const char *path);
  void (*picture_saved) (gpointer user, int index, guint64 seed, const MzPicture *picture, const char *path);
  /* Something went wrong that does not end the job; one sentence. */
  void (*warning) (gpointer user, const char *message);
  gpointer user;
} MezzotintJobListener;

/* Nothing is owned; everything lives as long as the run. */
typedef struct
{
  MzModel *model;
  MezzotintModelHash *model_hash; /* of `model`; waited for when the first picture is there */
  const MzRequest *request;       /* validated: its numbers are written into the pictures */
  MezzotintOutput *output;
  int preview_every; /* steps; 0: no previews */
  MzPreviewKind preview_kind;
  MezzotintJobListener listener;
} MezzotintJob;

/* Runs the job. Blocks. Fails with what mz_generate() fails with, or with what saving a picture does;
 * pictures saved before stay. On success *result (may be NULL) is the engine's, owned by the caller. */
gboolean mezzotint_job_run (const MezzotintJob *job, MzCancel *cancel, MzResult **result, GError **error);

/* The parameters text of picture `index` of a validated request. Waits for the hash of the model, but no
 * longer than until `cancel` is triggered: a picture without it is better than none. Free with g_free. */
char *mezzotint_job_describe_picture (MzModel *model,
                                      MezzotintModelHash *model_hash,
                                      const MzRequest *request,
                                      int index,
                                      MzCancel *cancel);

/* A seed that any program of the field can take: A1111 draws its own from the same range. */
guint64 mezzotint_random_seed (void);

G_END_DECLS
