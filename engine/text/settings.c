/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a tokenizer folder says besides its vocabulary. */
#include <glib/gi18n-lib.h>

#include "text/settings.h"

#include "core/printable.h"
#include "text/files.h"

#include <string.h>

/* model_max_length beyond this means "no limit" (transformers writes 1e30). */
#define MAX_POSITIONS 65536

static const char *const special_keys[MZ_N_SPECIALS] = { "bos_token", "eos_token", "unk_token", "pad_token" };
static const char *const clip_names[MZ_N_SPECIALS]
    = { "<|startoftext|>", "<|endoftext|>", "<|endoftext|>", "<|endoftext|>" };

static void
clear_named (gpointer data)
{
  g_free (((MzNamedToken *) data)->name);
}

MzSettings *
mz_settings_new (void)
{
  MzSettings *settings = g_new0 (MzSettings, 1);

  for (guint i = 0; i < MZ_N_SPECIALS; i++)
    settings->specials[i] = (MzNamedToken){ g_strdup (clip_names[i]), -1, FALSE };
  settings->added = g_array_new (FALSE, FALSE, sizeof (MzNamedToken));
  g_array_set_clear_func (settings->added, clear_named);
  settings->max_positions = MZ_CLIP_MAX_POSITIONS;
  return settings;
}

void
mz_settings_free (MzSettings *settings)
{
  if (!settings)
    return;
  for (guint i = 0; i < MZ_N_SPECIALS; i++)
    clear_named (&settings->specials[i]);
  g_array_unref (settings->added);
  g_free (settings);
}

static const char *
get_string (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);
  return node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static gboolean
get_boolean (JsonObject *object, const char *key, gboolean fallback)
{
  JsonNode *node = json_object_get_member (object, key);

  if (!node || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return fallback;
  return json_node_get_boolean (node) ? TRUE : FALSE;
}

/* Reads a token's description: its name alone, or an object. FALSE if it is neither. */
static gboolean
read_token (JsonNode *node, MzNamedToken *token)
{
  const char *name = NULL;

  token->normalized = FALSE;
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      name = get_string (object, "content");
      /* if it is not written, transformers takes it from whether the token is special */
      token->normalized = get_boolean (object, "normalized", !get_boolean (object, "special", TRUE));
    }
  else if (JSON_NODE_HOLDS_VALUE (node))
    name = json_node_get_string (node);
  if (!name)
    return FALSE;
  g_free (token->name);
  token->name = g_strdup (name);
  return TRUE;
}

static gboolean
fail_entry (GError **error, const char *file, const char *entry)
{
  g_autofree char *shown = mz_printable (entry);

  g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT,
               _ ("The entry “%s” of the tokenizer's %s does not describe a token."), shown, file);
  return FALSE;
}

static gboolean
read_specials (MzSettings *settings, JsonObject *object, const char *file, GError **error)
{
  for (guint i = 0; i < MZ_N_SPECIALS; i++)
    {
      JsonNode *node = json_object_get_member (object, special_keys[i]);

      if (node && !JSON_NODE_HOLDS_NULL (node) && !read_token (node, &settings->specials[i]))
        return fail_entry (error, file, special_keys[i]);
    }
  return TRUE;
}

static gboolean
add_token (MzSettings *settings,
           JsonNode *node,
           gint64 id,
           const char *file,
           const char *entry,
           GError **error)
{
  MzNamedToken token = { .id = id };

  if (!JSON_NODE_HOLDS_OBJECT (node) || !read_token (node, &token))
    return fail_entry (error, file, entry);
  g_array_append_val (settings->added, token);
  return TRUE;
}

/* "added_tokens_decoder": an object from ids, written as strings, to descriptions. */
static gboolean
read_decoder (MzSettings *settings, JsonNode *decoder, GError **error)
{
  static const char file[] = "tokenizer_config.json";
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  if (!JSON_NODE_HOLDS_OBJECT (decoder))
    return fail_entry (error, file, "added_tokens_decoder");
  json_object_iter_init_ordered (&iter, json_node_get_object (decoder));
  while (json_object_iter_next_ordered (&iter, &key, &node))
    {
      guint64 id;

      if (!g_ascii_string_to_unsigned (key, 10, 0, G_MAXINT64, &id, NULL))
        return fail_entry (error, file, key);
      if (!add_token (settings, node, (gint64) id, file, key, error))
        return FALSE;
    }
  return TRUE;
}

