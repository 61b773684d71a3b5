/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Two views and the border between them. */
#include "ui/compare-view.h"

#include <glib/gi18n.h>

/* Between two pictures side by side. */
#define GAP_PX 6
/* How near to the border a press takes hold of it. */
#define HOLD_PX 18
/* What an arrow key moves the border by. */
#define KEY_SPLIT 0.02

struct _MezzotintCompareView
{
  GtkWidget parent_instance;

  GtkWidget *first, *second;
  GtkWidget *first_badge, *second_badge;
  GtkWidget *border; /* the line, with a handle on it */
  gboolean is_sliding;
  double split;
  double drag_x; /* of the border when the drag began, px */
};

G_DEFINE_FINAL_TYPE (MezzotintCompareView, mezzotint_compare_view, GTK_TYPE_WIDGET)

enum
{
  PROP_IS_SLIDING = 1,
  PROP_SPLIT,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

MezzotintPictureView *
mezzotint_compare_view_get_first (MezzotintCompareView *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_COMPARE_VIEW (self), NULL);
  return MEZZOTINT_PICTURE_VIEW (self->first);
}

MezzotintPictureView *
mezzotint_compare_view_get_second (MezzotintCompareView *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_COMPARE_VIEW (self), NULL);
  return MEZZOTINT_PICTURE_VIEW (self->second);
}

/* ---- The border ---- */

static void
tell_accessible (MezzotintCompareView *self)
{
  g_autofree char *text = g_strdup_printf (_ ("%.0f percent of the first picture"), self->split * 100);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->border), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 1.0, GTK_ACCESSIBLE_PROPERTY_VALUE_NOW,
                                  self->split, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
}

static void
set_split (MezzotintCompareView *self, double split)
{
  split = CLAMP (split, 0, 1);
  if (split == self->split)
    return;
  self->split = split;
  tell_accessible (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SPLIT]);
}

static void
set_is_sliding (MezzotintCompareView *self, gboolean is_sliding)
{
  if (is_sliding == self->is_sliding)
    return;
  self->is_sliding = is_sliding;
  gtk_widget_set_visible (self->border, is_sliding);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_SLIDING]);
}

static double
border_x (MezzotintCompareView *self)
{
  return self->split * gtk_widget_get_width (GTK_WIDGET (self));
}

static void
drag_begin_cb (MezzotintCompareView *self, double x, double y, GtkGesture *drag)
{
  gboolean is_held = self->is_sliding && ABS (x - border_x (self)) <= HOLD_PX;

  gtk_gesture_set_state (drag, is_held ? GTK_EVENT_SEQUENCE_CLAIMED : GTK_EVENT_SEQUENCE_DENIED);
  self->drag_x = border_x (self);
}

static void
drag_update_cb (MezzotintCompareView *self, double dx, double dy)
{
  set_split (self, (self->drag_x + dx) / MAX (1, gtk_widget_get_width (GTK_WIDGET (self))));
}

static gboolean
border_key_cb (MezzotintCompareView *self, guint keyval)
{
  switch (keyval)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      set_split (self, self->split - KEY_SPLIT);
      return GDK_EVENT_STOP;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      set_split (self, self->split + KEY_SPLIT);
      return GDK_EVENT_STOP;
    case GDK_KEY_Home:
      set_split (self, 0);
      return GDK_EVENT_STOP;
    case GDK_KEY_End:
      set_split (self, 1);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* ---- Where everything is ---- */

static void
mezzotint_compare_view_measure (GtkWidget *widget,
                                GtkOrientation orientation,
                                int for_size,
                                int *minimum,
                                int *natural,
                                int *minimum_baseline,
                                int *natural_baseline)
{
  *minimum = 120;
  *natural = 400;
}

static void
allocate_badge (GtkWidget *badge, const GtkAllocation *picture, gboolean at_end)
{
  const int margin = 12;
  GtkRequisition size;

  gtk_widget_get_preferred_size (badge, &size, NULL);
  gtk_widget_size_allocate (
      badge,
      &(GtkAllocation){ at_end ? picture->x + picture->width - size.width - margin : picture->x + margin,
                        picture->y + margin, size.width, size.height },
      -1);
}

static void
mezzotint_compare_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  MezzotintCompareView *self = MEZZOTINT_COMPARE_VIEW (widget);
  GtkAllocation first = { 0, 0, width, height }, second = first;

  if (!self->is_sliding && width >= height)
    {
      first.width = MAX (0, (width - GAP_PX) / 2);
      second.x = width - first.width;
      second.width = first.width;
    }
  else if (!self->is_sliding)
    {
      first.height = MAX (0, (height - GAP_PX) / 2);
      second.y = height - first.height;
      second.height = first.height;
    }
  gtk_widget_size_allocate (self->first, &first, -1);
  gtk_widget_size_allocate (self->second, &second, -1);
  allocate_badge (self->first_badge, &first, FALSE);
  allocate_badge (self->second_badge, &second, self->is_sliding);
  if (gtk_widget_should_layout (self->border))
    {
      int border_width;

      gtk_widget_measure (self->border, GTK_ORIENTATION_HORIZONTAL, -1, &border_width, NULL, NULL, NULL);
      gtk_widget_size_allocate (
          self->border, &(GtkAllocation){ (int) border_x (self) - border_width / 2, 0, border_width, height },
          -1);
    }
}

