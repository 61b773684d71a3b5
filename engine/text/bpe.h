/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Byte-pair encoding as in CLIP: a vocabulary, the merges in the order in which they were learned, and the
 * encoding of one word. In the files each byte is written as one printable character (mz_bpe_byte_char) and
 * the last byte of a word carries "</w>". */
#pragma once

#include "core/error.h"
#include "text/chars.h"
#include "text/tokenizer.h"

G_BEGIN_DECLS

#define MZ_BPE_END_OF_WORD "</w>"
/* Ids are below this, so that no file can ask for a table much larger than itself. */
#define MZ_BPE_MAX_VOCAB (1u << 20)

typedef struct _MzBpe MzBpe;

/* Returns the character that stands for a byte: itself if it is printable Latin-1, else U+0100 and on, in the
 * order of the bytes. */
gunichar mz_bpe_byte_char (guint8 byte);

/* Returns an empty vocabulary, the caller's. Filling it goes tokens, merges, mz_bpe_seal(); afterwards it
 * does not change and any thread may use it. */
MzBpe *mz_bpe_new (void);
void mz_bpe_free (MzBpe *bpe);

/* Adds a token. An id or a text that is there already, or an id of MZ_BPE_MAX_VOCAB or more, is
 * MZ_ERROR_FORMAT; the message wants the name of the file and the place in it as a prefix. */
gboolean mz_bpe_add_token (MzBpe *bpe, const char *text, guint64 id, GError **error);

/* Adds the next merge; both halves and the whole must be tokens, else MZ_ERROR_FORMAT as above. */
gboolean mz_bpe_add_merge (MzBpe *bpe, const char *left, const char *right, GError **error);

/* Makes the vocabulary ready. Bytes that it has no token for become `unknown_id`. */
void mz_bpe_seal (MzBpe *bpe, guint32 unknown_id);

/* Finds a token by its text. Returns FALSE if there is none. */
gboolean mz_bpe_find (const MzBpe *bpe, const char *text, guint32 *id);

/* Returns a token's text, the vocabulary's, or NULL if the id is not in use. */
const char *mz_bpe_get_text (const MzBpe *bpe, guint32 id);

/* The greatest id plus one. */
guint mz_bpe_get_vocab_size (const MzBpe *bpe);

/* Encodes the word of `n` characters, one or more, and appends its tokens to `tokens`, a GArray of MzToken.
 * Merges the pair of lowest rank, the leftmost of equals, until none is left. O(n log n) time, O(n) memory.
 */
void mz_bpe_encode_word (const MzBpe *bpe, const MzChar *word, guint n, GArray *tokens);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzBpe, mz_bpe_free)

G_END_DECLS
