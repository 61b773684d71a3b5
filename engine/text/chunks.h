/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A prompt as the chunks that a text encoder reads one after the other: each begins with BOS, ends with EOS,
 * and has room for positions - 2 tokens between. */
#pragma once

#include "text/prompt.h"
#include "text/tokenizer.h"

G_BEGIN_DECLS

typedef struct
{
  guint n_chunks;       /* at least one */
  guint positions;      /* of a chunk, BOS and EOS counted */
  gint32 *ids;          /* [n_chunks, positions] */
  float *weights;       /* [n_chunks, positions], 1 for BOS, EOS and padding */
  gsize *ends;          /* [n_chunks] byte offset in the prompt behind each chunk's last token */
  gboolean is_weighted; /* is any weight not 1? */
  guint n_tokens;       /* of the whole prompt, BOS and EOS not counted */
  guint n_cut;          /* of these, how many did not fit */
  gsize cut_at;         /* byte offset in the prompt of the first of them; its length when all fit */
} MzChunks;

/* Cuts `prompt` into at most max_chunks chunks, by the rules of the program whose grammar it is: A1111 moves
 * what follows a comma within its last 20 tokens to the next chunk rather than tear it; ComfyUI does so with
 * a part of fewer than 8 tokens. MZ_PROMPT_PLAIN takes one chunk only, whatever max_chunks. pad_id: behind
 * EOS. NULL with the errors of mz_tokenizer_tokenize. Any thread. */
MzChunks *mz_chunks_new (MzTokenizer *tokenizer,
                         const char *prompt,
                         MzPromptGrammar grammar,
                         guint positions,
                         guint max_chunks,
                         gint32 pad_id,
                         GError **error);
void mz_chunks_free (MzChunks *chunks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzChunks, mz_chunks_free)

G_END_DECLS
