/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The window. */
#include "ui/window.h"

#include <glib/gi18n.h>

struct _MezzotintWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toast_overlay;
  AdwViewStack *stack;
};

G_DEFINE_FINAL_TYPE (MezzotintWindow, mezzotint_window, ADW_TYPE_APPLICATION_WINDOW)

static void
add_page (MezzotintWindow *self, const char *name, const char *title, const char *icon)
{
  GtkWidget *page = g_object_new (ADW_TYPE_STATUS_PAGE, "title", title, "icon-name", icon, NULL);

  adw_view_stack_page_set_use_underline (adw_view_stack_add_titled (self->stack, page, name, title), TRUE);
  adw_view_stack_page_set_icon_name (adw_view_stack_get_page (self->stack, page), icon);
}

static void
mezzotint_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_WINDOW);
  G_OBJECT_CLASS (mezzotint_window_parent_class)->dispose (object);
}

static void
mezzotint_window_class_init (MezzotintWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mezzotint_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/window.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, MezzotintWindow, stack);
}

static void
mezzotint_window_init (MezzotintWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_page (self, "create", _ ("_Create"), "applications-graphics-symbolic");
  add_page (self, "gallery", _ ("_Gallery"), "view-grid-symbolic");
}

MezzotintWindow *
mezzotint_window_new (MezzotintApplication *application)
{
  return g_object_new (MEZZOTINT_TYPE_WINDOW, "application", application, "default-width", 1120,
                       "default-height", 740, NULL);
}