/* "added_tokens" of tokenizer.json: an array of descriptions with "id". */
static gboolean
read_added_array (MzSettings *settings, JsonNode *added, GError **error)
{
  static const char file[] = "tokenizer.json";

  if (!JSON_NODE_HOLDS_ARRAY (added))
    return fail_entry (error, file, "added_tokens");
  for (guint i = 0; i < json_array_get_length (json_node_get_array (added)); i++)
    {
      JsonNode *node = json_array_get_element (json_node_get_array (added), i);
      JsonNode *id = NULL;

      if (JSON_NODE_HOLDS_OBJECT (node))
        id = json_object_get_member (json_node_get_object (node), "id");
      if (!id || json_node_get_value_type (id) != G_TYPE_INT64)
        return fail_entry (error, file, "added_tokens");
      if (!add_token (settings, node, json_node_get_int (id), file, "added_tokens", error))
        return FALSE;
    }
  return TRUE;
}

/* added_tokens.json: an object from names to ids; what is not a special token is searched after clean-up. */
static gboolean
read_added_object (MzSettings *settings, JsonObject *object, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      MzNamedToken token = { .normalized = TRUE };

      if (json_node_get_value_type (node) != G_TYPE_INT64)
        return fail_entry (error, "added_tokens.json", name);
      for (guint i = 0; i < MZ_N_SPECIALS; i++)
        if (g_str_equal (settings->specials[i].name, name))
          token.normalized = FALSE;
      token.name = g_strdup (name);
      token.id = json_node_get_int (node);
      g_array_append_val (settings->added, token);
    }
  return TRUE;
}

static gboolean
read_config (MzSettings *settings, JsonObject *config, GError **error)
{
  static const char file[] = "tokenizer_config.json";
  const char *class_name = get_string (config, "tokenizer_class");
  JsonNode *positions = json_object_get_member (config, "model_max_length");
  JsonNode *decoder = json_object_get_member (config, "added_tokens_decoder");

  if (class_name && !g_str_equal (class_name, "CLIPTokenizer")
      && !g_str_equal (class_name, "CLIPTokenizerFast"))
    {
      g_autofree char *shown = mz_printable (class_name);

      g_set_error (error, MZ_ERROR, MZ_ERROR_UNSUPPORTED,
                   _ ("The tokenizer is of the class “%s”; only CLIPTokenizer is supported."), shown);
      return FALSE;
    }
  if (positions && json_node_get_value_type (positions) == G_TYPE_INT64)
    {
      gint64 n = json_node_get_int (positions);
      if (n >= 2 && n <= MAX_POSITIONS)
        settings->max_positions = (guint) n;
    }
  return read_specials (settings, config, file, error)
         && (!decoder || read_decoder (settings, decoder, error));
}

/* Reads a JSON file that may be missing: then TRUE, with `root` NULL. */
static gboolean
read_optional (const char *dir, const char *file, JsonNode **root, GError **error)
{
  g_autofree char *path = g_build_filename (dir, file, NULL);
  g_autoptr (GError) local = NULL;

  *root = mz_files_read_json (path, &local);
  if (!*root && !g_error_matches (local, MZ_ERROR, MZ_ERROR_MISSING))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}

/* The files that transformers wrote before it had "added_tokens_decoder". */
static gboolean
load_older_files (MzSettings *settings, const char *dir, JsonNode *added_tokens, GError **error)
{
  g_autoptr (JsonNode) map = NULL;
  g_autoptr (JsonNode) added = NULL;

  if (!read_optional (dir, "special_tokens_map.json", &map, error)
      || !read_optional (dir, "added_tokens.json", &added, error))
    return FALSE;
  if (map && !read_specials (settings, json_node_get_object (map), "special_tokens_map.json", error))
    return FALSE;
  if (added && !read_added_object (settings, json_node_get_object (added), error))
    return FALSE;
  return !added_tokens || read_added_array (settings, added_tokens, error);
}

gboolean
mz_settings_load (MzSettings *settings, const char *dir, JsonNode *added_tokens, GError **error)
{
  g_autoptr (JsonNode) config = NULL;

  if (!read_optional (dir, "tokenizer_config.json", &config, error))
    return FALSE;
  if (config && !read_config (settings, json_node_get_object (config), error))
    return FALSE;
  if (config && json_object_has_member (json_node_get_object (config), "added_tokens_decoder"))
    return TRUE;
  return load_older_files (settings, dir, added_tokens, error);
}
