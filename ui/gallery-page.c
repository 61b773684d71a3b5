/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The gallery's parts, and which of them is shown when. Actions are gallery-actions.c's. */
#include "ui/gallery-page-private.h"

#include <glib/gi18n.h>

#include "ui/compare-page.h"
#include "ui/picture-host.h"
#include "ui/picture-page.h"

G_DEFINE_FINAL_TYPE (MezzotintGalleryPage, mezzotint_gallery_page, GTK_TYPE_WIDGET)

/* ---- Which part is shown ---- */

static const char *
choose_part (MezzotintGalleryPage *self)
{
  gboolean is_loading;
  guint n_total;
  g_autofree char *search = NULL;

  g_object_get (self->gallery, "is-loading", &is_loading, "n-total", &n_total, "search", &search, NULL);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->gallery)) > 0)
    return "grid";
  if (n_total > 0)
    return is_loading ? "loading" : "nothing";
  return is_loading ? "loading" : "empty";
}

static void
update_part (MezzotintGalleryPage *self)
{
  const char *part = choose_part (self);

  gtk_stack_set_visible_child_name (self->stack, part);
  gtk_spinner_set_spinning (self->spinner, g_str_equal (part, "loading"));
  gtk_widget_set_sensitive (self->select_button, g_str_equal (part, "grid"));
}

static void
update_progress (MezzotintGalleryPage *self)
{
  gboolean is_loading;
  double progress;

  g_object_get (self->gallery, "is-loading", &is_loading, "progress", &progress, NULL);
  gtk_widget_set_visible (self->progress, is_loading && progress > 0 && progress < 1);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress), CLAMP (progress, 0, 1));
  update_part (self);
}

static void
update_problem (MezzotintGalleryPage *self)
{
  g_autofree char *problem = NULL;

  g_object_get (self->gallery, "problem", &problem, NULL);
  gtk_label_set_text (self->problem_label, problem != NULL ? problem : "");
  gtk_info_bar_set_revealed (self->problem_bar, problem != NULL);
}

/* ---- Selection ---- */

static void
update_selection (MezzotintGalleryPage *self)
{
  guint n_selected = mezzotint_gallery_grid_get_n_selected (self->grid);
  gboolean is_selecting = mezzotint_gallery_grid_get_is_selecting (self->grid);
  g_autofree char *text = NULL;

  text = n_selected == 0 ? g_strdup (_ ("Click pictures to select them"))
                         : g_strdup_printf (ngettext ("%u selected", "%u selected", n_selected), n_selected);
  gtk_label_set_text (self->selected_label, text);
  gtk_action_bar_set_revealed (self->action_bar, is_selecting || n_selected > 1);
  mezzotint_gallery_page_update_actions (self);
}

static void
menu_cb (MezzotintGalleryPage *self, const GdkRectangle *at)
{
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), at);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

/* ---- Opening and comparing ---- */

void
mezzotint_gallery_page_begin_compare (MezzotintGalleryPage *self, MezzotintGalleryItem *item)
{
  g_return_if_fail (MEZZOTINT_IS_GALLERY_PAGE (self));
  g_set_object (&self->compare_with, item);
  mezzotint_gallery_grid_set_is_selecting (self->grid, FALSE);
  gtk_info_bar_set_revealed (self->compare_bar, item != NULL);
}

static void
compare_closed_cb (MezzotintGalleryPage *self)
{
  mezzotint_gallery_page_begin_compare (self, NULL);
}

/* The page over us was left; the grid shows the picture that was looked at last. */
static void
picture_shown_cb (MezzotintGalleryPage *self, GParamSpec *spec, MezzotintPicturePage *page)
{
  MezzotintGalleryItem *item = mezzotint_picture_page_get_item (page);
  guint position;

  if (item != NULL
      && mezzotint_gallery_find (self->gallery, mezzotint_gallery_item_get_path (item), &position))
    mezzotint_gallery_grid_show_position (self->grid, position);
}

static void
picture_compare_cb (MezzotintGalleryPage *self, MezzotintPicturePage *page)
{
  MezzotintPictureHost *host = mezzotint_picture_host_find (GTK_WIDGET (self));

  mezzotint_gallery_page_begin_compare (self, mezzotint_picture_page_get_item (page));
  if (host != NULL)
    mezzotint_picture_host_pop (host);
}

void
mezzotint_gallery_page_compare (MezzotintGalleryPage *self,
                                MezzotintGalleryItem *first,
                                MezzotintGalleryItem *second)
{
  MezzotintPictureHost *host = mezzotint_picture_host_find (GTK_WIDGET (self));

  if (host != NULL)
    mezzotint_picture_host_push (host, mezzotint_compare_page_new (self->gallery, first, second));
}

