/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Actions and keys of a picture's page. */
#include "ui/picture-actions.h"
#include "ui/picture-host.h"
#include "ui/picture-page-private.h"
#include "ui/picture-remake.h"

/* ---- About the page ---- */

static void
go_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintPicturePage *self = MEZZOTINT_PICTURE_PAGE (widget);

  if (g_str_equal (name, "page.next"))
    mezzotint_picture_page_show_position (self, self->position + 1);
  else if (self->position > 0)
    mezzotint_picture_page_show_position (self, self->position - 1);
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintPictureHost *host = mezzotint_picture_host_find (widget);

  if (host != NULL)
    mezzotint_picture_host_pop (host);
}

static void
details_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintPicturePage *self = MEZZOTINT_PICTURE_PAGE (widget);

  adw_flap_set_reveal_flap (self->flap, !adw_flap_get_reveal_flap (self->flap));
}

static void
compare_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  mezzotint_picture_page_compare (MEZZOTINT_PICTURE_PAGE (widget));
}

/* "page.zoom-in" is the view's "picture.zoom-in". */
static void
zoom_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *action = g_strconcat ("picture.", name + strlen ("page."), NULL);

  gtk_widget_activate_action_variant (GTK_WIDGET (MEZZOTINT_PICTURE_PAGE (widget)->view), action, NULL);
}

/* ---- About the picture ---- */

static void
copy (GtkWidget *widget, MezzotintGalleryItem *item)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (items, g_object_ref (item));
  mezzotint_pictures_copy (widget, items);
}

static void
trash (GtkWidget *widget, MezzotintGalleryItem *item)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (items, g_object_ref (item));
  mezzotint_pictures_trash (widget, items);
}

static void
toggle_favourite (GtkWidget *widget, MezzotintGalleryItem *item)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (items, g_object_ref (item));
  mezzotint_pictures_toggle_favourite (widget, items);
}

static void
use_settings (GtkWidget *widget, MezzotintGalleryItem *item)
{
  mezzotint_picture_use_settings (widget, item, FALSE);
}

static void
use_seed (GtkWidget *widget, MezzotintGalleryItem *item)
{
  mezzotint_picture_use_settings (widget, item, TRUE);
}

static const struct
{
  const char *name;
  void (*act) (GtkWidget *widget, MezzotintGalleryItem *item);
} picture_actions[] = {
  { "page.favourite", toggle_favourite },
  { "page.copy", copy },
  { "page.copy-prompt", mezzotint_picture_copy_prompt },
  { "page.open-folder", mezzotint_picture_open_folder },
  { "page.trash", trash },
  { "page.use-settings", use_settings },
  { "page.same-seed", use_seed },
  { "page.vary", mezzotint_picture_vary },
  { "page.remake", mezzotint_picture_remake },
};

static void
picture_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (MezzotintGalleryItem) item = g_object_ref (MEZZOTINT_PICTURE_PAGE (widget)->item);

  for (guint i = 0; i < G_N_ELEMENTS (picture_actions); i++)
    if (g_str_equal (name, picture_actions[i].name))
      picture_actions[i].act (widget, item);
}

void
mezzotint_picture_page_update_actions (MezzotintPicturePage *self)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->gallery));
  gboolean is_shown = mezzotint_gallery_item_get_problem (self->item) == NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "page.previous", self->position > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "page.next", self->position + 1 < n_items);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "page.compare", is_shown && n_items > 1);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "page.remake", is_shown);
}

/* ---- Keys ---- */

/* Arrows go to the neighbours, or move a picture that is larger than its space. arguments: (dd) */
static gboolean
arrow_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  MezzotintPicturePage *self = MEZZOTINT_PICTURE_PAGE (widget);
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  double right, down;

  g_variant_get (arguments, "(dd)", &right, &down);
  if (mezzotint_picture_view_is_zoomed (self->view))
    {
      mezzotint_picture_view_pan (self->view, right / 8, down / 8);
      return GDK_EVENT_STOP;
    }
  if (right == 0)
    return GDK_EVENT_PROPAGATE;
  gtk_widget_activate_action (widget, (right > 0) != is_rtl ? "page.next" : "page.previous", NULL);
  return GDK_EVENT_STOP;
}

