/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One request while it runs, and its stages: each file of the pipeline holds one. */
#pragma once

#include "pipeline/private.h"

G_BEGIN_DECLS

struct _MzResult
{
  gatomicrefcount ref_count;
  GPtrArray *pictures; /* MzPicture; empty when the caller took them one by one */
  GArray *seeds;       /* guint64 */
  char *cut_prompt;
  int n_cut_tokens;
  gsize activation_bytes;
};

/* Everything that one request needs while it runs. */
typedef struct
{
  MzModel *model;
  MzRequest *request;
  const MzCallbacks *callbacks;
  MzCancel *cancel;
  MzExec *exec;
  MzResult *result;
  MzUnetText *text;

  int n_samples; /* 2 when guided: unconditional, then conditional */
  int latent_h, latent_w;
  gsize n_latent;      /* elements of one latent */
  float *x, *denoised; /* [n_latent] */
  float *in, *out;     /* [n_samples, n_latent] */
  gint32 *ids;         /* [n_samples, max_positions] */

  double step_seconds, decode_seconds; /* running means; 0 while unknown */
  MzStep step;
} MzRun;

/* result.c */
MzResult *mz_result_new (void);

/* progress.c */
/* Tells the caller; has_latent: `x` and `denoised` are those of the step. */
void mz_run_report (MzRun *run, MzPhase phase, int steps_done, gboolean has_latent);
double mz_seconds_since (gint64 begin_us);
/* Moves a running mean towards a new value; 0 is "none yet". */
void mz_run_update_mean (double *mean, double seconds);

/* memory.c */
/* Runs every network once without computing, so that the block is large enough for all of it. */
gboolean mz_run_plan_memory (MzRun *run, GError **error);
/* The latents on the host: after the plan, whose failure says more. */
gboolean mz_run_take_latents (MzRun *run, GError **error);

/* prompt.c */
/* Token ids of one prompt; notes what did not fit when it is the prompt itself. */
gboolean mz_run_tokenize (MzRun *run, const char *text, gint32 *ids, gboolean note_cut, GError **error);
/* Prompts to keys and values, once for all pictures. */
gboolean mz_run_encode_text (MzRun *run, GError **error);

/* sample.c */
/* Noise to latent in run->x. */
gboolean mz_run_sample (MzRun *run, guint64 seed, GError **error);

/* decode.c */
/* `latent` to a picture of the request's size. */
MzPicture *mz_run_decode (MzRun *run, const float *latent, GError **error);

G_END_DECLS