void
mezzotint_gallery_page_open (MezzotintGalleryPage *self, MezzotintGalleryItem *item)
{
  MezzotintPictureHost *host = mezzotint_picture_host_find (GTK_WIDGET (self));
  GtkWidget *page;

  if (host == NULL)
    return;
  if (self->compare_with != NULL && self->compare_with != item)
    {
      g_autoptr (MezzotintGalleryItem) first = g_steal_pointer (&self->compare_with);

      gtk_info_bar_set_revealed (self->compare_bar, FALSE);
      mezzotint_gallery_page_compare (self, first, item);
      return;
    }
  page = mezzotint_picture_page_new (self->gallery, item);
  g_signal_connect_object (page, "notify::item", G_CALLBACK (picture_shown_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "compare", G_CALLBACK (picture_compare_cb), self, G_CONNECT_SWAPPED);
  mezzotint_picture_host_push (host, page);
}

/* ---- Search ---- */

static void
search_changed_cb (MezzotintGalleryPage *self)
{
  g_object_set (self->gallery, "search", gtk_editable_get_text (GTK_EDITABLE (self->search_entry)), NULL);
}

/* Down, from the words to what they found. */
static gboolean
search_key_cb (MezzotintGalleryPage *self, guint keyval)
{
  if (keyval != GDK_KEY_Down && keyval != GDK_KEY_KP_Down)
    return GDK_EVENT_PROPAGATE;
  gtk_widget_child_focus (GTK_WIDGET (self->grid), GTK_DIR_TAB_FORWARD);
  return GDK_EVENT_STOP;
}

static void
filtering_cb (MezzotintGalleryPage *self)
{
  if (mezzotint_gallery_filters_is_filtering (MEZZOTINT_GALLERY_FILTERS (self->filters)))
    gtk_widget_add_css_class (self->filter_button, "accent");
  else
    gtk_widget_remove_css_class (self->filter_button, "accent");
  update_part (self);
}

/* ---- From the desktop's search ---- */

void
mezzotint_gallery_page_search (MezzotintGalleryPage *self, const char *words)
{
  g_return_if_fail (MEZZOTINT_IS_GALLERY_PAGE (self));
  gtk_widget_activate_action (GTK_WIDGET (self), "gallery.show-everything", NULL);
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), words);
  g_object_set (self->gallery, "search", words, NULL);
}

/* The gallery may still be reading its index, or the folder, or be about to drop its filters. */
static void
look_for_awaited (MezzotintGalleryPage *self)
{
  MezzotintPictureHost *host = mezzotint_picture_host_find (GTK_WIDGET (self));
  g_autoptr (MezzotintGalleryItem) item = NULL;
  gboolean is_gone;
  guint position;

  if (self->awaited == NULL)
    return;
  is_gone = !g_file_test (self->awaited, G_FILE_TEST_EXISTS);
  if (!is_gone && mezzotint_gallery_find (self->gallery, self->awaited, &position))
    item = g_list_model_get_item (G_LIST_MODEL (self->gallery), position);
  if (item != NULL)
    {
      mezzotint_gallery_grid_show_position (self->grid, position);
      mezzotint_gallery_page_open (self, item);
    }
  else if (is_gone && host != NULL)
    mezzotint_picture_host_say (host, _ ("The picture is no longer there."));
  if (item != NULL || is_gone)
    g_clear_pointer (&self->awaited, g_free);
}

void
mezzotint_gallery_page_show_picture (MezzotintGalleryPage *self, const char *path)
{
  g_return_if_fail (MEZZOTINT_IS_GALLERY_PAGE (self));
  mezzotint_gallery_page_begin_compare (self, NULL);
  gtk_widget_activate_action (GTK_WIDGET (self), "gallery.show-everything", NULL);
  g_free (self->awaited);
  self->awaited = g_strdup (path);
  mezzotint_gallery_add (self->gallery, path); /* it may be newer than the index */
  look_for_awaited (self);
}

/* ---- The class ---- */

GtkWidget *
mezzotint_gallery_page_get_start_buttons (MezzotintGalleryPage *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_GALLERY_PAGE (self), NULL);
  return self->start_buttons;
}

GtkWidget *
mezzotint_gallery_page_get_end_buttons (MezzotintGalleryPage *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_GALLERY_PAGE (self), NULL);
  return self->end_buttons;
}

