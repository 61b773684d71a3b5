/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A row for the seed. */
#include "ui/seed-row.h"

struct _MezzotintSeedRow
{
  AdwEntryRow parent_instance;

  GtkWidget *keep_button;
  char *seed; /* the last legal one */
  gboolean keep_seed;
};

G_DEFINE_FINAL_TYPE (MezzotintSeedRow, mezzotint_seed_row, ADW_TYPE_ENTRY_ROW)

enum
{
  PROP_0,
  PROP_SEED,
  PROP_KEEP_SEED,
  PROP_CAN_KEEP,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint roll_signal;

static void
changed_cb (MezzotintSeedRow *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self));
  gboolean is_legal = g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, NULL, NULL);

  if (is_legal)
    gtk_widget_remove_css_class (GTK_WIDGET (self), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_INVALID,
                               is_legal ? GTK_ACCESSIBLE_INVALID_FALSE : GTK_ACCESSIBLE_INVALID_TRUE, -1);
  if (!is_legal || g_strcmp0 (text, self->seed) == 0)
    return;
  g_free (self->seed);
  self->seed = g_strdup (text);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SEED]);
}

/* What was typed and is no number gives way to the seed there is. */
static void
leave_cb (MezzotintSeedRow *self)
{
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self)), self->seed) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self), self->seed != NULL ? self->seed : "0");
}

static void
roll_cb (MezzotintSeedRow *self)
{
  g_signal_emit (self, roll_signal, 0);
}

static void
mezzotint_seed_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MezzotintSeedRow *self = MEZZOTINT_SEED_ROW (object);

  if (id == PROP_SEED)
    g_value_set_string (value, self->seed);
  else
    g_value_set_boolean (value,
                         id == PROP_KEEP_SEED ? self->keep_seed : gtk_widget_get_visible (self->keep_button));
}

static void
mezzotint_seed_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MezzotintSeedRow *self = MEZZOTINT_SEED_ROW (object);

  if (id == PROP_CAN_KEEP)
    gtk_widget_set_visible (self->keep_button, g_value_get_boolean (value));
  else if (id == PROP_KEEP_SEED)
    {
      if (self->keep_seed == g_value_get_boolean (value))
        return;
      self->keep_seed = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, pspec);
    }
  else if (g_value_get_string (value) != NULL && g_strcmp0 (g_value_get_string (value), self->seed) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self), g_value_get_string (value));
}

static void
mezzotint_seed_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_SEED_ROW);
  G_OBJECT_CLASS (mezzotint_seed_row_parent_class)->dispose (object);
}

static void
mezzotint_seed_row_finalize (GObject *object)
{
  g_free (MEZZOTINT_SEED_ROW (object)->seed);
  G_OBJECT_CLASS (mezzotint_seed_row_parent_class)->finalize (object);
}

static void
mezzotint_seed_row_class_init (MezzotintSeedRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = mezzotint_seed_row_get_property;
  object_class->set_property = mezzotint_seed_row_set_property;
  object_class->dispose = mezzotint_seed_row_dispose;
  object_class->finalize = mezzotint_seed_row_finalize;
  props[PROP_SEED] = g_param_spec_string ("seed", NULL, NULL, NULL, flags);
  props[PROP_KEEP_SEED] = g_param_spec_boolean ("keep-seed", NULL, NULL, FALSE, flags);
  props[PROP_CAN_KEEP]
      = g_param_spec_boolean ("can-keep", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  roll_signal = g_signal_new ("roll", MEZZOTINT_TYPE_SEED_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/seed-row.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintSeedRow, keep_button);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, roll_cb);
}

static void
mezzotint_seed_row_init (MezzotintSeedRow *self)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
}
