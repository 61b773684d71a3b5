/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Prompts to what the U-Net looks at: chunks, the text encoder's output for each, weights, and all chunks of
 * a prompt joined along the tokens. */
#include <glib/gi18n-lib.h>

#include "pipeline/prompt.h"

#include <string.h>

#include "pipeline/run.h"

/* Samples of unequal length are repeated up to a common one, this many times the longer at most. */
#define MAX_REPEATS 4

/* ---- Cutting ---- */

gboolean
mz_model_tokenize (MzModel *model, const char *text, gint32 *ids, MzTokenCount *count, GError **error)
{
  int n = model->config.clip.max_position_embeddings;
  g_autofree guint32 *unsigned_ids = g_new (guint32, (gsize) n);

  if (!mz_tokenizer_encode (model->tokenizer, text != NULL ? text : "", -1, MZ_TEXT_DEFAULT, (guint) n,
                            unsigned_ids, count, error))
    return FALSE;
  for (int i = 0; i < n; i++)
    ids[i] = i < (int) count->n_kept + 2 ? (gint32) unsigned_ids[i] : model->pad_id;
  return TRUE;
}

static MzChunks *
cut (MzModel *model, const MzPromptStyle *style, const char *text, GError **error)
{
  return mz_chunks_new (model->tokenizer, text != NULL ? text : "", style->grammar,
                        (guint) model->config.clip.max_position_embeddings, MZ_MAX_CHUNKS, model->pad_id,
                        error);
}

static int
common_multiple (int a, int b)
{
  int multiple = a;

  while (multiple % b != 0)
    multiple += a;
  return multiple;
}

/* Attention over keys that all stand k times is attention over them once. So a prompt that is repeated is
 * itself, and two of unequal length can share a batch, as ComfyUI does. Where that would be too much, the
 * shorter is filled up with empty chunks, as A1111 does on demand. */
static int
choose_n_chunks (int a, int b)
{
  int multiple = common_multiple (a, b);

  return multiple <= MAX_REPEATS * MAX (a, b) ? multiple : MAX (a, b);
}

/* Puts the sequences of one sample, which begin at `first`, in its places; empty: the sequence to fill up
 * with. Were any filled up? */
static gboolean
place (int *places, int n_places, int first, int n_own, int empty)
{
  gboolean repeats = n_places % n_own == 0;

  for (int i = 0; i < n_places; i++)
    places[i] = repeats || i < n_own ? first + i % n_own : empty;
  return !repeats;
}

static void
append (MzPrompts *self, const MzChunks *chunks)
{
  gsize at = (gsize) self->n_sequences * (gsize) self->positions;
  gsize n = (gsize) chunks->n_chunks * (gsize) self->positions;

  memcpy (self->ids + at, chunks->ids, n * sizeof *self->ids);
  memcpy (self->weights + at, chunks->weights, n * sizeof *self->weights);
  self->n_sequences += (int) chunks->n_chunks;
  self->is_weighted |= chunks->is_weighted;
}

/* chunks: of each sample. empty: of no words. */
static MzPrompts *
join (MzModel *model,
      const MzPromptStyle *style,
      MzChunks *const *chunks,
      int n_samples,
      const MzChunks *empty)
{
  MzPrompts *self = g_new0 (MzPrompts, 1);
  int first = (int) chunks[0]->n_chunks, last = (int) chunks[n_samples - 1]->n_chunks;
  int n_own = n_samples == 2 ? first + last : first;
  gsize n_room = (gsize) (n_own + 1) * (gsize) model->config.clip.max_position_embeddings;
  gboolean needs_empty = FALSE;

  self->style = style;
  self->n_samples = n_samples;
  self->positions = model->config.clip.max_position_embeddings;
  self->n_chunks = choose_n_chunks (first, last);
  self->ids = g_new (gint32, n_room);
  self->weights = g_new (float, n_room);
  self->sequences = g_new (int, (gsize) n_samples *(gsize) self->n_chunks);
  for (int s = 0; s < n_samples; s++)
    {
      needs_empty |= place (self->sequences + s * self->n_chunks, self->n_chunks, self->n_sequences,
                            (int) chunks[s]->n_chunks, n_own);
      append (self, chunks[s]);
    }
  self->is_plain = !self->is_weighted && self->n_sequences == n_samples * self->n_chunks;
  if (needs_empty || (self->is_weighted && style->emphasis == MZ_EMPHASIS_FROM_EMPTY))
    append (self, empty);
  return self;
}

MzPrompts *
mz_prompts_new (MzModel *model,
                const MzPromptStyle *style,
                const char *negative,
                const char *positive,
                int *n_cut,
                gsize *cut_at,
                GError **error)
{
  g_autoptr (MzChunks) con = NULL, pro = NULL, empty = NULL;

  if ((negative != NULL && (con = cut (model, style, negative, error)) == NULL)
      || (pro = cut (model, style, positive, error)) == NULL
      || (empty = cut (model, style, "", error)) == NULL)
    return NULL;
  *n_cut = (int) pro->n_cut;
  *cut_at = pro->cut_at;
  return join (model, style, (MzChunks *[]){ con != NULL ? con : pro, pro }, con != NULL ? 2 : 1, empty);
}

void
mz_prompts_free (MzPrompts *prompts)
{
  g_free (prompts->ids);
  g_free (prompts->weights);
  g_free (prompts->sequences);
  g_free (prompts);
}

/* ---- Encoding ---- */

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

/* [n_sequences, width, positions] to [n_samples, width, n_chunks positions]. */
static void
arrange (const MzPrompts *self, const float *encoded, int width, float *context)
{
  gsize positions = (gsize) self->positions;

  for (int s = 0; s < self->n_samples; s++)
    for (int c = 0; c < width; c++)
      for (int i = 0; i < self->n_chunks; i++)
        {
          gsize sequence = (gsize) self->sequences[s * self->n_chunks + i];

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
  arrange (self, from, encoded->c, to);
  mz_op_upload (exec, context, to);
}

MzTensor
mz_prompts_take_context (const MzPrompts *self, MzExec *exec, int n_samples, int width)
{
  return mz_take (exec, n_samples, 1, self->n_chunks * self->positions, width);
}

MzTensor
mz_prompts_encode (const MzPrompts *self, MzClip *clip, MzExec *exec, int clip_skip)
{
  int width = mz_clip_get_width (clip);
  MzTensor encoded = mz_take (exec, self->n_sequences, 1, self->positions, width), context;

  mz_clip_encode (clip, exec, self->ids, clip_skip, &encoded);
  if (self->is_plain)
    return mz_reshape (&encoded, self->n_samples, 1, self->n_chunks * self->positions);
  context = mz_prompts_take_context (self, exec, self->n_samples, width);
  make_context (self, exec, &encoded, &context);
  mz_give (exec, &encoded);
  return context;
}

/* ---- Counting ---- */

int
mz_model_count_tokens (MzModel *model,
                       const char *text,
                       const char *style,
                       GArray **chunk_ends,
                       GError **error)
{
  gsize n_rows;
  const MzPromptStyle *row = style != NULL ? mz_prompt_style_find (style, error) : mz_prompt_styles (&n_rows);
  g_autoptr (MzChunks) chunks = NULL;

  if (row == NULL || !mz_prompt_check (text, _ ("prompt"), error)
      || (chunks = cut (model, row, text, error)) == NULL)
    return -1;
  if (chunk_ends != NULL)
    {
      *chunk_ends = g_array_new (FALSE, FALSE, sizeof (gsize));
      g_array_append_vals (*chunk_ends, chunks->ends, chunks->n_chunks);
    }
  return (int) chunks->n_tokens;
}
