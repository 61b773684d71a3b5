/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the frames stand, what moves along them, and what a screen reader hears. The drawing is
 * timeline-film.c's. */
#include "ui/timeline-strip.h"

#include <glib/gi18n.h>

#include "ui/timeline-film.h"

/* px */
#define NATURAL_WIDTH 320
#define MINIMUM_WIDTH 96
/* How far the frame looked at stands out of the film, above and below. */
#define OUTSTAND_PX 3

struct _MezzotintTimelineStrip
{
  GtkWidget parent_instance;

  MezzotintTimeline *timeline;
  MezzotintTimelineFilm *film;
  GtkWidget *head; /* the frame looked at, a child so that CSS can draw its border */
  GtkWidget *head_picture;
  int position;
  double drag_start; /* px */
};

G_DEFINE_FINAL_TYPE (MezzotintTimelineStrip, mezzotint_timeline_strip, GTK_TYPE_WIDGET)

enum
{
  PROP_TIMELINE = 1,
  PROP_POSITION,
  N_PROPERTIES
};

enum
{
  PLAY_TOGGLED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

char *
mezzotint_frame_describe (MezzotintFrame *frame)
{
  if (mezzotint_frame_is_final (frame))
    return g_strdup (_ ("Finished picture"));
  return g_strdup_printf (_ ("Step %d of %d"), mezzotint_frame_get_step (frame),
                          mezzotint_frame_get_steps (frame));
}

guint
mezzotint_timeline_strip_get_n_frames (MezzotintTimelineStrip *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_TIMELINE_STRIP (self), 0);
  return self->timeline != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->timeline)) : 0;
}

/* Index of the frame looked at; -1 when there is none. */
static int
shown_index (MezzotintTimelineStrip *self)
{
  int n_frames = (int) mezzotint_timeline_strip_get_n_frames (self);

  return self->position == MEZZOTINT_TIMELINE_LIVE ? n_frames - 1 : MIN (self->position, n_frames - 1);
}

MezzotintFrame *
mezzotint_timeline_strip_dup_frame (MezzotintTimelineStrip *self)
{
  int index;

  g_return_val_if_fail (MEZZOTINT_IS_TIMELINE_STRIP (self), NULL);
  index = shown_index (self);
  return index < 0 ? NULL : g_list_model_get_item (G_LIST_MODEL (self->timeline), index);
}

/* ---- What the frame looked at looks like ---- */

static void
tell_accessible (MezzotintTimelineStrip *self, MezzotintFrame *frame)
{
  g_autofree char *text = frame != NULL ? mezzotint_frame_describe (frame) : g_strdup (_ ("No steps yet"));
  int n_frames = (int) mezzotint_timeline_strip_get_n_frames (self);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 1.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, (double) MAX (1, n_frames),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, (double) MAX (1, shown_index (self) + 1),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
}

static void
update_head (MezzotintTimelineStrip *self)
{
  g_autoptr (MezzotintFrame) frame = mezzotint_timeline_strip_dup_frame (self);
  GdkTexture *texture = mezzotint_timeline_film_get_texture (self->film, shown_index (self));

  gtk_picture_set_paintable (GTK_PICTURE (self->head_picture), GDK_PAINTABLE (texture));
  gtk_widget_set_visible (self->head, texture != NULL);
  if (self->position == MEZZOTINT_TIMELINE_LIVE)
    gtk_widget_add_css_class (self->head, "live");
  else
    gtk_widget_remove_css_class (self->head, "live");
  tell_accessible (self, frame);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
frames_changed_cb (MezzotintTimelineStrip *self, guint position, guint removed, guint added)
{
  mezzotint_timeline_film_changed (self->film, position, removed, added);
  update_head (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
mezzotint_timeline_strip_set_timeline (MezzotintTimelineStrip *self, MezzotintTimeline *timeline)
{
  g_return_if_fail (MEZZOTINT_IS_TIMELINE_STRIP (self));
  if (timeline == self->timeline)
    return;
  if (self->timeline != NULL)
    g_signal_handlers_disconnect_by_func (self->timeline, frames_changed_cb, self);
  g_set_object (&self->timeline, timeline);
  if (timeline != NULL)
    g_signal_connect_object (timeline, "items-changed", G_CALLBACK (frames_changed_cb), self,
                             G_CONNECT_SWAPPED);
  mezzotint_timeline_film_set_frames (self->film, G_LIST_MODEL (timeline));
  mezzotint_timeline_strip_set_position (self, MEZZOTINT_TIMELINE_LIVE);
  update_head (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMELINE]);
}

int
mezzotint_timeline_strip_get_position (MezzotintTimelineStrip *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_TIMELINE_STRIP (self), MEZZOTINT_TIMELINE_LIVE);
  return self->position;
}

void
mezzotint_timeline_strip_set_position (MezzotintTimelineStrip *self, int position)
{
  g_return_if_fail (MEZZOTINT_IS_TIMELINE_STRIP (self));
  position
      = CLAMP (position, MEZZOTINT_TIMELINE_LIVE, (int) mezzotint_timeline_strip_get_n_frames (self) - 1);
  if (position == self->position)
    return;
  self->position = position;
  update_head (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_POSITION]);
}

