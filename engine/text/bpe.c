/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The vocabulary and the merges of a byte-pair encoding. */
#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "text/bpe-private.h"

#include "core/hash.h"
#include "core/printable.h"

#include <string.h>

#define NO_PAIR G_MAXUINT64

MzBpe *
mz_bpe_new (void)
{
  MzBpe *bpe = g_new0 (MzBpe, 1);

  bpe->ids = g_hash_table_new_full (mz_str_hash, g_str_equal, g_free, NULL);
  bpe->texts = g_ptr_array_new ();
  bpe->merges = g_array_new (FALSE, FALSE, sizeof (MzBpeMerge));
  return bpe;
}

void
mz_bpe_free (MzBpe *bpe)
{
  if (!bpe)
    return;
  g_hash_table_unref (bpe->ids);
  g_ptr_array_unref (bpe->texts);
  g_array_unref (bpe->merges);
  g_free (bpe->pairs);
  g_free (bpe);
}

gunichar
mz_bpe_byte_char (guint8 byte)
{
  /* the bytes that are written as themselves */
  static const struct
  {
    guint8 first, last;
  } plain[] = { { '!', '~' }, { 0xa1, 0xac }, { 0xae, 0xff } };
  gunichar n_others = 0;
  guint at = 0;

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    {
      if (byte >= plain[i].first && byte <= plain[i].last)
        return byte;
      if (byte < plain[i].first)
        break;
      n_others += plain[i].first - at;
      at = plain[i].last + 1u;
    }
  return 0x100 + n_others + (byte - at);
}

/* Is there room for the token? */
static gboolean
check_token (const MzBpe *bpe, const char *text, guint64 id, GError **error)
{
  const char *other = id < MZ_BPE_MAX_VOCAB ? mz_bpe_get_text (bpe, (guint32) id) : NULL;
  g_autofree char *shown = NULL, *other_shown = NULL;

  if (id < MZ_BPE_MAX_VOCAB && !other && !g_hash_table_contains (bpe->ids, text))
    return TRUE;
  shown = mz_printable (text);
  other_shown = other ? mz_printable (other) : NULL;
  if (id >= MZ_BPE_MAX_VOCAB)
    g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
                 _ ("the token “%s” has the id %" PRIu64 ", which is not below %u."), shown, id,
                 MZ_BPE_MAX_VOCAB);
  else if (other)
    g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
                 _ ("the tokens “%s” and “%s” have the same id, %" PRIu64 "."), other_shown, shown, id);
  else
    g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("the token “%s” is there twice."), shown);
  return FALSE;
}

gboolean
mz_bpe_add_token (MzBpe *bpe, const char *text, guint64 id, GError **error)
{
  if (!check_token (bpe, text, id, error))
    return FALSE;

  char *owned = g_strdup (text);
  if (id >= bpe->texts->len)
    g_ptr_array_set_size (bpe->texts, (int) id + 1);
  bpe->texts->pdata[id] = owned;
  g_hash_table_insert (bpe->ids, owned, GUINT_TO_POINTER (id));
  return TRUE;
}

static gboolean
find_half (MzBpe *bpe, const char *text, guint32 *id, GError **error)
{
  g_autofree char *shown = NULL;

  if (mz_bpe_find (bpe, text, id))
    return TRUE;
  shown = mz_printable (text);
  g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("“%s” is not a token of the vocabulary."), shown);
  return FALSE;
}

gboolean
mz_bpe_add_merge (MzBpe *bpe, const char *left, const char *right, GError **error)
{
  g_autofree char *whole = g_strconcat (left, right, NULL);
  guint32 left_id, right_id;
  MzBpeMerge merge = { .rank = bpe->merges->len };

  if (!find_half (bpe, left, &left_id, error) || !find_half (bpe, right, &right_id, error)
      || !find_half (bpe, whole, &merge.id, error))
    return FALSE;
  merge.pair = mz_bpe_pair (left_id, right_id);
  g_array_append_val (bpe->merges, merge);
  return TRUE;
}

/* Slot of a pair in the table of open addressing: its own, or the free one where it belongs. */
static MzBpeMerge *
pair_slot (const MzBpe *bpe, guint64 pair)
{
  guint slot = (guint) mz_hash_bytes (&pair, sizeof pair) & bpe->pairs_mask;

  while (bpe->pairs[slot].pair != pair && bpe->pairs[slot].pair != NO_PAIR)
    slot = (slot + 1) & bpe->pairs_mask;
  return &bpe->pairs[slot];
}

const MzBpeMerge *
mz_bpe_find_merge (const MzBpe *bpe, guint32 left, guint32 right)
{
  const MzBpeMerge *merge = pair_slot (bpe, mz_bpe_pair (left, right));
  return merge->pair == NO_PAIR ? NULL : merge;
}

static void
index_merges (MzBpe *bpe)
{
  guint n_bits = g_bit_storage (2 * bpe->merges->len + 1);

  bpe->pairs_mask = (1u << n_bits) - 1;
  bpe->pairs = g_new (MzBpeMerge, bpe->pairs_mask + 1);
  for (guint i = 0; i <= bpe->pairs_mask; i++)
    bpe->pairs[i].pair = NO_PAIR;
  /* a pair that is there twice has its last rank, as in transformers */
  for (guint i = 0; i < bpe->merges->len; i++)
    {
      const MzBpeMerge *merge = &g_array_index (bpe->merges, MzBpeMerge, i);
      *pair_slot (bpe, merge->pair) = *merge;
    }
  g_array_set_size (bpe->merges, 0);
}

void
mz_bpe_seal (MzBpe *bpe, guint32 unknown_id)
{
  index_merges (bpe);
  for (guint byte = 0; byte < 256; byte++)
    {
      char text[6 + sizeof MZ_BPE_END_OF_WORD];
      int n = g_unichar_to_utf8 (mz_bpe_byte_char ((guint8) byte), text);

      text[n] = '\0';
      if (!mz_bpe_find (bpe, text, &bpe->byte_ids[byte]))
        bpe->byte_ids[byte] = unknown_id;
      memcpy (text + n, MZ_BPE_END_OF_WORD, sizeof MZ_BPE_END_OF_WORD);
      if (!mz_bpe_find (bpe, text, &bpe->last_byte_ids[byte]))
        bpe->last_byte_ids[byte] = unknown_id;
    }
}

gboolean
mz_bpe_find (const MzBpe *bpe, const char *text, guint32 *id)
{
  gpointer value;

  if (!g_hash_table_lookup_extended (bpe->ids, text, NULL, &value))
    return FALSE;
  *id = GPOINTER_TO_UINT (value);
  return TRUE;
}

const char *
mz_bpe_get_text (const MzBpe *bpe, guint32 id)
{
  return id < bpe->texts->len ? bpe->texts->pdata[id] : NULL;
}

guint
mz_bpe_get_vocab_size (const MzBpe *bpe)
{
  return bpe->texts->len;
}
