/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A cell of the grid. The thumbnail is drawn by the cell itself; what lies over it are children. */
#include "ui/gallery-cell.h"

#include <glib/gi18n.h>

#include "ui/picture-texture.h"

/* px; the grid makes cells wider to fill its rows */
#define MIN_SIDE 142
/* of a prompt read out or shown as a tooltip */
#define MAX_TITLE_CHARACTERS 200

struct _MezzotintGalleryCell
{
  GtkWidget parent_instance;

  GtkWidget *star;
  GtkWidget *check;
  GtkWidget *problem_icon;

  MezzotintGallery *gallery;
  MezzotintGalleryItem *item;
  GdkTexture *texture;
  GCancellable *loading;
  gboolean is_checkable;
};

G_DEFINE_FINAL_TYPE (MezzotintGalleryCell, mezzotint_gallery_cell, GTK_TYPE_WIDGET)

enum
{
  PROP_IS_CHECKABLE = 1,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

char *
mezzotint_gallery_item_dup_title (MezzotintGalleryItem *item)
{
  const char *prompt = mezzotint_gallery_item_get_prompt (item);

  if (prompt == NULL || *prompt == '\0')
    return g_filename_display_basename (mezzotint_gallery_item_get_path (item));
  if (g_utf8_strlen (prompt, -1) > MAX_TITLE_CHARACTERS)
    {
      g_autofree char *cut = g_utf8_substring (prompt, 0, MAX_TITLE_CHARACTERS);

      return g_strconcat (cut, "…", NULL);
    }
  return g_strdup (prompt);
}

/* ---- The picture it shows ---- */

static void
update_marks (MezzotintGalleryCell *self)
{
  const char *problem = self->item != NULL ? mezzotint_gallery_item_get_problem (self->item) : NULL;
  gboolean is_favourite = self->item != NULL && mezzotint_gallery_item_is_favourite (self->item);

  gtk_widget_set_visible (self->star, is_favourite);
  gtk_widget_set_visible (self->problem_icon, problem != NULL);
  gtk_widget_set_visible (self->check, self->is_checkable);
}

static void
describe (MezzotintGalleryCell *self)
{
  g_autofree char *title = mezzotint_gallery_item_dup_title (self->item);
  const char *problem = mezzotint_gallery_item_get_problem (self->item);
  g_autofree char *text = problem != NULL ? g_strdup_printf ("%s\n%s", title, problem) : g_strdup (title);

  gtk_widget_set_tooltip_text (GTK_WIDGET (self), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, problem != NULL ? problem : "", -1);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (MezzotintGalleryCell) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintPixels) pixels
      = mezzotint_gallery_load_thumbnail_finish (MEZZOTINT_GALLERY (source), result, &error);

  /* Cancelled: the cell has another picture by now. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (self->item == NULL)
    return;
  g_clear_object (&self->loading);
  if (pixels != NULL)
    self->texture = mezzotint_texture_new (pixels);
  else
    gtk_widget_set_visible (self->problem_icon, TRUE);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
load (MezzotintGalleryCell *self)
{
  if (mezzotint_gallery_item_get_problem (self->item) != NULL)
    return;
  self->loading = g_cancellable_new ();
  mezzotint_gallery_load_thumbnail_async (self->gallery, self->item, self->loading, loaded_cb,
                                          g_object_ref (self));
}

static void
item_changed_cb (MezzotintGalleryCell *self)
{
  update_marks (self);
}

void
mezzotint_gallery_cell_set_item (MezzotintGalleryCell *self, MezzotintGalleryItem *item)
{
  g_return_if_fail (MEZZOTINT_IS_GALLERY_CELL (self));
  if (item == self->item)
    return;
  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->texture);
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_func (self->item, item_changed_cb, self);
  g_set_object (&self->item, item);
  if (item != NULL)
    {
      g_signal_connect_object (item, "notify", G_CALLBACK (item_changed_cb), self, G_CONNECT_SWAPPED);
      describe (self);
      load (self);
    }
  update_marks (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

MezzotintGalleryItem *
mezzotint_gallery_cell_get_item (MezzotintGalleryCell *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_GALLERY_CELL (self), NULL);
  return self->item;
}

GdkTexture *
mezzotint_gallery_cell_get_texture (MezzotintGalleryCell *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_GALLERY_CELL (self), NULL);
  return self->texture;
}

/* ---- Size and drawing ---- */

static GtkSizeRequestMode
mezzotint_gallery_cell_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
mezzotint_gallery_cell_measure (GtkWidget *widget,
                                GtkOrientation orientation,
                                int for_size,
                                int *minimum,
                                int *natural,
                                int *minimum_baseline,
                                int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? MAX (MIN_SIDE, for_size) : MIN_SIDE;
}

/* Into a corner of the cell, `margin` px from its edges. */
static void
allocate_corner (GtkWidget *child, int width, int height, gboolean at_end, gboolean at_bottom)
{
  const int margin = 6;
  GtkRequisition size;

  if (!gtk_widget_should_layout (child))
    return;
  gtk_widget_get_preferred_size (child, &size, NULL);
  gtk_widget_size_allocate (child,
                            &(GtkAllocation){ at_end ? width - size.width - margin : margin,
                                              at_bottom ? height - size.height - margin : margin, size.width,
                                              size.height },
                            -1);
}

static void
mezzotint_gallery_cell_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  MezzotintGalleryCell *self = MEZZOTINT_GALLERY_CELL (widget);
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;

