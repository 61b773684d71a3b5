/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A model's examples, read on a thread. */
#include "ui/examples.h"

#include "app/library/examples.h"
#include "ui/picture-texture.h"
#include "ui/tooltip.h"

/* px; the texture may be twice as fine, for dense screens */
#define SIDE_PX 88
#define MAX_A_LINE 5

struct _MezzotintExamples
{
  GtkWidget parent_instance;

  GtkWidget *box;
  char *folder;
  GPtrArray *examples; /* of MezzotintExample, in the order of the box's children */
  GCancellable *cancellable;
};

enum
{
  CHOSEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MezzotintExamples, mezzotint_examples, GTK_TYPE_WIDGET)

static void
read_in_thread (GTask *task, gpointer source, gpointer folder, GCancellable *cancellable)
{
  g_task_return_pointer (task, mezzotint_examples_read (folder), (GDestroyNotify) g_ptr_array_unref);
}

static void
clear_box (MezzotintExamples *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_flow_box_remove (GTK_FLOW_BOX (self->box), child);
  g_clear_pointer (&self->examples, g_ptr_array_unref);
}

/* A child of the box, named by its prompt. */
static GtkWidget *
new_child (const MezzotintExample *example)
{
  g_autoptr (GdkTexture) texture = mezzotint_texture_new_small (example->pixels, 2 * SIDE_PX);
  GtkWidget *picture = gtk_image_new_from_paintable (GDK_PAINTABLE (texture));
  GtkWidget *child = gtk_flow_box_child_new ();

  gtk_image_set_pixel_size (GTK_IMAGE (picture), SIDE_PX);
  gtk_widget_set_overflow (picture, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (picture, "example");
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), picture);
  gtk_accessible_update_property (GTK_ACCESSIBLE (picture), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  example->request->prompt, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  example->request->prompt, -1);
  mezzotint_tooltip_set (child, example->request->prompt);
  return child;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  MezzotintExamples *self = MEZZOTINT_EXAMPLES (source);
  GPtrArray *examples = g_task_propagate_pointer (G_TASK (result), NULL);

  if (examples == NULL)
    return;
  clear_box (self);
  self->examples = examples;
  for (guint i = 0; i < examples->len; i++)
    gtk_flow_box_append (GTK_FLOW_BOX (self->box), new_child (g_ptr_array_index (examples, i)));
  gtk_widget_set_visible (GTK_WIDGET (self), examples->len > 0);
}

void
mezzotint_examples_set_folder (MezzotintExamples *self, const char *folder)
{
  g_autoptr (GTask) task = NULL;

  if (g_strcmp0 (folder, self->folder) == 0)
    return;
  g_free (self->folder);
  self->folder = g_strdup (folder);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (folder == NULL)
    {
      clear_box (self);
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
      return;
    }
  self->cancellable = g_cancellable_new ();
  task = g_task_new (self, self->cancellable, read_cb, NULL);
  g_task_set_task_data (task, g_strdup (folder), g_free);
  g_task_run_in_thread (task, read_in_thread);
}

guint
mezzotint_examples_get_count (MezzotintExamples *self)
{
  return self->examples != NULL ? self->examples->len : 0;
}

static void
activated_cb (MezzotintExamples *self, GtkFlowBoxChild *child)
{
  guint i = (guint) gtk_flow_box_child_get_index (child);

  if (i < mezzotint_examples_get_count (self))
    g_signal_emit (self, signals[CHOSEN], 0,
                   ((MezzotintExample *) g_ptr_array_index (self->examples, i))->request);
}

static void
mezzotint_examples_dispose (GObject *object)
{
  MezzotintExamples *self = MEZZOTINT_EXAMPLES (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->examples, g_ptr_array_unref);
  g_clear_pointer (&self->folder, g_free);
  G_OBJECT_CLASS (mezzotint_examples_parent_class)->dispose (object);
}

static void
mezzotint_examples_class_init (MezzotintExamplesClass *class)
{
  G_OBJECT_CLASS (class)->dispose = mezzotint_examples_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "examples");
  signals[CHOSEN] = g_signal_new ("chosen", MEZZOTINT_TYPE_EXAMPLES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
mezzotint_examples_init (MezzotintExamples *self)
{
  self->box = gtk_flow_box_new ();
  g_object_set (self->box, "homogeneous", TRUE, "min-children-per-line", 2, "max-children-per-line",
                MAX_A_LINE, "row-spacing", 6, "column-spacing", 6, "halign", GTK_ALIGN_CENTER,
                "selection-mode", GTK_SELECTION_NONE, NULL);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect_object (self->box, "child-activated", G_CALLBACK (activated_cb), self, G_CONNECT_SWAPPED);
}
