/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* ComfyUI's graph: nodes with inputs, which are values or links [node, output] to other nodes. Anybody may
 * have made it: links lead nowhere or in circles, and every walk ends. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Links that are followed of one graph in all, and in a row. */
#define MEZZOTINT_GRAPH_MAX_STEPS 100000
#define MEZZOTINT_GRAPH_MAX_DEPTH 64
/* Of all texts that are read of one graph: nodes may join one text many times. */
#define MEZZOTINT_GRAPH_MAX_TEXT_BYTES (16 << 20)

typedef struct
{
  JsonObject *nodes; /* borrowed */
  GHashTable *ids;   /* id -> the same, as `nodes` owns it */
  guint n_steps;
  gsize n_text_bytes;
} MezzotintGraph;

/* A node as a link reaches it; everything is the graph's. */
typedef struct
{
  const char *id;
  const char *klass;  /* "KSampler" */
  JsonObject *inputs; /* never NULL */
  int output;         /* of the node, that the link goes to; 0 without a link */
} MezzotintGraphNode;

void mezzotint_graph_init (MezzotintGraph *self, JsonObject *nodes);
void mezzotint_graph_clear (MezzotintGraph *self);
/* FALSE when there is no such node, or none that makes sense. */
gboolean mezzotint_graph_get (MezzotintGraph *self, const char *id, MezzotintGraphNode *node);
/* The node that an input is linked to, through nodes that only pass on. `node` may be `from`. */
gboolean mezzotint_graph_follow (MezzotintGraph *self,
                                 const MezzotintGraphNode *from,
                                 const char *input,
                                 MezzotintGraphNode *node);
/* The value of an input as text, also where it is linked to a node that holds it; NULL when there is none.
 * Free with g_free. */
char *mezzotint_graph_get_value (MezzotintGraph *self, const MezzotintGraphNode *node, const char *input);
/* Of two inputs the first that has a value. */
char *mezzotint_graph_get_either (MezzotintGraph *self,
                                  const MezzotintGraphNode *node,
                                  const char *input,
                                  const char *other);

/* Says whether the search ends with this node. */
typedef gboolean (*MezzotintGraphFunc) (const MezzotintGraphNode *node, gpointer user);

/* Goes from nodes `ids` (char *, owned by the graph) to all that they are linked to, nearest first, until
 * `func` says TRUE; returns what it said last. *node: out, that node. Each node once. */
gboolean mezzotint_graph_search (MezzotintGraph *self,
                                 GPtrArray *ids,
                                 MezzotintGraphFunc func,
                                 gpointer user,
                                 MezzotintGraphNode *node);
/* The same from what one input of `from` is linked to. */
gboolean mezzotint_graph_search_input (MezzotintGraph *self,
                                       const MezzotintGraphNode *from,
                                       const char *input,
                                       MezzotintGraphFunc func,
                                       gpointer user,
                                       MezzotintGraphNode *node);
/* Ids of the nodes that nothing is linked to: where pictures come out. Free with g_ptr_array_unref. */
GPtrArray *mezzotint_graph_list_ends (MezzotintGraph *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MezzotintGraph, mezzotint_graph_clear)

G_END_DECLS
