/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows that say what devices there are. */
#include "ui/preferences-devices.h"

#include <glib/gi18n.h>

#include "engine.h"

static const char *
get_title (const char *backend)
{
  if (g_str_equal (backend, "cpu"))
    return _ ("Processor");
  if (g_str_equal (backend, "cuda"))
    return _ ("Graphics Card");
  return backend;
}

static void
add_row (AdwPreferencesGroup *group, const MzDeviceInfo *device)
{
  GtkWidget *row = adw_action_row_new ();
  gboolean is_usable = device->problem == NULL;
  GtkWidget *icon
      = gtk_image_new_from_icon_name (is_usable ? "emblem-ok-symbolic" : "dialog-warning-symbolic");
  const char *text = is_usable ? device->description : device->problem;
  g_autofree char *markup = g_markup_escape_text (text != NULL ? text : "", -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), get_title (device->backend));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), markup);
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  is_usable ? _ ("Can be used") : _ ("Cannot be used"), -1);
  gtk_widget_add_css_class (icon, is_usable ? "success" : "dim-label");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), icon);
  adw_preferences_group_add (group, row);
}

static void
list_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, mz_list_devices (), (GDestroyNotify) g_ptr_array_unref);
}

static void
listed_cb (GObject *group, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GPtrArray) devices = g_task_propagate_pointer (G_TASK (result), NULL);

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      const MzDeviceInfo *device = devices->pdata[i];

      /* The plain reference is for checking the others, not for drawing. */
      if (!g_str_equal (device->backend, "reference"))
        add_row (ADW_PREFERENCES_GROUP (group), device);
    }
}

void
mezzotint_preferences_add_devices (AdwPreferencesGroup *group)
{
  g_autoptr (GTask) task = g_task_new (group, NULL, listed_cb, NULL);

  g_task_run_in_thread (task, list_thread);
}
