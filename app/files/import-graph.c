/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Walking through ComfyUI's graphs. */
#include "app/files/import-graph.h"

#include <string.h>

#include "app/files/import-private.h"

/* ---- Nodes and links ---- */

void
mezzotint_graph_init (MezzotintGraph *self, JsonObject *nodes)
{
  JsonObjectIter iter;
  const char *id;

  self->nodes = nodes;
  self->n_steps = 0;
  self->n_text_bytes = 0;
  self->ids = g_hash_table_new (g_str_hash, g_str_equal);
  json_object_iter_init (&iter, nodes);
  while (json_object_iter_next (&iter, &id, NULL))
    g_hash_table_insert (self->ids, (gpointer) id, (gpointer) id);
}

void
mezzotint_graph_clear (MezzotintGraph *self)
{
  g_clear_pointer (&self->ids, g_hash_table_unref);
}

gboolean
mezzotint_graph_get (MezzotintGraph *self, const char *id, MezzotintGraphNode *node)
{
  JsonObject *object = mezzotint_json_get_object (self->nodes, id);
  JsonNode *klass = object != NULL ? json_object_get_member (object, "class_type") : NULL;

  if (klass == NULL || json_node_get_value_type (klass) != G_TYPE_STRING
      || (node->inputs = mezzotint_json_get_object (object, "inputs")) == NULL)
    return FALSE;
  node->id = id;
  node->klass = json_node_get_string (klass);
  node->output = 0;
  return TRUE;
}

/* Is a value a link? Its node's id, owned by the caller, or NULL. */
static char *
read_link (JsonNode *value, int *output)
{
  JsonArray *link = value != NULL && JSON_NODE_HOLDS_ARRAY (value) ? json_node_get_array (value) : NULL;
  JsonNode *slot;

  if (link == NULL || json_array_get_length (link) != 2)
    return NULL;
  slot = json_array_get_element (link, 1);
  if (!JSON_NODE_HOLDS_VALUE (slot) || json_node_get_value_type (slot) != G_TYPE_INT64)
    return NULL;
  *output = (int) CLAMP (json_node_get_int (slot), 0, 1000);
  return mezzotint_json_node_to_text (json_array_get_element (link, 0));
}

static gboolean
step (MezzotintGraph *self, const MezzotintGraphNode *from, const char *input, MezzotintGraphNode *node)
{
  int output = 0;
  g_autofree char *id = read_link (json_object_get_member (from->inputs, input), &output);
  const char *own = id != NULL && self->n_steps++ < MEZZOTINT_GRAPH_MAX_STEPS
                        ? g_hash_table_lookup (self->ids, id)
                        : NULL;

  if (own == NULL || !mezzotint_graph_get (self, own, node))
    return FALSE;
  node->output = output;
  return TRUE;
}

/* The input that a node passes on as it is; NULL when it does something of its own. */
static const char *
passed_input (const MezzotintGraphNode *node)
{
  g_autoptr (GList) names = NULL;

  if (strstr (node->klass, "Reroute") == NULL)
    return NULL;
  names = json_object_get_members (node->inputs);
  return names != NULL && names->next == NULL ? names->data : NULL;
}

gboolean
mezzotint_graph_follow (MezzotintGraph *self,
                        const MezzotintGraphNode *from,
                        const char *input,
                        MezzotintGraphNode *node)
{
  MezzotintGraphNode at = *from, next;

  for (int depth = 0; depth < MEZZOTINT_GRAPH_MAX_DEPTH && input != NULL; depth++)
    {
      if (!step (self, &at, input, &next))
        return FALSE;
      at = next;
      input = passed_input (&at);
    }
  *node = at;
  return input == NULL;
}

/* ---- Values ---- */

/* Where nodes that only hold a value hold it. */
static const char *const holders[]
    = { "value", "int", "float", "string", "text", "seed", "number", "Number" };

static char *find_value (MezzotintGraph *self, const MezzotintGraphNode *node, const char *input, int depth);

/* Texts that a node joins: "string_a", "string_b" ... */
static char *
join_texts (MezzotintGraph *self, const MezzotintGraphNode *node, const char *prefix, int depth)
{
  g_autofree char *delimiter = find_value (self, node, "delimiter", depth);
  GString *joined = NULL;

  for (char letter = 'a'; letter <= 'd'; letter++)
    {
      g_autofree char *input = g_strdup_printf ("%s_%c", prefix, letter);
      g_autofree char *text = find_value (self, node, input, depth);

      if (text == NULL)
        continue;
      if (joined == NULL)
        joined = g_string_new (text);
      else
        g_string_append_printf (joined, "%s%s", delimiter != NULL ? delimiter : "", text);
      self->n_text_bytes += joined->len;
    }
  return joined != NULL ? g_string_free (joined, FALSE) : NULL;
}

