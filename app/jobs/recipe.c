/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Recipes and their JSON. */
#include "app/jobs/recipe.h"

#include <glib/gi18n.h>

#include "app/files/numbers.h"
#include "app/files/path-text.h"
#include "app/jobs/recipe-fields.h"

struct _MezzotintRecipe
{
  gatomicrefcount ref_count;
  char *model;
  MzRequest *request;
};

G_DEFINE_BOXED_TYPE (MezzotintRecipe, mezzotint_recipe, mezzotint_recipe_ref, mezzotint_recipe_unref)

#define FIELD(kind, field)                                                                                   \
  {                                                                                                          \
#field, MEZZOTINT_FIELD_##kind, G_STRUCT_OFFSET(MzRequest, field)                                        \
  }

static const MezzotintField fields[] = {
  FIELD (TEXT, prompt),
  FIELD (TEXT, negative_prompt),
  FIELD (INT, width),
  FIELD (INT, height),
  FIELD (INT, steps),
  FIELD (SAMPLER, sampler),
  FIELD (SCHEDULE, schedule),
  FIELD (DOUBLE, guidance),
  FIELD (DOUBLE, eta),
  FIELD (UINT64, seed),
  FIELD (INT, count),
  FIELD (INT, clip_skip),
  FIELD (COMPATIBILITY, compatibility),
  FIELD (PROMPT_STYLE, prompt_style),
  FIELD (DOUBLE, variation_strength),
  FIELD (UINT64, variation_seed),
  FIELD (INT64, step_seed_delta),
  FIELD (INT, gpu_threads),
  FIELD (DOUBLE, guidance_rescale),
  FIELD (DOUBLE, threshold_ratio),
  FIELD (DOUBLE, threshold_limit),
  FIELD (BOOL, zero_snr),
};

const MezzotintField *
mezzotint_recipe_fields (guint *n_fields)
{
  *n_fields = G_N_ELEMENTS (fields);
  return fields;
}

