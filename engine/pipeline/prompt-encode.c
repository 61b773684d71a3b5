/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Chunks to what the U-Net looks at: the text encoder's output for each, weights, and all chunks of a prompt
 * joined along the tokens. */
#include "pipeline/prompt.h"

#include <string.h>

#include "pipeline/run.h"

const int *
mz_prompts_texts_at (const MzPrompts *self, int step)
{
  return self->texts + (gsize) CLAMP (step, 0, self->n_steps - 1) * (gsize) self->n_samples;
}

/* Weighs every sequence. encoded: [n_sequences, width, positions] */
static void
weigh (const MzPrompts *self, float *encoded, int width)
{
  gsize n = (gsize) width * (gsize) self->positions;
  const float *empty = encoded + (gsize) (self->n_sequences - 1) * n;

  if (!self->is_weighted)
    return;
  for (int i = 0; i < self->n_sequences; i++)
    mz_emphasis_apply (self->style->emphasis, encoded + (gsize) i * n, empty,
                       self->weights + (gsize) i * (gsize) self->positions, self->positions, width);
}

/* [n_sequences, width, positions] to [n_samples, width, n_chunks positions], as they stand at a step. */
static void
arrange (const MzPrompts *self, const float *encoded, int width, int step, float *context)
{
  const int *texts = mz_prompts_texts_at (self, step);
  gsize positions = (gsize) self->positions;

  for (int s = 0; s < self->n_samples; s++)
    for (int c = 0; c < width; c++)
      for (int i = 0; i < self->n_chunks; i++)
        {
          gsize sequence = (gsize) self->sequences[texts[s] * self->n_chunks + i];

          memcpy (context, encoded + (sequence * (gsize) width + (gsize) c) * positions,
                  positions * sizeof (float));
          context += positions;
        }
}

/* Over the host. */
static void
make_context (const MzPrompts *self, MzExec *exec, const MzTensor *encoded, const MzTensor *context)
{
  gsize n_encoded = mz_tensor_elements (encoded), n_context = mz_tensor_elements (context);
  g_autofree float *from = g_try_new0 (float, n_encoded);
  g_autofree float *to = g_try_new0 (float, n_context);

  if (from == NULL || to == NULL)
    {
      mz_exec_fail_memory (exec, (n_encoded + n_context) * sizeof (float));
      return;
    }
  mz_op_download (exec, encoded, from);
  weigh (self, from, encoded->c);
  arrange (self, from, encoded->c, 0, to);
  mz_op_upload (exec, context, to);
}

MzTensor
mz_prompts_take_context (const MzPrompts *self, MzExec *exec, int n_samples, int width)
{
  return mz_take (exec, n_samples, 1, self->n_chunks * self->positions, width);
}

/* Everything that is read at one step or another, weighed: [n_sequences, width, positions]. One sequence
 * after the other, as there may be many. */
static float *
encode_all (const MzPrompts *self, MzClip *clip, MzExec *exec, int clip_skip)
{
  int width = mz_clip_get_width (clip);
  gsize n = (gsize) width * (gsize) self->positions;
  float *all = g_try_new0 (float, n *(gsize) self->n_sequences);

  if (all == NULL)
    {
      mz_exec_fail_memory (exec, n * (gsize) self->n_sequences * sizeof (float));
      return NULL;
    }
  for (int i = 0; i < self->n_sequences; i++)
    {
      MzTensor encoded = mz_take (exec, 1, 1, self->positions, width);

      mz_clip_encode (clip, exec, self->ids + (gsize) i * (gsize) self->positions, clip_skip, &encoded);
      mz_op_download (exec, &encoded, all + (gsize) i * n);
      mz_give (exec, &encoded);
    }
  weigh (self, all, width);
  return all;
}

MzTensor
mz_prompts_context_at (const MzPrompts *self, const float *encoded, MzExec *exec, int width, int step)
{
  MzTensor context = mz_prompts_take_context (self, exec, self->n_samples, width);
  gsize n = mz_tensor_elements (&context);
  g_autofree float *host = g_try_new0 (float, n);

  if (host == NULL || encoded == NULL)
    {
      mz_exec_fail_memory (exec, n * sizeof (float));
      return context;
    }
  arrange (self, encoded, width, step, host);
  mz_op_upload (exec, &context, host);
  return context;
}

MzTensor
mz_prompts_encode (const MzPrompts *self, MzClip *clip, MzExec *exec, int clip_skip, float **kept)
{
  int width = mz_clip_get_width (clip);
  MzTensor encoded, context;

  *kept = NULL;
  if (self->n_steps > 1)
    {
      *kept = encode_all (self, clip, exec, clip_skip);
      return mz_prompts_context_at (self, *kept, exec, width, 0);
    }
  encoded = mz_take (exec, self->n_sequences, 1, self->positions, width);
  mz_clip_encode (clip, exec, self->ids, clip_skip, &encoded);
  if (self->is_plain)
    return mz_reshape (&encoded, self->n_samples, 1, self->n_chunks * self->positions);
  context = mz_prompts_take_context (self, exec, self->n_samples, width);
  make_context (self, exec, &encoded, &context);
  mz_give (exec, &encoded);
  return context;
}
