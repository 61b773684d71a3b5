/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which picture the page shows, and loading it. Actions are picture-page-actions.c's. */
#include "ui/picture-page-private.h"

#include <glib/gi18n.h>

#include "ui/gallery-cell.h"
#include "ui/picture-actions.h"
#include "ui/picture-host.h"
#include "ui/picture-texture.h"

/* Until a search that found the index busy is made again. */
#define ASK_AGAIN_MS 200

G_DEFINE_FINAL_TYPE (MezzotintPicturePage, mezzotint_picture_page, ADW_TYPE_BIN)

enum
{
  PROP_ITEM = 1,
  N_PROPERTIES
};

enum
{
  COMPARE,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

/* ---- Loading ---- */

static void
show_texture (MezzotintPicturePage *self, GdkTexture *texture)
{
  int width, height;

  g_object_get (self->item, "width", &width, "height", &height, NULL);
  if (width <= 0 || height <= 0)
    {
      width = gdk_texture_get_width (texture);
      height = gdk_texture_get_height (texture);
    }
  mezzotint_picture_view_set_paintable (self->view, GDK_PAINTABLE (texture), width, height);
  gtk_stack_set_visible_child_name (self->stack, "picture");
}

static void
show_problem (MezzotintPicturePage *self, const char *problem)
{
  g_autofree char *text = g_markup_escape_text (problem, -1);

  adw_status_page_set_description (self->problem_page, text);
  mezzotint_picture_view_set_paintable (self->view, NULL, 0, 0);
  gtk_stack_set_visible_child_name (self->stack, "problem");
}

static void
picture_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (MezzotintPicturePage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintPixels) pixels
      = mezzotint_gallery_load_picture_finish (MEZZOTINT_GALLERY (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->item == NULL)
    return;
  if (pixels == NULL)
    {
      show_problem (self, error->message);
      return;
    }
  g_clear_object (&self->texture);
  self->texture = mezzotint_texture_new (pixels);
  show_texture (self, self->texture);
}

/* Fills the space until the picture itself is there. */
static void
thumbnail_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (MezzotintPicturePage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autoptr (MezzotintPixels) pixels
      = mezzotint_gallery_load_thumbnail_finish (MEZZOTINT_GALLERY (source), result, &error);

  if (pixels == NULL || self->item == NULL || self->texture != NULL)
    return;
  texture = mezzotint_texture_new (pixels);
  show_texture (self, texture);
}

static void
load (MezzotintPicturePage *self)
{
  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->texture);
  self->loading = g_cancellable_new ();
  mezzotint_gallery_load_thumbnail_async (self->gallery, self->item, self->loading, thumbnail_loaded_cb,
                                          g_object_ref (self));
  mezzotint_gallery_load_picture_async (self->gallery, self->item, self->loading, picture_loaded_cb,
                                        g_object_ref (self));
}

/* ---- Which picture ---- */

MezzotintGalleryItem *
mezzotint_picture_page_get_item (MezzotintPicturePage *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_PICTURE_PAGE (self), NULL);
  return self->item;
}

void
mezzotint_picture_page_compare (MezzotintPicturePage *self)
{
  g_signal_emit (self, signals[COMPARE], 0);
}

static void
update_title (MezzotintPicturePage *self)
{
  g_autofree char *name = g_filename_display_basename (mezzotint_gallery_item_get_path (self->item));
  g_autofree char *title = mezzotint_gallery_item_dup_title (self->item);
  /* Translators: the number of this picture, and how many there are. */
  g_autofree char *place = g_strdup_printf (_ ("%u of %u"), self->position + 1,
                                            g_list_model_get_n_items (G_LIST_MODEL (self->gallery)));

  adw_window_title_set_title (self->title, name);
  adw_window_title_set_subtitle (self->title, place);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
}

