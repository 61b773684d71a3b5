/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The compared pictures and the list of their settings. */
#include "ui/compare-page.h"

#include <glib/gi18n.h>

#include "app/files/parameters-compare.h"
#include "ui/compare-view.h"
#include "ui/gallery-cell.h"
#include "ui/picture-host.h"
#include "ui/picture-texture.h"
#include "ui/toast.h"

struct _MezzotintComparePage
{
  AdwBin parent_instance;

  GtkWidget *beside_button, *slide_button;
  AdwFlap *flap;
  MezzotintCompareView *view;
  GtkBox *settings;

  GCancellable *loading;
};

G_DEFINE_FINAL_TYPE (MezzotintComparePage, mezzotint_compare_page, ADW_TYPE_BIN)

/* ---- Settings ---- */

static GtkWidget *
new_label (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (label, TRUE);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

/* `mark`: which picture it is of; NULL for both. `value`: NULL where the picture does not say. */
static GtkWidget *
new_value (const char *mark, const char *value)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = new_label (value != NULL && *value != '\0' ? value : _ ("Not said"),
                                value != NULL && *value != '\0' ? NULL : "dim-label");

  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  if (mark != NULL)
    {
      GtkWidget *badge = gtk_label_new (mark);

      gtk_widget_add_css_class (badge, "badge");
      gtk_widget_set_valign (badge, GTK_ALIGN_START);
      gtk_box_append (GTK_BOX (box), badge);
    }
  gtk_box_append (GTK_BOX (box), label);
  return box;
}

static GtkWidget *
new_row (const MezzotintSettingPair *pair)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *title = new_label (pair->key, "caption");

  gtk_widget_add_css_class (title, "dim-label");
  gtk_widget_add_css_class (box, "details-row");
  gtk_box_append (GTK_BOX (box), title);
  /* Translators: short for the first of two pictures. */
  gtk_box_append (GTK_BOX (box), new_value (pair->differs ? _ ("A") : NULL, pair->first));
  if (pair->differs)
    {
      /* Translators: short for the second of two pictures. */
      gtk_box_append (GTK_BOX (box), new_value (_ ("B"), pair->second));
      gtk_widget_add_css_class (row, "differs");
    }
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

static void
add_list (MezzotintComparePage *self, GPtrArray *pairs, gboolean differs, const char *title)
{
  GtkWidget *list = gtk_list_box_new ();
  guint n_rows = 0;

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  for (guint i = 0; i < pairs->len; i++)
    {
      const MezzotintSettingPair *pair = pairs->pdata[i];

      if (pair->differs == differs)
        gtk_list_box_append (GTK_LIST_BOX (list), new_row (pair));
      n_rows += pair->differs == differs;
    }
  if (n_rows == 0)
    {
      g_object_ref_sink (list);
      g_object_unref (list);
      return;
    }
  gtk_box_append (self->settings, new_label (title, "heading"));
  gtk_box_append (self->settings, list);
}

static MezzotintParameters *
parse (MezzotintGalleryItem *item)
{
  const char *text = mezzotint_gallery_item_get_parameters (item);

  return text != NULL && *text != '\0' ? mezzotint_parameters_parse (text, NULL) : NULL;
}

static void
show_settings (MezzotintComparePage *self, MezzotintGalleryItem *first, MezzotintGalleryItem *second)
{
  g_autoptr (MezzotintParameters) first_parameters = parse (first);
  g_autoptr (MezzotintParameters) second_parameters = parse (second);
  g_autoptr (GPtrArray) pairs = mezzotint_parameters_compare (first_parameters, second_parameters);

  add_list (self, pairs, TRUE, _ ("What Differs"));
  add_list (self, pairs, FALSE, _ ("What Is the Same"));
  if (pairs->len == 0)
    gtk_box_append (self->settings, new_label (_ ("Neither picture says how it was made."), "dim-label"));
}

/* ---- Pictures ---- */

typedef struct
{
  MezzotintComparePage *page;
  MezzotintPictureView *view;
} Loading;

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Loading *loading = data;
  g_autoptr (MezzotintComparePage) self = loading->page;
  g_autoptr (MezzotintPictureView) view = loading->view;
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintPixels) pixels
      = mezzotint_gallery_load_picture_finish (MEZZOTINT_GALLERY (source), result, &error);
  g_autoptr (GdkTexture) texture = NULL;

  if (pixels == NULL)
    {
      mezzotint_toast_say_error (GTK_WIDGET (self), error);
      return;
    }
  texture = mezzotint_texture_new (pixels);
  mezzotint_picture_view_set_paintable (view, GDK_PAINTABLE (texture), gdk_texture_get_width (texture),
                                        gdk_texture_get_height (texture));
}

