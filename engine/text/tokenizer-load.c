/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Makes a tokenizer from a folder of diffusers, or from CLIP's merges alone. */
#include <glib/gi18n-lib.h>

#include "text/tokenizer-private.h"

#include "text/files.h"
#include "text/vocab.h"

#include <string.h>

static gboolean
add_merge_cb (const char *left, const char *right, gpointer bpe, GError **error)
{
  return mz_bpe_add_merge (bpe, left, right, error);
}

/* In CLIP's own vocabulary each merge makes the next token. */
static gboolean
add_token_and_merge_cb (const char *left, const char *right, gpointer bpe, GError **error)
{
  g_autofree char *whole = g_strconcat (left, right, NULL);

  return mz_bpe_add_token (bpe, whole, mz_bpe_get_vocab_size (bpe), error)
         && mz_bpe_add_merge (bpe, left, right, error);
}

static MzBpe *
load_vocab_and_merges (const char *dir, GError **error)
{
  g_autofree char *vocab_path = g_build_filename (dir, "vocab.json", NULL);
  g_autofree char *merges_path = g_build_filename (dir, "merges.txt", NULL);
  g_autoptr (MzBpe) bpe = mz_bpe_new ();

  if (!mz_vocab_read (vocab_path, bpe, error)
      || !mz_files_read_merges (merges_path, add_merge_cb, bpe, error))
    return NULL;
  return g_steal_pointer (&bpe);
}

static MzBpe *
load_tokenizer_json (const char *dir, JsonNode **added_tokens, GError **error)
{
  g_autofree char *path = g_build_filename (dir, "tokenizer.json", NULL);
  g_autoptr (MzBpe) bpe = mz_bpe_new ();

  return mz_vocab_read_model (path, bpe, added_tokens, error) ? g_steal_pointer (&bpe) : NULL;
}

static gboolean
has_file (const char *dir, const char *file)
{
  g_autofree char *path = g_build_filename (dir, file, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

MzTokenizer *
mz_tokenizer_new_from_dir (const char *dir, GError **error)
{
  g_autoptr (MzSettings) settings = mz_settings_new ();
  g_autoptr (MzBpe) bpe = NULL;
  g_autoptr (JsonNode) added_tokens = NULL;
  g_autofree char *place = NULL;

  g_return_val_if_fail (dir != NULL, NULL);

  if (!has_file (dir, "vocab.json") && has_file (dir, "tokenizer.json"))
    bpe = load_tokenizer_json (dir, &added_tokens, error);
  else
    bpe = load_vocab_and_merges (dir, error);
  if (!bpe || !mz_settings_load (settings, dir, added_tokens, error))
    return NULL;
  place = g_filename_display_name (dir);
  return mz_tokenizer_new (g_steal_pointer (&bpe), settings, place, error);
}

/* CLIP numbers the bytes in the order of the characters that stand for them. */
static void
add_bytes (MzBpe *bpe, const char *ending)
{
  guint first = mz_bpe_get_vocab_size (bpe);

  for (gunichar ch = 0; mz_bpe_get_vocab_size (bpe) < first + 256; ch++)
    for (guint byte = 0; byte < 256; byte++)
      if (mz_bpe_byte_char ((guint8) byte) == ch)
        {
          char text[16];
          int n = g_unichar_to_utf8 (ch, text);

          g_strlcpy (text + n, ending, sizeof text - (gsize) n);
          mz_bpe_add_token (bpe, text, mz_bpe_get_vocab_size (bpe), NULL);
        }
}

MzTokenizer *
mz_tokenizer_new_clip (const char *merges_path, GError **error)
{
  g_autoptr (MzSettings) settings = mz_settings_new ();
  g_autoptr (MzBpe) bpe = mz_bpe_new ();
  g_autofree char *place = NULL;

  g_return_val_if_fail (merges_path != NULL, NULL);

  add_bytes (bpe, "");
  add_bytes (bpe, MZ_BPE_END_OF_WORD);
  if (!mz_files_read_merges (merges_path, add_token_and_merge_cb, bpe, error))
    return NULL;

  place = g_filename_display_name (merges_path);
  for (MzSpecial i = MZ_SPECIAL_BOS; i <= MZ_SPECIAL_EOS; i++)
    if (!mz_bpe_add_token (bpe, settings->specials[i].name, mz_bpe_get_vocab_size (bpe), error))
      {
        g_prefix_error (error, _ ("The file “%s”: "), place);
        return NULL;
      }
  return mz_tokenizer_new (g_steal_pointer (&bpe), settings, place, error);
}
