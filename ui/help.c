/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The program's help, and which page is about which widget. */
#include "ui/help.h"

#include <glib/gi18n.h>

#include "ui/toast.h"

/* The id in a template, or the type of a widget, and its page; the innermost widget that is listed counts. */
static const struct
{
  const char *widget;
  const char *page;
} pages[] = {
  { "prompt_box", "controls#prompt" },
  { "model_row", "models" },
  { "size_row", "controls#size" },
  { "count_row", "controls#count" },
  { "seed_row", "controls#seed" },
  { "steps_row", "controls#steps" },
  { "guidance_row", "controls#guidance" },
  { "sampler_row", "samplers" },
  { "schedule_row", "samplers#schedules" },
  { "variation_row", "controls#variation" },
  { "variation_seed_row", "controls#variation" },
  { "compatibility_row", "controls#compatible" },
  { "style_row", "controls#weights" },
  { "rescale_row", "controls#tame" },
  { "eta_spin", "controls#eta" },
  { "clip_skip_spin", "controls#clip-skip" },
  { "rest_row", "controls#other" },
  { "more_row", "controls#more" },
  { "device_group", "gpu" },
  { "queue_button", "queue" },
  { "MezzotintTimelineView", "timeline" },
  { "MezzotintQueuePanel", "queue" },
  { "MezzotintGalleryPage", "gallery" },
  { "MezzotintPicturePage", "gallery#again" },
  { "MezzotintComparePage", "gallery#compare" },
  { "MezzotintImportDialog", "gallery#settings" },
  { "MezzotintPreferences", "preferences" },
  { "MezzotintCreatePage", "first-picture" },
};

const char *
mezzotint_help_find_page (GtkWidget *widget)
{
  for (; widget != NULL; widget = gtk_widget_get_parent (widget))
    {
      const char *id = gtk_buildable_get_buildable_id (GTK_BUILDABLE (widget));

      for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
        if (g_strcmp0 (id, pages[i].widget) == 0
            || g_str_equal (G_OBJECT_TYPE_NAME (widget), pages[i].widget))
          return pages[i].page;
    }
  return "index";
}

/* What goes wrong is said by the window, in its own way. */
static void
shown_cb (GObject *window, GAsyncResult *result, gpointer user_data)
{
  const char *message
      = _ ("The help cannot be shown: no program for it is installed, such as Yelp, GNOME’s Help.");
  g_autoptr (GError) error = NULL;

  if (gtk_show_uri_full_finish (GTK_WINDOW (window), result, &error)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_debug ("the help is not shown: %s", error->message);
  if (ADW_IS_PREFERENCES_WINDOW (window))
    adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (window), adw_toast_new (message));
  else if (ADW_IS_APPLICATION_WINDOW (window))
    {
      GtkWidget *content = adw_application_window_get_content (ADW_APPLICATION_WINDOW (window));

      if (content != NULL)
        mezzotint_toast_say (content, message);
    }
}

void
mezzotint_help_show (GtkWindow *window, const char *page)
{
  g_autofree char *uri = g_strconcat ("help:mezzotint/", page, NULL);

  gtk_show_uri_full (window, uri, GDK_CURRENT_TIME, NULL, shown_cb, NULL);
}
