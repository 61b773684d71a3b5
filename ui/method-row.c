/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A row to choose a method. */
#include "ui/method-row.h"

#include <glib/gi18n.h>

struct _MezzotintMethodRow
{
  AdwComboRow parent_instance;

  const MzMethodInfo *methods; /* [n_methods] */
  guint n_methods;
};

G_DEFINE_FINAL_TYPE (MezzotintMethodRow, mezzotint_method_row, ADW_TYPE_COMBO_ROW)

enum
{
  PROP_0,
  PROP_METHOD,
};

static GParamSpec *method_pspec;

static void
update_check (GtkListItem *item, MezzotintMethodRow *self)
{
  GtkWidget *check = g_object_get_data (G_OBJECT (item), "check");

  if (check != NULL)
    gtk_widget_set_opacity (
        check,
        adw_combo_row_get_selected (ADW_COMBO_ROW (self)) == gtk_list_item_get_position (item) ? 1 : 0);
}

static void
selected_cb (MezzotintMethodRow *self, GParamSpec *pspec, GtkListItem *item)
{
  update_check (item, self);
}

static GtkWidget *
new_label (const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 34);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, MezzotintMethodRow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *text = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  GtkWidget *label = new_label (NULL), *description = new_label ("caption");
  GtkWidget *check = gtk_image_new_from_icon_name ("object-select-symbolic");

  gtk_widget_add_css_class (description, "dim-label");
  gtk_widget_set_hexpand (text, TRUE);
  gtk_widget_set_margin_top (text, 3);
  gtk_widget_set_margin_bottom (text, 3);
  gtk_accessible_update_state (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_box_append (GTK_BOX (text), label);
  gtk_box_append (GTK_BOX (text), description);
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), check);
  g_object_set_data (G_OBJECT (item), "label", label);
  g_object_set_data (G_OBJECT (item), "description", description);
  g_object_set_data (G_OBJECT (item), "check", check);
  gtk_list_item_set_child (item, box);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, MezzotintMethodRow *self)
{
  const MzMethodInfo *method = &self->methods[gtk_list_item_get_position (item)];
  GtkLabel *description = g_object_get_data (G_OBJECT (item), "description");

  gtk_label_set_label (g_object_get_data (G_OBJECT (item), "label"), _ (method->label));
  gtk_label_set_label (description, _ (method->description));
  g_signal_connect_object (self, "notify::selected", G_CALLBACK (selected_cb), item, 0);
  update_check (item, self);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, MezzotintMethodRow *self)
{
  g_signal_handlers_disconnect_by_func (self, selected_cb, item);
}

static void
mezzotint_method_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MezzotintMethodRow *self = MEZZOTINT_METHOD_ROW (object);
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self));

  g_value_set_static_string (value, selected < self->n_methods ? self->methods[selected].id : NULL);
}

static void
mezzotint_method_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MezzotintMethodRow *self = MEZZOTINT_METHOD_ROW (object);
  const char *name = g_value_get_string (value);

  for (guint i = 0; i < self->n_methods; i++)
    if (g_strcmp0 (self->methods[i].id, name) == 0)
      adw_combo_row_set_selected (ADW_COMBO_ROW (self), i);
}

static void
notify_method_cb (MezzotintMethodRow *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), method_pspec);
}

static void
mezzotint_method_row_class_init (MezzotintMethodRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = mezzotint_method_row_get_property;
  object_class->set_property = mezzotint_method_row_set_property;
  method_pspec = g_param_spec_string ("method", NULL, NULL, NULL,
                                      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (object_class, PROP_METHOD, method_pspec);
}

static void
mezzotint_method_row_init (MezzotintMethodRow *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), self);
  adw_combo_row_set_list_factory (ADW_COMBO_ROW (self), factory);
  g_object_unref (factory);
  adw_combo_row_set_use_subtitle (ADW_COMBO_ROW (self), TRUE);
  g_signal_connect (self, "notify::selected", G_CALLBACK (notify_method_cb), NULL);
}

void
mezzotint_method_row_set_methods (MezzotintMethodRow *self, const MzMethodInfo *methods, guint n_methods)
{
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);

  self->methods = methods;
  self->n_methods = n_methods;
  for (guint i = 0; i < n_methods; i++)
    gtk_string_list_append (labels, _ (methods[i].label));
  adw_combo_row_set_model (ADW_COMBO_ROW (self), G_LIST_MODEL (labels));
}
