/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One task in the queue's list. */
#include "ui/queue-row.h"

#include "ui/picture-texture.h"
#include "ui/thumbnail.h"
#include "ui/words.h"

/* px, twice what it is drawn at, for dense screens */
#define THUMBNAIL_PX 96

struct _MezzotintQueueRow
{
  GtkListBoxRow parent_instance;

  MezzotintThumbnail *picture;
  GtkLabel *prompt_label, *status_label;
  GtkProgressBar *progress_bar;
  GtkMenuButton *menu_button;

  MezzotintTask *task;
};

G_DEFINE_FINAL_TYPE (MezzotintQueueRow, mezzotint_queue_row, GTK_TYPE_LIST_BOX_ROW)

static guint command_signal;

static void
update_picture (MezzotintQueueRow *self)
{
  MezzotintPixels *pixels = mezzotint_task_get_preview (self->task);
  g_autoptr (GdkTexture) texture = NULL;

  if (pixels != NULL)
    texture = mezzotint_texture_new_small (pixels, THUMBNAIL_PX);
  mezzotint_thumbnail_set_paintable (self->picture, texture != NULL ? GDK_PAINTABLE (texture) : NULL);
}

static char *
describe (MezzotintQueueRow *self)
{
  MezzotintTaskState state = mezzotint_task_get_state (self->task);

  if (state == MEZZOTINT_TASK_WAITING)
    return mezzotint_words_for_recipe (mezzotint_task_get_recipe (self->task));
  if (state == MEZZOTINT_TASK_FAILED && mezzotint_task_get_error (self->task) != NULL)
    return g_strdup (mezzotint_task_get_error (self->task));
  return mezzotint_words_for_task_briefly (self->task);
}

static void
update (MezzotintQueueRow *self)
{
  MezzotintTaskState state = mezzotint_task_get_state (self->task);
  gboolean is_active = mezzotint_task_is_active (self->task), waits = state == MEZZOTINT_TASK_WAITING;
  g_autofree char *prompt = mezzotint_words_for_prompt (mezzotint_task_get_recipe (self->task));
  g_autofree char *status = describe (self);
  double progress;

  g_object_get (self->task, "progress", &progress, NULL);
  gtk_label_set_label (self->prompt_label, prompt);
  gtk_label_set_label (self->status_label, status);
  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), is_active);
  gtk_progress_bar_set_fraction (self->progress_bar, CLAMP (progress, 0, 1));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "task.move-up", waits);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "task.move-down", waits);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "task.retry", !waits && !is_active);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, prompt,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, status, -1);
}

static void
command_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, command_signal, 0, action + strlen ("task."));
}

static void
mezzotint_queue_row_dispose (GObject *object)
{
  MezzotintQueueRow *self = MEZZOTINT_QUEUE_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_QUEUE_ROW);
  g_clear_object (&self->task);
  G_OBJECT_CLASS (mezzotint_queue_row_parent_class)->dispose (object);
}

static void
mezzotint_queue_row_class_init (MezzotintQueueRowClass *class)
{
  static const char *const actions[]
      = { "task.move-up", "task.move-down", "task.retry", "task.use-settings", "task.remove" };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (MEZZOTINT_TYPE_THUMBNAIL);
  G_OBJECT_CLASS (class)->dispose = mezzotint_queue_row_dispose;
  command_signal = g_signal_new ("command", MEZZOTINT_TYPE_QUEUE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/queue-row.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintQueueRow, picture);
  gtk_widget_class_bind_template_child (widget_class, MezzotintQueueRow, prompt_label);
  gtk_widget_class_bind_template_child (widget_class, MezzotintQueueRow, status_label);
  gtk_widget_class_bind_template_child (widget_class, MezzotintQueueRow, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, MezzotintQueueRow, menu_button);
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i], NULL, command_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Up, GDK_ALT_MASK, "task.move-up", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Down, GDK_ALT_MASK, "task.move-down", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "task.remove", NULL);
}

static void
mezzotint_queue_row_init (MezzotintQueueRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mezzotint_queue_row_new (MezzotintTask *task)
{
  MezzotintQueueRow *self = g_object_new (MEZZOTINT_TYPE_QUEUE_ROW, NULL);

  self->task = g_object_ref (task);
  g_signal_connect_object (task, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (task, "notify::progress", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (task, "notify::preview", G_CALLBACK (update_picture), self, G_CONNECT_SWAPPED);
  update (self);
  update_picture (self);
  return GTK_WIDGET (self);
}

MezzotintTask *
mezzotint_queue_row_get_task (MezzotintQueueRow *self)
{
  return self->task;
}
