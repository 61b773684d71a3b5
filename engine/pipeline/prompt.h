/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The prompts of a request, from text to what the U-Net looks at. */
#pragma once

#include "models/unet.h"
#include "pipeline/private.h"
#include "text/chunks.h"
#include "text/prompt-schedule.h"
#include "text/prompt-style.h"

G_BEGIN_DECLS

/* A prompt of more chunks is cut: each adds 77 tokens that every pixel looks at. */
#define MZ_MAX_CHUNKS 32

/* Pieces that are read in all, where prompts change from step to step; 121 MB of the text encoder's output.
 */
#define MZ_MAX_SEQUENCES 512
/* Prompts joined by AND: each is a sample of every evaluation. */
#define MZ_MAX_TERMS 16

/* What the text encoder is to read, each sequence once, and how the U-Net's samples are made of it. */
typedef struct
{
  const MzPromptStyle *style;
  int n_samples;       /* 2 when guided: negative, then positive, or each of its terms; else one */
  int n_steps;         /* 1 when the prompts are the same at each step */
  int positions;       /* of a sequence, 77 */
  int n_chunks;        /* of a sample in the end */
  int n_sequences;     /* the texts' own chunks one after the other, then an empty one if any is asked for */
  gint32 *ids;         /* [n_sequences, positions] */
  float *weights;      /* likewise */
  int *sequences;      /* [texts, n_chunks] which sequence stands where */
  int *texts;          /* [n_steps, n_samples] which text each sample reads at a step */
  float *term_weights; /* [n_samples - 1] of the positive prompt's terms; NULL when it has just one */
  gboolean is_weighted;
  gboolean
      is_plain; /* no weights, and each sequence stands in its order once: nothing to be done on the host */
} MzPrompts;

/* What of the positive prompt does not fit. */
typedef struct
{
  int n_tokens;
  char *text; /* freed by the caller; NULL when all fits */
} MzPromptCut;

/* The terms of a positive prompt (NULL: empty) in a style: MzPromptTerm, at least one. */
GArray *mz_prompts_split (const MzPromptStyle *style, const char *positive);
/* Cuts the prompts up. n_steps: of the picture, for prompts that change. negative: NULL for one sample, when
 * the positive prompt has one term. report: out. MZ_ERROR_ARGUMENT when there is too much to read. */
MzPrompts *mz_prompts_new (MzModel *model,
                           const MzPromptStyle *style,
                           int n_steps,
                           const char *negative,
                           const char *positive,
                           MzPromptCut *report,
                           MzCancel *cancel,
                           GError **error);
void mz_prompts_free (MzPrompts *prompts);
/* The texts' numbers at a step, [n_samples]. */
const int *mz_prompts_texts_at (const MzPrompts *prompts, int step);
/* Encodes them: what the U-Net's keys and values are made of at the first step, a taken [n_samples, 1,
 * n_chunks positions, width]. The same calls on `exec` whether it plans or computes; its first failure
 * sticks. kept: out, freed with g_free; where n_steps > 1, what the others need. */
MzTensor
mz_prompts_encode (const MzPrompts *prompts, MzClip *clip, MzExec *exec, int clip_skip, float **kept);
/* The same at another step. width: of the text encoder. */
MzTensor
mz_prompts_context_at (const MzPrompts *prompts, const float *kept, MzExec *exec, int width, int step);
/* The shape of that. */
MzTensor mz_prompts_take_context (const MzPrompts *prompts, MzExec *exec, int n_samples, int width);

/* emphasis.c: weighs one chunk in place. z: [width, positions], the text encoder's output, a row a channel;
 * empty: the same of an empty prompt, for MZ_EMPHASIS_FROM_EMPTY only; weights: [positions]. */
void mz_emphasis_apply (MzEmphasis emphasis,
                        float *z,
                        const float *empty,
                        const float *weights,
                        int positions,
                        int width);

G_END_DECLS
