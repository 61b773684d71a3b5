/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Actions of the gallery's page. */
#include "ui/gallery-page-private.h"
#include "ui/picture-actions.h"

/* How many pictures an action is for. */
typedef enum
{
  FOR_ANY,
  FOR_ONE,
  FOR_TWO,
  FOR_SOME,
} Number;

static gboolean
suits (Number number, guint n_selected)
{
  switch (number)
    {
    case FOR_ONE:
      return n_selected == 1;
    case FOR_TWO:
      return n_selected == 2;
    case FOR_SOME:
      return n_selected > 0;
    case FOR_ANY:
    default:
      return TRUE;
    }
}

/* ---- What is done with pictures ---- */

static void
open_pictures (GtkWidget *widget, GPtrArray *items)
{
  mezzotint_gallery_page_open (MEZZOTINT_GALLERY_PAGE (widget), items->pdata[0]);
}

static void
compare_pictures (GtkWidget *widget, GPtrArray *items)
{
  mezzotint_gallery_page_compare (MEZZOTINT_GALLERY_PAGE (widget), items->pdata[0], items->pdata[1]);
}

static void
copy_prompt (GtkWidget *widget, GPtrArray *items)
{
  mezzotint_picture_copy_prompt (widget, items->pdata[0]);
}

static void
open_folder (GtkWidget *widget, GPtrArray *items)
{
  mezzotint_picture_open_folder (widget, items->pdata[0]);
}

static void
use_settings (GtkWidget *widget, GPtrArray *items)
{
  mezzotint_picture_use_settings (widget, items->pdata[0], FALSE);
}

static void
use_seed (GtkWidget *widget, GPtrArray *items)
{
  mezzotint_picture_use_settings (widget, items->pdata[0], TRUE);
}

static void
vary (GtkWidget *widget, GPtrArray *items)
{
  mezzotint_picture_vary (widget, items->pdata[0]);
}

static const struct
{
  const char *name;
  Number number;
  void (*act) (GtkWidget *widget, GPtrArray *items);
} picture_actions[] = {
  { "gallery.open", FOR_ONE, open_pictures },
  { "gallery.compare", FOR_TWO, compare_pictures },
  { "gallery.favourite", FOR_SOME, mezzotint_pictures_toggle_favourite },
  { "gallery.copy", FOR_SOME, mezzotint_pictures_copy },
  { "gallery.copy-prompt", FOR_ONE, copy_prompt },
  { "gallery.open-folder", FOR_ONE, open_folder },
  { "gallery.trash", FOR_SOME, mezzotint_pictures_trash },
  { "gallery.use-settings", FOR_ONE, use_settings },
  { "gallery.same-seed", FOR_ONE, use_seed },
  { "gallery.vary", FOR_ONE, vary },
};

static void
picture_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GPtrArray) items = mezzotint_gallery_grid_dup_selected (MEZZOTINT_GALLERY_PAGE (widget)->grid);

  for (guint i = 0; i < G_N_ELEMENTS (picture_actions); i++)
    if (g_str_equal (name, picture_actions[i].name) && suits (picture_actions[i].number, items->len))
      picture_actions[i].act (widget, items);
}

void
mezzotint_gallery_page_update_actions (MezzotintGalleryPage *self)
{
  guint n_selected = mezzotint_gallery_grid_get_n_selected (self->grid);

  for (guint i = 0; i < G_N_ELEMENTS (picture_actions); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), picture_actions[i].name,
                                   suits (picture_actions[i].number, n_selected));
}

/* ---- What is done with the page ---- */

static void
select_all_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_selection_model_select_all (
      mezzotint_gallery_grid_get_selection (MEZZOTINT_GALLERY_PAGE (widget)->grid));
}

static void
select_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintGalleryGrid *grid = MEZZOTINT_GALLERY_PAGE (widget)->grid;

  mezzotint_gallery_grid_set_is_selecting (grid, !mezzotint_gallery_grid_get_is_selecting (grid));
}

static void
search_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintGalleryPage *self = MEZZOTINT_GALLERY_PAGE (widget);

  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (self->search_entry);
}

static void
show_everything_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintGalleryPage *self = MEZZOTINT_GALLERY_PAGE (widget);

  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  g_object_set (self->gallery, "search", NULL, NULL);
  mezzotint_gallery_filters_clear (MEZZOTINT_GALLERY_FILTERS (self->filters));
  gtk_search_bar_set_search_mode (self->search_bar, FALSE);
}

void
mezzotint_gallery_page_install_actions (GtkWidgetClass *class)
{
  for (guint i = 0; i < G_N_ELEMENTS (picture_actions); i++)
    gtk_widget_class_install_action (class, picture_actions[i].name, NULL, picture_action);
  gtk_widget_class_install_action (class, "gallery.select-all", NULL, select_all_action);
  gtk_widget_class_install_action (class, "gallery.select", NULL, select_action);
  gtk_widget_class_install_action (class, "gallery.search", NULL, search_action);
  gtk_widget_class_install_action (class, "gallery.show-everything", NULL, show_everything_action);
  gtk_widget_class_add_binding_action (class, GDK_KEY_a, GDK_CONTROL_MASK, "gallery.select-all", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_c, GDK_CONTROL_MASK, "gallery.copy", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_f, GDK_CONTROL_MASK, "gallery.search", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_d, GDK_CONTROL_MASK, "gallery.favourite", NULL);
}