static void
update_favourite (MezzotintPicturePage *self)
{
  gboolean is_favourite = mezzotint_gallery_item_is_favourite (self->item);
  const char *label = is_favourite ? _ ("No Longer a Favourite") : _ ("Favourite");

  gtk_button_set_icon_name (GTK_BUTTON (self->favourite_button),
                            is_favourite ? "starred-symbolic" : "non-starred-symbolic");
  gtk_widget_set_tooltip_text (self->favourite_button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->favourite_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
}

static void
set_item (MezzotintPicturePage *self, MezzotintGalleryItem *item)
{
  gboolean is_other;

  if (self->item == item)
    return;
  is_other
      = self->item == NULL
        || g_strcmp0 (mezzotint_gallery_item_get_path (self->item), mezzotint_gallery_item_get_path (item));
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_func (self->item, update_favourite, self);
  g_set_object (&self->item, item);
  g_signal_connect_object (item, "notify::is-favourite", G_CALLBACK (update_favourite), self,
                           G_CONNECT_SWAPPED);
  update_favourite (self);
  if (is_other)
    {
      mezzotint_picture_view_reset (self->view);
      mezzotint_picture_details_set_item (self->details, item);
      load (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}

void
mezzotint_picture_page_show_position (MezzotintPicturePage *self, guint position)
{
  g_autoptr (MezzotintGalleryItem) item = g_list_model_get_item (G_LIST_MODEL (self->gallery), position);

  if (item == NULL)
    return;
  self->position = position;
  set_item (self, item);
  update_title (self);
  mezzotint_picture_page_update_actions (self);
}

/* The list changed: the picture stands elsewhere, or is gone; then the one that took its place is shown, and
 * with the last one the page goes. */
static gboolean
check_cb (gpointer data)
{
  MezzotintPicturePage *self = MEZZOTINT_PICTURE_PAGE (data);
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->gallery));
  MezzotintPictureHost *host = mezzotint_picture_host_find (GTK_WIDGET (self));
  guint position;

  self->check = 0;
  if (mezzotint_gallery_find (self->gallery, mezzotint_gallery_item_get_path (self->item), &position))
    mezzotint_picture_page_show_position (self, position);
  else if (mezzotint_gallery_is_busy (self->gallery))
    self->check = g_timeout_add (ASK_AGAIN_MS, check_cb, self);
  else if (n_items > 0)
    mezzotint_picture_page_show_position (self, MIN (self->position, n_items - 1));
  else if (host != NULL)
    mezzotint_picture_host_pop (host);
  return G_SOURCE_REMOVE;
}

/* Later, since a list may change in several steps. */
static void
items_changed_cb (MezzotintPicturePage *self)
{
  if (self->check == 0)
    self->check = g_idle_add (check_cb, self);
}

/* ---- Dragging the file out ---- */

static GdkContentProvider *
drag_prepare_cb (MezzotintPicturePage *self)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();

  if (mezzotint_picture_view_is_zoomed (self->view))
    return NULL;
  g_ptr_array_add (items, self->item);
  return mezzotint_pictures_get_content (items, self->texture);
}

static void
add_drag (MezzotintPicturePage *self)
{
  GtkDragSource *drag = gtk_drag_source_new ();

  gtk_drag_source_set_actions (drag, GDK_ACTION_COPY);
  g_signal_connect_swapped (drag, "prepare", G_CALLBACK (drag_prepare_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->view), GTK_EVENT_CONTROLLER (drag));
}

/* ---- The class ---- */

static gboolean
mezzotint_picture_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (MEZZOTINT_PICTURE_PAGE (widget)->view));
}

static void
mezzotint_picture_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_ITEM)
    g_value_set_object (value, MEZZOTINT_PICTURE_PAGE (object)->item);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
mezzotint_picture_page_dispose (GObject *object)
{
  MezzotintPicturePage *self = MEZZOTINT_PICTURE_PAGE (object);

  g_clear_handle_id (&self->check, g_source_remove);
  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->texture);
  g_clear_object (&self->item);
  gtk_widget_dispose_template (GTK_WIDGET (self), MEZZOTINT_TYPE_PICTURE_PAGE);
  g_clear_object (&self->gallery);
  G_OBJECT_CLASS (mezzotint_picture_page_parent_class)->dispose (object);
}

static void
mezzotint_picture_page_class_init (MezzotintPicturePageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = mezzotint_picture_page_get_property;
  object_class->dispose = mezzotint_picture_page_dispose;
  widget_class->grab_focus = mezzotint_picture_page_grab_focus;
  properties[PROP_ITEM]
      = g_param_spec_object ("item", NULL, NULL, MEZZOTINT_TYPE_GALLERY_ITEM,
                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  signals[COMPARE] = g_signal_new ("compare", MEZZOTINT_TYPE_PICTURE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  g_type_ensure (MEZZOTINT_TYPE_PICTURE_VIEW);
  g_type_ensure (MEZZOTINT_TYPE_PICTURE_DETAILS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/mezzotint/Mezzotint/picture-page.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintPicturePage, title);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPicturePage, favourite_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPicturePage, details_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPicturePage, flap);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPicturePage, stack);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPicturePage, problem_page);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPicturePage, view);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPicturePage, details);
  mezzotint_picture_page_install_actions (widget_class);
}

static void
mezzotint_picture_page_init (MezzotintPicturePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_drag (self);
}

GtkWidget *
mezzotint_picture_page_new (MezzotintGallery *gallery, MezzotintGalleryItem *item)
{
  MezzotintPicturePage *self = g_object_new (MEZZOTINT_TYPE_PICTURE_PAGE, NULL);
  guint position = 0;

  self->gallery = g_object_ref (gallery);
  mezzotint_gallery_find (gallery, mezzotint_gallery_item_get_path (item), &position);
  self->position = position;
  set_item (self, item);
  update_title (self);
  mezzotint_picture_page_update_actions (self);
  g_signal_connect_object (gallery, "items-changed", G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
