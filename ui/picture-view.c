/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Zoom and position, and what changes them. */
#include "ui/picture-view.h"

#include <math.h>

/* A picture is fitted to its space, but not blown up more than this: small ones would be nothing but blur. */
#define MAX_FIT_SCALE 4.0
/* Screen pixels for one of the picture. */
#define MAX_SCALE 16.0
#define KEY_FACTOR 1.25
#define WHEEL_FACTOR 1.15

struct _MezzotintPictureView
{
  GtkWidget parent_instance;

  GdkPaintable *paintable;
  int picture_width, picture_height; /* px */
  double zoom;                       /* 1 is fitted */
  double centre_x, centre_y;         /* 0..1 */

  double pointer_x, pointer_y; /* px */
  double drag_x, drag_y;       /* centre when the drag began */
  double pinch_zoom;           /* zoom when the pinch began */
};

G_DEFINE_FINAL_TYPE (MezzotintPictureView, mezzotint_picture_view, GTK_TYPE_WIDGET)

enum
{
  PROP_PAINTABLE = 1,
  PROP_ZOOM,
  PROP_CENTRE_X,
  PROP_CENTRE_Y,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

/* ---- Geometry ---- */

/* Logical px for one of the picture when fitted. */
static double
fit_scale (MezzotintPictureView *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));

  if (self->picture_width <= 0 || self->picture_height <= 0 || width <= 0 || height <= 0)
    return 1;
  return MIN (MAX_FIT_SCALE,
              MIN ((double) width / self->picture_width, (double) height / self->picture_height));
}

/* The zoom at which a pixel of the picture is one of the screen. */
static double
actual_zoom (MezzotintPictureView *self)
{
  return 1.0 / gtk_widget_get_scale_factor (GTK_WIDGET (self)) / fit_scale (self);
}

/* px on screen */
static void
get_shown_size (MezzotintPictureView *self, double *width, double *height)
{
  double scale = self->zoom * fit_scale (self);

  *width = self->picture_width * scale;
  *height = self->picture_height * scale;
}

/* A picture smaller than its space is in the middle of it, a larger one leaves no gap. */
static double
keep_in (double centre, double shown, double space)
{
  double margin = shown > 0 ? space / shown / 2 : 0.5;

  return margin >= 0.5 ? 0.5 : CLAMP (centre, margin, 1 - margin);
}

static void
set_place (MezzotintPictureView *self, double zoom, double x, double y)
{
  double most = MAX (1, MAX_SCALE * actual_zoom (self)), least = MIN (1, actual_zoom (self));
  double width, height;

  g_object_freeze_notify (G_OBJECT (self));
  zoom = CLAMP (zoom, least, most);
  if (zoom != self->zoom)
    {
      self->zoom = zoom;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ZOOM]);
    }
  get_shown_size (self, &width, &height);
  x = keep_in (x, width, gtk_widget_get_width (GTK_WIDGET (self)));
  y = keep_in (y, height, gtk_widget_get_height (GTK_WIDGET (self)));
  if (x != self->centre_x)
    {
      self->centre_x = x;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CENTRE_X]);
    }
  if (y != self->centre_y)
    {
      self->centre_y = y;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CENTRE_Y]);
    }
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self),
                                   mezzotint_picture_view_is_zoomed (self) ? "grab" : NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_thaw_notify (G_OBJECT (self));
}

/* Zooms so that what is at (x, y) px of the space stays there. */
static void
zoom_at (MezzotintPictureView *self, double zoom, double x, double y)
{
  double dx = x - gtk_widget_get_width (GTK_WIDGET (self)) / 2.0;
  double dy = y - gtk_widget_get_height (GTK_WIDGET (self)) / 2.0;
  double most = MAX (1, MAX_SCALE * actual_zoom (self)), least = MIN (1, actual_zoom (self));
  double width, height, gone;

  get_shown_size (self, &width, &height);
  if (width <= 0 || height <= 0)
    return;
  zoom = CLAMP (zoom, least, most);
  gone = 1 - self->zoom / zoom;
  set_place (self, zoom, self->centre_x + dx / width * gone, self->centre_y + dy / height * gone);
}

static void
zoom_in_middle (MezzotintPictureView *self, double zoom)
{
  set_place (self, zoom, self->centre_x, self->centre_y);
}

gboolean
mezzotint_picture_view_is_zoomed (MezzotintPictureView *self)
{
  double width, height;

  g_return_val_if_fail (MEZZOTINT_IS_PICTURE_VIEW (self), FALSE);
  get_shown_size (self, &width, &height);
  return width > gtk_widget_get_width (GTK_WIDGET (self)) + 0.5
         || height > gtk_widget_get_height (GTK_WIDGET (self)) + 0.5;
}

