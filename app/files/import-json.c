/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading JSON that anybody may have written, with bounds. */
#include <string.h>

#include "app/files/import-private.h"
#include "app/files/numbers.h"

/* Digits that any gint64 holds. */
#define SAFE_DIGITS 18

/* A look at a text before json-glib sees it. */
typedef struct
{
  const char *p, *end;
  GString *out; /* the text with what json-glib cannot read replaced */
  guint depth;
  guint n_members[MEZZOTINT_JSON_MAX_DEPTH]; /* commas seen at each depth */
} Look;

/* Copies a string, quotes included. FALSE when it does not end. */
static gboolean
copy_string (Look *look)
{
  const char *start = look->p++;

  for (; look->p < look->end && *look->p != '"'; look->p++)
    if (*look->p == '\\' && ++look->p == look->end)
      return FALSE;
  if (look->p == look->end)
    return FALSE;
  look->p++;
  g_string_append_len (look->out, start, look->p - start);
  return TRUE;
}

/* Copies a number or a word. */
static void
copy_word (Look *look)
{
  const char *start = look->p;
  gsize n = strspn (start, "+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  gsize n_digits = strspn (start, "-0123456789");

  look->p += n;
  if ((n == 3 && memcmp (start, "NaN", 3) == 0) || (n == 8 && memcmp (start, "Infinity", 8) == 0)
      || (n == 9 && memcmp (start, "-Infinity", 9) == 0))
    g_string_append (look->out, "null");
  else if (n == n_digits && n > SAFE_DIGITS)
    g_string_append_printf (look->out, "\"%.*s\"", (int) n, start);
  else
    g_string_append_len (look->out, start, (gssize) n);
}

static gboolean
copy_sign (Look *look)
{
  char c = *look->p++;

  g_string_append_c (look->out, c);
  if (c == '{' || c == '[')
    {
      if (look->depth == MEZZOTINT_JSON_MAX_DEPTH)
        return FALSE;
      look->n_members[look->depth++] = 0;
    }
  else if (c == '}' || c == ']')
    {
      if (look->depth == 0)
        return FALSE;
      look->depth--;
    }
  else if (c == ',' && look->depth > 0)
    return ++look->n_members[look->depth - 1] < MEZZOTINT_JSON_MAX_MEMBERS;
  return TRUE;
}

/* The text fit for json-glib; NULL when it is not. */
static char *
prepare (const char *text)
{
  gsize n = strlen (text);
  Look look = { text, text + n, g_string_sized_new (n + 1) };
  gboolean ok = n <= MEZZOTINT_JSON_MAX_BYTES && g_utf8_validate (text, -1, NULL);

  while (ok && look.p < look.end)
    {
      if (*look.p == '"')
        ok = copy_string (&look);
      else if (g_ascii_isalnum (*look.p) || *look.p == '-')
        copy_word (&look);
      else if (*look.p == '/' || *look.p == '\'')
        ok = FALSE; /* json-glib knows comments; JSON does not */
      else
        ok = copy_sign (&look);
    }
  if (ok && look.depth == 0)
    return g_string_free (look.out, FALSE);
  g_string_free (look.out, TRUE);
  return NULL;
}

JsonNode *
mezzotint_json_parse_object (const char *text)
{
  g_autofree char *prepared = prepare (text);
  g_autoptr (JsonNode) node = prepared != NULL ? json_from_string (prepared, NULL) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? g_steal_pointer (&node) : NULL;
}

char *
mezzotint_json_node_to_text (JsonNode *node)
{
  GType type
      = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  if (type == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  if (type == G_TYPE_DOUBLE)
    return mezzotint_format_double (json_node_get_double (node));
  if (type == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "true" : "false");
  return NULL;
}

char *
mezzotint_json_get_text (JsonObject *object, const char *key)
{
  return object != NULL ? mezzotint_json_node_to_text (json_object_get_member (object, key)) : NULL;
}

JsonObject *
mezzotint_json_get_object (JsonObject *object, const char *key)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, key) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
mezzotint_json_get_array (JsonObject *object, const char *key)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, key) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

void
mezzotint_draft_copy (MezzotintDraft *draft, JsonObject *object, const char *from, const char *to)
{
  g_autofree char *text = mezzotint_json_get_text (object, from);

  mezzotint_draft_set (draft, to, text);
}

static gboolean
says_something (JsonNode *node)
{
  g_autofree char *text = mezzotint_json_node_to_text (node);

  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_object_get_size (json_node_get_object (node)) > 0;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_length (json_node_get_array (node)) > 0;
  return text != NULL && *text != '\0' && strcmp (text, "false") != 0 && strcmp (text, "0") != 0;
}

void
mezzotint_draft_leave_rest (MezzotintDraft *draft, JsonObject *object, const char *const *known)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    if (!g_strv_contains (known, name) && says_something (node))
      mezzotint_draft_leave (draft, name);
}
