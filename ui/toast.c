/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Toasts. */
#include "ui/toast.h"

#include "core/error.h"

GtkWidget *
mezzotint_toast_get_place (GtkWidget *widget)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);

  return overlay != NULL ? overlay : widget;
}

void
mezzotint_toast_show (GtkWidget *widget, AdwToast *toast)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);

  if (overlay != NULL)
    adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
  else
    g_object_unref (toast);
}

void
mezzotint_toast_say (GtkWidget *widget, const char *message)
{
  /* A toast's title is markup. */
  g_autofree char *title = g_markup_escape_text (message, -1);

  mezzotint_toast_show (widget, adw_toast_new (title));
}

void
mezzotint_toast_say_error (GtkWidget *widget, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_error_matches (error, MZ_ERROR, MZ_ERROR_CANCELLED))
    return;
  mezzotint_toast_say (widget, error->message);
}
