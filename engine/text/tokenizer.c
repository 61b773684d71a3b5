/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* CLIP's tokenizer: clean-up, special tokens, words and byte-pair encoding in a row. */
#include <glib/gi18n-lib.h>

#include "text/tokenizer-private.h"

#include "core/printable.h"
#include "text/clean.h"
#include "text/html.h"
#include "text/split.h"

#include <string.h>

/* BOS and EOS */
#define N_FRAME 2

/* Gives an added token its id: the vocabulary's if it has the name, else its own. */
static gboolean
place_added (MzTokenizer *tokenizer, const MzNamedToken *token, GError **error)
{
  guint32 id;

  if (!mz_bpe_find (tokenizer->bpe, token->name, &id))
    {
      if (!mz_bpe_add_token (tokenizer->bpe, token->name, token->id < 0 ? G_MAXUINT64 : (guint64) token->id,
                             error))
        return FALSE;
      id = (guint32) token->id;
    }
  return mz_added_set (tokenizer->added, token->name, id, token->normalized, error);
}

/* Finds a special token in the vocabulary and, if the list of added tokens has not named it, adds it: with
 * the manners of the last of those that share a name, as in transformers. */
static gboolean
place_special (MzTokenizer *tokenizer, const MzSettings *settings, MzSpecial special, GError **error)
{
  const MzNamedToken *token = &settings->specials[special];
  guint32 *id = &tokenizer->special_ids[special];

  if (!mz_bpe_find (tokenizer->bpe, token->name, id))
    {
      g_autofree char *shown = mz_printable (token->name);

      g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("the special token “%s” is not in the vocabulary."),
                   shown);
      return FALSE;
    }
  for (guint i = 0; i < settings->added->len; i++)
    if (g_str_equal (g_array_index (settings->added, MzNamedToken, i).name, token->name))
      return TRUE;
  return mz_added_set (tokenizer->added, token->name, *id, token->normalized, error);
}

static gboolean
place_all (MzTokenizer *tokenizer, const MzSettings *settings, GError **error)
{
  for (guint i = 0; i < settings->added->len; i++)
    if (!place_added (tokenizer, &g_array_index (settings->added, MzNamedToken, i), error))
      return FALSE;
  for (MzSpecial i = 0; i < MZ_N_SPECIALS; i++)
    if (!place_special (tokenizer, settings, i, error))
      return FALSE;
  return TRUE;
}

MzTokenizer *
mz_tokenizer_new (MzBpe *bpe, const MzSettings *settings, const char *place, GError **error)
{
  g_autoptr (MzTokenizer) tokenizer = g_new0 (MzTokenizer, 1);

  g_atomic_ref_count_init (&tokenizer->ref_count);
  tokenizer->bpe = bpe;
  tokenizer->added = mz_added_new ();
  tokenizer->max_positions = settings->max_positions;
  if (!place_all (tokenizer, settings, error))
    {
      g_prefix_error (error, _ ("The tokenizer “%s”: "), place);
      return NULL;
    }
  mz_added_seal (tokenizer->added);
  mz_bpe_seal (bpe, tokenizer->special_ids[MZ_SPECIAL_UNKNOWN]);
  return g_steal_pointer (&tokenizer);
}

MzTokenizer *
mz_tokenizer_ref (MzTokenizer *tokenizer)
{
  g_atomic_ref_count_inc (&tokenizer->ref_count);
  return tokenizer;
}

void
mz_tokenizer_unref (MzTokenizer *tokenizer)
{
  if (!tokenizer || !g_atomic_ref_count_dec (&tokenizer->ref_count))
    return;
  mz_bpe_free (tokenizer->bpe);
  mz_added_free (tokenizer->added);
  g_free (tokenizer);
}

guint
mz_tokenizer_get_vocab_size (MzTokenizer *tokenizer)
{
  return mz_bpe_get_vocab_size (tokenizer->bpe);
}

guint32
mz_tokenizer_get_bos_id (MzTokenizer *tokenizer)
{
  return tokenizer->special_ids[MZ_SPECIAL_BOS];
}

