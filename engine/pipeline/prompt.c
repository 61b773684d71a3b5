/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Prompts to chunks: what stands where in each sample, and at each step. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "pipeline/run.h"

/* Texts of unequal length are repeated up to a common one, this many times the longer at most. */
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
  return mz_chunks_new (model->tokenizer, text, style->grammar,
                        (guint) model->config.clip.max_position_embeddings, MZ_MAX_CHUNKS, model->pad_id,
                        error);
}

/* Prompts being cut. */
typedef struct
{
  MzModel *model;
  const MzPromptStyle *style;
  int n_steps; /* 1 while nothing has changed between steps */
  int n_steps_most;
  int n_sequences;
  GPtrArray *chunks; /* MzChunks of each text */
  GPtrArray *slots;  /* GArray of int for each sample: its text at each step, or one for all */
  MzPromptCut *report;
  MzCancel *cancel;
} Cutter;

/* The number of a new text. */
static int
add_text (Cutter *c, const char *text, gboolean is_positive, GError **error)
{
  MzChunks *chunks = cut (c->model, c->style, text, error);

  if (chunks == NULL || mz_cancel_set_error (c->cancel, error))
    {
      g_clear_pointer (&chunks, mz_chunks_free);
      return -1;
    }
  if (is_positive && (int) chunks->n_cut > c->report->n_tokens)
    {
      g_free (c->report->text);
      c->report->n_tokens = (int) chunks->n_cut;
      c->report->text = g_strstrip (g_strdup (text + chunks->cut_at));
    }
  g_ptr_array_add (c->chunks, chunks);
  c->n_sequences += (int) chunks->n_chunks;
  if (c->n_sequences > MZ_MAX_SEQUENCES)
    {
      g_set_error (
          error, MZ_ERROR, MZ_ERROR_ARGUMENT,
          _ ("The prompts become more than %d pieces of text at one step or another; fewer are needed."),
          MZ_MAX_SEQUENCES);
      return -1;
    }
  return (int) c->chunks->len - 1;
}

