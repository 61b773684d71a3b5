/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is being made, what waits, and what was done. */
#include "ui/queue-panel.h"

#include <glib/gi18n.h>

#include "ui/queue-row.h"
#include "ui/toast.h"
#include "ui/words.h"

struct _MezzotintQueuePanel
{
  GtkWidget parent_instance;

  GtkWidget *content;
  GtkLabel *left_label;
  GtkToggleButton *pause_button;
  GtkStack *stack;
  GtkListBox *queue_list, *recent_list;
  GtkWidget *recent_group;

  MezzotintQueue *queue;
};

G_DEFINE_FINAL_TYPE (MezzotintQueuePanel, mezzotint_queue_panel, GTK_TYPE_WIDGET)

static guint show_task_signal, use_settings_signal;

/* ---- Order ---- */

/* Tasks in the queue that are being made come first and do not count as waiting. */
static guint
count_active (MezzotintQueuePanel *self)
{
  return mezzotint_queue_get_current (self->queue) != NULL ? 1 : 0;
}

/* Place among those waiting; -1: does not wait. */
static int
find_place (MezzotintQueuePanel *self, MezzotintTask *task)
{
  GListModel *model = G_LIST_MODEL (self->queue);
  guint n_items = g_list_model_get_n_items (model);

  for (guint i = count_active (self); i < n_items; i++)
    {
      g_autoptr (MezzotintTask) candidate = g_list_model_get_item (model, i);

      if (candidate == task)
        return (int) (i - count_active (self));
    }
  return -1;
}

/* The keyboard's focus goes with the task. */
static void
move (MezzotintQueuePanel *self, MezzotintTask *task, int place)
{
  int last = (int) g_list_model_get_n_items (G_LIST_MODEL (self->queue)) - (int) count_active (self) - 1;
  GtkListBoxRow *row;

  place = CLAMP (place, 0, MAX (last, 0));
  if (find_place (self, task) < 0 || find_place (self, task) == place)
    return;
  mezzotint_queue_move (self->queue, task, (guint) place);
  row = gtk_list_box_get_row_at_index (self->queue_list, place + (int) count_active (self));
  if (row != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

static GdkContentProvider *
prepare_drag_cb (GtkDragSource *source, double x, double y, MezzotintQueueRow *row)
{
  MezzotintTask *task = mezzotint_queue_row_get_task (row);
  g_autoptr (GdkPaintable) icon = NULL;

  if (mezzotint_task_get_state (task) != MEZZOTINT_TASK_WAITING)
    return NULL;
  icon = gtk_widget_paintable_new (GTK_WIDGET (row));
  gtk_drag_source_set_icon (source, icon, (int) x, (int) y);
  return gdk_content_provider_new_typed (MEZZOTINT_TYPE_TASK, task);
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, MezzotintQueueRow *row)
{
  MezzotintQueuePanel *self
      = MEZZOTINT_QUEUE_PANEL (gtk_widget_get_ancestor (GTK_WIDGET (row), MEZZOTINT_TYPE_QUEUE_PANEL));
  int place = find_place (self, mezzotint_queue_row_get_task (row));

  move (self, g_value_get_object (value), MAX (place, 0));
  return TRUE;
}

/* ---- Commands ---- */

typedef struct
{
  MezzotintQueue *queue;
  MezzotintTask *task;
  guint place;
} Removal;

static void
free_removal (gpointer data, GClosure *closure)
{
  Removal *removal = data;

  g_object_unref (removal->queue);
  g_object_unref (removal->task);
  g_free (removal);
}

static void
undo_cb (AdwToast *toast, Removal *removal)
{
  mezzotint_queue_restore (removal->queue, removal->task, removal->place);
}

static void
remove_task (MezzotintQueuePanel *self, MezzotintTask *task)
{
  AdwToast *toast = adw_toast_new (_ ("Removed from the queue"));
  Removal *removal = g_new0 (Removal, 1);

  removal->queue = g_object_ref (self->queue);
  removal->task = g_object_ref (task);
  removal->place = (guint) MAX (find_place (self, task), 0);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (undo_cb), removal, free_removal, 0);
  mezzotint_queue_remove (self->queue, task);
  mezzotint_toast_show (GTK_WIDGET (self), toast);
}

static void
command_cb (MezzotintQueueRow *row, const char *command, MezzotintQueuePanel *self)
{
  g_autoptr (MezzotintTask) task = g_object_ref (mezzotint_queue_row_get_task (row));

  if (g_str_equal (command, "move-up"))
    move (self, task, find_place (self, task) - 1);
  else if (g_str_equal (command, "move-down"))
    move (self, task, find_place (self, task) + 1);
  else if (g_str_equal (command, "retry"))
    mezzotint_queue_retry (self->queue, task);
  else if (g_str_equal (command, "use-settings"))
    g_signal_emit (self, use_settings_signal, 0, task);
  else
    remove_task (self, task);
}

static void
row_activated_cb (MezzotintQueuePanel *self, GtkListBoxRow *row)
{
  g_signal_emit (self, show_task_signal, 0, mezzotint_queue_row_get_task (MEZZOTINT_QUEUE_ROW (row)));
}

static void
clear_cb (MezzotintQueuePanel *self)
{
  mezzotint_queue_clear_recent (self->queue);
}

/* ---- What is shown ---- */

static void
update (MezzotintQueuePanel *self)
{
  guint n_queued = g_list_model_get_n_items (G_LIST_MODEL (self->queue));
  guint n_recent = g_list_model_get_n_items (mezzotint_queue_get_recent (self->queue));

  gtk_stack_set_visible_child_name (self->stack, n_queued + n_recent > 0 ? "lists" : "empty");
  gtk_widget_set_visible (GTK_WIDGET (self->queue_list), n_queued > 0);
  gtk_widget_set_visible (self->recent_group, n_recent > 0);
}

static void
update_left (MezzotintQueuePanel *self)
{
  g_autofree char *time = NULL;
  g_autofree char *text = NULL;
  double seconds;
  int n_left;

  g_object_get (self->queue, "seconds-left", &seconds, "n-pictures-left", &n_left, NULL);
  time = mezzotint_words_for_time_left (seconds);
  if (mezzotint_queue_get_is_paused (self->queue))
    text = g_strdup (_ ("Paused"));
  else if (n_left == 0)
    text = g_strdup (_ ("Nothing to do"));
  else
    text = g_strdup_printf (ngettext ("%d picture", "%d pictures", n_left), n_left);
  if (n_left > 0 && time != NULL && !mezzotint_queue_get_is_paused (self->queue))
    {
      g_autofree char *both = g_strdup_printf ("%s · %s", text, time);

      gtk_label_set_label (self->left_label, both);
    }
  else
    gtk_label_set_label (self->left_label, text);
}

static GtkWidget *
create_row_cb (gpointer task, gpointer user_data)
{
  GtkWidget *row = mezzotint_queue_row_new (task);
  GtkDragSource *source = gtk_drag_source_new ();
  GtkDropTarget *target = gtk_drop_target_new (MEZZOTINT_TYPE_TASK, GDK_ACTION_MOVE);

  gtk_drag_source_set_actions (source, GDK_ACTION_MOVE);
  g_signal_connect (source, "prepare", G_CALLBACK (prepare_drag_cb), row);
  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), row);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (source));
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (target));
  g_signal_connect (row, "command", G_CALLBACK (command_cb), user_data);
  return row;
}

