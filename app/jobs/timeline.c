/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames of a picture as a list. */
#include "app/jobs/timeline.h"

/* ---- A frame ---- */

struct _MezzotintFrame
{
  GObject parent_instance;
  int step, steps;
  MezzotintPixels *pixels;
  MzSnapshot *snapshot; /* NULL: see the header */
  gboolean is_final;
};

G_DEFINE_FINAL_TYPE (MezzotintFrame, mezzotint_frame, G_TYPE_OBJECT)

enum
{
  FRAME_STEP = 1,
  FRAME_STEPS,
  FRAME_PIXELS,
  FRAME_IS_FINAL,
  FRAME_CAN_BRANCH,
  N_FRAME_PROPERTIES,
};

static GParamSpec *frame_properties[N_FRAME_PROPERTIES];

static void
frame_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  MezzotintFrame *self = MEZZOTINT_FRAME (object);

  switch (property_id)
    {
    case FRAME_STEP:
      g_value_set_int (value, self->step);
      break;
    case FRAME_STEPS:
      g_value_set_int (value, self->steps);
      break;
    case FRAME_PIXELS:
      g_value_set_boxed (value, self->pixels);
      break;
    case FRAME_IS_FINAL:
      g_value_set_boolean (value, self->is_final);
      break;
    case FRAME_CAN_BRANCH:
      g_value_set_boolean (value, self->snapshot != NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
frame_finalize (GObject *object)
{
  MezzotintFrame *self = MEZZOTINT_FRAME (object);

  g_clear_pointer (&self->pixels, mezzotint_pixels_unref);
  g_clear_pointer (&self->snapshot, mz_snapshot_unref);
  G_OBJECT_CLASS (mezzotint_frame_parent_class)->finalize (object);
}

static void
mezzotint_frame_class_init (MezzotintFrameClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = frame_get_property;
  object_class->finalize = frame_finalize;
  frame_properties[FRAME_STEP] = g_param_spec_int ("step", NULL, NULL, 0, G_MAXINT, 0, flags);
  frame_properties[FRAME_STEPS] = g_param_spec_int ("steps", NULL, NULL, 0, G_MAXINT, 0, flags);
  frame_properties[FRAME_PIXELS] = g_param_spec_boxed ("pixels", NULL, NULL, MEZZOTINT_TYPE_PIXELS, flags);
  frame_properties[FRAME_IS_FINAL] = g_param_spec_boolean ("is-final", NULL, NULL, FALSE, flags);
  frame_properties[FRAME_CAN_BRANCH] = g_param_spec_boolean ("can-branch", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_FRAME_PROPERTIES, frame_properties);
}

static void
mezzotint_frame_init (MezzotintFrame *self)
{
}

int
mezzotint_frame_get_step (MezzotintFrame *self)
{
  return self->step;
}

int
mezzotint_frame_get_steps (MezzotintFrame *self)
{
  return self->steps;
}

MezzotintPixels *
mezzotint_frame_get_pixels (MezzotintFrame *self)
{
  return self->pixels;
}

gboolean
mezzotint_frame_is_final (MezzotintFrame *self)
{
  return self->is_final;
}

MzSnapshot *
mezzotint_frame_get_snapshot (MezzotintFrame *self)
{
  return self->snapshot;
}

/* ---- All of a picture ---- */

struct _MezzotintTimeline
{
  GObject parent_instance;
  int picture;
  guint64 seed;
  GPtrArray *frames; /* of MezzotintFrame */
  gsize n_bytes;     /* that they take */
};

static GType
timeline_get_item_type (GListModel *list)
{
  return MEZZOTINT_TYPE_FRAME;
}

static guint
timeline_get_n_items (GListModel *list)
{
  return MEZZOTINT_TIMELINE (list)->frames->len;
}

static gpointer
timeline_get_item (GListModel *list, guint position)
{
  GPtrArray *frames = MEZZOTINT_TIMELINE (list)->frames;

  return position < frames->len ? g_object_ref (g_ptr_array_index (frames, position)) : NULL;
}

static void
timeline_list_init (GListModelInterface *interface)
{
  interface->get_item_type = timeline_get_item_type;
  interface->get_n_items = timeline_get_n_items;
  interface->get_item = timeline_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (MezzotintTimeline,
                               mezzotint_timeline,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, timeline_list_init))

static void
timeline_finalize (GObject *object)
{
  g_ptr_array_unref (MEZZOTINT_TIMELINE (object)->frames);
  G_OBJECT_CLASS (mezzotint_timeline_parent_class)->finalize (object);
}

static void
mezzotint_timeline_class_init (MezzotintTimelineClass *class)
{
  G_OBJECT_CLASS (class)->finalize = timeline_finalize;
}

static void
mezzotint_timeline_init (MezzotintTimeline *self)
{
  self->frames = g_ptr_array_new_with_free_func (g_object_unref);
}

MezzotintTimeline *
mezzotint_timeline_new (int picture, guint64 seed)
{
  MezzotintTimeline *self = g_object_new (MEZZOTINT_TYPE_TIMELINE, NULL);

  self->picture = picture;
  self->seed = seed;
  return self;
}

int
mezzotint_timeline_get_picture (MezzotintTimeline *self)
{
  return self->picture;
}

guint64
mezzotint_timeline_get_seed (MezzotintTimeline *self)
{
  return self->seed;
}

static MezzotintFrame *
get_last (MezzotintTimeline *self)
{
  return self->frames->len > 0 ? g_ptr_array_index (self->frames, self->frames->len - 1) : NULL;
}

int
mezzotint_timeline_get_last_step (MezzotintTimeline *self)
{
  MezzotintFrame *last = get_last (self);

  return last != NULL ? last->step : 0;
}

gboolean
mezzotint_timeline_is_finished (MezzotintTimeline *self)
{
  MezzotintFrame *last = get_last (self);

  return last != NULL && last->is_final;
}

static void
add_frame (MezzotintTimeline *self, MezzotintFrame *frame)
{
  self->n_bytes += g_bytes_get_size (mezzotint_pixels_get_bytes (frame->pixels));
  if (frame->snapshot != NULL)
    self->n_bytes += mz_snapshot_get_bytes (frame->snapshot);
  g_ptr_array_add (self->frames, frame);
  g_list_model_items_changed (G_LIST_MODEL (self), self->frames->len - 1, 0, 1);
}

void
mezzotint_timeline_append (MezzotintTimeline *self,
                           int step,
                           int steps,
                           MezzotintPixels *pixels,
                           MzSnapshot *snapshot)
{
  MezzotintFrame *frame = g_object_new (MEZZOTINT_TYPE_FRAME, NULL);

  frame->step = step;
  frame->steps = steps;
  frame->pixels = mezzotint_pixels_ref (pixels);
  frame->snapshot = snapshot != NULL ? mz_snapshot_ref (snapshot) : NULL;
  add_frame (self, frame);
}

void
mezzotint_timeline_finish (MezzotintTimeline *self, MezzotintPixels *pixels)
{
  MezzotintFrame *frame = g_object_new (MEZZOTINT_TYPE_FRAME, NULL);
  MezzotintFrame *last = get_last (self);

  frame->step = frame->steps = last != NULL ? last->steps : 0;
  frame->pixels = mezzotint_pixels_ref (pixels);
  frame->is_final = TRUE;
  add_frame (self, frame);
}

gsize
mezzotint_timeline_get_n_bytes (MezzotintTimeline *self)
{
  return self->n_bytes;
}

void
mezzotint_timeline_drop_snapshots (MezzotintTimeline *self)
{
  for (guint i = 0; i < self->frames->len; i++)
    {
      MezzotintFrame *frame = g_ptr_array_index (self->frames, i);

      if (frame->snapshot == NULL)
        continue;
      self->n_bytes -= mz_snapshot_get_bytes (frame->snapshot);
      g_clear_pointer (&frame->snapshot, mz_snapshot_unref);
      g_object_notify_by_pspec (G_OBJECT (frame), frame_properties[FRAME_CAN_BRANCH]);
    }
}
