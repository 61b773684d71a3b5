/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Prompts used before, as a list that can be searched. */
#include "app/library/prompt-history.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "app/files/file-saver.h"

#define HISTORY_FILE "prompts.json"
#define FORMAT_VERSION 1
#define MAX_FILE_BYTES (64 << 20)

/* Nobody scrolls further, and a search stays immediate. */
#define MAX_PROMPTS 2000

/* ---- A prompt ---- */

struct _MezzotintPrompt
{
  GObject parent_instance;
  char *text, *negative;
  gint64 used;  /* Unix seconds */
  char *folded; /* both, for searching */
};

G_DEFINE_FINAL_TYPE (MezzotintPrompt, mezzotint_prompt, G_TYPE_OBJECT)

enum
{
  PROMPT_TEXT = 1,
  PROMPT_NEGATIVE,
  PROMPT_USED,
  N_PROMPT_PROPERTIES,
};

static GParamSpec *prompt_properties[N_PROMPT_PROPERTIES];

static void
prompt_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  MezzotintPrompt *self = MEZZOTINT_PROMPT (object);

  switch (property_id)
    {
    case PROMPT_TEXT:
      g_value_set_string (value, self->text);
      break;
    case PROMPT_NEGATIVE:
      g_value_set_string (value, self->negative);
      break;
    case PROMPT_USED:
      g_value_set_int64 (value, self->used);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
prompt_finalize (GObject *object)
{
  MezzotintPrompt *self = MEZZOTINT_PROMPT (object);

  g_free (self->text);
  g_free (self->negative);
  g_free (self->folded);
  G_OBJECT_CLASS (mezzotint_prompt_parent_class)->finalize (object);
}

static void
mezzotint_prompt_class_init (MezzotintPromptClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = prompt_get_property;
  object_class->finalize = prompt_finalize;
  prompt_properties[PROMPT_TEXT] = g_param_spec_string ("text", NULL, NULL, "", flags);
  prompt_properties[PROMPT_NEGATIVE] = g_param_spec_string ("negative", NULL, NULL, "", flags);
  prompt_properties[PROMPT_USED] = g_param_spec_int64 ("used", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROMPT_PROPERTIES, prompt_properties);
}

static void
mezzotint_prompt_init (MezzotintPrompt *self)
{
}

static MezzotintPrompt *
prompt_new (const char *text, const char *negative, gint64 used)
{
  MezzotintPrompt *self = g_object_new (MEZZOTINT_TYPE_PROMPT, NULL);
  g_autofree char *both = NULL;

  self->text = g_strstrip (g_utf8_make_valid (text != NULL ? text : "", -1));
  self->negative = g_strstrip (g_utf8_make_valid (negative != NULL ? negative : "", -1));
  self->used = used;
  both = g_strconcat (self->text, "\n", self->negative, NULL);
  self->folded = g_utf8_casefold (both, -1);
  return self;
}

const char *
mezzotint_prompt_get_text (MezzotintPrompt *self)
{
  return self->text;
}

const char *
mezzotint_prompt_get_negative (MezzotintPrompt *self)
{
  return self->negative;
}

static gboolean
is_same (MezzotintPrompt *a, MezzotintPrompt *b)
{
  return g_str_equal (a->text, b->text) && g_str_equal (a->negative, b->negative);
}

/* ---- All of them ---- */

struct _MezzotintPromptHistory
{
  GObject parent_instance;
  GPtrArray *all;   /* of MezzotintPrompt, newest first */
  GPtrArray *shown; /* those that match */
  char *search;
  GStrv words; /* of the search, folded */
  char *path;  /* NULL: nothing is kept, since a newer version's file lies there */
  MezzotintFileSaver *saver;
  guint save_id; /* the idle that saves; 0: nothing changed */
};

static void history_list_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MezzotintPromptHistory,
                               mezzotint_prompt_history,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, history_list_init))