/* Takes both over. */
static MezzotintRecipe *
new_recipe (char *model, MzRequest *request)
{
  MezzotintRecipe *self = g_new0 (MezzotintRecipe, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->model = model;
  self->request = request;
  return self;
}

MezzotintRecipe *
mezzotint_recipe_new (const char *model, const MzRequest *request)
{
  return new_recipe (g_strdup (model), mz_request_copy (request));
}

MezzotintRecipe *
mezzotint_recipe_new_from_start (MezzotintRecipe *self, MzSnapshot *start, MzStartKind kind)
{
  MezzotintRecipe *recipe = mezzotint_recipe_new (self->model, self->request);

  g_clear_pointer (&recipe->request->start, mz_snapshot_unref);
  if (start != NULL)
    recipe->request->start = mz_snapshot_ref (start);
  recipe->request->start_kind = kind;
  return recipe;
}

MezzotintRecipe *
mezzotint_recipe_ref (MezzotintRecipe *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
mezzotint_recipe_unref (MezzotintRecipe *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  mz_request_free (self->request);
  g_free (self->model);
  g_free (self);
}

const char *
mezzotint_recipe_get_model (MezzotintRecipe *self)
{
  return self->model;
}

const MzRequest *
mezzotint_recipe_get_request (MezzotintRecipe *self)
{
  return self->request;
}

/* ---- JSON ---- */

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  g_autofree char *valid = text != NULL ? g_utf8_make_valid (text, -1) : NULL;

  if (valid != NULL)
    json_object_set_string_member (object, name, valid);
}

static void
write_field (JsonObject *object, const MezzotintField *field, const MzRequest *request)
{
  g_autofree char *number = NULL;

  switch (field->kind)
    {
    case MEZZOTINT_FIELD_INT:
      json_object_set_int_member (object, field->name, G_STRUCT_MEMBER (int, request, field->offset));
      break;
    case MEZZOTINT_FIELD_BOOL:
      json_object_set_boolean_member (object, field->name,
                                      G_STRUCT_MEMBER (gboolean, request, field->offset));
      break;
    case MEZZOTINT_FIELD_INT64:
      json_object_set_int_member (object, field->name, G_STRUCT_MEMBER (gint64, request, field->offset));
      break;
    case MEZZOTINT_FIELD_DOUBLE:
      json_object_set_double_member (object, field->name, G_STRUCT_MEMBER (double, request, field->offset));
      break;
    case MEZZOTINT_FIELD_UINT64:
      number = g_strdup_printf ("%" G_GUINT64_FORMAT, G_STRUCT_MEMBER (guint64, request, field->offset));
      json_object_set_string_member (object, field->name, number);
      break;
    case MEZZOTINT_FIELD_TEXT:
    case MEZZOTINT_FIELD_SAMPLER:
    case MEZZOTINT_FIELD_SCHEDULE:
    case MEZZOTINT_FIELD_COMPATIBILITY:
    case MEZZOTINT_FIELD_PROMPT_STYLE:
    default:
      set_text (object, field->name, G_STRUCT_MEMBER (const char *, request, field->offset));
    }
}

JsonNode *
mezzotint_recipe_to_json (MezzotintRecipe *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  if (self->model != NULL)
    {
      g_autofree char *model = mezzotint_path_to_text (self->model);

      json_object_set_string_member (object, "model", model);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    write_field (object, &fields[i], self->request);
  json_node_set_object (node, object);
  return node;
}

static gboolean
fail (const char *name, GError **error)
{
  g_set_error (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("The job's “%s” is damaged."), name);
  return FALSE;
}

/* A sampler or schedule of a newer version cannot be replaced by another: the picture would be another one.
 */
static gboolean
read_method (const MzMethodInfo *(*find) (const char *, GError **),
             const char *name,
             const char **id,
             GError **error)
{
  const MzMethodInfo *info = find (name, error);

  if (info == NULL)
    return FALSE;
  *id = info->id;
  return TRUE;
}

static gboolean
read_string (const MezzotintField *field, const char *text, MzRequest *request, GError **error)
{
  char **owned;

  switch (field->kind)
    {
    case MEZZOTINT_FIELD_UINT64:
      return mezzotint_parse_uint64 (text, &G_STRUCT_MEMBER (guint64, request, field->offset))
             || fail (field->name, error);
    case MEZZOTINT_FIELD_SAMPLER:
      return read_method (mz_find_sampler, text, &G_STRUCT_MEMBER (const char *, request, field->offset),
                          error);
    case MEZZOTINT_FIELD_SCHEDULE:
      return read_method (mz_find_schedule, text, &G_STRUCT_MEMBER (const char *, request, field->offset),
                          error);
    case MEZZOTINT_FIELD_COMPATIBILITY:
      return read_method (mz_find_compatibility, text,
                          &G_STRUCT_MEMBER (const char *, request, field->offset), error);
    case MEZZOTINT_FIELD_PROMPT_STYLE:
      return read_method (mz_find_prompt_style, text, &G_STRUCT_MEMBER (const char *, request, field->offset),
                          error);
    case MEZZOTINT_FIELD_TEXT:
      owned = &G_STRUCT_MEMBER (char *, request, field->offset);
      g_free (*owned);
      *owned = g_strdup (text);
      return TRUE;
    case MEZZOTINT_FIELD_INT:
    case MEZZOTINT_FIELD_INT64:
    case MEZZOTINT_FIELD_BOOL:
    case MEZZOTINT_FIELD_DOUBLE:
    default:
      return fail (field->name, error);
    }
}

static gboolean
read_number (const MezzotintField *field, JsonNode *node, MzRequest *request, GError **error)
{
  GType type = json_node_get_value_type (node);

  if (field->kind == MEZZOTINT_FIELD_BOOL && type == G_TYPE_BOOLEAN)
    G_STRUCT_MEMBER (gboolean, request, field->offset) = json_node_get_boolean (node);
  else if (field->kind == MEZZOTINT_FIELD_INT64 && type == G_TYPE_INT64)
    G_STRUCT_MEMBER (gint64, request, field->offset) = json_node_get_int (node);
  else if (field->kind == MEZZOTINT_FIELD_INT && type == G_TYPE_INT64)
    G_STRUCT_MEMBER (int, request, field->offset)
        = (int) CLAMP (json_node_get_int (node), G_MININT, G_MAXINT);
  else if (field->kind == MEZZOTINT_FIELD_DOUBLE && type != G_TYPE_BOOLEAN)
    G_STRUCT_MEMBER (double, request, field->offset) = json_node_get_double (node);
  else
    return fail (field->name, error);
  return TRUE;
}

/* A missing member leaves the default. */
static gboolean
read_field (JsonObject *object, const MezzotintField *field, MzRequest *request, GError **error)
{
  JsonNode *node = json_object_get_member (object, field->name);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node))
    return fail (field->name, error);
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return read_string (field, json_node_get_string (node), request, error);
  return read_number (field, node, request, error);
}

MezzotintRecipe *
mezzotint_recipe_from_json (JsonNode *node, GError **error)
{
  g_auto (MzRequest) request = MZ_REQUEST_INIT;
  g_autofree char *model = NULL;
  JsonObject *object;
  JsonNode *member;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error_literal (error, MZ_ERROR, MZ_ERROR_FORMAT, _ ("The job is damaged."));
      return NULL;
    }
  object = json_node_get_object (node);
  mz_request_use_defaults (&request, NULL);
  member = json_object_get_member (object, "model");
  if (member != NULL && json_node_get_value_type (member) == G_TYPE_STRING)
    model = mezzotint_path_from_text (json_node_get_string (member));
  else if (member != NULL && !JSON_NODE_HOLDS_NULL (member))
    {
      fail ("model", error);
      return NULL;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    if (!read_field (object, &fields[i], &request, error))
      return NULL;
  return mezzotint_recipe_new (model, &request);
}