/* ---- Pointer ---- */

static gboolean
is_rtl (MezzotintTimelineStrip *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

/* The frame at `x` px, among those that are there. */
static int
index_at (MezzotintTimelineStrip *self, double x)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  int n_cells = mezzotint_timeline_film_get_n_cells (self->film);
  int n_frames = (int) mezzotint_timeline_strip_get_n_frames (self);
  double along = is_rtl (self) ? width - x : x;

  return width <= 0 ? 0 : CLAMP ((int) (along * n_cells / width), 0, MAX (0, n_frames - 1));
}

static void
drag_begin_cb (MezzotintTimelineStrip *self, double x, double y, GtkGesture *gesture)
{
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drag_start = x;
  mezzotint_timeline_strip_set_position (self, index_at (self, x));
}

static void
drag_update_cb (MezzotintTimelineStrip *self, double x, double y)
{
  mezzotint_timeline_strip_set_position (self, index_at (self, self->drag_start + x));
}

static void
move_by (MezzotintTimelineStrip *self, int n_frames)
{
  mezzotint_timeline_strip_set_position (self, MAX (0, shown_index (self) + n_frames));
}

static gboolean
scroll_cb (MezzotintTimelineStrip *self, double dx, double dy)
{
  move_by (self, dx + dy > 0 ? 1 : -1);
  return GDK_EVENT_STOP;
}

static gboolean
query_tooltip_cb (MezzotintTimelineStrip *self, int x, int y, gboolean by_keyboard, GtkTooltip *tooltip)
{
  g_autoptr (MezzotintFrame) frame = NULL;
  g_autofree char *text = NULL;

  if (mezzotint_timeline_strip_get_n_frames (self) == 0)
    return FALSE;
  frame = by_keyboard ? mezzotint_timeline_strip_dup_frame (self)
                      : g_list_model_get_item (G_LIST_MODEL (self->timeline), index_at (self, x));
  text = mezzotint_frame_describe (frame);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* ---- Keys ---- */

/* arguments: (i) frames to go; of one line up to a tenth of all with "p" */
static gboolean
key_move_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  MezzotintTimelineStrip *self = MEZZOTINT_TIMELINE_STRIP (widget);

  move_by (self, g_variant_get_int32 (arguments));
  return GDK_EVENT_STOP;
}

/* Left and right, which trade places where people read from the right. */
static gboolean
key_aside_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  MezzotintTimelineStrip *self = MEZZOTINT_TIMELINE_STRIP (widget);

  move_by (self, is_rtl (self) ? -g_variant_get_int32 (arguments) : g_variant_get_int32 (arguments));
  return GDK_EVENT_STOP;
}

static gboolean
key_page_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  MezzotintTimelineStrip *self = MEZZOTINT_TIMELINE_STRIP (widget);

  move_by (self,
           g_variant_get_int32 (arguments) * MAX (1, mezzotint_timeline_film_get_n_cells (self->film) / 10));
  return GDK_EVENT_STOP;
}