static void
load (MezzotintComparePage *self,
      MezzotintGallery *gallery,
      MezzotintGalleryItem *item,
      MezzotintPictureView *view,
      const char *mark)
{
  Loading *loading = g_new0 (Loading, 1);
  g_autofree char *title = mezzotint_gallery_item_dup_title (item);
  g_autofree char *label = g_strdup_printf ("%s: %s", mark, title);

  loading->page = g_object_ref (self);
  loading->view = g_object_ref (view);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  mezzotint_gallery_load_picture_async (gallery, item, self->loading, loaded_cb, loading);
}

/* ---- Actions and keys ---- */

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintPictureHost *host = mezzotint_picture_host_find (widget);

  if (host != NULL)
    mezzotint_picture_host_pop (host);
}

static void
slide_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintComparePage *self = MEZZOTINT_COMPARE_PAGE (widget);
  gboolean is_sliding = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->slide_button));

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (is_sliding ? self->beside_button : self->slide_button),
                                TRUE);
}

static void
details_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AdwFlap *flap = MEZZOTINT_COMPARE_PAGE (widget)->flap;

  adw_flap_set_reveal_flap (flap, !adw_flap_get_reveal_flap (flap));
}

static void
zoom_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *action = g_strconcat ("picture.", name + strlen ("compare."), NULL);
  MezzotintPictureView *view = mezzotint_compare_view_get_first (MEZZOTINT_COMPARE_PAGE (widget)->view);

  gtk_widget_activate_action_variant (GTK_WIDGET (view), action, NULL);
}

static void
add_actions (GtkWidgetClass *class)
{
  static const struct
  {
    const char *name;
    GtkWidgetActionActivateFunc function;
    guint keys[3];
  } actions[] = {
    { "compare.back", back_action, { GDK_KEY_Escape, GDK_KEY_Back } },
    { "compare.slide", slide_action, { GDK_KEY_s } },
    { "compare.details", details_action, { GDK_KEY_F9 } },
    { "compare.zoom-in", zoom_action, { GDK_KEY_plus, GDK_KEY_equal, GDK_KEY_KP_Add } },
    { "compare.zoom-out", zoom_action, { GDK_KEY_minus, GDK_KEY_KP_Subtract } },
    { "compare.zoom-fit", zoom_action, { GDK_KEY_0, GDK_KEY_KP_0 } },
    { "compare.zoom-actual", zoom_action, { GDK_KEY_1, GDK_KEY_KP_1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      gtk_widget_class_install_action (class, actions[i].name, NULL, actions[i].function);
      for (guint k = 0; k < G_N_ELEMENTS (actions[i].keys) && actions[i].keys[k] != 0; k++)
        gtk_widget_class_add_binding_action (class, actions[i].keys[k], 0, actions[i].name, NULL);
    }
  gtk_widget_class_add_binding_action (class, GDK_KEY_Left, GDK_ALT_MASK, "compare.back", NULL);
}

/* ---- The class ---- */

static gboolean
mezzotint_compare_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (
      GTK_WIDGET (mezzotint_compare_view_get_first (MEZZOTINT_COMPARE_PAGE (widget)->view)));
}

static void
mezzotint_compare_page_dispose (GObject *object)
{
  MezzotintComparePage *self = MEZZOTINT_COMPARE_PAGE (object);

  g_cancellable_cancel (self->loading);
  gtk_widget_dispose_template (GTK_WIDGET (self), MEZZOTINT_TYPE_COMPARE_PAGE);
  g_clear_object (&self->loading);
  G_OBJECT_CLASS (mezzotint_compare_page_parent_class)->dispose (object);
}

static void
mezzotint_compare_page_class_init (MezzotintComparePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mezzotint_compare_page_dispose;
  widget_class->grab_focus = mezzotint_compare_page_grab_focus;
  g_type_ensure (MEZZOTINT_TYPE_COMPARE_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/mezzotint/Mezzotint/compare-page.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintComparePage, beside_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintComparePage, slide_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintComparePage, flap);
  gtk_widget_class_bind_template_child (widget_class, MezzotintComparePage, view);
  gtk_widget_class_bind_template_child (widget_class, MezzotintComparePage, settings);
  add_actions (widget_class);
}

static void
mezzotint_compare_page_init (MezzotintComparePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->loading = g_cancellable_new ();
  g_object_bind_property (self->slide_button, "active", self->view, "is-sliding", G_BINDING_SYNC_CREATE);
}

GtkWidget *
mezzotint_compare_page_new (MezzotintGallery *gallery,
                            MezzotintGalleryItem *first,
                            MezzotintGalleryItem *second)
{
  MezzotintComparePage *self = g_object_new (MEZZOTINT_TYPE_COMPARE_PAGE, NULL);

  /* Translators: short for the first of two pictures. */
  load (self, gallery, first, mezzotint_compare_view_get_first (self->view), _ ("A"));
  /* Translators: short for the second of two pictures. */
  load (self, gallery, second, mezzotint_compare_view_get_second (self->view), _ ("B"));
  show_settings (self, first, second);
  return GTK_WIDGET (self);
}