guint32
mz_tokenizer_get_eos_id (MzTokenizer *tokenizer)
{
  return tokenizer->special_ids[MZ_SPECIAL_EOS];
}

guint32
mz_tokenizer_get_pad_id (MzTokenizer *tokenizer)
{
  return tokenizer->special_ids[MZ_SPECIAL_PAD];
}

guint
mz_tokenizer_get_max_positions (MzTokenizer *tokenizer)
{
  return tokenizer->max_positions;
}

static void
append_words (MzTokenizer *tokenizer, MzChars *chars, GArray *tokens)
{
  MzSplitter splitter = { .chars = chars };
  guint first;

  while (mz_split_next (&splitter, &first))
    mz_bpe_encode_word (tokenizer->bpe, mz_chars_at (chars, first), splitter.pos - first, tokens);
}

/* Cuts `n` characters at the added tokens of one kind. What lies between goes on: raw text is cleaned and
 * searched for those of the other kind, clean text is cut into words. */
static void
append_text (MzTokenizer *tokenizer, const MzChar *chars, guint n, gboolean clean, GArray *tokens)
{
  guint from = 0;

  while (from < n)
    {
      guint first = n, length = 0;
      guint32 id = 0;
      gboolean found = mz_added_find (tokenizer->added, clean, chars, n, from, &first, &length, &id);

      if (first > from && clean)
        {
          g_autoptr (GArray) part = mz_chars_new (first - from);
          g_array_append_vals (part, chars + from, first - from);
          append_words (tokenizer, part, tokens);
        }
      else if (first > from)
        {
          g_autoptr (GArray) part = mz_clean_normalize (chars + from, first - from);
          append_text (tokenizer, (MzChar *) part->data, part->len, TRUE, tokens);
        }
      if (found)
        {
          MzToken token = { id, chars[first].begin, chars[first + length - 1].end };
          g_array_append_val (tokens, token);
        }
      from = first + length;
    }
}

/* Returns the tokens of a text as a GArray of MzToken, or NULL. */
static GArray *
tokenize (MzTokenizer *tokenizer, const char *text, gssize length, MzTextFlags flags, GError **error)
{
  g_autoptr (GArray) chars = mz_clean_decode (text, length, MZ_TEXT_MAX_BYTES, error);
  GArray *tokens;

  if (!chars)
    return NULL;
  /* twice, as CLIP does: captions from the web were often escaped twice */
  for (int i = 0; i < 2 && !(flags & MZ_TEXT_KEEP_ENTITIES); i++)
    {
      MzChars *unescaped = mz_html_unescape (chars);
      g_array_unref (chars);
      chars = unescaped;
    }
  tokens = g_array_new (FALSE, FALSE, sizeof (MzToken));
  append_text (tokenizer, (const MzChar *) chars->data, chars->len, FALSE, tokens);
  return tokens;
}

static gboolean
check_positions (guint max_positions, GError **error)
{
  if (max_positions >= N_FRAME)
    return TRUE;
  g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT, _ ("A text needs at least %d positions, not %u."), N_FRAME,
               max_positions);
  return FALSE;
}

static MzTokenCount
count_tokens (GArray *tokens, const char *text, gssize length, guint max_positions)
{
  MzTokenCount count = { .n_tokens = tokens->len, .n_kept = MIN (tokens->len, max_positions - N_FRAME) };

  count.truncated = count.n_kept < count.n_tokens;
  if (count.truncated)
    count.cut_at = g_array_index (tokens, MzToken, count.n_kept).begin;
  else
    count.cut_at = length < 0 ? strlen (text) : (gsize) length;
  return count;
}

