/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One request while it runs, and its stages: each file of the pipeline holds one. */
#pragma once

#include "diffusion/noise-source.h"
#include "diffusion/sampler.h"
#include "pipeline/parts.h"
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

/* How a request is made to fit under the engine's limit, and what it takes. */
typedef struct
{
  const MzPrompts *prompts; /* borrowed */
  int n_samples;            /* of one evaluation; 2 and more when guided */
  int clip_skip;
  int latent_h, latent_w;
  guint64 limit;         /* bytes; 0: none */
  guint64 program_bytes; /* see parts.h */

  int n_pictures;         /* that are drawn together */
  int n_at_once;          /* of each of them, samples of an evaluation that run as one */
  gsize band_bytes;       /* of the autoencoder's bands */
  guint64 block_bytes[3]; /* of activations, by MzPhase */
  guint64 host_bytes;     /* latents */
  guint64 picture_bytes;  /* pixels, while decoding */
  MzParts parts[3];       /* what may be in memory, by MzPhase */
  guint64 peak_bytes;     /* the most at one time */
  guint64 least_bytes;    /* the lowest limit under which this plan works */
  gboolean by_layers;     /* the U-Net is not in memory as a whole at any time */
  gboolean has_one_block; /* all phases' activations, for the whole run */
} MzMemoryPlan;

/* Everything that one request needs while it runs. */
typedef struct
{
  MzModel *model;
  MzRequest *request;
  const MzCallbacks *callbacks;
  MzCancel *cancel;
  MzMemoryPlan plan;
  int entered;       /* MzPhase + 1 of the phase whose network is in memory; 0: none */
  MzExec *text_exec; /* keys and values of the text, all the time */
  MzExec *exec;      /* the phase's activations */
  MzResult *result;
  MzPrompts *prompts;
  MzUnetText *text;
  int sampling_step; /* in work, from 0 */
  int text_step;     /* `text` is of the prompts at this step */
  float *encoded;    /* for prompts that change, see mz_prompts_encode(); else NULL */
  const MzSamplerKind *kind;
  const MzCompatibility *compatibility;
  const MzNoiseSchedule *levels; /* of the model, or rescaled_levels */
  MzNoiseSchedule *rescaled_levels;
  int first, n_pictures; /* in work together, from this index on; step.picture is the one that is told of */
  MzSampler *sampler;    /* of all of them */
  MzNoiseSource *noise;  /* likewise */
  MzSnapshot *base;      /* borrowed: what every picture branches from; NULL: from noise */
  guint8 request_print[MZ_PRINT_BYTES], model_print[MZ_PRINT_BYTES];

  int n_samples; /* 2 when guided: unconditional, then conditional, or each of its terms */
  int latent_h, latent_w;
  gsize n_latent;      /* elements of one latent */
  float *x, *denoised; /* [n_pictures, n_latent] */
  float *in, *out;     /* [n_samples, n_pictures, n_latent]: all pictures of a sample look at the same text */

  gboolean half_sums;                  /* as the engine was told when the request began */
  MzFallback *fallback;                /* NULL until the card's precision fell short */
  MzOverflow overflow[MZ_MAX_AT_ONCE]; /* of the network, for each picture in work */
  gboolean has_noted_network[2],
      has_noted_decoder[2]; /* repeated by the card's wider form, by the processor */
  char *note;               /* for the next report; NULL: none */

  double step_seconds, decode_seconds; /* of one picture, running means; 0 while unknown */
  MzStep step;
} MzRun;

/* result.c */
MzResult *mz_result_new (void);

/* progress.c */
/* To be told with the next report; takes `note`. */
void mz_run_note (MzRun *run, char *note);
/* Tells the caller of picture run->step.picture; has_latent: `x` and `denoised` are those of the step. */
void mz_run_report (MzRun *run, MzPhase phase, int steps_done, gboolean has_latent);
/* The same of picture `i` of those in work. */
void mz_run_report_picture (MzRun *run, int i, MzPhase phase, int steps_done, gboolean has_latent);
double mz_seconds_since (gint64 begin_us);
/* Moves a running mean towards a new value; 0 is "none yet". */
void mz_run_update_mean (double *mean, double seconds);

/* memory.c */
/* n_kept: finished pictures that stay in memory. MZ_ERROR_MEMORY when the request cannot be made to fit. */
gboolean mz_memory_plan_make (const MzModel *model,
                              const MzRequest *request,
                              const MzPrompts *prompts,
                              int n_kept,
                              MzMemoryPlan *plan,
                              GError **error);
/* What is taken besides weights in a phase. */
guint64 mz_memory_plan_other_bytes (const MzMemoryPlan *plan, MzPhase phase);
/* Fills in run->plan, and takes the blocks that all phases share. */
gboolean mz_run_plan_memory (MzRun *run, GError **error);
/* Brings a phase's network into memory, and its block where each phase has its own. Call it before the
 * phase's work; nothing of run->exec may be live. */
gboolean mz_run_enter (MzRun *run, MzPhase phase, GError **error);
/* Can the autoencoder run between two steps without a network being let go of? */
gboolean mz_run_can_preview (const MzRun *run);
/* The latents on the host: after the plan, whose failure says more. */
gboolean mz_run_take_latents (MzRun *run, GError **error);

/* generate.c */
/* Samples of one evaluation of a checked request. */
int mz_request_n_samples (const MzRequest *request);
/* Prompts that AND joins to its own, itself counted. Style and sampler must be known. */
int mz_request_n_terms (const MzRequest *request);
/* Its prompts cut up; see mz_prompts_new(). */
MzPrompts *mz_request_cut_prompts (const MzRequest *request,
                                   MzModel *model,
                                   MzPromptCut *report,
                                   MzCancel *cancel,
                                   GError **error);

/* sample.c */
/* The pictures in work, to finished latents in run->x. */
gboolean mz_run_sample (MzRun *run, GError **error);
/* Where picture step.picture begins in run->x and run->denoised. */
gsize mz_run_picture_offset (const MzRun *run);

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
/* Puts run->x, the sampler and the noise where the pictures begin. first_step: out, the step to take next. */
gboolean mz_run_begin_pictures (MzRun *run, int *first_step, GError **error);
/* How many of the n pictures from `first` on can go on together: all, when none of them was interrupted, or
 * as many as stand where the first does. */
int mz_run_count_alike (const MzRun *run, int first, int n);

/* decode.c */
/* The same of the run, with a note when the device's precision fell short. */
MzPicture *mz_run_decode (MzRun *run, const float *latent, GError **error);
/* [latent_channels, height, width] to a picture; the block of `exec` is planned. `fallback`: in and out, made
 * when the device's precision falls short; NULL: for this time only. */
MzPicture *mz_decode_latent (MzModel *model,
                             MzExec *exec,
                             const float *latent,
                             int height,
                             int width,
                             MzFallback **fallback,
                             GError **error);

G_END_DECLS