static gboolean
mezzotint_gallery_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_child_focus (GTK_WIDGET (MEZZOTINT_GALLERY_PAGE (widget)->stack), GTK_DIR_TAB_FORWARD);
}

static void
mezzotint_gallery_page_dispose (GObject *object)
{
  MezzotintGalleryPage *self = MEZZOTINT_GALLERY_PAGE (object);

  g_clear_object (&self->compare_with);
  g_clear_pointer (&self->awaited, g_free);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  gtk_widget_dispose_template (GTK_WIDGET (self), MEZZOTINT_TYPE_GALLERY_PAGE);
  g_clear_object (&self->gallery);
  G_OBJECT_CLASS (mezzotint_gallery_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/mezzotint/Mezzotint/gallery-page.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, content);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, start_buttons);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, end_buttons);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, search_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, select_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, filter_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, search_bar);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, problem_bar);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, problem_label);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, compare_bar);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, progress);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, stack);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, empty_page);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, action_bar);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, selected_label);
  gtk_widget_class_bind_template_child (widget_class, MezzotintGalleryPage, item_menu);
}

static void
mezzotint_gallery_page_class_init (MezzotintGalleryPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mezzotint_gallery_page_dispose;
  widget_class->grab_focus = mezzotint_gallery_page_grab_focus;
  bind_children (widget_class);
  mezzotint_gallery_page_install_actions (widget_class);
  gtk_widget_class_set_css_name (widget_class, "gallerypage");
}

static void
mezzotint_gallery_page_init (MezzotintGalleryPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
build_search (MezzotintGalleryPage *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
  gtk_search_bar_set_key_capture_widget (self->search_bar, GTK_WIDGET (self));
  g_object_bind_property (self->search_button, "active", self->search_bar, "search-mode-enabled",
                          G_BINDING_BIDIRECTIONAL);
  g_signal_connect_swapped (self->search_entry, "search-changed", G_CALLBACK (search_changed_cb), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (search_key_cb), self);
  gtk_widget_add_controller (self->search_entry, keys);
  self->filters = mezzotint_gallery_filters_new (self->gallery);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->filter_button), self->filters);
  g_signal_connect_object (self->filters, "notify::is-filtering", G_CALLBACK (filtering_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
build_grid (MezzotintGalleryPage *self)
{
  self->grid = MEZZOTINT_GALLERY_GRID (mezzotint_gallery_grid_new (self->gallery));
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->grid), "grid");
  g_signal_connect_swapped (self->grid, "open", G_CALLBACK (mezzotint_gallery_page_open), self);
  g_signal_connect_swapped (self->grid, "menu", G_CALLBACK (menu_cb), self);
  g_signal_connect_swapped (self->grid, "notify::is-selecting", G_CALLBACK (update_selection), self);
  g_signal_connect_object (mezzotint_gallery_grid_get_selection (self->grid), "selection-changed",
                           G_CALLBACK (update_selection), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (mezzotint_gallery_grid_get_selection (self->grid), "items-changed",
                           G_CALLBACK (update_selection), self, G_CONNECT_SWAPPED);
  g_object_bind_property (self->grid, "is-selecting", self->select_button, "active", G_BINDING_BIDIRECTIONAL);
  self->menu = gtk_popover_menu_new_from_model (G_MENU_MODEL (self->item_menu));
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self->grid));
}

static void
watch_gallery (MezzotintGalleryPage *self)
{
  g_signal_connect_object (self->gallery, "items-changed", G_CALLBACK (update_part), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->gallery, "notify::is-loading", G_CALLBACK (update_progress), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->gallery, "notify::progress", G_CALLBACK (update_progress), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->gallery, "notify::n-total", G_CALLBACK (update_part), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->gallery, "notify::problem", G_CALLBACK (update_problem), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->gallery, "items-changed", G_CALLBACK (look_for_awaited), self,
                           G_CONNECT_SWAPPED);
  update_progress (self);
  update_problem (self);
}

GtkWidget *
mezzotint_gallery_page_new (MezzotintGallery *gallery)
{
  MezzotintGalleryPage *self = g_object_new (MEZZOTINT_TYPE_GALLERY_PAGE, NULL);

  self->gallery = g_object_ref (gallery);
  adw_status_page_set_description (self->empty_page,
                                   _ ("What you make is kept here, and can be found again by its words."));
  g_signal_connect_swapped (self->compare_bar, "response", G_CALLBACK (compare_closed_cb), self);
  build_search (self);
  build_grid (self);
  watch_gallery (self);
  update_selection (self);
  return GTK_WIDGET (self);
}
