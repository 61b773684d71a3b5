/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A panel beside or below its content. libadwaita has breakpoints for this only from 1.4 on. */
#include "ui/split.h"

/* px. The panel's width, if it can do with so little, and what the content needs beside it. */
#define PANEL_PX 352
#define CONTENT_PX 400
/* Of the height, when one stands below the other. */
#define CONTENT_SHARE 0.45

struct _MezzotintSplit
{
  GtkWidget parent_instance;

  GtkWidget *panel, *content;
  GtkWidget *beside, *below; /* lines between them: one is shown */
  gboolean is_wide;
};

enum
{
  PROP_0,
  PROP_PANEL,
  PROP_CONTENT,
  PROP_IS_WIDE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (MezzotintSplit, mezzotint_split, GTK_TYPE_WIDGET)

static int
measure_min (GtkWidget *child, GtkOrientation orientation, int for_size)
{
  int least = 0;

  if (child != NULL && gtk_widget_get_visible (child))
    gtk_widget_measure (child, orientation, for_size, &least, NULL, NULL, NULL);
  return least;
}

/* As a column, which is what it can be pressed to. */
static void
mezzotint_split_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  MezzotintSplit *self = MEZZOTINT_SPLIT (widget);
  int panel = measure_min (self->panel, orientation, -1),
      content = measure_min (self->content, orientation, -1);

  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? MAX (panel, content) : panel + content + 1;
  *natural = MAX (*minimum, PANEL_PX + CONTENT_PX);
}

static void
allocate (GtkWidget *child, int x, int y, int width, int height)
{
  GtkAllocation space = { x, y, width, height };

  if (child != NULL)
    gtk_widget_size_allocate (child, &space, -1);
}

static void
allocate_wide (MezzotintSplit *self, int width, int height, int panel_width)
{
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int content_width = width - panel_width - 1;

  allocate (self->panel, is_rtl ? width - panel_width : 0, 0, panel_width, height);
  allocate (self->beside, is_rtl ? content_width : panel_width, 0, 1, height);
  allocate (self->content, is_rtl ? 0 : panel_width + 1, 0, content_width, height);
}

static void
allocate_narrow (MezzotintSplit *self, int width, int height)
{
  int most = height - 1 - measure_min (self->panel, GTK_ORIENTATION_VERTICAL, width);
  int content_height = MIN ((int) (height * CONTENT_SHARE), most);

  content_height = MAX (content_height, measure_min (self->content, GTK_ORIENTATION_VERTICAL, width));
  allocate (self->content, 0, 0, width, content_height);
  allocate (self->below, 0, content_height, width, 1);
  allocate (self->panel, 0, content_height + 1, width, MAX (height - content_height - 1, 0));
}

static void
mezzotint_split_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  MezzotintSplit *self = MEZZOTINT_SPLIT (widget);
  int panel_width = MAX (PANEL_PX, measure_min (self->panel, GTK_ORIENTATION_HORIZONTAL, -1));
  int content_width = MAX (CONTENT_PX, measure_min (self->content, GTK_ORIENTATION_HORIZONTAL, -1));
  gboolean is_wide = width > panel_width + content_width;

  gtk_widget_set_child_visible (self->beside, is_wide);
  gtk_widget_set_child_visible (self->below, !is_wide);
  if (is_wide)
    allocate_wide (self, width, height, panel_width);
  else
    allocate_narrow (self, width, height);
  if (self->is_wide == is_wide)
    return;
  self->is_wide = is_wide;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_WIDE]);
}

static void
mezzotint_split_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MezzotintSplit *self = MEZZOTINT_SPLIT (object);

  if (id == PROP_IS_WIDE)
    g_value_set_boolean (value, self->is_wide);
  else
    g_value_set_object (value, id == PROP_PANEL ? self->panel : self->content);
}

static void
mezzotint_split_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MezzotintSplit *self = MEZZOTINT_SPLIT (object);
  GtkWidget **child = id == PROP_PANEL ? &self->panel : &self->content;

  g_clear_pointer (child, gtk_widget_unparent);
  *child = g_value_get_object (value);
  /* The panel comes first in the order of the keyboard. */
  if (*child != NULL && id == PROP_PANEL)
    gtk_widget_insert_after (*child, GTK_WIDGET (self), NULL);
  else if (*child != NULL)
    gtk_widget_insert_before (*child, GTK_WIDGET (self), NULL);
}

static void
mezzotint_split_dispose (GObject *object)
{
  MezzotintSplit *self = MEZZOTINT_SPLIT (object);

  g_clear_pointer (&self->panel, gtk_widget_unparent);
  g_clear_pointer (&self->content, gtk_widget_unparent);
  g_clear_pointer (&self->beside, gtk_widget_unparent);
  g_clear_pointer (&self->below, gtk_widget_unparent);
  G_OBJECT_CLASS (mezzotint_split_parent_class)->dispose (object);
}

static void
mezzotint_split_class_init (MezzotintSplitClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const GParamFlags flags = G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = mezzotint_split_get_property;
  object_class->set_property = mezzotint_split_set_property;
  object_class->dispose = mezzotint_split_dispose;
  widget_class->measure = mezzotint_split_measure;
  widget_class->size_allocate = mezzotint_split_size_allocate;
  props[PROP_PANEL] = g_param_spec_object ("panel", NULL, NULL, GTK_TYPE_WIDGET, flags | G_PARAM_READWRITE);
  props[PROP_CONTENT]
      = g_param_spec_object ("content", NULL, NULL, GTK_TYPE_WIDGET, flags | G_PARAM_READWRITE);
  props[PROP_IS_WIDE] = g_param_spec_boolean ("is-wide", NULL, NULL, FALSE, flags | G_PARAM_READABLE);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
mezzotint_split_init (MezzotintSplit *self)
{
  self->beside = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_parent (self->beside, GTK_WIDGET (self));
  self->below = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_set_parent (self->below, GTK_WIDGET (self));
}