  allocate_corner (self->star, width, height, is_rtl, TRUE);
  allocate_corner (self->check, width, height, !is_rtl, TRUE);
  if (gtk_widget_should_layout (self->problem_icon))
    gtk_widget_size_allocate (self->problem_icon, &(GtkAllocation){ 0, 0, width, height }, -1);
}

/* Covers the square with the middle of the thumbnail. */
static void
draw_texture (MezzotintGalleryCell *self, GtkSnapshot *snapshot, double width, double height)
{
  double scale
      = MAX (width / gdk_texture_get_width (self->texture), height / gdk_texture_get_height (self->texture));
  double drawn_width = scale * gdk_texture_get_width (self->texture);
  double drawn_height = scale * gdk_texture_get_height (self->texture);

  gtk_snapshot_append_texture (snapshot, self->texture,
                               &GRAPHENE_RECT_INIT ((width - drawn_width) / 2, (height - drawn_height) / 2,
                                                    drawn_width, drawn_height));
}

static void
mezzotint_gallery_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MezzotintGalleryCell *self = MEZZOTINT_GALLERY_CELL (widget);

  /* Overflow is hidden, so this is cut to the rounded border that CSS gives. */
  if (self->texture != NULL)
    draw_texture (self, snapshot, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  GTK_WIDGET_CLASS (mezzotint_gallery_cell_parent_class)->snapshot (widget, snapshot);
}

/* ---- The class ---- */

static void
mezzotint_gallery_cell_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_IS_CHECKABLE)
    g_value_set_boolean (value, MEZZOTINT_GALLERY_CELL (object)->is_checkable);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
mezzotint_gallery_cell_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  MezzotintGalleryCell *self = MEZZOTINT_GALLERY_CELL (object);

  if (id != PROP_IS_CHECKABLE)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      return;
    }
  if (self->is_checkable == g_value_get_boolean (value))
    return;
  self->is_checkable = g_value_get_boolean (value);
  update_marks (self);
  g_object_notify_by_pspec (object, spec);
}

static void
mezzotint_gallery_cell_dispose (GObject *object)
{
  MezzotintGalleryCell *self = MEZZOTINT_GALLERY_CELL (object);

  mezzotint_gallery_cell_set_item (self, NULL);
  g_clear_pointer (&self->star, gtk_widget_unparent);
  g_clear_pointer (&self->check, gtk_widget_unparent);
  g_clear_pointer (&self->problem_icon, gtk_widget_unparent);
  g_clear_object (&self->gallery);
  G_OBJECT_CLASS (mezzotint_gallery_cell_parent_class)->dispose (object);
}

static void
mezzotint_gallery_cell_class_init (MezzotintGalleryCellClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = mezzotint_gallery_cell_get_property;
  object_class->set_property = mezzotint_gallery_cell_set_property;
  object_class->dispose = mezzotint_gallery_cell_dispose;
  widget_class->get_request_mode = mezzotint_gallery_cell_get_request_mode;
  widget_class->measure = mezzotint_gallery_cell_measure;
  widget_class->size_allocate = mezzotint_gallery_cell_size_allocate;
  widget_class->snapshot = mezzotint_gallery_cell_snapshot;
  properties[PROP_IS_CHECKABLE]
      = g_param_spec_boolean ("is-checkable", NULL, NULL, FALSE,
                              G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  gtk_widget_class_set_css_name (widget_class, "gallerycell");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static GtkWidget *
new_mark (MezzotintGalleryCell *self, const char *icon, const char *style)
{
  GtkWidget *mark = gtk_image_new_from_icon_name (icon);

  gtk_widget_add_css_class (mark, style);
  gtk_widget_set_visible (mark, FALSE);
  gtk_widget_set_can_target (mark, FALSE);
  gtk_widget_set_parent (mark, GTK_WIDGET (self));
  return mark;
}

static void
mezzotint_gallery_cell_init (MezzotintGalleryCell *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  self->problem_icon = new_mark (self, "image-missing-symbolic", "problem");
  self->star = new_mark (self, "starred-symbolic", "star");
  self->check = new_mark (self, "object-select-symbolic", "check");
}

GtkWidget *
mezzotint_gallery_cell_new (MezzotintGallery *gallery)
{
  MezzotintGalleryCell *self = g_object_new (MEZZOTINT_TYPE_GALLERY_CELL, NULL);

  self->gallery = g_object_ref (gallery);
  return GTK_WIDGET (self);
}