static gboolean
key_go_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  mezzotint_timeline_strip_set_position (MEZZOTINT_TIMELINE_STRIP (widget), g_variant_get_int32 (arguments));
  return GDK_EVENT_STOP;
}

static gboolean
key_live_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  MezzotintTimelineStrip *self = MEZZOTINT_TIMELINE_STRIP (widget);

  if (self->position == MEZZOTINT_TIMELINE_LIVE)
    return GDK_EVENT_PROPAGATE;
  mezzotint_timeline_strip_set_position (self, MEZZOTINT_TIMELINE_LIVE);
  return GDK_EVENT_STOP;
}

static void
add_keys (GtkWidgetClass *class)
{
  static const struct
  {
    guint key, keypad;
    GtkShortcutFunc function;
    int argument;
  } keys[] = {
    { GDK_KEY_Left, GDK_KEY_KP_Left, key_aside_cb, -1 },
    { GDK_KEY_Right, GDK_KEY_KP_Right, key_aside_cb, 1 },
    { GDK_KEY_Down, GDK_KEY_KP_Down, key_move_cb, -1 },
    { GDK_KEY_Up, GDK_KEY_KP_Up, key_move_cb, 1 },
    { GDK_KEY_Page_Down, GDK_KEY_KP_Page_Down, key_page_cb, -1 },
    { GDK_KEY_Page_Up, GDK_KEY_KP_Page_Up, key_page_cb, 1 },
    { GDK_KEY_Home, GDK_KEY_KP_Home, key_go_cb, 0 },
    { GDK_KEY_End, GDK_KEY_KP_End, key_go_cb, G_MAXINT },
    { GDK_KEY_Escape, 0, key_live_cb, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      gtk_widget_class_add_binding (class, keys[i].key, 0, keys[i].function, "i", keys[i].argument);
      if (keys[i].keypad != 0)
        gtk_widget_class_add_binding (class, keys[i].keypad, 0, keys[i].function, "i", keys[i].argument);
    }
  gtk_widget_class_add_binding_signal (class, GDK_KEY_space, 0, "play-toggled", NULL);
  gtk_widget_class_add_binding_signal (class, GDK_KEY_Return, 0, "play-toggled", NULL);
  gtk_widget_class_add_binding_signal (class, GDK_KEY_KP_Enter, 0, "play-toggled", NULL);
}

/* ---- Size and drawing ---- */

static void
mezzotint_timeline_strip_measure (GtkWidget *widget,
                                  GtkOrientation orientation,
                                  int for_size,
                                  int *minimum,
                                  int *natural,
                                  int *minimum_baseline,
                                  int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MINIMUM_WIDTH;
      *natural = NATURAL_WIDTH;
    }
  else
    *minimum = *natural = MEZZOTINT_TIMELINE_FILM_HEIGHT_PX + 2 * OUTSTAND_PX;
}

static void
mezzotint_timeline_strip_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  MezzotintTimelineStrip *self = MEZZOTINT_TIMELINE_STRIP (widget);
  int index = shown_index (self);
  int n_cells = mezzotint_timeline_film_get_n_cells (self->film);
  GdkTexture *texture = mezzotint_timeline_film_get_texture (self->film, index);
  int minimum, head_width;
  double middle, x;

  if (texture == NULL || n_cells == 0)
    return;
  head_width = CLAMP (height * gdk_texture_get_width (texture) / gdk_texture_get_height (texture), height / 2,
                      MIN (2 * height, width));
  gtk_widget_measure (self->head, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  head_width = MAX (head_width, minimum);
  middle = (index + 0.5) * width / n_cells;
  x = CLAMP ((is_rtl (self) ? width - middle : middle) - head_width / 2.0, 0, MAX (0, width - head_width));
  gtk_widget_size_allocate (self->head, &(GtkAllocation){ (int) x, 0, head_width, height }, -1);
}

