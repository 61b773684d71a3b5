/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A row to choose the model. */
#include "ui/model-row.h"

#include <glib/gi18n.h>

#include "ui/model-item.h"

/* With so few models a search field is only in the way. */
#define FEW_MODELS 8

struct _MezzotintModelRow
{
  AdwActionRow parent_instance;

  GtkMenuButton *menu_button;
  GtkPopover *popover;
  GtkSearchEntry *search_entry;
  GtkListBox *list;

  MezzotintModelStore *store;
  GtkStringFilter *filter; /* of their names */
  MezzotintModel *model;
  char *missing; /* path */
};

G_DEFINE_FINAL_TYPE (MezzotintModelRow, mezzotint_model_row, ADW_TYPE_ACTION_ROW)

enum
{
  PROP_0,
  PROP_MODEL,
};

static GParamSpec *model_pspec;

/* "Stable Diffusion 1.x · 4.3 GB", or what is wrong with it. */
static char *
describe (MezzotintModelRow *self)
{
  g_autofree char *name = NULL;
  gboolean is_loading = FALSE;

  if (self->model != NULL)
    {
      if (mezzotint_model_get_problem (self->model) != NULL)
        return g_strdup_printf ("%s: %s", mezzotint_model_get_name (self->model),
                                mezzotint_model_get_problem (self->model));
      return g_strdup (mezzotint_model_get_name (self->model));
    }
  if (self->store != NULL)
    g_object_get (self->store, "is-loading", &is_loading, NULL);
  if (is_loading)
    return g_strdup (_ ("Looking for models…"));
  if (self->missing == NULL)
    return g_strdup (_ ("None"));
  name = g_path_get_basename (self->missing);
  return g_strdup_printf (_ ("“%s” is not there any more. Choose another one."), name);
}

static void
update (MezzotintModelRow *self)
{
  g_autofree char *text = describe (self);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *markup = g_markup_escape_text (valid, -1);
  gboolean is_usable = self->model != NULL && mezzotint_model_get_problem (self->model) == NULL;

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), markup);
  if (is_usable)
    gtk_widget_remove_css_class (GTK_WIDGET (self), "error");
  else if (self->model != NULL || self->missing != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self), "error");
}

static void
row_activated_cb (MezzotintModelRow *self, GtkListBoxRow *row)
{
  gtk_popover_popdown (self->popover);
  g_object_set (self, "model", mezzotint_model_item_get_model (MEZZOTINT_MODEL_ITEM (row)), NULL);
}

static void
close_cb (MezzotintModelRow *self)
{
  gtk_popover_popdown (self->popover);
}

static void
search_changed_cb (MezzotintModelRow *self)
{
  gtk_string_filter_set_search (self->filter, gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
}

static void
show_cb (MezzotintModelRow *self)
{
  gboolean is_long = g_list_model_get_n_items (G_LIST_MODEL (self->store)) > FEW_MODELS;

  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  gtk_widget_set_visible (GTK_WIDGET (self->search_entry), is_long);
  for (int i = 0;; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, i);

      if (row == NULL)
        break;
      mezzotint_model_item_set_chosen (MEZZOTINT_MODEL_ITEM (row),
                                       mezzotint_model_item_get_model (MEZZOTINT_MODEL_ITEM (row))
                                           == self->model);
    }
}

static void
mezzotint_model_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, MEZZOTINT_MODEL_ROW (object)->model);
}

static void
mezzotint_model_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MezzotintModelRow *self = MEZZOTINT_MODEL_ROW (object);
  MezzotintModel *model = g_value_get_object (value);

  if (self->model == model)
    return;
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_func (self->model, update, self);
  g_set_object (&self->model, model);
  if (model != NULL)
    g_signal_connect_object (model, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  g_object_notify_by_pspec (object, pspec);
}

static void
mezzotint_model_row_dispose (GObject *object)
{
  MezzotintModelRow *self = MEZZOTINT_MODEL_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_MODEL_ROW);
  g_clear_object (&self->model);
  g_clear_object (&self->store);
  g_clear_object (&self->filter);
  g_clear_pointer (&self->missing, g_free);
  G_OBJECT_CLASS (mezzotint_model_row_parent_class)->dispose (object);
}

static void
mezzotint_model_row_class_init (MezzotintModelRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = mezzotint_model_row_get_property;
  object_class->set_property = mezzotint_model_row_set_property;
  object_class->dispose = mezzotint_model_row_dispose;
  model_pspec = g_param_spec_object ("model", NULL, NULL, MEZZOTINT_TYPE_MODEL,
                                     G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (object_class, PROP_MODEL, model_pspec);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/model-row.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintModelRow, menu_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintModelRow, popover);
  gtk_widget_class_bind_template_child (widget_class, MezzotintModelRow, search_entry);
  gtk_widget_class_bind_template_child (widget_class, MezzotintModelRow, list);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, close_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_cb);
}

static void
mezzotint_model_row_init (MezzotintModelRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->filter = gtk_string_filter_new (gtk_property_expression_new (MEZZOTINT_TYPE_MODEL, NULL, "name"));
}

static GtkWidget *
create_item_cb (gpointer model, gpointer user_data)
{
  return mezzotint_model_item_new (model);
}

void
mezzotint_model_row_set_store (MezzotintModelRow *self, MezzotintModelStore *store)
{
  g_autoptr (GtkFilterListModel) found = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (store)),
                                                                    GTK_FILTER (g_object_ref (self->filter)));

  g_set_object (&self->store, store);
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (found), create_item_cb, NULL, NULL);
  g_signal_connect_object (store, "notify::is-loading", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

void
mezzotint_model_row_set_missing (MezzotintModelRow *self, const char *path)
{
  g_free (self->missing);
  self->missing = g_strdup (path);
  update (self);
}