static void
mezzotint_queue_panel_dispose (GObject *object)
{
  MezzotintQueuePanel *self = MEZZOTINT_QUEUE_PANEL (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_QUEUE_PANEL);
  g_clear_object (&self->queue);
  G_OBJECT_CLASS (mezzotint_queue_panel_parent_class)->dispose (object);
}

static void
mezzotint_queue_panel_class_init (MezzotintQueuePanelClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mezzotint_queue_panel_dispose;
  show_task_signal = g_signal_new ("show-task", MEZZOTINT_TYPE_QUEUE_PANEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, MEZZOTINT_TYPE_TASK);
  use_settings_signal = g_signal_new ("use-settings", MEZZOTINT_TYPE_QUEUE_PANEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                      NULL, NULL, G_TYPE_NONE, 1, MEZZOTINT_TYPE_TASK);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/queue-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintQueuePanel, content);
  gtk_widget_class_bind_template_child (widget_class, MezzotintQueuePanel, left_label);
  gtk_widget_class_bind_template_child (widget_class, MezzotintQueuePanel, pause_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintQueuePanel, stack);
  gtk_widget_class_bind_template_child (widget_class, MezzotintQueuePanel, queue_list);
  gtk_widget_class_bind_template_child (widget_class, MezzotintQueuePanel, recent_list);
  gtk_widget_class_bind_template_child (widget_class, MezzotintQueuePanel, recent_group);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
}

static void
mezzotint_queue_panel_init (MezzotintQueuePanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
mezzotint_queue_panel_set_queue (MezzotintQueuePanel *self, MezzotintQueue *queue)
{
  static const char *const causes[]
      = { "notify::seconds-left", "notify::n-pictures-left", "notify::is-paused", "items-changed" };
  GListModel *recent = mezzotint_queue_get_recent (queue);

  g_return_if_fail (self->queue == NULL);
  self->queue = g_object_ref (queue);
  gtk_list_box_bind_model (self->queue_list, G_LIST_MODEL (queue), create_row_cb, self, NULL);
  gtk_list_box_bind_model (self->recent_list, recent, create_row_cb, self, NULL);
  g_object_bind_property (queue, "is-paused", self->pause_button, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_signal_connect_object (queue, "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (recent, "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  for (gsize i = 0; i < G_N_ELEMENTS (causes); i++)
    g_signal_connect_object (queue, causes[i], G_CALLBACK (update_left), self, G_CONNECT_SWAPPED);
  update (self);
  update_left (self);
}
