/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Prompts to chunks: all tokens in a row with their weights, borders between them, then ids. */
#include "text/chunks.h"

#include <string.h>

#define COMMA_BACKTRACK 20 /* A1111's comma_padding_backtrack */
#define COMFYUI_LONG_WORD 8

typedef struct
{
  guint32 id;
  float weight;
  gsize begin, end; /* bytes of the prompt */
  guint part;       /* of the parsed prompt */
} Piece;

/* The tokens of a prompt, and which of them begin a chunk. */
typedef struct
{
  GArray *pieces;  /* Piece */
  GArray *borders; /* guint: index of the first piece of each chunk but the first; may equal the next */
  guint room;      /* tokens of a chunk */
  guint32 comma_id;
  gboolean has_comma;
} Layout;

static const Piece *
piece_at (const Layout *layout, guint i)
{
  return &g_array_index (layout->pieces, Piece, i);
}

static void
add_border (Layout *layout, guint before)
{
  g_array_append_val (layout->borders, before);
}

/* Index of the first piece of the chunk being filled. */
static guint
chunk_start (const Layout *layout)
{
  guint n = layout->borders->len;

  return n > 0 ? g_array_index (layout->borders, guint, n - 1) : 0;
}

/* ---- Tokens ---- */

static gboolean
add_part (Layout *layout, MzTokenizer *tokenizer, const MzPrompt *prompt, guint part_index, GError **error)
{
  const MzPromptPart *part = &g_array_index (prompt->parts, MzPromptPart, part_index);
  g_autoptr (MzTokens) tokens = mz_tokenizer_tokenize (
      tokenizer, prompt->text + part->start, (gssize) (part->end - part->start), MZ_TEXT_DEFAULT, error);

  if (tokens == NULL)
    return FALSE;
  for (guint i = 0; i < tokens->n_tokens; i++)
    {
      const MzToken *token = &tokens->tokens[i];
      gsize last = part->start + MAX (token->end, 1) - 1; /* the end itself may be another part's */
      Piece piece = { token->id, (float) part->weight, prompt->origins[part->start + token->begin],
                      prompt->origins[last] + 1, part_index };

      g_array_append_val (layout->pieces, piece);
    }
  return TRUE;
}

static void
find_comma (Layout *layout, MzTokenizer *tokenizer)
{
  g_autoptr (MzTokens) tokens = mz_tokenizer_tokenize (tokenizer, ",", 1, MZ_TEXT_DEFAULT, NULL);

  layout->has_comma = tokens != NULL && tokens->n_tokens == 1;
  layout->comma_id = layout->has_comma ? tokens->tokens[0].id : 0;
}

/* ---- Borders ---- */

/* Where the chunk that is full should end rather than tear what follows its last comma; `full` where it may.
 */
static guint
border_at_comma (const Layout *layout, guint full)
{
  guint lowest = full > COMMA_BACKTRACK ? full - COMMA_BACKTRACK : 0;

  if (!layout->has_comma || piece_at (layout, full)->id == layout->comma_id)
    return full;
  for (guint i = full; i-- > MAX (lowest, chunk_start (layout));)
    if (piece_at (layout, i)->id == layout->comma_id)
      return i + 1;
  return full;
}

/* Borders in the pieces from `first` to the last of a part that has just been added. */
static void
fill_a1111 (Layout *layout, guint first)
{
  for (guint i = first; i < layout->pieces->len; i++)
    if (i - chunk_start (layout) == layout->room)
      add_border (layout, border_at_comma (layout, i));
}

static void
fill_comfyui (Layout *layout, guint first)
{
  guint n = layout->pieces->len - first;
  gboolean is_long = n >= COMFYUI_LONG_WORD;

  if (!is_long && first > chunk_start (layout) && layout->pieces->len - chunk_start (layout) > layout->room)
    add_border (layout, first);
  while (layout->pieces->len - chunk_start (layout) > layout->room)
    add_border (layout, chunk_start (layout) + layout->room);
}

