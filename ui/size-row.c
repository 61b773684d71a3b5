/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A row to choose the picture's size. */
#include "ui/size-row.h"

#include <glib/gi18n.h>
#include <math.h>

#include "engine.h"

#define N_COLUMNS 3
#define ICON_PX 26
/* Twice the area that a model was trained for is where it begins to draw things twice. */
#define TOO_LARGE 2.0

/* Shapes offered; sides in units of the model's native size. */
static const struct
{
  const char *label;
  double width, height;
} shapes[] = {
  { N_ ("Square"), 1, 1 },       { N_ ("4 ∶ 5"), 1, 1.25 }, { N_ ("2 ∶ 3"), 1, 1.5 },
  { N_ ("16 ∶ 9"), 16. / 9, 1 }, { N_ ("5 ∶ 4"), 1.25, 1 }, { N_ ("3 ∶ 2"), 1.5, 1 },
};

struct _MezzotintSizeRow
{
  AdwActionRow parent_instance;

  GtkGrid *presets;
  GtkMenuButton *menu_button;
  GtkLabel *size_label;
  GtkLabel *hint;
  GtkSpinButton *width_spin, *height_spin;
  GtkToggleButton *buttons[G_N_ELEMENTS (shapes)];
  GtkLabel *captions[G_N_ELEMENTS (shapes)]; /* of the buttons: their size */

  int width, height;               /* px */
  int native_width, native_height; /* px; 0: not known */
  int multiple;                    /* px */
  gboolean is_updating;
};

G_DEFINE_FINAL_TYPE (MezzotintSizeRow, mezzotint_size_row, ADW_TYPE_ACTION_ROW)

enum
{
  PROP_0,
  PROP_WIDTH,
  PROP_HEIGHT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* px of a side of `units` native sizes */
static int
to_px (MezzotintSizeRow *self, int native, double units)
{
  int multiple = MAX (self->multiple, 1);

  return (int) round (native * units / multiple) * multiple;
}

static void
get_shape (MezzotintSizeRow *self, gsize shape, int *width, int *height)
{
  *width = to_px (self, self->native_width, shapes[shape].width);
  *height = to_px (self, self->native_height, shapes[shape].height);
}

static void
draw_shape_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer shape_index)
{
  gsize shape = GPOINTER_TO_SIZE (shape_index);
  double longest = MAX (shapes[shape].width, shapes[shape].height);
  double w = round (shapes[shape].width / longest * (ICON_PX - 4)), x = (width - w) / 2;
  double h = round (shapes[shape].height / longest * (ICON_PX - 4)), y = (height - h) / 2;
  const double radius = 3;
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (area)), &color);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, 2);
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + w - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + w - radius, y + h - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + h - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
  cairo_stroke (cr);
}

static void
update_presets (MezzotintSizeRow *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *caption = NULL;
      int width, height;

      get_shape (self, i, &width, &height);
      caption = g_strdup_printf ("%d × %d", width, height);
      gtk_label_set_label (self->captions[i], caption);
      gtk_toggle_button_set_active (self->buttons[i], self->width == width && self->height == height);
      gtk_widget_set_visible (GTK_WIDGET (self->buttons[i]), self->native_width > 0);
    }
}

static void
update_hint (MezzotintSizeRow *self)
{
  double area = (double) self->width * self->height;
  double native = (double) self->native_width * self->native_height;
  g_autofree char *text = NULL;

  if (native > 0 && area > TOO_LARGE * native)
    text = g_strdup_printf (
        _ ("The model learned at %d × %d. Much larger pictures tend to show things twice."),
        self->native_width, self->native_height);
  else if (self->multiple > 1)
    text = g_strdup_printf (_ ("Sides become multiples of %d pixels."), self->multiple);
  gtk_label_set_label (self->hint, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->hint), text != NULL);
}

static void
update (MezzotintSizeRow *self)
{
  g_autofree char *label = g_strdup_printf ("%d × %d", self->width, self->height);
  g_autofree char *spoken = g_strdup_printf (_ ("Size: %d by %d pixels"), self->width, self->height);

  self->is_updating = TRUE;
  gtk_label_set_label (self->size_label, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->menu_button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  -1);
  gtk_spin_button_set_value (self->width_spin, self->width);
  gtk_spin_button_set_value (self->height_spin, self->height);
  update_presets (self);
  update_hint (self);
  self->is_updating = FALSE;
}

static void
set_size (MezzotintSizeRow *self, int width, int height)
{
  gboolean width_changed = self->width != width, height_changed = self->height != height;

  if (!width_changed && !height_changed)
    {
      update (self);
      return;
    }
  self->width = width;
  self->height = height;
  update (self);
  g_object_freeze_notify (G_OBJECT (self));
  if (width_changed)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_WIDTH]);
  if (height_changed)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_HEIGHT]);
  g_object_thaw_notify (G_OBJECT (self));
}

