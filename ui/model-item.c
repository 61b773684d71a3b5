/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A model in the list. */
#include "ui/model-item.h"

#include <glib/gi18n.h>

struct _MezzotintModelItem
{
  GtkListBoxRow parent_instance;

  GtkLabel *name_label, *detail_label;
  GtkWidget *check;
  MezzotintModel *model;
};

G_DEFINE_FINAL_TYPE (MezzotintModelItem, mezzotint_model_item, GTK_TYPE_LIST_BOX_ROW)

/* "Stable Diffusion 1.x · 4.3 GB" */
static char *
describe (MezzotintModel *model)
{
  const char *problem = mezzotint_model_get_problem (model), *family = mezzotint_model_get_family (model);
  g_autofree char *size_text = NULL;
  guint64 size;

  if (problem != NULL)
    return g_strdup (problem);
  g_object_get (model, "size", &size, NULL);
  size_text = g_format_size (size);
  if (mezzotint_model_is_builtin (model))
    return g_strdup_printf (_ ("Comes with Mezzotint · %s"), size_text);
  if (family == NULL || *family == '\0')
    return size > 0 ? g_strdup (size_text) : g_strdup ("");
  return g_strdup_printf ("%s · %s", family, size_text);
}

static void
update (MezzotintModelItem *self)
{
  g_autofree char *detail = describe (self->model);

  gtk_label_set_label (self->name_label, mezzotint_model_get_name (self->model));
  gtk_label_set_label (self->detail_label, detail);
  gtk_widget_set_visible (GTK_WIDGET (self->detail_label), *detail != '\0');
  gtk_widget_set_sensitive (GTK_WIDGET (self), mezzotint_model_get_problem (self->model) == NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), mezzotint_model_get_path (self->model));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  mezzotint_model_get_name (self->model), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  detail, -1);
}

static void
mezzotint_model_item_dispose (GObject *object)
{
  MezzotintModelItem *self = MEZZOTINT_MODEL_ITEM (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_MODEL_ITEM);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (mezzotint_model_item_parent_class)->dispose (object);
}

static void
mezzotint_model_item_class_init (MezzotintModelItemClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mezzotint_model_item_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/model-item.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintModelItem, name_label);
  gtk_widget_class_bind_template_child (widget_class, MezzotintModelItem, detail_label);
  gtk_widget_class_bind_template_child (widget_class, MezzotintModelItem, check);
}

static void
mezzotint_model_item_init (MezzotintModelItem *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mezzotint_model_item_new (MezzotintModel *model)
{
  MezzotintModelItem *self = g_object_new (MEZZOTINT_TYPE_MODEL_ITEM, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

MezzotintModel *
mezzotint_model_item_get_model (MezzotintModelItem *self)
{
  return self->model;
}

void
mezzotint_model_item_set_chosen (MezzotintModelItem *self, gboolean is_chosen)
{
  gtk_widget_set_opacity (self->check, is_chosen ? 1 : 0);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_CHECKED,
                               is_chosen ? GTK_ACCESSIBLE_TRISTATE_TRUE : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
}