static void
snapshot_part (MezzotintCompareView *self, GtkSnapshot *snapshot, GtkWidget *child, double begin, double end)
{
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (begin, 0, MAX (0, end - begin),
                                                         gtk_widget_get_height (GTK_WIDGET (self))));
  gtk_widget_snapshot_child (GTK_WIDGET (self), child, snapshot);
  gtk_snapshot_pop (snapshot);
}

static void
mezzotint_compare_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MezzotintCompareView *self = MEZZOTINT_COMPARE_VIEW (widget);

  if (!self->is_sliding)
    {
      GTK_WIDGET_CLASS (mezzotint_compare_view_parent_class)->snapshot (widget, snapshot);
      return;
    }
  snapshot_part (self, snapshot, self->first, 0, border_x (self));
  snapshot_part (self, snapshot, self->second, border_x (self), gtk_widget_get_width (widget));
  gtk_widget_snapshot_child (widget, self->first_badge, snapshot);
  gtk_widget_snapshot_child (widget, self->second_badge, snapshot);
  gtk_widget_snapshot_child (widget, self->border, snapshot);
}

/* ---- The class ---- */

static void
mezzotint_compare_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  MezzotintCompareView *self = MEZZOTINT_COMPARE_VIEW (object);

  switch (id)
    {
    case PROP_IS_SLIDING:
      g_value_set_boolean (value, self->is_sliding);
      break;
    case PROP_SPLIT:
      g_value_set_double (value, self->split);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
mezzotint_compare_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  MezzotintCompareView *self = MEZZOTINT_COMPARE_VIEW (object);

  switch (id)
    {
    case PROP_IS_SLIDING:
      set_is_sliding (self, g_value_get_boolean (value));
      break;
    case PROP_SPLIT:
      set_split (self, g_value_get_double (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
mezzotint_compare_view_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (mezzotint_compare_view_parent_class)->dispose (object);
}

static void
mezzotint_compare_view_class_init (MezzotintCompareViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = mezzotint_compare_view_get_property;
  object_class->set_property = mezzotint_compare_view_set_property;
  object_class->dispose = mezzotint_compare_view_dispose;
  widget_class->measure = mezzotint_compare_view_measure;
  widget_class->size_allocate = mezzotint_compare_view_size_allocate;
  widget_class->snapshot = mezzotint_compare_view_snapshot;
  properties[PROP_IS_SLIDING] = g_param_spec_boolean ("is-sliding", NULL, NULL, FALSE, flags);
  properties[PROP_SPLIT] = g_param_spec_double ("split", NULL, NULL, 0, 1, 0.5, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  gtk_widget_class_set_css_name (widget_class, "compareview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
add_view (MezzotintCompareView *self)
{
  GtkWidget *view = mezzotint_picture_view_new ();

  gtk_widget_set_parent (view, GTK_WIDGET (self));
  return view;
}

static GtkWidget *
add_badge (MezzotintCompareView *self, const char *text)
{
  GtkWidget *badge = gtk_label_new (text);

  gtk_widget_add_css_class (badge, "badge");
  gtk_widget_set_can_target (badge, FALSE);
  gtk_widget_set_parent (badge, GTK_WIDGET (self));
  return badge;
}

static GtkWidget *
add_border (MezzotintCompareView *self)
{
  GtkWidget *border = g_object_new (GTK_TYPE_CENTER_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_SLIDER,
                                    "orientation", GTK_ORIENTATION_VERTICAL, "focusable", TRUE, NULL);
  GtkWidget *handle = gtk_image_new_from_icon_name ("mezzotint-slide-symbolic");
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_add_css_class (border, "border");
  gtk_widget_add_css_class (handle, "handle");
  gtk_center_box_set_center_widget (GTK_CENTER_BOX (border), handle);
  gtk_widget_set_cursor_from_name (border, "col-resize");
  gtk_widget_set_visible (border, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (border), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Border Between the Pictures"), -1);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (border_key_cb), self);
  gtk_widget_add_controller (border, keys);
  gtk_widget_set_parent (border, GTK_WIDGET (self));
  return border;
}

static void
mezzotint_compare_view_init (MezzotintCompareView *self)
{
  static const char *const linked[] = { "zoom", "centre-x", "centre-y" };
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->split = 0.5;
  self->first = add_view (self);
  self->second = add_view (self);
  for (guint i = 0; i < G_N_ELEMENTS (linked); i++)
    g_object_bind_property (self->first, linked[i], self->second, linked[i], G_BINDING_BIDIRECTIONAL);
  /* Translators: short for the first of two pictures. */
  self->first_badge = add_badge (self, _ ("A"));
  /* Translators: short for the second of two pictures. */
  self->second_badge = add_badge (self, _ ("B"));
  self->border = add_border (self);
  tell_accessible (self);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (drag), GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}

GtkWidget *
mezzotint_compare_view_new (void)
{
  return g_object_new (MEZZOTINT_TYPE_COMPARE_VIEW, NULL);
}