static void
shape_toggled_cb (GtkToggleButton *button, MezzotintSizeRow *self)
{
  int width, height;

  if (self->is_updating)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    if (self->buttons[i] == button)
      {
        get_shape (self, i, &width, &height);
        set_size (self, width, height);
      }
}

static void
spin_changed_cb (MezzotintSizeRow *self)
{
  if (!self->is_updating)
    set_size (self, gtk_spin_button_get_value_as_int (self->width_spin),
              gtk_spin_button_get_value_as_int (self->height_spin));
}

static void
flip_cb (MezzotintSizeRow *self)
{
  set_size (self, self->height, self->width);
}

static void
add_shape (MezzotintSizeRow *self, gsize shape)
{
  GtkWidget *button = gtk_toggle_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *area = gtk_drawing_area_new ();
  GtkWidget *caption = gtk_label_new (NULL);

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), ICON_PX);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), ICON_PX);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_shape_cb, GSIZE_TO_POINTER (shape), NULL);
  gtk_widget_add_css_class (caption, "caption");
  gtk_widget_add_css_class (caption, "numeric");
  gtk_box_append (GTK_BOX (box), area);
  gtk_box_append (GTK_BOX (box), gtk_label_new (_ (shapes[shape].label)));
  gtk_box_append (GTK_BOX (box), caption);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect (button, "toggled", G_CALLBACK (shape_toggled_cb), self);
  self->buttons[shape] = GTK_TOGGLE_BUTTON (button);
  self->captions[shape] = GTK_LABEL (caption);
  gtk_grid_attach (self->presets, button, (int) shape % N_COLUMNS, (int) shape / N_COLUMNS, 1, 1);
}

static void
mezzotint_size_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MezzotintSizeRow *self = MEZZOTINT_SIZE_ROW (object);

  g_value_set_int (value, id == PROP_WIDTH ? self->width : self->height);
}

static void
mezzotint_size_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MezzotintSizeRow *self = MEZZOTINT_SIZE_ROW (object);
  int px = g_value_get_int (value);

  set_size (self, id == PROP_WIDTH ? px : self->width, id == PROP_HEIGHT ? px : self->height);
}

static void
mezzotint_size_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_SIZE_ROW);
  G_OBJECT_CLASS (mezzotint_size_row_parent_class)->dispose (object);
}

static void
mezzotint_size_row_class_init (MezzotintSizeRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = mezzotint_size_row_get_property;
  object_class->set_property = mezzotint_size_row_set_property;
  object_class->dispose = mezzotint_size_row_dispose;
  props[PROP_WIDTH] = g_param_spec_int ("width", NULL, NULL, 0, MZ_MAX_SIZE_PX, 0, flags);
  props[PROP_HEIGHT] = g_param_spec_int ("height", NULL, NULL, 0, MZ_MAX_SIZE_PX, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/size-row.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintSizeRow, presets);
  gtk_widget_class_bind_template_child (widget_class, MezzotintSizeRow, menu_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintSizeRow, size_label);
  gtk_widget_class_bind_template_child (widget_class, MezzotintSizeRow, hint);
  gtk_widget_class_bind_template_child (widget_class, MezzotintSizeRow, width_spin);
  gtk_widget_class_bind_template_child (widget_class, MezzotintSizeRow, height_spin);
  gtk_widget_class_bind_template_callback (widget_class, flip_cb);
  gtk_widget_class_bind_template_callback (widget_class, spin_changed_cb);
}

static void
mezzotint_size_row_init (MezzotintSizeRow *self)
{
  self->multiple = 8;
  gtk_widget_init_template (GTK_WIDGET (self));
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    add_shape (self, i);
  mezzotint_size_row_set_native (self, 0, 0, self->multiple);
}

void
mezzotint_size_row_set_native (MezzotintSizeRow *self, int width, int height, int multiple)
{
  g_return_if_fail (MEZZOTINT_IS_SIZE_ROW (self));
  self->native_width = width;
  self->native_height = height;
  self->multiple = MAX (multiple, 1);
  self->is_updating = TRUE;
  gtk_spin_button_set_adjustment (self->width_spin,
                                  gtk_adjustment_new (self->width, MZ_MIN_SIZE_PX, MZ_MAX_SIZE_PX,
                                                      self->multiple, 8 * self->multiple, 0));
  gtk_spin_button_set_adjustment (self->height_spin,
                                  gtk_adjustment_new (self->height, MZ_MIN_SIZE_PX, MZ_MAX_SIZE_PX,
                                                      self->multiple, 8 * self->multiple, 0));
  self->is_updating = FALSE;
  update (self);
}
