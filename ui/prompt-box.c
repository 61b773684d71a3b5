/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Prompt and negative prompt. */
#include "ui/prompt-box.h"

#include <glib/gi18n.h>

#include "ui/history-popover.h"
#include "ui/prompt-view.h"
#include "ui/tooltip.h"

struct _MezzotintPromptBox
{
  GtkWidget parent_instance;

  GtkWidget *content;
  MezzotintPromptView *prompt_view, *negative_view;
  GtkMenuButton *history_button;
  GtkLabel *counter;

  MezzotintEngineService *engine;
  int limit; /* tokens */
};

G_DEFINE_FINAL_TYPE (MezzotintPromptBox, mezzotint_prompt_box, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_PROMPT,
  PROP_NEGATIVE_PROMPT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

typedef struct
{
  int n_tokens; /* -1 while no model is there to count by */
  int n_room;   /* tokens of the parts that the text takes */
  gboolean is_cut;
} Count;

/* Counts and marks one of the two. */
static Count
count (MezzotintPromptBox *self, MezzotintPromptView *view)
{
  Count result = { -1, self->limit, FALSE };
  g_autoptr (GArray) ends = NULL;
  g_autofree char *text = NULL;

  g_object_get (view, "text", &text, NULL);
  if (self->engine != NULL
      && mezzotint_engine_service_count_tokens (self->engine, text, &result.n_tokens, &ends))
    result.n_room = self->limit * MAX (1, (int) ends->len);
  result.is_cut = mezzotint_prompt_view_set_part_ends (view, ends);
  return result;
}

static char *
describe_count (const Count *shown, int limit)
{
  if (shown->is_cut)
    return g_strdup_printf (_ ("The model reads %d words and parts of words. What is dimmed is left out."),
                            shown->n_room);
  if (shown->n_room > limit)
    return g_strdup_printf (
        _ ("%d words and parts of words. The model reads %d at a time; a line marks where a part "
           "ends."),
        shown->n_tokens, limit);
  return g_strdup_printf (_ ("%d of the %d words and parts of words that the model reads at a time"),
                          shown->n_tokens, limit);
}

/* Of the two, the one that does not fit. */
static void
update_counter (MezzotintPromptBox *self)
{
  Count prompt = count (self, self->prompt_view), negative = count (self, self->negative_view);
  const Count *shown = negative.is_cut && !prompt.is_cut ? &negative : &prompt;
  g_autofree char *text = g_strdup_printf ("%d / %d", shown->n_tokens, shown->n_room);
  g_autofree char *tip = describe_count (shown, self->limit);

  gtk_widget_set_visible (GTK_WIDGET (self->counter), shown->n_tokens > 0);
  gtk_label_set_label (self->counter, text);
  mezzotint_tooltip_set (GTK_WIDGET (self->counter), tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->counter), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
  if (shown->is_cut)
    gtk_widget_add_css_class (GTK_WIDGET (self->counter), "warning");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->counter), "warning");
}

static void
text_changed_cb (MezzotintPromptView *view, GParamSpec *pspec, MezzotintPromptBox *self)
{
  update_counter (self);
  g_object_notify_by_pspec (G_OBJECT (self),
                            props[view == self->prompt_view ? PROP_PROMPT : PROP_NEGATIVE_PROMPT]);
}

static void
chosen_cb (MezzotintPromptBox *self, MezzotintPrompt *prompt)
{
  g_object_set (self, "prompt", mezzotint_prompt_get_text (prompt), "negative-prompt",
                mezzotint_prompt_get_negative (prompt), NULL);
  mezzotint_prompt_box_focus_prompt (self);
}

static void
mezzotint_prompt_box_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MezzotintPromptBox *self = MEZZOTINT_PROMPT_BOX (object);

  g_object_get_property (G_OBJECT (id == PROP_PROMPT ? self->prompt_view : self->negative_view), "text",
                         value);
}

static void
mezzotint_prompt_box_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MezzotintPromptBox *self = MEZZOTINT_PROMPT_BOX (object);

  g_object_set_property (G_OBJECT (id == PROP_PROMPT ? self->prompt_view : self->negative_view), "text",
                         value);
}

static void
mezzotint_prompt_box_dispose (GObject *object)
{
  MezzotintPromptBox *self = MEZZOTINT_PROMPT_BOX (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_PROMPT_BOX);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (mezzotint_prompt_box_parent_class)->dispose (object);
}

static void
mezzotint_prompt_box_class_init (MezzotintPromptBoxClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  g_type_ensure (MEZZOTINT_TYPE_PROMPT_VIEW);
  object_class->get_property = mezzotint_prompt_box_get_property;
  object_class->set_property = mezzotint_prompt_box_set_property;
  object_class->dispose = mezzotint_prompt_box_dispose;
  props[PROP_PROMPT] = g_param_spec_string ("prompt", NULL, NULL, "", flags);
  props[PROP_NEGATIVE_PROMPT] = g_param_spec_string ("negative-prompt", NULL, NULL, "", flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/prompt-box.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintPromptBox, content);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPromptBox, prompt_view);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPromptBox, negative_view);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPromptBox, history_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPromptBox, counter);
}

static void
mezzotint_prompt_box_init (MezzotintPromptBox *self)
{
  self->limit = 75;
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self->prompt_view, "notify::text", G_CALLBACK (text_changed_cb), self);
  g_signal_connect (self->negative_view, "notify::text", G_CALLBACK (text_changed_cb), self);
}

void
mezzotint_prompt_box_set_services (MezzotintPromptBox *self,
                                   MezzotintEngineService *engine,
                                   MezzotintPromptHistory *history)
{
  GtkWidget *popover = mezzotint_history_popover_new (history);

  g_set_object (&self->engine, engine);
  g_signal_connect_object (engine, "notify::model", G_CALLBACK (update_counter), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (popover, "chosen", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_menu_button_set_popover (self->history_button, popover);
  update_counter (self);
}

void
mezzotint_prompt_box_set_limit (MezzotintPromptBox *self, int n_tokens)
{
  self->limit = n_tokens;
  update_counter (self);
}

void
mezzotint_prompt_box_focus_prompt (MezzotintPromptBox *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->prompt_view));
}
