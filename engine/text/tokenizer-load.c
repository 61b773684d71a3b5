/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Makes a tokenizer from a folder of diffusers, or from CLIP's merges alone. */
#include "text/tokenizer-private.h"

#include "text/files.h"

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

/* Gives `file` of `dir` as the place of an error that lacks one. */
static void
prefix_place (GError **error, const char *dir, const char *file)
{
  g_autofree char *path = g_build_filename (dir, file, NULL);
  g_autofree char *name = g_filename_display_name (path);

  g_prefix_error (error, "The file “%s”: ", name);
}

static gboolean
add_vocab (MzBpe *bpe, JsonObject *vocab, GError **error)
{
  JsonObjectIter iter;
  const char *text;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, vocab);
  while (json_object_iter_next_ordered (&iter, &text, &node))
    {
      gboolean is_id = json_node_get_value_type (node) == G_TYPE_INT64 && json_node_get_int (node) >= 0;

      if (!is_id)
        {
          g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, "the token “%s” has no number for an id.", text);
          return FALSE;
        }
      if (!mz_bpe_add_token (bpe, text, (guint64) json_node_get_int (node), error))
        return FALSE;
    }
  return TRUE;
}

/* Adds the merge that `node` holds: "left right", or ["left", "right"] in newer files. */
static gboolean
add_json_merge (MzBpe *bpe, JsonNode *node, GError **error)
{
  g_auto (GStrv) halves = NULL;

  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_string (node))
    halves = g_strsplit (json_node_get_string (node), " ", 3);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

      for (guint i = 0; i < MIN (json_array_get_length (array), 3); i++)
        {
          JsonNode *half = json_array_get_element (array, i);
          const char *text = JSON_NODE_HOLDS_VALUE (half) ? json_node_get_string (half) : NULL;
          g_strv_builder_add (builder, text ? text : "");
        }
      halves = g_strv_builder_end (builder);
    }
  if (!halves || g_strv_length (halves) != 2)
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_FORMAT, "a merge is two tokens.");
      return FALSE;
    }
  return mz_bpe_add_merge (bpe, halves[0], halves[1], error);
}

static JsonNode *
get_member (JsonObject *object, const char *key, JsonNodeType type)
{
  JsonNode *node = object ? json_object_get_member (object, key) : NULL;
  return node && JSON_NODE_TYPE (node) == type ? node : NULL;
}

static gboolean
has_string (JsonObject *object, const char *key, const char *wanted)
{
  JsonNode *node = get_member (object, key, JSON_NODE_VALUE);
  return node && g_strcmp0 (json_node_get_string (node), wanted) == 0;
}

/* Fills the vocabulary from "model" of tokenizer.json. */
static gboolean
add_json_model (MzBpe *bpe, JsonNode *root, GError **error)
{
  JsonNode *node = get_member (json_node_get_object (root), "model", JSON_NODE_OBJECT);
  JsonObject *model = node ? json_node_get_object (node) : NULL;
  JsonNode *vocab = get_member (model, "vocab", JSON_NODE_OBJECT);
  JsonNode *merges = get_member (model, "merges", JSON_NODE_ARRAY);

  if (!has_string (model, "type", "BPE") || !has_string (model, "end_of_word_suffix", MZ_BPE_END_OF_WORD)
      || !vocab || !merges)
    {
      g_set_error_literal (
          error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
          "it is not of a CLIP tokenizer: it wants byte-pair encoding with “</w>”, “vocab” and "
          "“merges”.");
      return FALSE;
    }
  if (!add_vocab (bpe, json_node_get_object (vocab), error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (merges)); i++)
    if (!add_json_merge (bpe, json_array_get_element (json_node_get_array (merges), i), error))
      {
        g_prefix_error (error, "merge %u: ", i + 1);
        return FALSE;
      }
  return TRUE;
}

static MzBpe *
load_vocab_and_merges (const char *dir, GError **error)
{
  g_autofree char *vocab_path = g_build_filename (dir, "vocab.json", NULL);
  g_autofree char *merges_path = g_build_filename (dir, "merges.txt", NULL);
  g_autoptr (MzBpe) bpe = mz_bpe_new ();
  g_autoptr (JsonNode) vocab = mz_files_read_json (vocab_path, error);

  if (!vocab)
    return NULL;
  if (!add_vocab (bpe, json_node_get_object (vocab), error))
    {
      prefix_place (error, dir, "vocab.json");
      return NULL;
    }
  if (!mz_files_read_merges (merges_path, add_merge_cb, bpe, error))
    return NULL;
  return g_steal_pointer (&bpe);
}

static MzBpe *
load_tokenizer_json (const char *dir, JsonNode **root, GError **error)
{
  g_autofree char *path = g_build_filename (dir, "tokenizer.json", NULL);
  g_autoptr (MzBpe) bpe = mz_bpe_new ();

  *root = mz_files_read_json (path, error);
  if (!*root)
    return NULL;
  if (!add_json_model (bpe, *root, error))
    {
      prefix_place (error, dir, "tokenizer.json");
      return NULL;
    }
  return g_steal_pointer (&bpe);
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
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *place = NULL;

  g_return_val_if_fail (dir != NULL, NULL);

  if (!has_file (dir, "vocab.json") && has_file (dir, "tokenizer.json"))
    bpe = load_tokenizer_json (dir, &root, error);
  else
    bpe = load_vocab_and_merges (dir, error);
  if (!bpe || !mz_settings_load (settings, dir, root, error))
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
        g_prefix_error (error, "The file “%s”: ", place);
        return NULL;
      }
  return mz_tokenizer_new (g_steal_pointer (&bpe), settings, place, error);
}
