/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A sentence across the top of a page. */
#include "ui/banner.h"

struct _MezzotintBanner
{
  GtkWidget parent_instance;

  GtkRevealer *revealer;
  GtkLabel *label;
  GtkButton *button;
};

G_DEFINE_FINAL_TYPE (MezzotintBanner, mezzotint_banner, GTK_TYPE_WIDGET)

static guint activated_signal, closed_signal;

static void
activated_cb (MezzotintBanner *self)
{
  g_signal_emit (self, activated_signal, 0);
}

static void
closed_cb (MezzotintBanner *self)
{
  mezzotint_banner_hide (self);
  g_signal_emit (self, closed_signal, 0);
}

static void
mezzotint_banner_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_BANNER);
  G_OBJECT_CLASS (mezzotint_banner_parent_class)->dispose (object);
}

static void
mezzotint_banner_class_init (MezzotintBannerClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mezzotint_banner_dispose;
  activated_signal = g_signal_new ("activated", MEZZOTINT_TYPE_BANNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
  closed_signal = g_signal_new ("closed", MEZZOTINT_TYPE_BANNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/banner.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintBanner, revealer);
  gtk_widget_class_bind_template_child (widget_class, MezzotintBanner, label);
  gtk_widget_class_bind_template_child (widget_class, MezzotintBanner, button);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, closed_cb);
}

static void
mezzotint_banner_init (MezzotintBanner *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
mezzotint_banner_show (MezzotintBanner *self, const char *message, const char *button)
{
  g_return_if_fail (MEZZOTINT_IS_BANNER (self));
  if (message == NULL)
    {
      mezzotint_banner_hide (self);
      return;
    }
  gtk_label_set_label (self->label, message);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, message, -1);
  gtk_widget_set_visible (GTK_WIDGET (self->button), button != NULL);
  if (button != NULL)
    gtk_button_set_label (self->button, button);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
}

void
mezzotint_banner_hide (MezzotintBanner *self)
{
  g_return_if_fail (MEZZOTINT_IS_BANNER (self));
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
}
