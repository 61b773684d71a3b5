/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A row with a number. */
#include "ui/number-row.h"

#include <math.h>

#include "ui/no-scroll.h"

struct _MezzotintNumberRow
{
  AdwPreferencesRow parent_instance;

  GtkSpinButton *spin;
  GtkScale *scale;
  double sensible_lower, sensible_upper;
};

G_DEFINE_FINAL_TYPE (MezzotintNumberRow, mezzotint_number_row, ADW_TYPE_PREFERENCES_ROW)

enum
{
  PROP_0,
  PROP_VALUE,
  PROP_ADJUSTMENT,
  PROP_SENSIBLE_LOWER,
  PROP_SENSIBLE_UPPER,
  PROP_DIGITS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* The slider shows the nearest that it can; only the user's hand on it changes the value. */
static void
spin_changed_cb (MezzotintNumberRow *self)
{
  gtk_range_set_value (GTK_RANGE (self->scale), gtk_spin_button_get_value (self->spin));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_VALUE]);
}

static gboolean
scale_changed_cb (MezzotintNumberRow *self, GtkScrollType scroll, double value)
{
  double increment, page;

  gtk_spin_button_get_increments (self->spin, &increment, &page);
  value = CLAMP (value, self->sensible_lower, self->sensible_upper);
  gtk_spin_button_set_value (self->spin, round (value / increment) * increment);
  return GDK_EVENT_STOP;
}

static void
update_scale (MezzotintNumberRow *self)
{
  GtkAdjustment *legal = gtk_spin_button_get_adjustment (self->spin);

  if (self->sensible_upper <= self->sensible_lower)
    return;
  gtk_range_set_adjustment (GTK_RANGE (self->scale),
                            gtk_adjustment_new (gtk_adjustment_get_value (legal), self->sensible_lower,
                                                self->sensible_upper,
                                                gtk_adjustment_get_step_increment (legal),
                                                gtk_adjustment_get_page_increment (legal), 0));
}

static void
mezzotint_number_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  MezzotintNumberRow *self = MEZZOTINT_NUMBER_ROW (object);

  switch (id)
    {
    case PROP_VALUE:
      g_value_set_double (value, gtk_spin_button_get_value (self->spin));
      break;
    case PROP_ADJUSTMENT:
      g_value_set_object (value, gtk_spin_button_get_adjustment (self->spin));
      break;
    case PROP_SENSIBLE_LOWER:
      g_value_set_double (value, self->sensible_lower);
      break;
    case PROP_SENSIBLE_UPPER:
      g_value_set_double (value, self->sensible_upper);
      break;
    case PROP_DIGITS:
      g_value_set_uint (value, gtk_spin_button_get_digits (self->spin));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mezzotint_number_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MezzotintNumberRow *self = MEZZOTINT_NUMBER_ROW (object);

  switch (id)
    {
    case PROP_VALUE:
      gtk_spin_button_set_value (self->spin, g_value_get_double (value));
      break;
    case PROP_ADJUSTMENT:
      if (g_value_get_object (value) != NULL)
        gtk_spin_button_set_adjustment (self->spin, g_value_get_object (value));
      update_scale (self);
      break;
    case PROP_SENSIBLE_LOWER:
      self->sensible_lower = g_value_get_double (value);
      update_scale (self);
      break;
    case PROP_SENSIBLE_UPPER:
      self->sensible_upper = g_value_get_double (value);
      update_scale (self);
      break;
    case PROP_DIGITS:
      gtk_spin_button_set_digits (self->spin, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mezzotint_number_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_NUMBER_ROW);
  G_OBJECT_CLASS (mezzotint_number_row_parent_class)->dispose (object);
}

static void
mezzotint_number_row_class_init (MezzotintNumberRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = mezzotint_number_row_get_property;
  object_class->set_property = mezzotint_number_row_set_property;
  object_class->dispose = mezzotint_number_row_dispose;
  props[PROP_VALUE] = g_param_spec_double ("value", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0,
                                           flags | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_ADJUSTMENT] = g_param_spec_object ("adjustment", NULL, NULL, GTK_TYPE_ADJUSTMENT, flags);
  props[PROP_SENSIBLE_LOWER]
      = g_param_spec_double ("sensible-lower", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, flags);
  props[PROP_SENSIBLE_UPPER]
      = g_param_spec_double ("sensible-upper", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, flags);
  props[PROP_DIGITS] = g_param_spec_uint ("digits", NULL, NULL, 0, 20, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/number-row.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintNumberRow, spin);
  gtk_widget_class_bind_template_child (widget_class, MezzotintNumberRow, scale);
  gtk_widget_class_bind_template_callback (widget_class, spin_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, scale_changed_cb);
}

static void
mezzotint_number_row_init (MezzotintNumberRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  mezzotint_ignore_scroll (GTK_WIDGET (self->spin));
  mezzotint_ignore_scroll (GTK_WIDGET (self->scale));
}