static void
add_keys (GtkWidgetClass *class)
{
  static const struct
  {
    guint key;
    GdkModifierType modifiers;
    const char *action;
  } keys[] = {
    { GDK_KEY_plus, 0, "page.zoom-in" },
    { GDK_KEY_equal, 0, "page.zoom-in" },
    { GDK_KEY_KP_Add, 0, "page.zoom-in" },
    { GDK_KEY_plus, GDK_CONTROL_MASK, "page.zoom-in" },
    { GDK_KEY_equal, GDK_CONTROL_MASK, "page.zoom-in" },
    { GDK_KEY_minus, 0, "page.zoom-out" },
    { GDK_KEY_KP_Subtract, 0, "page.zoom-out" },
    { GDK_KEY_minus, GDK_CONTROL_MASK, "page.zoom-out" },
    { GDK_KEY_0, 0, "page.zoom-fit" },
    { GDK_KEY_KP_0, 0, "page.zoom-fit" },
    { GDK_KEY_0, GDK_CONTROL_MASK, "page.zoom-fit" },
    { GDK_KEY_1, 0, "page.zoom-actual" },
    { GDK_KEY_KP_1, 0, "page.zoom-actual" },
    { GDK_KEY_1, GDK_CONTROL_MASK, "page.zoom-actual" },
    { GDK_KEY_Page_Up, 0, "page.previous" },
    { GDK_KEY_Page_Down, 0, "page.next" },
    { GDK_KEY_Escape, 0, "page.back" },
    { GDK_KEY_space, 0, "page.back" },
    { GDK_KEY_Left, GDK_ALT_MASK, "page.back" },
    { GDK_KEY_Back, 0, "page.back" },
    { GDK_KEY_F9, 0, "page.details" },
    { GDK_KEY_Delete, 0, "page.trash" },
    { GDK_KEY_KP_Delete, 0, "page.trash" },
    { GDK_KEY_c, GDK_CONTROL_MASK, "page.copy" },
    { GDK_KEY_d, GDK_CONTROL_MASK, "page.favourite" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding_action (class, keys[i].key, keys[i].modifiers, keys[i].action, NULL);
  gtk_widget_class_add_binding (class, GDK_KEY_Left, 0, arrow_cb, "(dd)", -1.0, 0.0);
  gtk_widget_class_add_binding (class, GDK_KEY_Right, 0, arrow_cb, "(dd)", 1.0, 0.0);
  gtk_widget_class_add_binding (class, GDK_KEY_Up, 0, arrow_cb, "(dd)", 0.0, -1.0);
  gtk_widget_class_add_binding (class, GDK_KEY_Down, 0, arrow_cb, "(dd)", 0.0, 1.0);
}

void
mezzotint_picture_page_install_actions (GtkWidgetClass *class)
{
  static const char *const zooms[] = { "page.zoom-in", "page.zoom-out", "page.zoom-fit", "page.zoom-actual" };

  gtk_widget_class_install_action (class, "page.previous", NULL, go_action);
  gtk_widget_class_install_action (class, "page.next", NULL, go_action);
  gtk_widget_class_install_action (class, "page.back", NULL, back_action);
  gtk_widget_class_install_action (class, "page.details", NULL, details_action);
  gtk_widget_class_install_action (class, "page.compare", NULL, compare_action);
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    gtk_widget_class_install_action (class, zooms[i], NULL, zoom_action);
  for (guint i = 0; i < G_N_ELEMENTS (picture_actions); i++)
    gtk_widget_class_install_action (class, picture_actions[i].name, NULL, picture_action);
  add_keys (class);
}
