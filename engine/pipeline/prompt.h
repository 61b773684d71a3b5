/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The prompts of a request, from text to what the U-Net looks at. */
#pragma once

#include "models/unet.h"
#include "pipeline/private.h"
#include "text/chunks.h"
#include "text/prompt-style.h"

G_BEGIN_DECLS

/* A prompt of more chunks is cut: each adds 77 tokens that every pixel looks at. */
#define MZ_MAX_CHUNKS 32

/* What the text encoder is to read, each sequence once, and how the U-Net's samples are made of it. */
typedef struct
{
  const MzPromptStyle *style;
  int n_samples;   /* 2 when guided: negative, then positive */
  int positions;   /* of a sequence, 77 */
  int n_chunks;    /* of a sample in the end */
  int n_sequences; /* the samples' own chunks one after the other, then an empty one if any is asked for */
  gint32 *ids;     /* [n_sequences, positions] */
  float *weights;  /* likewise */
  int *sequences;  /* [n_samples, n_chunks] which sequence stands where */
  gboolean is_weighted;
  gboolean
      is_plain; /* no weights, and each sequence stands in its order once: nothing to be done on the host */
} MzPrompts;

/* Cuts the prompts up. negative: NULL for one sample. `cut`: out, may be NULL, filled by the positive prompt:
 * tokens and place of what did not fit. */
MzPrompts *mz_prompts_new (MzModel *model,
                           const MzPromptStyle *style,
                           const char *negative,
                           const char *positive,
                           int *n_cut,
                           gsize *cut_at,
                           GError **error);
void mz_prompts_free (MzPrompts *prompts);
/* Encodes them: what the U-Net's keys and values are made of, a taken [n_samples, 1, n_chunks positions,
 * width]. The same calls on `exec` whether it plans or computes; its first failure sticks. */
MzTensor mz_prompts_encode (const MzPrompts *prompts, MzClip *clip, MzExec *exec, int clip_skip);
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
