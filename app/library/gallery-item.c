/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A picture of the gallery. */
#include "app/library/gallery-private.h"

struct _MezzotintGalleryItem
{
  GObject parent_instance;

  MezzotintGallery *gallery; /* weak */
  MezzotintIndexRow row;
  char *path; /* absolute */
};

enum
{
  PROP_0,
  PROP_PATH,
  PROP_PROMPT,
  PROP_NEGATIVE_PROMPT,
  PROP_MODEL,
  PROP_SAMPLER,
  PROP_PARAMETERS,
  PROP_PROBLEM,
  PROP_SEED,
  PROP_WIDTH,
  PROP_HEIGHT,
  PROP_CREATED,
  PROP_IS_FAVOURITE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (MezzotintGalleryItem, mezzotint_gallery_item, G_TYPE_OBJECT)

static void
mezzotint_gallery_item_finalize (GObject *object)
{
  MezzotintGalleryItem *self = MEZZOTINT_GALLERY_ITEM (object);

  g_clear_weak_pointer (&self->gallery);
  mezzotint_index_row_clear (&self->row);
  g_free (self->path);
  G_OBJECT_CLASS (mezzotint_gallery_item_parent_class)->finalize (object);
}

static void
mezzotint_gallery_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MezzotintGalleryItem *self = MEZZOTINT_GALLERY_ITEM (object);

  switch (id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_PROMPT:
      g_value_set_string (value, self->row.prompt);
      break;
    case PROP_NEGATIVE_PROMPT:
      g_value_set_string (value, self->row.negative);
      break;
    case PROP_MODEL:
      g_value_set_string (value, self->row.model);
      break;
    case PROP_SAMPLER:
      g_value_set_string (value, self->row.sampler);
      break;
    case PROP_PARAMETERS:
      g_value_set_string (value, self->row.parameters);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->row.problem);
      break;
    case PROP_SEED:
      g_value_set_string (value, self->row.seed);
      break;
    case PROP_WIDTH:
      g_value_set_int (value, self->row.width);
      break;
    case PROP_HEIGHT:
      g_value_set_int (value, self->row.height);
      break;
    case PROP_CREATED:
      g_value_set_int64 (value, mezzotint_gallery_item_get_created (self));
      break;
    case PROP_IS_FAVOURITE:
      g_value_set_boolean (value, self->row.is_favourite);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mezzotint_gallery_item_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MezzotintGalleryItem *self = MEZZOTINT_GALLERY_ITEM (object);

  if (id != PROP_IS_FAVOURITE)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (self->gallery != NULL)
    mezzotint_gallery_set_favourite (self->gallery, self, g_value_get_boolean (value));
}

static void
add_string (guint id, const char *name)
{
  props[id] = g_param_spec_string (name, NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
mezzotint_gallery_item_class_init (MezzotintGalleryItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = mezzotint_gallery_item_finalize;
  object_class->get_property = mezzotint_gallery_item_get_property;
  object_class->set_property = mezzotint_gallery_item_set_property;
  add_string (PROP_PATH, "path");
  add_string (PROP_PROMPT, "prompt");
  add_string (PROP_NEGATIVE_PROMPT, "negative-prompt");
  add_string (PROP_MODEL, "model");
  add_string (PROP_SAMPLER, "sampler");
  add_string (PROP_PARAMETERS, "parameters");
  add_string (PROP_PROBLEM, "problem");
  add_string (PROP_SEED, "seed");
  props[PROP_WIDTH] = g_param_spec_int ("width", NULL, NULL, 0, G_MAXINT, 0, readable);
  props[PROP_HEIGHT] = g_param_spec_int ("height", NULL, NULL, 0, G_MAXINT, 0, readable);
  props[PROP_CREATED] = g_param_spec_int64 ("created", NULL, NULL, G_MININT64, G_MAXINT64, 0, readable);
  props[PROP_IS_FAVOURITE]
      = g_param_spec_boolean ("is-favourite", NULL, NULL, FALSE,
                              G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
mezzotint_gallery_item_init (MezzotintGalleryItem *self)
{
}

MezzotintGalleryItem *
mezzotint_gallery_item_new (MezzotintGallery *gallery, const char *folder, MezzotintIndexRow *row)
{
  MezzotintGalleryItem *self = g_object_new (MEZZOTINT_TYPE_GALLERY_ITEM, NULL);

  g_set_weak_pointer (&self->gallery, gallery);
  self->row = *row;
  *row = (MezzotintIndexRow){ 0 };
  /* Without a name there is no file; the folder's own path would be trashed for it. */
  self->path = *self->row.path != '\0' ? g_build_filename (folder, self->row.path, NULL) : g_strdup ("");
  return self;
}

void
mezzotint_gallery_item_show_favourite (MezzotintGalleryItem *self, gboolean is_favourite)
{
  if (self->row.is_favourite == is_favourite)
    return;
  self->row.is_favourite = is_favourite;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_FAVOURITE]);
}

gint64
mezzotint_gallery_item_get_id (MezzotintGalleryItem *self)
{
  return self->row.id;
}

const char *
mezzotint_gallery_item_get_path (MezzotintGalleryItem *self)
{
  return self->path;
}

const char *
mezzotint_gallery_item_get_prompt (MezzotintGalleryItem *self)
{
  return self->row.prompt;
}

const char *
mezzotint_gallery_item_get_parameters (MezzotintGalleryItem *self)
{
  return self->row.parameters;
}

const char *
mezzotint_gallery_item_get_problem (MezzotintGalleryItem *self)
{
  return self->row.problem;
}

gint64
mezzotint_gallery_item_get_created (MezzotintGalleryItem *self)
{
  return self->row.mtime_ns / 1000000000;
}

gboolean
mezzotint_gallery_item_is_favourite (MezzotintGalleryItem *self)
{
  return self->row.is_favourite;
}