enum
{
  PROP_SEARCH = 1,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static GType
get_item_type (GListModel *list)
{
  return MEZZOTINT_TYPE_PROMPT;
}

static guint
get_n_items (GListModel *list)
{
  return MEZZOTINT_PROMPT_HISTORY (list)->shown->len;
}

static gpointer
get_item (GListModel *list, guint position)
{
  GPtrArray *shown = MEZZOTINT_PROMPT_HISTORY (list)->shown;

  return position < shown->len ? g_object_ref (g_ptr_array_index (shown, position)) : NULL;
}

static void
history_list_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

/* Every word is somewhere in it, in any order. */
static gboolean
matches (MezzotintPromptHistory *self, MezzotintPrompt *prompt)
{
  for (gsize i = 0; self->words != NULL && self->words[i] != NULL; i++)
    if (strstr (prompt->folded, self->words[i]) == NULL)
      return FALSE;
  return TRUE;
}

static void
show_matching (MezzotintPromptHistory *self)
{
  guint n_before = self->shown->len;

  g_ptr_array_set_size (self->shown, 0);
  for (guint i = 0; i < self->all->len; i++)
    if (matches (self, g_ptr_array_index (self->all, i)))
      g_ptr_array_add (self->shown, g_object_ref (g_ptr_array_index (self->all, i)));
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, self->shown->len);
}

static void
take_out_of_shown (MezzotintPromptHistory *self, MezzotintPrompt *prompt)
{
  guint position;

  if (!g_ptr_array_find (self->shown, prompt, &position))
    return;
  g_ptr_array_remove_index (self->shown, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

/* The older one of the same words. */
static void
drop_repeat (MezzotintPromptHistory *self, MezzotintPrompt *prompt)
{
  for (guint i = 0; i < self->all->len; i++)
    {
      g_autoptr (MezzotintPrompt) other = g_object_ref (g_ptr_array_index (self->all, i));

      if (!is_same (other, prompt))
        continue;
      g_ptr_array_remove_index (self->all, i);
      take_out_of_shown (self, other);
      return;
    }
}

static void
drop_last (MezzotintPromptHistory *self)
{
  g_autoptr (MezzotintPrompt) last = g_ptr_array_steal_index (self->all, self->all->len - 1);

  take_out_of_shown (self, last);
}

/* In front of all others. */
static void
put_first (MezzotintPromptHistory *self, MezzotintPrompt *prompt)
{
  drop_repeat (self, prompt);
  g_ptr_array_insert (self->all, 0, g_object_ref (prompt));
  if (matches (self, prompt))
    {
      g_ptr_array_insert (self->shown, 0, g_object_ref (prompt));
      g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, 1);
    }
  if (self->all->len > MAX_PROMPTS)
    drop_last (self);
}

/* ---- On disk: { "version": 1, "prompts": [ { "text", "negative", "used" } ] }, newest first ---- */

static JsonNode *
prompt_to_json (MezzotintPrompt *prompt)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "text", prompt->text);
  json_object_set_string_member (object, "negative", prompt->negative);
  json_object_set_int_member (object, "used", prompt->used);
  json_node_set_object (node, object);
  return node;
}

static gboolean
save_cb (gpointer data)
{
  MezzotintPromptHistory *self = data;
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *prompts = json_array_new ();

  self->save_id = 0;
  for (guint i = 0; i < self->all->len; i++)
    json_array_add_element (prompts, prompt_to_json (g_ptr_array_index (self->all, i)));
  json_object_set_int_member (object, "version", FORMAT_VERSION);
  json_object_set_array_member (object, "prompts", prompts);
  json_node_set_object (root, object);
  mezzotint_file_saver_put_text (self->saver, self->path, json_to_string (root, FALSE));
  return G_SOURCE_REMOVE;
}

static void
save (MezzotintPromptHistory *self)
{
  if (self->save_id == 0 && self->path != NULL)
    self->save_id = g_idle_add (save_cb, self);
}

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                          : NULL;
}

static gint64
get_int (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : 0;
}

/* What is odd among them is passed over. */
static void
read_prompts (MezzotintPromptHistory *self, JsonArray *prompts)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < json_array_get_length (prompts) && self->all->len < MAX_PROMPTS; i++)
    {
      JsonNode *node = json_array_get_element (prompts, i);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      g_autoptr (MezzotintPrompt) prompt = NULL;

      if (object == NULL)
        continue;
      prompt = prompt_new (get_string (object, "text"), get_string (object, "negative"),
                           get_int (object, "used"));
      if (*prompt->text != '\0'
          && g_hash_table_add (seen, g_strconcat (prompt->text, "\n", prompt->negative, NULL)))
        g_ptr_array_add (self->all, g_steal_pointer (&prompt));
    }
}