static void
mezzotint_timeline_strip_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MezzotintTimelineStrip *self = MEZZOTINT_TIMELINE_STRIP (widget);
  int width = gtk_widget_get_width (widget);

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, OUTSTAND_PX));
  mezzotint_timeline_film_snapshot (self->film, snapshot, width, is_rtl (self));
  gtk_snapshot_restore (snapshot);
  gtk_widget_snapshot_child (widget, self->head, snapshot);
}

/* ---- The class ---- */

static void
mezzotint_timeline_strip_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  MezzotintTimelineStrip *self = MEZZOTINT_TIMELINE_STRIP (object);

  switch (id)
    {
    case PROP_TIMELINE:
      g_value_set_object (value, self->timeline);
      break;
    case PROP_POSITION:
      g_value_set_int (value, self->position);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
mezzotint_timeline_strip_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  MezzotintTimelineStrip *self = MEZZOTINT_TIMELINE_STRIP (object);

  switch (id)
    {
    case PROP_TIMELINE:
      mezzotint_timeline_strip_set_timeline (self, g_value_get_object (value));
      break;
    case PROP_POSITION:
      mezzotint_timeline_strip_set_position (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
mezzotint_timeline_strip_dispose (GObject *object)
{
  MezzotintTimelineStrip *self = MEZZOTINT_TIMELINE_STRIP (object);

  g_clear_pointer (&self->head, gtk_widget_unparent);
  g_clear_object (&self->timeline);
  g_clear_pointer (&self->film, mezzotint_timeline_film_free);
  G_OBJECT_CLASS (mezzotint_timeline_strip_parent_class)->dispose (object);
}

static void
mezzotint_timeline_strip_class_init (MezzotintTimelineStripClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = mezzotint_timeline_strip_get_property;
  object_class->set_property = mezzotint_timeline_strip_set_property;
  object_class->dispose = mezzotint_timeline_strip_dispose;
  widget_class->measure = mezzotint_timeline_strip_measure;
  widget_class->size_allocate = mezzotint_timeline_strip_size_allocate;
  widget_class->snapshot = mezzotint_timeline_strip_snapshot;
  properties[PROP_TIMELINE] = g_param_spec_object ("timeline", NULL, NULL, MEZZOTINT_TYPE_TIMELINE, flags);
  properties[PROP_POSITION] = g_param_spec_int ("position", NULL, NULL, MEZZOTINT_TIMELINE_LIVE, G_MAXINT,
                                                MEZZOTINT_TIMELINE_LIVE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  signals[PLAY_TOGGLED]
      = g_signal_new ("play-toggled", MEZZOTINT_TYPE_TIMELINE_STRIP, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "timelinestrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
  add_keys (widget_class);
}

static void
add_pointer (MezzotintTimelineStrip *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES
                                                                | GTK_EVENT_CONTROLLER_SCROLL_DISCRETE);

  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
}

static void
mezzotint_timeline_strip_init (MezzotintTimelineStrip *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->position = MEZZOTINT_TIMELINE_LIVE;
  self->film = mezzotint_timeline_film_new ();
  self->head_picture = gtk_picture_new ();
  gtk_picture_set_can_shrink (GTK_PICTURE (self->head_picture), TRUE);
  gtk_picture_set_content_fit (GTK_PICTURE (self->head_picture), GTK_CONTENT_FIT_COVER);
  gtk_widget_set_hexpand (self->head_picture, TRUE);
  gtk_widget_set_overflow (self->head_picture, GTK_OVERFLOW_HIDDEN);
  self->head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_box_append (GTK_BOX (self->head), self->head_picture);
  gtk_widget_add_css_class (self->head, "head");
  gtk_widget_set_can_target (self->head, FALSE);
  gtk_widget_set_visible (self->head, FALSE);
  gtk_widget_set_parent (self->head, widget);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_has_tooltip (widget, TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (query_tooltip_cb), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Steps of the picture"), GTK_ACCESSIBLE_PROPERTY_ORIENTATION,
                                  GTK_ORIENTATION_HORIZONTAL, -1);
  tell_accessible (self, NULL);
  add_pointer (self);
}
