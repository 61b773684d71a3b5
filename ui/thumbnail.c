/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A small square of a picture. GtkPicture would ask for the picture's own size. */
#include "ui/thumbnail.h"

struct _MezzotintThumbnail
{
  GtkWidget parent_instance;

  GdkPaintable *paintable; /* NULL: nothing */
  int side;                /* px */
};

G_DEFINE_FINAL_TYPE (MezzotintThumbnail, mezzotint_thumbnail, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_SIDE,
  PROP_PAINTABLE,
};

static void
mezzotint_thumbnail_measure (GtkWidget *widget,
                             GtkOrientation orientation,
                             int for_size,
                             int *minimum,
                             int *natural,
                             int *minimum_baseline,
                             int *natural_baseline)
{
  *minimum = *natural = MEZZOTINT_THUMBNAIL (widget)->side;
}

static void
mezzotint_thumbnail_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MezzotintThumbnail *self = MEZZOTINT_THUMBNAIL (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  double ratio, w, h;

  if (self->paintable == NULL)
    return;
  ratio = gdk_paintable_get_intrinsic_aspect_ratio (self->paintable);
  if (ratio <= 0)
    ratio = 1;
  w = MAX (width, height * ratio);
  h = w / ratio;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (width - w) / 2, (float) (height - h) / 2));
  gdk_paintable_snapshot (self->paintable, snapshot, w, h);
  gtk_snapshot_restore (snapshot);
}

static void
mezzotint_thumbnail_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MezzotintThumbnail *self = MEZZOTINT_THUMBNAIL (object);

  if (id == PROP_SIDE)
    g_value_set_int (value, self->side);
  else
    g_value_set_object (value, self->paintable);
}

static void
mezzotint_thumbnail_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MezzotintThumbnail *self = MEZZOTINT_THUMBNAIL (object);

  if (id == PROP_PAINTABLE)
    mezzotint_thumbnail_set_paintable (self, g_value_get_object (value));
  else
    {
      self->side = g_value_get_int (value);
      gtk_widget_queue_resize (GTK_WIDGET (self));
    }
}

static void
mezzotint_thumbnail_dispose (GObject *object)
{
  g_clear_object (&MEZZOTINT_THUMBNAIL (object)->paintable);
  G_OBJECT_CLASS (mezzotint_thumbnail_parent_class)->dispose (object);
}

static void
mezzotint_thumbnail_class_init (MezzotintThumbnailClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = mezzotint_thumbnail_get_property;
  object_class->set_property = mezzotint_thumbnail_set_property;
  object_class->dispose = mezzotint_thumbnail_dispose;
  widget_class->measure = mezzotint_thumbnail_measure;
  widget_class->snapshot = mezzotint_thumbnail_snapshot;
  g_object_class_install_property (object_class, PROP_SIDE,
                                   g_param_spec_int ("side", NULL, NULL, 0, G_MAXINT, 48, flags));
  g_object_class_install_property (object_class, PROP_PAINTABLE,
                                   g_param_spec_object ("paintable", NULL, NULL, GDK_TYPE_PAINTABLE, flags));
  gtk_widget_class_set_css_name (widget_class, "thumbnail");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
mezzotint_thumbnail_init (MezzotintThumbnail *self)
{
  self->side = 48;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

void
mezzotint_thumbnail_set_paintable (MezzotintThumbnail *self, GdkPaintable *paintable)
{
  g_return_if_fail (MEZZOTINT_IS_THUMBNAIL (self));
  if (g_set_object (&self->paintable, paintable))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}