static void
set_aside (MezzotintPromptHistory *self)
{
  g_autofree char *aside = g_strconcat (self->path, ".damaged", NULL);

  g_rename (self->path, aside);
}

static void
read_file (MezzotintPromptHistory *self)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root, *prompts;
  GStatBuf info;

  if (g_stat (self->path, &info) != 0)
    return;
  if (info.st_size > MAX_FILE_BYTES || !json_parser_load_from_file (parser, self->path, NULL)
      || (root = json_parser_get_root (parser)) == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      set_aside (self);
      return;
    }
  if (get_int (json_node_get_object (root), "version") > FORMAT_VERSION)
    {
      g_clear_pointer (&self->path, g_free);
      return;
    }
  prompts = json_object_get_member (json_node_get_object (root), "prompts");
  if (prompts != NULL && JSON_NODE_HOLDS_ARRAY (prompts))
    read_prompts (self, json_node_get_array (prompts));
  else
    set_aside (self);
}

/* ---- The object ---- */

static void
get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_SEARCH)
    g_value_set_string (value, MEZZOTINT_PROMPT_HISTORY (object)->search);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_SEARCH)
    mezzotint_prompt_history_set_search (MEZZOTINT_PROMPT_HISTORY (object), g_value_get_string (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
dispose (GObject *object)
{
  MezzotintPromptHistory *self = MEZZOTINT_PROMPT_HISTORY (object);

  if (self->save_id != 0)
    {
      g_source_remove (self->save_id);
      save_cb (self);
    }
  g_clear_pointer (&self->saver, mezzotint_file_saver_free);
  G_OBJECT_CLASS (mezzotint_prompt_history_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  MezzotintPromptHistory *self = MEZZOTINT_PROMPT_HISTORY (object);

  g_ptr_array_unref (self->all);
  g_ptr_array_unref (self->shown);
  g_strfreev (self->words);
  g_free (self->search);
  g_free (self->path);
  G_OBJECT_CLASS (mezzotint_prompt_history_parent_class)->finalize (object);
}

static void
mezzotint_prompt_history_class_init (MezzotintPromptHistoryClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->dispose = dispose;
  object_class->finalize = finalize;
  properties[PROP_SEARCH] = g_param_spec_string (
      "search", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
mezzotint_prompt_history_init (MezzotintPromptHistory *self)
{
  self->all = g_ptr_array_new_with_free_func (g_object_unref);
  self->shown = g_ptr_array_new_with_free_func (g_object_unref);
  self->saver = mezzotint_file_saver_new (NULL, NULL);
}

MezzotintPromptHistory *
mezzotint_prompt_history_new (const char *folder)
{
  MezzotintPromptHistory *self = g_object_new (MEZZOTINT_TYPE_PROMPT_HISTORY, NULL);
  g_autofree char *default_folder = g_build_filename (g_get_user_data_dir (), "mezzotint", NULL);

  if (folder == NULL)
    folder = default_folder;
  g_mkdir_with_parents (folder, 0700);
  self->path = g_build_filename (folder, HISTORY_FILE, NULL);
  read_file (self);
  show_matching (self);
  return self;
}

void
mezzotint_prompt_history_add (MezzotintPromptHistory *self, const char *text, const char *negative)
{
  g_autoptr (MezzotintPrompt) prompt = prompt_new (text, negative, g_get_real_time () / G_USEC_PER_SEC);

  if (*prompt->text == '\0')
    return;
  put_first (self, prompt);
  save (self);
}

void
mezzotint_prompt_history_remove (MezzotintPromptHistory *self, MezzotintPrompt *prompt)
{
  G_GNUC_UNUSED g_autoptr (MezzotintPrompt) kept = g_object_ref (prompt);

  drop_repeat (self, prompt);
  save (self);
}

void
mezzotint_prompt_history_set_search (MezzotintPromptHistory *self, const char *search)
{
  g_autofree char *valid = NULL, *folded = NULL;

  if (g_strcmp0 (self->search, search) == 0)
    return;
  g_free (self->search);
  self->search = g_strdup (search);
  valid = g_utf8_make_valid (search != NULL ? search : "", -1);
  folded = g_utf8_casefold (valid, -1);
  g_strfreev (self->words);
  self->words = g_strsplit_set (folded, " \t\n", -1);
  show_matching (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEARCH]);
}
