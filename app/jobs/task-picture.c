/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A finished picture of a task. */
#include "app/jobs/task-private.h"

struct _MezzotintTaskPicture
{
  GObject parent_instance;
  int index;
  guint64 seed;
  MezzotintPixels *pixels;
  char *path;
  char *parameters;
};

G_DEFINE_FINAL_TYPE (MezzotintTaskPicture, mezzotint_task_picture, G_TYPE_OBJECT)

enum
{
  PROP_INDEX = 1,
  PROP_PIXELS,
  PROP_PATH,
  PROP_PARAMETERS,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static void
get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  MezzotintTaskPicture *self = MEZZOTINT_TASK_PICTURE (object);

  switch (property_id)
    {
    case PROP_INDEX:
      g_value_set_int (value, self->index);
      break;
    case PROP_PIXELS:
      g_value_set_boxed (value, self->pixels);
      break;
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_PARAMETERS:
      g_value_set_string (value, self->parameters);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
finalize (GObject *object)
{
  MezzotintTaskPicture *self = MEZZOTINT_TASK_PICTURE (object);

  g_clear_pointer (&self->pixels, mezzotint_pixels_unref);
  g_free (self->path);
  g_free (self->parameters);
  G_OBJECT_CLASS (mezzotint_task_picture_parent_class)->finalize (object);
}

static void
mezzotint_task_picture_class_init (MezzotintTaskPictureClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = get_property;
  object_class->finalize = finalize;
  properties[PROP_INDEX] = g_param_spec_int ("index", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_PIXELS] = g_param_spec_boxed ("pixels", NULL, NULL, MEZZOTINT_TYPE_PIXELS, flags);
  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);
  properties[PROP_PARAMETERS] = g_param_spec_string ("parameters", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
mezzotint_task_picture_init (MezzotintTaskPicture *self)
{
}

MezzotintTaskPicture *
mezzotint_task_picture_new (int index,
                            guint64 seed,
                            MezzotintPixels *pixels,
                            const char *path,
                            const char *parameters)
{
  MezzotintTaskPicture *self = g_object_new (MEZZOTINT_TYPE_TASK_PICTURE, NULL);

  self->index = index;
  self->seed = seed;
  self->pixels = pixels != NULL ? mezzotint_pixels_ref (pixels) : NULL;
  self->path = g_strdup (path);
  self->parameters = g_strdup (parameters);
  return self;
}

int
mezzotint_task_picture_get_index (MezzotintTaskPicture *self)
{
  return self->index;
}

guint64
mezzotint_task_picture_get_seed (MezzotintTaskPicture *self)
{
  return self->seed;
}

MezzotintPixels *
mezzotint_task_picture_get_pixels (MezzotintTaskPicture *self)
{
  return self->pixels;
}

void
mezzotint_task_picture_drop_pixels (MezzotintTaskPicture *self)
{
  if (self->path == NULL || self->pixels == NULL)
    return;
  g_clear_pointer (&self->pixels, mezzotint_pixels_unref);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PIXELS]);
}

const char *
mezzotint_task_picture_get_path (MezzotintTaskPicture *self)
{
  return self->path;
}

void
mezzotint_task_picture_set_path (MezzotintTaskPicture *self, const char *path)
{
  g_free (self->path);
  self->path = g_strdup (path);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PATH]);
}

const char *
mezzotint_task_picture_get_parameters (MezzotintTaskPicture *self)
{
  return self->parameters;
}
