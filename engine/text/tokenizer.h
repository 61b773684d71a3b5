/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* CLIP's tokenizer: a prompt goes in, the numbers that the text encoder reads come out.
 *
 *   g_autoptr (MzTokenizer) tokenizer = mz_tokenizer_new_from_dir ("model/tokenizer", &error);
 *   guint32 ids[77];
 *   MzTokenCount count;
 *   if (!mz_tokenizer_encode (tokenizer, prompt, -1, MZ_TEXT_DEFAULT, 77, ids, &count, &error))
 *     return FALSE;
 *   if (count.truncated)
 *     g_message ("not read: %s", prompt + count.cut_at);
 *
 * Token ids equal those of transformers' CLIPTokenizer (the tokenizer of diffusers); see clean.h for the
 * one step, HTML, in which the default follows OpenAI's CLIP instead. A tokenizer never changes after it
 * was made, so any number of threads may use it at once. */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/* A text longer than this is refused with MZ_ERROR_ARGUMENT. */
#define MZ_TEXT_MAX_BYTES (4 * 1024 * 1024)

typedef struct _MzTokenizer MzTokenizer;

typedef enum
{
  MZ_TEXT_DEFAULT = 0,
  MZ_TEXT_KEEP_ENTITIES = 1 << 0, /* leave "&amp;" as it is written, as diffusers does */
} MzTextFlags;

/* One token and the part of the text that it came from. */
typedef struct
{
  guint32 id;
  guint32 begin; /* byte offset in the text of its first character; never decreases from token to token */
  guint32 end;   /* byte offset just behind its last character */
} MzToken;

/* The tokens of a text, without BOS, EOS and padding. */
typedef struct
{
  guint n_tokens;
  MzToken *tokens; /* [n_tokens] */
} MzTokens;

/* How a text fits in the positions of a text encoder. */
typedef struct
{
  guint n_tokens;     /* tokens in the text, BOS and EOS not counted, however many fit */
  guint n_kept;       /* tokens that fit: at most max_positions - 2 */
  gboolean truncated; /* n_kept < n_tokens */
  gsize cut_at; /* byte offset in the text where the first token that did not fit begins; its length if all
                   fit */
} MzTokenCount;

/* Opens the tokenizer/ folder of a diffusers model: vocab.json and merges.txt, or tokenizer.json when those
 * are not there; tokenizer_config.json, special_tokens_map.json and added_tokens.json are read if present.
 * Returns a new tokenizer, one reference, owned by the caller; NULL on failure:
 * MZ_ERROR_MISSING (no such file), MZ_ERROR_IO (cannot be read), MZ_ERROR_FORMAT (names the file, and the
 * line or entry), MZ_ERROR_UNSUPPORTED (tokenizer.json of another kind of tokenizer). */
MzTokenizer *mz_tokenizer_new_from_dir (const char *dir, GError **error);

/* Makes CLIP's own tokenizer from nothing but its merges (data/clip/merges.txt), for files that carry no
 * vocabulary. Ids are numbered as CLIP does: 256 bytes, the same 256 ending a word, one a merge in the order
 * of the file, BOS, EOS: 49408 for CLIP. The padding is EOS as in SD 1; SD 2 wants 0
 * (MzClipConfig.pad_token_id), which its caller writes behind EOS. Ownership and errors as above. */
MzTokenizer *mz_tokenizer_new_clip (const char *merges_path, GError **error);

MzTokenizer *mz_tokenizer_ref (MzTokenizer *tokenizer);
void mz_tokenizer_unref (MzTokenizer *tokenizer);

/* The greatest id plus one; a text encoder must have at least as many rows (MzClipConfig.vocab_size). */
guint mz_tokenizer_get_vocab_size (MzTokenizer *tokenizer);
guint32 mz_tokenizer_get_bos_id (MzTokenizer *tokenizer);
guint32 mz_tokenizer_get_eos_id (MzTokenizer *tokenizer);
/* What fills the positions behind EOS: EOS in SD 1, 0 in SD 2. */
guint32 mz_tokenizer_get_pad_id (MzTokenizer *tokenizer);
/* model_max_length of tokenizer_config.json, BOS and EOS counted; 77 if it is not given. */
guint mz_tokenizer_get_max_positions (MzTokenizer *tokenizer);

/* Turns the `length` bytes at `text` (-1: up to the NUL) into max_positions ids: BOS, as much of the text as
 * fits, EOS, padding. max_positions is 2 or more. `ids` [max_positions] and, unless NULL, `count` are the
 * caller's; on failure they are left alone. A text that is too long is no error: see `count`.
 * Returns FALSE with MZ_ERROR_ARGUMENT if the text is not UTF-8 (names the byte offset), holds a NUL byte, is
 * longer than MZ_TEXT_MAX_BYTES, or if max_positions is below 2. Time is O(n log n) in the text's length,
 * however many tokens a tokenizer adds beyond its vocabulary (two, in all real ones). */
gboolean mz_tokenizer_encode (MzTokenizer *tokenizer,
                              const char *text,
                              gssize length,
                              MzTextFlags flags,
                              guint max_positions,
                              guint32 *ids,
                              MzTokenCount *count,
                              GError **error);

/* The same without ids: how many tokens, and where the border falls. Errors as mz_tokenizer_encode. */
gboolean mz_tokenizer_count (MzTokenizer *tokenizer,
                             const char *text,
                             gssize length,
                             MzTextFlags flags,
                             guint max_positions,
                             MzTokenCount *count,
                             GError **error);

/* All tokens of a text, however many, for those who cut it into chunks by themselves. Returns NULL on
 * failure, with the errors of mz_tokenizer_encode; free with mz_tokens_free. */
MzTokens *mz_tokenizer_tokenize (MzTokenizer *tokenizer,
                                 const char *text,
                                 gssize length,
                                 MzTextFlags flags,
                                 GError **error);
void mz_tokens_free (MzTokens *tokens);

/* Puts ids back into text, a space after each word; BOS and EOS (and with it SD 1's padding) are left out.
 * Bytes that make no UTF-8 and ids outside the vocabulary become U+FFFD. Returns a new string, the caller's.
 */
char *mz_tokenizer_decode (MzTokenizer *tokenizer, const guint32 *ids, guint n_ids);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzTokenizer, mz_tokenizer_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MzTokens, mz_tokens_free)

G_END_DECLS
