/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The encoding of one word: a doubly linked list of symbols, and a heap of the pairs that may merge. */
#include "text/bpe-private.h"

#define NONE G_MAXUINT32

typedef struct
{
  guint32 id;
  guint32 begin, end; /* bytes of the caller's text */
  guint32 prev, next; /* neighbours in the list, NONE at the ends */
  gboolean gone;      /* merged into the symbol before it */
} Symbol;

/* A word that is being merged. A candidate is rank << 32 | left symbol, so the smallest is the pair of lowest
 * rank and the leftmost of those; candidates whose pair has changed meanwhile stay and are passed over. */
typedef struct
{
  const MzBpe *bpe;
  Symbol *symbols; /* [n_symbols] */
  guint n_symbols;
  guint64 *heap; /* [n_heap], each one not greater than its two children */
  guint n_heap;
} Word;

static void
heap_push (Word *word, guint64 candidate)
{
  guint i = word->n_heap++;

  while (i > 0 && word->heap[(i - 1) / 2] > candidate)
    {
      word->heap[i] = word->heap[(i - 1) / 2];
      i = (i - 1) / 2;
    }
  word->heap[i] = candidate;
}

static guint64
heap_pop (Word *word)
{
  guint64 top = word->heap[0];
  guint64 moved = word->heap[--word->n_heap];
  guint i = 0;

  for (guint child = 1; child < word->n_heap; child = 2 * i + 1)
    {
      if (child + 1 < word->n_heap && word->heap[child + 1] < word->heap[child])
        child++;
      if (word->heap[child] >= moved)
        break;
      word->heap[i] = word->heap[child];
      i = child;
    }
  word->heap[i] = moved;
  return top;
}

/* Returns the merge of a symbol with the one behind it, NULL if there is none. */
static const MzBpeMerge *
merge_at (const Word *word, guint32 left)
{
  guint32 right = word->symbols[left].next;

  if (right == NONE)
    return NULL;
  return mz_bpe_find_merge (word->bpe, word->symbols[left].id, word->symbols[right].id);
}

static void
push_merge_at (Word *word, guint32 left)
{
  const MzBpeMerge *merge = merge_at (word, left);

  if (merge)
    heap_push (word, (guint64) merge->rank << 32 | left);
}

static void
merge_pair (Word *word, guint32 left, guint32 id)
{
  Symbol *a = &word->symbols[left];
  Symbol *b = &word->symbols[a->next];

  a->id = id;
  a->end = MAX (a->end, b->end);
  a->next = b->next;
  b->gone = TRUE;
  if (b->next != NONE)
    word->symbols[b->next].prev = left;
  if (a->prev != NONE)
    push_merge_at (word, a->prev);
  push_merge_at (word, left);
}

static void
merge_all (Word *word)
{
  for (guint32 i = 0; i < word->n_symbols; i++)
    push_merge_at (word, i);
  while (word->n_heap > 0)
    {
      guint64 candidate = heap_pop (word);
      guint32 left = (guint32) candidate;
      const MzBpeMerge *merge = word->symbols[left].gone ? NULL : merge_at (word, left);

      if (merge && merge->rank == candidate >> 32)
        merge_pair (word, left, merge->id);
    }
}

/* One symbol a byte of the word's UTF-8. */
static void
start_word (Word *word, const MzChar *chars, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      char utf8[6];
      int n_bytes = g_unichar_to_utf8 (chars[i].ch, utf8);

      for (int k = 0; k < n_bytes; k++)
        {
          guint32 at = word->n_symbols++;
          word->symbols[at] = (Symbol){
            .id = word->bpe->byte_ids[(guint8) utf8[k]],
            .begin = chars[i].begin,
            .end = chars[i].end,
            .prev = at == 0 ? NONE : at - 1,
            .next = at + 1,
          };
          if (i == n - 1 && k == n_bytes - 1)
            {
              word->symbols[at].id = word->bpe->last_byte_ids[(guint8) utf8[k]];
              word->symbols[at].next = NONE;
            }
        }
    }
}

void
mz_bpe_encode_word (const MzBpe *bpe, const MzChar *chars, guint n, GArray *tokens)
{
  /* a character has at most 4 bytes; each merge adds at most one candidate to those at the start */
  g_autofree Symbol *symbols = g_new (Symbol, 4 * n);
  g_autofree guint64 *heap = g_new (guint64, 8 * n);
  Word word = { .bpe = bpe, .symbols = symbols, .heap = heap };

  start_word (&word, chars, n);
  merge_all (&word);
  for (guint32 i = 0; i != NONE; i = symbols[i].next)
    {
      MzToken token = { symbols[i].id, symbols[i].begin, symbols[i].end };
      g_array_append_val (tokens, token);
    }
}
