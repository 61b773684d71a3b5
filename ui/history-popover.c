/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The prompts used before. */
#include "ui/history-popover.h"

#include <glib/gi18n.h>

struct _MezzotintHistoryPopover
{
  GtkPopover parent_instance;

  GtkSearchEntry *search_entry;
  GtkStack *stack;
  GtkListView *list;
  GtkLabel *empty_label;
  MezzotintPromptHistory *history;
};

G_DEFINE_FINAL_TYPE (MezzotintHistoryPopover, mezzotint_history_popover, GTK_TYPE_POPOVER)

static guint chosen_signal;

static void
choose (MezzotintHistoryPopover *self, guint position)
{
  g_autoptr (MezzotintPrompt) prompt = g_list_model_get_item (G_LIST_MODEL (self->history), position);

  if (prompt == NULL)
    return;
  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, chosen_signal, 0, prompt);
}

static void
activate_cb (MezzotintHistoryPopover *self, guint position)
{
  choose (self, position);
}

static void
search_activate_cb (MezzotintHistoryPopover *self)
{
  choose (self, 0);
}

static void
search_changed_cb (MezzotintHistoryPopover *self)
{
  mezzotint_prompt_history_set_search (self->history,
                                       gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
}

static void
update_page (MezzotintHistoryPopover *self)
{
  gboolean is_empty = g_list_model_get_n_items (G_LIST_MODEL (self->history)) == 0;
  gboolean is_searching = *gtk_editable_get_text (GTK_EDITABLE (self->search_entry)) != '\0';

  gtk_stack_set_visible_child_name (self->stack, is_empty ? "empty" : "list");
  gtk_label_set_label (self->empty_label, is_searching ? _ ("No earlier prompt has these words.")
                                                       : _ ("Prompts that you generate with are kept here."));
}

static GtkWidget *
new_label (const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (label), 2);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (style != NULL)
    {
      gtk_widget_add_css_class (label, style);
      gtk_widget_add_css_class (label, "dim-label");
    }
  return label;
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  gtk_box_append (GTK_BOX (box), new_label (NULL));
  gtk_box_append (GTK_BOX (box), new_label ("caption"));
  gtk_list_item_set_child (item, box);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  MezzotintPrompt *prompt = gtk_list_item_get_item (item);
  GtkWidget *text = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget *negative = gtk_widget_get_next_sibling (text);
  const char *without = mezzotint_prompt_get_negative (prompt);
  g_autofree char *caption = NULL;

  gtk_label_set_label (GTK_LABEL (text), mezzotint_prompt_get_text (prompt));
  gtk_widget_set_visible (negative, without != NULL && *without != '\0');
  if (without == NULL)
    return;
  /* Translators: %s is a negative prompt. */
  caption = g_strdup_printf (_ ("Without: %s"), without);
  gtk_label_set_label (GTK_LABEL (negative), caption);
}

static void
show_cb (MezzotintHistoryPopover *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

static void
mezzotint_history_popover_dispose (GObject *object)
{
  MezzotintHistoryPopover *self = MEZZOTINT_HISTORY_POPOVER (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_HISTORY_POPOVER);
  g_clear_object (&self->history);
  G_OBJECT_CLASS (mezzotint_history_popover_parent_class)->dispose (object);
}

static void
mezzotint_history_popover_class_init (MezzotintHistoryPopoverClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mezzotint_history_popover_dispose;
  chosen_signal = g_signal_new ("chosen", MEZZOTINT_TYPE_HISTORY_POPOVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, MEZZOTINT_TYPE_PROMPT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/mezzotint/Mezzotint/history-popover.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintHistoryPopover, search_entry);
  gtk_widget_class_bind_template_child (widget_class, MezzotintHistoryPopover, stack);
  gtk_widget_class_bind_template_child (widget_class, MezzotintHistoryPopover, list);
  gtk_widget_class_bind_template_child (widget_class, MezzotintHistoryPopover, empty_label);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
}

static void
mezzotint_history_popover_init (MezzotintHistoryPopover *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "show", G_CALLBACK (show_cb), NULL);
}

GtkWidget *
mezzotint_history_popover_new (MezzotintPromptHistory *history)
{
  MezzotintHistoryPopover *self = g_object_new (MEZZOTINT_TYPE_HISTORY_POPOVER, NULL);
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkNoSelection) selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (history)));

  self->history = g_object_ref (history);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  g_signal_connect_object (history, "items-changed", G_CALLBACK (update_page), self, G_CONNECT_SWAPPED);
  update_page (self);
  return GTK_WIDGET (self);
}