static gboolean
fill (Layout *layout, MzTokenizer *tokenizer, const MzPrompt *prompt, MzPromptGrammar grammar, GError **error)
{
  for (guint p = 0; p < prompt->parts->len; p++)
    {
      guint first = layout->pieces->len;

      if (g_array_index (prompt->parts, MzPromptPart, p).is_break)
        {
          add_border (layout, first);
          continue;
        }
      if (!add_part (layout, tokenizer, prompt, p, error))
        return FALSE;
      if (grammar == MZ_PROMPT_COMFYUI)
        fill_comfyui (layout, first);
      else if (grammar == MZ_PROMPT_A1111)
        fill_a1111 (layout, first);
      else if (layout->pieces->len > layout->room)
        add_border (layout, layout->room);
    }
  /* A BREAK at the very end begins no chunk. */
  if (layout->borders->len > 0 && chunk_start (layout) == layout->pieces->len)
    g_array_set_size (layout->borders, layout->borders->len - 1);
  return TRUE;
}

/* ---- Ids ---- */

static void
write_chunk (MzChunks *chunks,
             const Layout *layout,
             MzTokenizer *tokenizer,
             gint32 pad_id,
             guint chunk,
             guint from,
             guint to)
{
  gint32 *ids = chunks->ids + (gsize) chunk * chunks->positions;
  float *weights = chunks->weights + (gsize) chunk * chunks->positions;
  guint n = 0;

  for (guint i = 0; i < chunks->positions; i++)
    weights[i] = 1;
  ids[n++] = (gint32) mz_tokenizer_get_bos_id (tokenizer);
  for (guint i = from; i < to; i++)
    {
      const Piece *piece = piece_at (layout, i);

      weights[n] = piece->weight;
      chunks->is_weighted |= piece->weight != 1;
      ids[n++] = (gint32) piece->id;
    }
  ids[n++] = (gint32) mz_tokenizer_get_eos_id (tokenizer);
  while (n < chunks->positions)
    ids[n++] = pad_id;
  chunks->ends[chunk] = to > 0 ? piece_at (layout, to - 1)->end : 0;
}

static MzChunks *
write_chunks (const Layout *layout, MzTokenizer *tokenizer, gint32 pad_id, guint max_chunks, gsize length)
{
  MzChunks *chunks = g_new0 (MzChunks, 1);
  guint n_all = layout->borders->len + 1, from = 0;

  chunks->n_chunks = MIN (n_all, max_chunks);
  chunks->positions = layout->room + 2;
  chunks->ids = g_new (gint32, (gsize) chunks->n_chunks * chunks->positions);
  chunks->weights = g_new (float, (gsize) chunks->n_chunks * chunks->positions);
  chunks->ends = g_new (gsize, chunks->n_chunks);
  for (guint c = 0; c < chunks->n_chunks; c++)
    {
      guint to = c < layout->borders->len ? g_array_index (layout->borders, guint, c) : layout->pieces->len;

      write_chunk (chunks, layout, tokenizer, pad_id, c, from, to);
      from = to;
    }
  chunks->n_tokens = layout->pieces->len;
  chunks->n_cut = layout->pieces->len - from;
  chunks->cut_at = chunks->n_cut > 0 ? piece_at (layout, from)->begin : length;
  return chunks;
}

MzChunks *
mz_chunks_new (MzTokenizer *tokenizer,
               const char *prompt,
               MzPromptGrammar grammar,
               guint positions,
               guint max_chunks,
               gint32 pad_id,
               GError **error)
{
  g_autoptr (MzPrompt) parsed = NULL;
  Layout layout = { .room = positions - 2 };
  MzChunks *chunks = NULL;

  g_return_val_if_fail (positions > 2 && max_chunks > 0, NULL);
  parsed = mz_prompt_parse (prompt, grammar);
  layout.pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  layout.borders = g_array_new (FALSE, FALSE, sizeof (guint));
  find_comma (&layout, tokenizer);
  if (fill (&layout, tokenizer, parsed, grammar, error))
    chunks = write_chunks (&layout, tokenizer, pad_id, grammar == MZ_PROMPT_PLAIN ? 1 : max_chunks,
                           strlen (prompt));
  g_array_unref (layout.pieces);
  g_array_unref (layout.borders);
  return chunks;
}

void
mz_chunks_free (MzChunks *chunks)
{
  g_free (chunks->ids);
  g_free (chunks->weights);
  g_free (chunks->ends);
  g_free (chunks);
}