/* One sample's prompt. */
static gboolean
add_slot (Cutter *c, const char *prompt, gsize length, gboolean is_positive, GError **error)
{
  gboolean may_change = c->style->grammar == MZ_PROMPT_A1111;
  g_autoptr (MzPromptSchedule) schedule
      = mz_prompt_schedule_new (prompt, may_change ? length : 0, c->n_steps_most);
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean is_constant = mz_prompt_schedule_is_constant (schedule);
  GArray *slot = g_array_new (FALSE, FALSE, sizeof (int));

  g_ptr_array_add (c->slots, slot);
  for (int step = 0; step < (is_constant ? 1 : c->n_steps_most); step++)
    {
      char *text = is_constant ? g_strndup (prompt, length) : mz_prompt_schedule_at (schedule, step, NULL);
      gpointer number;

      if (!g_hash_table_lookup_extended (known, text, NULL, &number))
        {
          number = GINT_TO_POINTER (add_text (c, text, is_positive, error));
          g_hash_table_insert (known, text, number);
        }
      else
        g_free (text);
      if (GPOINTER_TO_INT (number) < 0)
        return FALSE;
      slot = g_ptr_array_index (c->slots, c->slots->len - 1);
      g_array_append_vals (slot, &(int){ GPOINTER_TO_INT (number) }, 1);
    }
  if (g_hash_table_size (known) > 1)
    c->n_steps = c->n_steps_most;
  return TRUE;
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
 * itself, and some of unequal length can share a batch, as ComfyUI does. Where that would be too much, the
 * shorter are filled up with empty chunks, as A1111 does on demand. */
static int
choose_n_chunks (const GPtrArray *chunks)
{
  int multiple = 1, longest = 1;

  for (guint i = 0; i < chunks->len; i++)
    longest = MAX (longest, (int) ((const MzChunks *) g_ptr_array_index (chunks, i))->n_chunks);
  for (guint i = 0; i < chunks->len && multiple <= MAX_REPEATS * longest; i++)
    multiple = common_multiple (multiple, (int) ((const MzChunks *) g_ptr_array_index (chunks, i))->n_chunks);
  return multiple <= MAX_REPEATS * longest ? multiple : longest;
}

/* Puts the sequences of one text, which begin at `first`, in its places; empty: the sequence to fill up
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

static void
fill_texts (MzPrompts *self, const Cutter *c)
{
  self->texts = g_new (int, (gsize) self->n_steps *(gsize) self->n_samples);
  for (int step = 0; step < self->n_steps; step++)
    for (int s = 0; s < self->n_samples; s++)
      {
        const GArray *slot = g_ptr_array_index (c->slots, (guint) s);

        self->texts[step * self->n_samples + s]
            = g_array_index (slot, int, MIN ((guint) step, slot->len - 1));
      }
}

/* empty: of no words. */
static MzPrompts *
join (const Cutter *c, const MzChunks *empty)
{
  MzPrompts *self = g_new0 (MzPrompts, 1);
  gsize n_own = (gsize) c->n_sequences, n_room;
  gboolean needs_empty = FALSE;

  self->style = c->style;
  self->n_samples = (int) c->slots->len;
  self->n_steps = c->n_steps;
  self->positions = c->model->config.clip.max_position_embeddings;
  self->n_chunks = choose_n_chunks (c->chunks);
  n_room = (n_own + 1) * (gsize) self->positions;
  self->ids = g_new (gint32, n_room);
  self->weights = g_new (float, n_room);
  self->sequences = g_new (int, (gsize) c->chunks->len *(gsize) self->n_chunks);
  for (guint i = 0; i < c->chunks->len; i++)
    {
      const MzChunks *chunks = g_ptr_array_index (c->chunks, i);

      needs_empty |= place (self->sequences + (gsize) i * (gsize) self->n_chunks, self->n_chunks,
                            self->n_sequences, (int) chunks->n_chunks, (int) n_own);
      append (self, chunks);
    }
  fill_texts (self, c);
  self->is_plain
      = !self->is_weighted && self->n_steps == 1 && self->n_sequences == self->n_samples * self->n_chunks;
  if (needs_empty || (self->is_weighted && c->style->emphasis == MZ_EMPHASIS_FROM_EMPTY))
    append (self, empty);
  return self;
}

/* The terms of the positive prompt, each a sample. */
static gboolean
add_terms (Cutter *c, const char *positive, const GArray *terms, GError **error)
{
  for (guint i = 0; i < terms->len; i++)
    {
      const MzPromptTerm *term = &g_array_index (terms, MzPromptTerm, i);

      if (!add_slot (c, positive + term->start, term->length, TRUE, error))
        return FALSE;
    }
  return TRUE;
}

GArray *
mz_prompts_split (const MzPromptStyle *style, const char *positive)
{
  const MzPromptTerm whole = { 0, positive != NULL ? strlen (positive) : 0, 1 };
  GArray *terms;

  if (style->grammar == MZ_PROMPT_A1111 && positive != NULL)
    return mz_prompt_split (positive);
  terms = g_array_new (FALSE, FALSE, sizeof (MzPromptTerm));
  return g_array_append_val (terms, whole);
}

MzPrompts *
mz_prompts_new (MzModel *model,
                const MzPromptStyle *style,
                int n_steps,
                const char *negative,
                const char *positive,
                MzPromptCut *report,
                MzCancel *cancel,
                GError **error)
{
  g_autoptr (GPtrArray) chunks = g_ptr_array_new_with_free_func ((GDestroyNotify) mz_chunks_free);
  g_autoptr (GPtrArray) slots = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autoptr (GArray) terms = mz_prompts_split (style, positive);
  g_autoptr (MzChunks) empty = NULL;
  Cutter cutter = { model, style, 1, n_steps, 0, chunks, slots, report, cancel };
  MzPrompts *self;

  *report = (MzPromptCut){ 0 };
  if ((negative != NULL && !add_slot (&cutter, negative, strlen (negative), FALSE, error))
      || !add_terms (&cutter, positive != NULL ? positive : "", terms, error)
      || (empty = cut (model, style, "", error)) == NULL)
    {
      g_clear_pointer (&report->text, g_free);
      return NULL;
    }
  self = join (&cutter, empty);
  if (terms->len > 1)
    {
      self->term_weights = g_new (float, terms->len);
      for (guint i = 0; i < terms->len; i++)
        self->term_weights[i] = g_array_index (terms, MzPromptTerm, i).weight;
    }
  return self;
}

void
mz_prompts_free (MzPrompts *prompts)
{
  g_free (prompts->ids);
  g_free (prompts->weights);
  g_free (prompts->sequences);
  g_free (prompts->texts);
  g_free (prompts->term_weights);
  g_free (prompts);
}

/* ---- Counting ---- */

/* Appends where chunks of one term end in the prompt. Returns its tokens, or -1. */
static int
count_term (MzModel *model,
            const MzPromptStyle *style,
            const char *prompt,
            const MzPromptTerm *term,
            GArray *ends,
            GError **error)
{
  g_autoptr (MzPromptSchedule) schedule = mz_prompt_schedule_new (prompt + term->start, term->length, 1);
  g_autoptr (GArray) origins = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autofree char *text = NULL;
  g_autoptr (MzChunks) chunks = NULL;

  if (style->grammar == MZ_PROMPT_A1111)
    text = mz_prompt_schedule_at (schedule, 0, origins);
  else
    text = g_strndup (prompt + term->start, term->length);
  if ((chunks = cut (model, style, text, error)) == NULL)
    return -1;
  for (guint i = 0; i < chunks->n_chunks; i++)
    {
      gsize end = chunks->ends[i];

      if (end > 0 && style->grammar == MZ_PROMPT_A1111)
        end = (gsize) g_array_index (origins, guint32, end - 1) + 1;
      end += term->start;
      g_array_append_val (ends, end);
    }
  return (int) chunks->n_tokens;
}

int
mz_model_count_tokens (MzModel *model,
                       const char *text,
                       const char *style,
                       GArray **chunk_ends,
                       GError **error)
{
  gsize n_rows;
  const MzPromptStyle *row = style != NULL ? mz_prompt_style_find (style, error) : mz_prompt_styles (&n_rows);
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (gsize)), terms = NULL;
  int n = 0;

  if (row == NULL || !mz_prompt_check (text, _ ("prompt"), error))
    return -1;
  text = text != NULL ? text : "";
  terms = mz_prompts_split (row, text);
  for (guint i = 0; i < terms->len; i++)
    {
      int n_of_term = count_term (model, row, text, &g_array_index (terms, MzPromptTerm, i), ends, error);

      if (n_of_term < 0)
        return -1;
      n += n_of_term;
    }
  if (chunk_ends != NULL)
    *chunk_ends = g_steal_pointer (&ends);
  return n;
}
