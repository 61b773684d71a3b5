/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One quiet line on what memory a request will take. */
#include "ui/memory-note.h"

/* While the next answer is on its way the note keeps its height, so that nothing jumps. */
#define KEEP_HEIGHT_MS 1000

struct _MezzotintMemoryNote
{
  GtkWidget parent_instance;

  GtkWidget *box, *icon;
  GtkLabel *label;

  MezzotintForecast *forecast;
  gboolean is_shown;
  guint empty_id;
};

G_DEFINE_FINAL_TYPE (MezzotintMemoryNote, mezzotint_memory_note, GTK_TYPE_WIDGET)

static void
set_too_much (MezzotintMemoryNote *self, gboolean is_too_much)
{
  gtk_widget_set_visible (self->icon, is_too_much);
  if (is_too_much)
    {
      gtk_widget_add_css_class (self->box, "warning");
      gtk_widget_remove_css_class (self->box, "dim-label");
    }
  else
    {
      gtk_widget_remove_css_class (self->box, "warning");
      gtk_widget_add_css_class (self->box, "dim-label");
    }
}

static gboolean
empty_cb (gpointer user_data)
{
  MezzotintMemoryNote *self = user_data;

  self->empty_id = 0;
  gtk_label_set_label (self->label, "");
  set_too_much (self, FALSE);
  return G_SOURCE_REMOVE;
}

static void
forecast_cb (MezzotintMemoryNote *self)
{
  const MezzotintMemoryNeed *need = mezzotint_forecast_get_need (self->forecast);
  g_autofree char *text = need != NULL ? mezzotint_memory_need_describe (need) : NULL;

  self->is_shown = need != NULL;
  g_clear_handle_id (&self->empty_id, g_source_remove);
  gtk_widget_set_opacity (self->box, self->is_shown ? 1 : 0);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_HIDDEN, !self->is_shown, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : "", -1);
  if (need == NULL)
    {
      self->empty_id = g_timeout_add (KEEP_HEIGHT_MS, empty_cb, self);
      return;
    }
  gtk_label_set_label (self->label, text);
  set_too_much (self, mezzotint_memory_need_is_too_much (need));
}

static void
mezzotint_memory_note_dispose (GObject *object)
{
  MezzotintMemoryNote *self = MEZZOTINT_MEMORY_NOTE (object);

  g_clear_handle_id (&self->empty_id, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_MEMORY_NOTE);
  if (self->forecast != NULL)
    g_signal_handlers_disconnect_by_data (self->forecast, self);
  g_clear_object (&self->forecast);
  G_OBJECT_CLASS (mezzotint_memory_note_parent_class)->dispose (object);
}

static void
mezzotint_memory_note_class_init (MezzotintMemoryNoteClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mezzotint_memory_note_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/memory-note.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintMemoryNote, box);
  gtk_widget_class_bind_template_child (widget_class, MezzotintMemoryNote, icon);
  gtk_widget_class_bind_template_child (widget_class, MezzotintMemoryNote, label);
}

static void
mezzotint_memory_note_init (MezzotintMemoryNote *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
mezzotint_memory_note_set_forecast (MezzotintMemoryNote *self, MezzotintForecast *forecast)
{
  g_return_if_fail (MEZZOTINT_IS_MEMORY_NOTE (self) && self->forecast == NULL);
  self->forecast = g_object_ref (forecast);
  g_signal_connect_swapped (forecast, "changed", G_CALLBACK (forecast_cb), self);
  forecast_cb (self);
}

const char *
mezzotint_memory_note_get_text (MezzotintMemoryNote *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_MEMORY_NOTE (self), NULL);
  return self->is_shown ? gtk_label_get_label (self->label) : NULL;
}
