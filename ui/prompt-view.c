/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A text field for a prompt. */
#include "ui/prompt-view.h"

#include <adwaita.h>

struct _MezzotintPromptView
{
  GtkTextView parent_instance;

  GtkWidget *placeholder;
  GtkTextTag *left_out;
  GPtrArray *borders; /* of GtkTextMark, the buffer's: between two parts, and where reading stops */
};

G_DEFINE_FINAL_TYPE (MezzotintPromptView, mezzotint_prompt_view, GTK_TYPE_TEXT_VIEW)

enum
{
  PROP_0,
  PROP_TEXT,
  PROP_PLACEHOLDER,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static char *
dup_text (MezzotintPromptView *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self));
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

/* As one change that can be undone, not as a new beginning. */
static void
set_text (MezzotintPromptView *self, const char *text)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self));
  g_autofree char *old = dup_text (self);
  GtkTextIter start, end;

  if (text == NULL)
    text = "";
  if (g_strcmp0 (old, text) == 0)
    return;
  if (*old == '\0')
    {
      gtk_text_buffer_begin_irreversible_action (buffer); /* undoing must not lead to an empty field */
      gtk_text_buffer_set_text (buffer, text, -1);
      gtk_text_buffer_end_irreversible_action (buffer);
      return;
    }
  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  gtk_text_buffer_delete (buffer, &start, &end);
  gtk_text_buffer_insert (buffer, &start, text, -1);
  gtk_text_buffer_end_user_action (buffer);
}

static void
changed_cb (MezzotintPromptView *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self));

  gtk_widget_set_visible (self->placeholder, gtk_text_buffer_get_char_count (buffer) == 0);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TEXT]);
}

/* Dimmed, in whatever colour the text has now. */
static void
update_tag (MezzotintPromptView *self)
{
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= 0.45f;
  g_object_set (self->left_out, "foreground-rgba", &color, NULL);
}

static void
clear_borders (MezzotintPromptView *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self));
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  gtk_text_buffer_remove_tag (buffer, self->left_out, &start, &end);
  for (guint i = 0; i < self->borders->len; i++)
    gtk_text_buffer_delete_mark (buffer, self->borders->pdata[i]);
  g_ptr_array_set_size (self->borders, 0);
}

/* A bar at each border. The layer's coordinates are the buffer's. */
static void
mezzotint_prompt_view_snapshot_layer (GtkTextView *view, GtkTextViewLayer layer, GtkSnapshot *snapshot)
{
  MezzotintPromptView *self = MEZZOTINT_PROMPT_VIEW (view);
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  GdkRGBA color;

  if (layer != GTK_TEXT_VIEW_LAYER_BELOW_TEXT
      || !gtk_style_context_lookup_color (style, "accent_color", &color))
    return;
  for (guint i = 0; i < self->borders->len; i++)
    {
      GtkTextIter iter;
      GdkRectangle place;

      gtk_text_buffer_get_iter_at_mark (gtk_text_view_get_buffer (view), &iter, self->borders->pdata[i]);
      gtk_text_view_get_iter_location (view, &iter, &place);
      gtk_snapshot_append_color (snapshot, &color,
                                 &GRAPHENE_RECT_INIT (place.x, place.y + 2.f, 2.f, place.height - 4.f));
    }
}

/* GtkTextView gives its children the whole of its own space; the placeholder keeps to the text's. */
static void
mezzotint_prompt_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  MezzotintPromptView *self = MEZZOTINT_PROMPT_VIEW (widget);
  GtkTextView *view = GTK_TEXT_VIEW (widget);
  int left = gtk_text_view_get_left_margin (view), top = gtk_text_view_get_top_margin (view);
  int right = gtk_text_view_get_right_margin (view);
  GtkAllocation space = { left, top, MAX (width - left - right, 0), MAX (height - top, 0) };
  int least;

  GTK_WIDGET_CLASS (mezzotint_prompt_view_parent_class)->size_allocate (widget, width, height, baseline);
  gtk_widget_measure (self->placeholder, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  space.width = MAX (space.width, least);
  gtk_widget_measure (self->placeholder, GTK_ORIENTATION_VERTICAL, space.width, &least, NULL, NULL, NULL);
  space.height = MAX (space.height, least);
  gtk_widget_size_allocate (self->placeholder, &space, -1);
}

