/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One request while it runs, and its stages: each file of the pipeline holds one. */
#pragma once

#include "diffusion/noise-source.h"
#include "diffusion/sampler.h"
#include "pipeline/private.h"
#include "pipeline/prompt.h"
#include "pipeline/snapshot.h"

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
  MzPrompts *prompts;
  MzUnetText *text;
  const MzSamplerKind *kind;
  const MzCompatibility *compatibility;
  const MzNoiseSchedule *levels; /* of the model, or rescaled_levels */
  MzNoiseSchedule *rescaled_levels;
  MzSampler *sampler;   /* of the picture being made */
  MzNoiseSource *noise; /* likewise */
  MzSnapshot *base;     /* borrowed: what every picture branches from; NULL: from noise */
  guint8 request_print[MZ_PRINT_BYTES], model_print[MZ_PRINT_BYTES];

  int n_samples; /* 2 when guided: unconditional, then conditional */
  int latent_h, latent_w;
  gsize n_latent;      /* elements of one latent */
  float *x, *denoised; /* [n_latent] */
  float *in, *out;     /* [n_samples, n_latent] */

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

/* sample.c */
/* The picture run->step.picture, to a finished latent in run->x. */
gboolean mz_run_sample (MzRun *run, GError **error);

/* request.c */
/* MZ_ERROR_ARGUMENT when a prompt, which may be NULL, is too long or not UTF-8; what: its name. */
gboolean mz_prompt_check (const char *text, const char *what, GError **error);

/* start.c */
/* What a request says about each picture but which it is; the request is validated. */
void mz_request_print (const MzRequest *request, guint8 print[MZ_PRINT_BYTES]);
/* How a model computes, but not with which weights. */
void mz_model_print (const MzModel *model, guint8 print[MZ_PRINT_BYTES]);
/* Can the request go on from request->start? MZ_ERROR_ARGUMENT if not. */
gboolean mz_request_check_start (const MzRequest *request, const MzModel *model, GError **error);
/* Puts run->x, the sampler and the noise where the picture begins. first_step: out, the step to take next. */
gboolean mz_run_begin_picture (MzRun *run, int *first_step, GError **error);

/* decode.c */
/* [latent_channels, height, width] to a picture; the block of `exec` is planned. */
MzPicture *
mz_decode_latent (MzModel *model, MzExec *exec, const float *latent, int height, int width, GError **error);

G_END_DECLS