void
mezzotint_picture_view_pan (MezzotintPictureView *self, double right, double down)
{
  double width, height;

  g_return_if_fail (MEZZOTINT_IS_PICTURE_VIEW (self));
  get_shown_size (self, &width, &height);
  if (width > 0 && height > 0)
    set_place (self, self->zoom, self->centre_x + right * gtk_widget_get_width (GTK_WIDGET (self)) / width,
               self->centre_y + down * gtk_widget_get_height (GTK_WIDGET (self)) / height);
}

void
mezzotint_picture_view_reset (MezzotintPictureView *self)
{
  g_return_if_fail (MEZZOTINT_IS_PICTURE_VIEW (self));
  set_place (self, 1, 0.5, 0.5);
}

void
mezzotint_picture_view_set_paintable (MezzotintPictureView *self,
                                      GdkPaintable *paintable,
                                      int width,
                                      int height)
{
  g_return_if_fail (MEZZOTINT_IS_PICTURE_VIEW (self));
  self->picture_width = width;
  self->picture_height = height;
  if (g_set_object (&self->paintable, paintable))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAINTABLE]);
  set_place (self, self->zoom, self->centre_x, self->centre_y);
}

/* ---- Pointer and touch ---- */

static void
motion_cb (MezzotintPictureView *self, double x, double y)
{
  self->pointer_x = x;
  self->pointer_y = y;
}

/* The wheel zooms, fingers on a touchpad move; with Ctrl both zoom. */
static gboolean
scroll_cb (MezzotintPictureView *self, double dx, double dy, GtkEventControllerScroll *scroll)
{
  GdkModifierType modifiers = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll));
  gboolean is_wheel = gtk_event_controller_scroll_get_unit (scroll) == GDK_SCROLL_UNIT_WHEEL;
  double width, height;

  if (is_wheel || (modifiers & GDK_CONTROL_MASK))
    {
      zoom_at (self, self->zoom * pow (WHEEL_FACTOR, is_wheel ? -dy : -dy / 20), self->pointer_x,
               self->pointer_y);
      return GDK_EVENT_STOP;
    }
  if (!mezzotint_picture_view_is_zoomed (self))
    return GDK_EVENT_PROPAGATE;
  get_shown_size (self, &width, &height);
  set_place (self, self->zoom, self->centre_x + dx / width, self->centre_y + dy / height);
  return GDK_EVENT_STOP;
}

static void
drag_begin_cb (MezzotintPictureView *self, double x, double y, GtkGesture *drag)
{
  if (!mezzotint_picture_view_is_zoomed (self))
    {
      /* Left to whoever drags the file itself. */
      gtk_gesture_set_state (drag, GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "grabbing");
  self->drag_x = self->centre_x;
  self->drag_y = self->centre_y;
}

static void
drag_update_cb (MezzotintPictureView *self, double dx, double dy, GtkGesture *drag)
{
  double width, height;

  gtk_gesture_set_state (drag, GTK_EVENT_SEQUENCE_CLAIMED);
  get_shown_size (self, &width, &height);
  set_place (self, self->zoom, self->drag_x - dx / width, self->drag_y - dy / height);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "grabbing");
}

static void
drag_end_cb (MezzotintPictureView *self)
{
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self),
                                   mezzotint_picture_view_is_zoomed (self) ? "grab" : NULL);
}

static void
pinch_begin_cb (MezzotintPictureView *self, GdkEventSequence *sequence, GtkGesture *pinch)
{
  gtk_gesture_set_state (pinch, GTK_EVENT_SEQUENCE_CLAIMED);
  self->pinch_zoom = self->zoom;
}

static void
pinch_cb (MezzotintPictureView *self, double scale, GtkGesture *pinch)
{
  double x, y;

  if (gtk_gesture_get_bounding_box_center (pinch, &x, &y))
    zoom_at (self, self->pinch_zoom * scale, x, y);
}

/* Twice: between fitted and the picture's own pixels. */
static void
pressed_cb (MezzotintPictureView *self, int n_press, double x, double y)
{
  double actual = MAX (actual_zoom (self), 2);

  if (n_press == 2)
    zoom_at (self, self->zoom > 1.01 ? 1 : actual, x, y);
}