static void
mezzotint_prompt_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GTK_WIDGET_CLASS (mezzotint_prompt_view_parent_class)->snapshot (widget, snapshot);
  gtk_widget_snapshot_child (widget, MEZZOTINT_PROMPT_VIEW (widget)->placeholder, snapshot);
}

static void
mezzotint_prompt_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MezzotintPromptView *self = MEZZOTINT_PROMPT_VIEW (object);

  if (id == PROP_TEXT)
    g_value_take_string (value, dup_text (self));
  else
    g_value_set_string (value, gtk_label_get_label (GTK_LABEL (self->placeholder)));
}

static void
mezzotint_prompt_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MezzotintPromptView *self = MEZZOTINT_PROMPT_VIEW (object);

  if (id == PROP_TEXT)
    set_text (self, g_value_get_string (value));
  else
    {
      gtk_label_set_label (GTK_LABEL (self->placeholder), g_value_get_string (value));
      gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_PLACEHOLDER,
                                      g_value_get_string (value), -1);
    }
}

static void
mezzotint_prompt_view_dispose (GObject *object)
{
  MezzotintPromptView *self = MEZZOTINT_PROMPT_VIEW (object);

  g_clear_pointer (&self->placeholder, gtk_widget_unparent);
  g_clear_pointer (&self->borders, g_ptr_array_unref);
  G_OBJECT_CLASS (mezzotint_prompt_view_parent_class)->dispose (object);
}

static void
mezzotint_prompt_view_class_init (MezzotintPromptViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = mezzotint_prompt_view_get_property;
  object_class->set_property = mezzotint_prompt_view_set_property;
  object_class->dispose = mezzotint_prompt_view_dispose;
  widget_class->size_allocate = mezzotint_prompt_view_size_allocate;
  widget_class->snapshot = mezzotint_prompt_view_snapshot;
  GTK_TEXT_VIEW_CLASS (class)->snapshot_layer = mezzotint_prompt_view_snapshot_layer;
  props[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, "", flags);
  props[PROP_PLACEHOLDER] = g_param_spec_string ("placeholder", NULL, NULL, "", flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
mezzotint_prompt_view_init (MezzotintPromptView *self)
{
  GtkTextView *view = GTK_TEXT_VIEW (self);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);

  self->borders = g_ptr_array_new ();
  self->placeholder = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->placeholder), 0);
  gtk_label_set_yalign (GTK_LABEL (self->placeholder), 0);
  gtk_label_set_wrap (GTK_LABEL (self->placeholder), TRUE);
  gtk_widget_add_css_class (self->placeholder, "dim-label");
  gtk_widget_set_can_target (self->placeholder, FALSE);
  gtk_widget_set_parent (self->placeholder, GTK_WIDGET (self));

  self->left_out = gtk_text_buffer_create_tag (buffer, NULL, NULL);
  gtk_text_view_set_wrap_mode (view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (view, FALSE);
  gtk_text_view_set_left_margin (view, 12);
  gtk_text_view_set_right_margin (view, 12);
  gtk_text_view_set_top_margin (view, 10);
  gtk_text_view_set_bottom_margin (view, 6);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (update_tag), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (buffer, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
}

static void
add_border (MezzotintPromptView *self, const char *text, gsize at, gboolean is_last)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self));
  GtkTextIter start, end;

  gtk_text_buffer_get_iter_at_offset (buffer, &start, (int) g_utf8_pointer_to_offset (text, text + at));
  g_ptr_array_add (self->borders, gtk_text_buffer_create_mark (buffer, NULL, &start, TRUE));
  if (!is_last)
    return;
  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_apply_tag (buffer, self->left_out, &start, &end);
}

gboolean
mezzotint_prompt_view_set_part_ends (MezzotintPromptView *self, GArray *part_ends)
{
  g_autofree char *text = dup_text (self);
  gsize length = strlen (text);
  guint n_parts = part_ends != NULL ? part_ends->len : 0;
  gboolean is_cut = FALSE;

  clear_borders (self);
  update_tag (self);
  for (guint i = 0; i < n_parts; i++)
    {
      gsize at = g_array_index (part_ends, gsize, i);
      gboolean is_last = i + 1 == n_parts;

      if (at >= length || (is_last && text[at + strspn (text + at, " \t\r\n")] == '\0'))
        continue;
      add_border (self, text, at, is_last);
      is_cut |= is_last;
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return is_cut;
}
