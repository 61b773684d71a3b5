/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A model on disk. */
#include "app/library/model-private.h"

#include <glib/gi18n.h>
#include <string.h>

struct _MezzotintModel
{
  GObject parent_instance;
  char *path; /* NULL: the built-in one */
  char *state, *name, *sort_key, *problem;
  guint64 n_bytes;
  MzModelInfo *info;
  gboolean is_known;
};

G_DEFINE_FINAL_TYPE (MezzotintModel, mezzotint_model, G_TYPE_OBJECT)

enum
{
  PROP_PATH = 1,
  PROP_NAME,
  PROP_FAMILY,
  PROP_SIZE,
  PROP_PROBLEM,
  PROP_IS_BUILTIN,
  PROP_IS_KNOWN,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static void
get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  MezzotintModel *self = MEZZOTINT_MODEL (object);

  switch (property_id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_FAMILY:
      g_value_set_string (value, mezzotint_model_get_family (self));
      break;
    case PROP_SIZE:
      g_value_set_uint64 (value, self->n_bytes);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_IS_BUILTIN:
      g_value_set_boolean (value, self->path == NULL);
      break;
    case PROP_IS_KNOWN:
      g_value_set_boolean (value, self->is_known);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
finalize (GObject *object)
{
  MezzotintModel *self = MEZZOTINT_MODEL (object);

  g_clear_pointer (&self->info, mz_model_info_free);
  g_free (self->path);
  g_free (self->state);
  g_free (self->name);
  g_free (self->sort_key);
  g_free (self->problem);
  G_OBJECT_CLASS (mezzotint_model_parent_class)->finalize (object);
}

static void
mezzotint_model_class_init (MezzotintModelClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = get_property;
  object_class->finalize = finalize;
  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_FAMILY] = g_param_spec_string ("family", NULL, NULL, "", flags);
  properties[PROP_SIZE] = g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  properties[PROP_IS_BUILTIN] = g_param_spec_boolean ("is-builtin", NULL, NULL, FALSE, flags);
  properties[PROP_IS_KNOWN] = g_param_spec_boolean ("is-known", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
mezzotint_model_init (MezzotintModel *self)
{
}

static void
set_name (MezzotintModel *self, char *name)
{
  g_free (self->name);
  g_free (self->sort_key);
  self->name = name;
  self->sort_key = g_utf8_collate_key_for_filename (name, -1);
}

MezzotintModel *
mezzotint_model_new (const char *path, const char *state, guint64 n_bytes)
{
  MezzotintModel *self = g_object_new (MEZZOTINT_TYPE_MODEL, NULL);
  g_autofree char *base = path != NULL ? g_path_get_basename (path) : NULL;
  char *suffix = base != NULL ? strrchr (base, '.') : NULL;

  self->path = g_strdup (path);
  self->state = g_strdup (state);
  self->n_bytes = n_bytes;
  if (suffix != NULL && suffix != base && n_bytes > 0) /* a file: folders have none */
    *suffix = '\0';
  set_name (self, base != NULL ? g_filename_display_name (base) : g_strdup ("Proof"));
  return self;
}

const char *
mezzotint_model_get_state (MezzotintModel *self)
{
  return self->state;
}

static char *
describe_missing (const MzModelInfo *info)
{
  guint n = info->missing != NULL ? g_strv_length (info->missing) : 0;

  if (n == 0)
    return NULL;
  return g_strdup_printf (ngettext ("%u part of it is missing or of another shape: %s.",
                                    "%u parts of it are missing or of another shape, the first being: %s.",
                                    n),
                          n, info->missing[0]);
}

void
mezzotint_model_fill (MezzotintModel *self, MzModelInfo *info, const GError *error)
{
  self->is_known = TRUE;
  self->info = info;
  if (info != NULL)
    {
      self->n_bytes = info->n_bytes;
      self->problem = describe_missing (info);
      if (self->path == NULL)
        set_name (self, g_strdup (info->name));
    }
  else
    self->problem = g_strdup (error->message);
  for (guint i = 1; i < N_PROPERTIES; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
}

int
mezzotint_model_compare (MezzotintModel *a, MezzotintModel *b)
{
  int order;

  if (a->path == NULL || b->path == NULL)
    return (a->path != NULL) - (b->path != NULL);
  order = strcmp (a->sort_key, b->sort_key);
  return order != 0 ? order : strcmp (a->path, b->path);
}

const char *
mezzotint_model_get_path (MezzotintModel *self)
{
  return self->path;
}

const char *
mezzotint_model_get_name (MezzotintModel *self)
{
  return self->name;
}

const char *
mezzotint_model_get_family (MezzotintModel *self)
{
  return self->info != NULL ? self->info->family : "";
}

const char *
mezzotint_model_get_problem (MezzotintModel *self)
{
  return self->problem;
}

gboolean
mezzotint_model_is_builtin (MezzotintModel *self)
{
  return self->path == NULL;
}

const MzModelInfo *
mezzotint_model_get_info (MezzotintModel *self)
{
  return self->info;
}

void
mezzotint_model_use_defaults (MezzotintModel *self, MzRequest *request)
{
  mz_request_use_info_defaults (request, self->info);
}