static void
add_pointer (MezzotintPictureView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *drag = gtk_gesture_drag_new (), *pinch = gtk_gesture_zoom_new (),
             *click = gtk_gesture_click_new ();

  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect_swapped (pinch, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect_swapped (pinch, "scale-changed", G_CALLBACK (pinch_cb), self);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
}

/* ---- Keys ---- */

static void
zoom_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintPictureView *self = MEZZOTINT_PICTURE_VIEW (widget);

  if (g_str_equal (name, "picture.zoom-in"))
    zoom_in_middle (self, self->zoom * KEY_FACTOR);
  else if (g_str_equal (name, "picture.zoom-out"))
    zoom_in_middle (self, self->zoom / KEY_FACTOR);
  else if (g_str_equal (name, "picture.zoom-actual"))
    zoom_in_middle (self, actual_zoom (self));
  else
    mezzotint_picture_view_reset (self);
}

/* ---- Drawing ---- */

static void
mezzotint_picture_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  MezzotintPictureView *self = MEZZOTINT_PICTURE_VIEW (widget);
  double shown_width, shown_height;

  get_shown_size (self, &shown_width, &shown_height);
  self->centre_x = keep_in (self->centre_x, shown_width, width);
  self->centre_y = keep_in (self->centre_y, shown_height, height);
}

static void
mezzotint_picture_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MezzotintPictureView *self = MEZZOTINT_PICTURE_VIEW (widget);
  double width, height;

  if (self->paintable == NULL)
    return;
  get_shown_size (self, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
      snapshot,
      &GRAPHENE_POINT_INIT (round (gtk_widget_get_width (widget) / 2.0 - self->centre_x * width),
                            round (gtk_widget_get_height (widget) / 2.0 - self->centre_y * height)));
  gdk_paintable_snapshot (self->paintable, GDK_SNAPSHOT (snapshot), width, height);
  gtk_snapshot_restore (snapshot);
}

/* ---- The class ---- */

static void
mezzotint_picture_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  MezzotintPictureView *self = MEZZOTINT_PICTURE_VIEW (object);

  switch (id)
    {
    case PROP_PAINTABLE:
      g_value_set_object (value, self->paintable);
      break;
    case PROP_ZOOM:
      g_value_set_double (value, self->zoom);
      break;
    case PROP_CENTRE_X:
      g_value_set_double (value, self->centre_x);
      break;
    case PROP_CENTRE_Y:
      g_value_set_double (value, self->centre_y);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
mezzotint_picture_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  MezzotintPictureView *self = MEZZOTINT_PICTURE_VIEW (object);

  switch (id)
    {
    case PROP_ZOOM:
      set_place (self, g_value_get_double (value), self->centre_x, self->centre_y);
      break;
    case PROP_CENTRE_X:
      set_place (self, self->zoom, g_value_get_double (value), self->centre_y);
      break;
    case PROP_CENTRE_Y:
      set_place (self, self->zoom, self->centre_x, g_value_get_double (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
mezzotint_picture_view_dispose (GObject *object)
{
  g_clear_object (&MEZZOTINT_PICTURE_VIEW (object)->paintable);
  G_OBJECT_CLASS (mezzotint_picture_view_parent_class)->dispose (object);
}

static void
mezzotint_picture_view_class_init (MezzotintPictureViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = mezzotint_picture_view_get_property;
  object_class->set_property = mezzotint_picture_view_set_property;
  object_class->dispose = mezzotint_picture_view_dispose;
  widget_class->size_allocate = mezzotint_picture_view_size_allocate;
  widget_class->snapshot = mezzotint_picture_view_snapshot;
  properties[PROP_PAINTABLE]
      = g_param_spec_object ("paintable", NULL, NULL, GDK_TYPE_PAINTABLE,
                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, 0, G_MAXDOUBLE, 1, flags);
  properties[PROP_CENTRE_X] = g_param_spec_double ("centre-x", NULL, NULL, 0, 1, 0.5, flags);
  properties[PROP_CENTRE_Y] = g_param_spec_double ("centre-y", NULL, NULL, 0, 1, 0.5, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  gtk_widget_class_install_action (widget_class, "picture.zoom-in", NULL, zoom_action);
  gtk_widget_class_install_action (widget_class, "picture.zoom-out", NULL, zoom_action);
  gtk_widget_class_install_action (widget_class, "picture.zoom-fit", NULL, zoom_action);
  gtk_widget_class_install_action (widget_class, "picture.zoom-actual", NULL, zoom_action);
  gtk_widget_class_set_css_name (widget_class, "pictureview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
mezzotint_picture_view_init (MezzotintPictureView *self)
{
  self->zoom = 1;
  self->centre_x = self->centre_y = 0.5;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  add_pointer (self);
}

GtkWidget *
mezzotint_picture_view_new (void)
{
  return g_object_new (MEZZOTINT_TYPE_PICTURE_VIEW, NULL);
}