/* What a node gives that stands where a value should. */
static char *
value_of_node (MezzotintGraph *self, const MezzotintGraphNode *node, const char *input, int depth)
{
  char *text = find_value (self, node, input, depth);

  for (gsize i = 0; text == NULL && i < G_N_ELEMENTS (holders); i++)
    text = find_value (self, node, holders[i], depth);
  if (text == NULL)
    text = join_texts (self, node, "string", depth);
  return text != NULL ? text : join_texts (self, node, "text", depth);
}

static char *
find_value (MezzotintGraph *self, const MezzotintGraphNode *node, const char *input, int depth)
{
  MezzotintGraphNode next;
  char *text = self->n_text_bytes < MEZZOTINT_GRAPH_MAX_TEXT_BYTES
                   ? mezzotint_json_get_text (node->inputs, input)
                   : NULL;

  self->n_text_bytes += text != NULL ? strlen (text) : 0;
  if (text != NULL || depth == 0 || !mezzotint_graph_follow (self, node, input, &next))
    return text;
  return value_of_node (self, &next, input, depth - 1);
}

char *
mezzotint_graph_get_value (MezzotintGraph *self, const MezzotintGraphNode *node, const char *input)
{
  return find_value (self, node, input, MEZZOTINT_GRAPH_MAX_DEPTH);
}

char *
mezzotint_graph_get_either (MezzotintGraph *self,
                            const MezzotintGraphNode *node,
                            const char *input,
                            const char *other)
{
  char *text = mezzotint_graph_get_value (self, node, input);

  return text != NULL ? text : mezzotint_graph_get_value (self, node, other);
}

/* ---- Searches ---- */

/* Puts all that a node is linked to at the end of the queue. */
static void
add_linked (MezzotintGraph *self, const MezzotintGraphNode *node, GPtrArray *queue, GHashTable *seen)
{
  JsonObjectIter iter;
  const char *input;

  json_object_iter_init (&iter, node->inputs);
  while (json_object_iter_next (&iter, &input, NULL))
    {
      MezzotintGraphNode next;

      if (step (self, node, input, &next) && g_hash_table_add (seen, (gpointer) next.id))
        g_ptr_array_add (queue, (gpointer) next.id);
    }
}

gboolean
mezzotint_graph_search (MezzotintGraph *self,
                        GPtrArray *ids,
                        MezzotintGraphFunc func,
                        gpointer user,
                        MezzotintGraphNode *node)
{
  g_autoptr (GPtrArray) queue = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < ids->len; i++)
    if (g_hash_table_add (seen, ids->pdata[i]))
      g_ptr_array_add (queue, ids->pdata[i]);
  for (guint i = 0; i < queue->len; i++)
    {
      if (!mezzotint_graph_get (self, queue->pdata[i], node))
        continue;
      if (func (node, user))
        return TRUE;
      add_linked (self, node, queue, seen);
    }
  return FALSE;
}

gboolean
mezzotint_graph_search_input (MezzotintGraph *self,
                              const MezzotintGraphNode *from,
                              const char *input,
                              MezzotintGraphFunc func,
                              gpointer user,
                              MezzotintGraphNode *node)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  MezzotintGraphNode next;

  if (!step (self, from, input, &next))
    return FALSE;
  g_ptr_array_add (ids, (gpointer) next.id);
  return mezzotint_graph_search (self, ids, func, user, node);
}

GPtrArray *
mezzotint_graph_list_ends (MezzotintGraph *self)
{
  g_autoptr (GHashTable) linked = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *ends = g_ptr_array_new ();
  JsonObjectIter iter, inputs;
  const char *id, *input;

  json_object_iter_init (&iter, self->nodes);
  while (json_object_iter_next (&iter, &id, NULL))
    {
      MezzotintGraphNode node, next;

      if (!mezzotint_graph_get (self, id, &node))
        continue;
      json_object_iter_init (&inputs, node.inputs);
      while (json_object_iter_next (&inputs, &input, NULL))
        if (step (self, &node, input, &next))
          g_hash_table_add (linked, (gpointer) next.id);
    }
  json_object_iter_init (&iter, self->nodes);
  while (json_object_iter_next (&iter, &id, NULL))
    if (!g_hash_table_contains (linked, id))
      g_ptr_array_add (ends, (gpointer) id);
  return ends;
}
