/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A picture of the gallery. */
#include <glib/gi18n.h>

#include "app/library/gallery-private.h"

struct _MezzotintGalleryItem
{
  GObject parent_instance;

  MezzotintGallery *gallery; /* weak */
  gboolean is_read;          /* else only row.id is set */
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
  PROP_IS_READ,
  PROP_IS_FAVOURITE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (MezzotintGalleryItem, mezzotint_gallery_item, G_TYPE_OBJECT)

static gboolean be_read (MezzotintGalleryItem *self);

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

  if (id != PROP_IS_READ)
    be_read (self);
  switch (id)
    {
    case PROP_PATH:
      g_value_set_string (value, mezzotint_gallery_item_get_path (self));
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
      g_value_set_string (value, mezzotint_gallery_item_get_problem (self));
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
    case PROP_IS_READ:
      g_value_set_boolean (value, self->is_read);
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
  props[PROP_IS_READ] = g_param_spec_boolean ("is-read", NULL, NULL, FALSE, readable);
  props[PROP_IS_FAVOURITE]
      = g_param_spec_boolean ("is-favourite", NULL, NULL, FALSE,
                              G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
mezzotint_gallery_item_init (MezzotintGalleryItem *self)
{
}

/* ---- Reading ---- */

MezzotintGalleryItem *
mezzotint_gallery_item_new (MezzotintGallery *gallery, gint64 id)
{
  MezzotintGalleryItem *self = g_object_new (MEZZOTINT_TYPE_GALLERY_ITEM, NULL);

  g_set_weak_pointer (&self->gallery, gallery);
  self->row.id = id;
  return self;
}

void
mezzotint_gallery_item_take_row (MezzotintGalleryItem *self, const char *folder, MezzotintIndexRow *row)
{
  gint64 id = self->row.id;

  self->row = *row;
  *row = (MezzotintIndexRow){ 0 };
  self->row.id = id;
  self->is_read = TRUE;
  if (self->row.path != NULL && *self->row.path != '\0')
    self->path = g_build_filename (folder, self->row.path, NULL);
  else
    { /* without a name there is no file; the folder's own path would be trashed for it */
      self->path = g_strdup ("");
      g_free (self->row.problem);
      self->row.problem = g_strdup (_ ("The picture is no longer there."));
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_READ]);
}

/* Asks the gallery for the row, unless it is here. FALSE while it cannot be had. */
static gboolean
be_read (MezzotintGalleryItem *self)
{
  if (!self->is_read && self->gallery != NULL)
    mezzotint_gallery_read_item (self->gallery, self);
  return self->is_read;
}

gboolean
mezzotint_gallery_item_is_read (MezzotintGalleryItem *self)
{
  return self->is_read;
}

/* ---- What is known ---- */

void
mezzotint_gallery_item_show_favourite (MezzotintGalleryItem *self, gboolean is_favourite)
{
  if (!be_read (self) || self->row.is_favourite == is_favourite)
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
  return be_read (self) ? self->path : "";
}

const char *
mezzotint_gallery_item_get_prompt (MezzotintGalleryItem *self)
{
  return be_read (self) ? self->row.prompt : NULL;
}

const char *
mezzotint_gallery_item_get_parameters (MezzotintGalleryItem *self)
{
  return be_read (self) ? self->row.parameters : NULL;
}

const char *
mezzotint_gallery_item_get_problem (MezzotintGalleryItem *self)
{
  return be_read (self) ? self->row.problem : _ ("The picture is about to be read.");
}

gint64
mezzotint_gallery_item_get_created (MezzotintGalleryItem *self)
{
  return be_read (self) ? self->row.mtime_ns / 1000000000 : 0;
}

gboolean
mezzotint_gallery_item_is_favourite (MezzotintGalleryItem *self)
{
  return be_read (self) && self->row.is_favourite;
}