gboolean
mz_tokenizer_encode (MzTokenizer *tokenizer,
                     const char *text,
                     gssize length,
                     MzTextFlags flags,
                     guint max_positions,
                     guint32 *ids,
                     MzTokenCount *count,
                     GError **error)
{
  g_autoptr (GArray) tokens = NULL;
  guint n = 0;

  g_return_val_if_fail (tokenizer && text && ids, FALSE);

  if (!check_positions (max_positions, error))
    return FALSE;
  tokens = tokenize (tokenizer, text, length, flags, error);
  if (!tokens)
    return FALSE;

  MzTokenCount counted = count_tokens (tokens, text, length, max_positions);
  ids[n++] = mz_tokenizer_get_bos_id (tokenizer);
  for (guint i = 0; i < counted.n_kept; i++)
    ids[n++] = g_array_index (tokens, MzToken, i).id;
  ids[n++] = mz_tokenizer_get_eos_id (tokenizer);
  while (n < max_positions)
    ids[n++] = mz_tokenizer_get_pad_id (tokenizer);
  if (count)
    *count = counted;
  return TRUE;
}

gboolean
mz_tokenizer_count (MzTokenizer *tokenizer,
                    const char *text,
                    gssize length,
                    MzTextFlags flags,
                    guint max_positions,
                    MzTokenCount *count,
                    GError **error)
{
  g_autoptr (GArray) tokens = NULL;

  g_return_val_if_fail (tokenizer && text && count, FALSE);

  if (!check_positions (max_positions, error))
    return FALSE;
  tokens = tokenize (tokenizer, text, length, flags, error);
  if (!tokens)
    return FALSE;
  *count = count_tokens (tokens, text, length, max_positions);
  return TRUE;
}

MzTokens *
mz_tokenizer_tokenize (MzTokenizer *tokenizer,
                       const char *text,
                       gssize length,
                       MzTextFlags flags,
                       GError **error)
{
  GArray *array;
  MzTokens *tokens;

  g_return_val_if_fail (tokenizer && text, NULL);

  array = tokenize (tokenizer, text, length, flags, error);
  if (!array)
    return NULL;
  tokens = g_new (MzTokens, 1);
  tokens->n_tokens = array->len;
  tokens->tokens = (MzToken *) g_array_free (array, FALSE);
  return tokens;
}

void
mz_tokens_free (MzTokens *tokens)
{
  if (!tokens)
    return;
  g_free (tokens->tokens);
  g_free (tokens);
}

/* The byte that a character of a token stands for, -1 if none does. */
static int
byte_of (gunichar ch)
{
  if (ch < 0x100 && mz_bpe_byte_char ((guint8) ch) == ch)
    return (int) ch;
  for (int byte = 0; byte < 256; byte++)
    if (mz_bpe_byte_char ((guint8) byte) == ch)
      return byte;
  return -1;
}

static void
append_token_bytes (GString *out, const char *token)
{
  gboolean ends_word = g_str_has_suffix (token, MZ_BPE_END_OF_WORD);
  const char *end = token + strlen (token) - (ends_word ? strlen (MZ_BPE_END_OF_WORD) : 0);

  for (const char *p = token; p < end; p = g_utf8_next_char (p))
    {
      int byte = byte_of (g_utf8_get_char (p));

      if (byte >= 0)
        g_string_append_c (out, (char) byte);
      else
        g_string_append_len (out, p, g_utf8_next_char (p) - p);
    }
  if (ends_word)
    g_string_append_c (out, ' ');
}

char *
mz_tokenizer_decode (MzTokenizer *tokenizer, const guint32 *ids, guint n_ids)
{
  g_autoptr (GString) out = g_string_new (NULL);

  g_return_val_if_fail (tokenizer && (ids || n_ids == 0), NULL);

  for (guint i = 0; i < n_ids; i++)
    {
      const char *token = mz_bpe_get_text (tokenizer->bpe, ids[i]);

      if (ids[i] == mz_tokenizer_get_bos_id (tokenizer) || ids[i] == mz_tokenizer_get_eos_id (tokenizer))
        continue;
      if (token)
        append_token_bytes (out, token);
      else
        g_string_append (out, "\357\277\275");
    }
  if (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  return g_utf8_make_valid (out->str, (gssize) out->len);
}
