/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tells the desktop how far the work is. */
#include "ui/notifier.h"

#include <glib/gi18n.h>

#include "app/files/identity.h"
#include "ui/words.h"

typedef struct
{
  GApplication *application; /* outlives the services */
  MezzotintServices *services;
  MezzotintTask *current;
  gboolean is_holding;
} Notifier;

/* ---- The end of a task ---- */

static gboolean
is_in_front (Notifier *notifier)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (notifier->application));

  return window != NULL && gtk_window_is_active (window);
}

static const char *
get_title (MezzotintTask *task)
{
  switch (mezzotint_task_get_state (task))
    {
    case MEZZOTINT_TASK_FINISHED:
      return mezzotint_recipe_get_request (mezzotint_task_get_recipe (task))->count > 1
                 ? _ ("Pictures Finished")
                 : _ ("Picture Finished");
    case MEZZOTINT_TASK_FAILED:
      return _ ("Picture Could Not Be Made");
    default:
      return NULL; /* the user ended it */
    }
}

static void
task_ended_cb (MezzotintQueue *queue, MezzotintTask *task, Notifier *notifier)
{
  const char *title = get_title (task);
  g_autoptr (GNotification) notification = NULL;
  g_autofree char *body = NULL;
  gboolean is_wanted;

  g_object_get (mezzotint_services_get_settings (notifier->services), "notify", &is_wanted, NULL);
  if (title == NULL || !is_wanted || is_in_front (notifier))
    return;
  /* Without a session bus GLib has nobody to tell, and complains. */
  if (g_application_get_dbus_connection (notifier->application) == NULL)
    return;
  body = mezzotint_task_get_error (task) != NULL
             ? g_strdup (mezzotint_task_get_error (task))
             : mezzotint_words_for_prompt (mezzotint_task_get_recipe (task));
  notification = g_notification_new (title);
  g_notification_set_body (notification, body);
  g_application_send_notification (notifier->application, "task-ended", notification);
}

/* ---- The dock ---- */

/* Ubuntu's dock and KDE's task bar show what this signal says; others do not listen. */
static void
update_dock (Notifier *notifier)
{
  GDBusConnection *bus = g_application_get_dbus_connection (notifier->application);
  gboolean is_active = notifier->current != NULL && mezzotint_task_is_active (notifier->current);
  GVariantBuilder properties;
  double progress = 0;

  if (bus == NULL)
    return;
  if (is_active)
    g_object_get (notifier->current, "progress", &progress, NULL);
  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&properties, "{sv}", "progress", g_variant_new_double (CLAMP (progress, 0, 1)));
  g_variant_builder_add (&properties, "{sv}", "progress-visible", g_variant_new_boolean (is_active));
  g_dbus_connection_emit_signal (
      bus, NULL, MEZZOTINT_BUS_PATH, "com.canonical.Unity.LauncherEntry", "Update",
      g_variant_new ("(sa{sv})", "application://" MEZZOTINT_DESKTOP_ID ".desktop", &properties), NULL);
}

static void
current_cb (MezzotintQueue *queue, GParamSpec *pspec, Notifier *notifier)
{
  MezzotintTask *current = mezzotint_queue_get_current (queue);

  if (notifier->current != NULL)
    g_signal_handlers_disconnect_by_func (notifier->current, update_dock, notifier);
  g_set_object (&notifier->current, current);
  if (current != NULL)
    g_signal_connect_swapped (current, "notify::progress", G_CALLBACK (update_dock), notifier);
  update_dock (notifier);
  if (notifier->is_holding == (current != NULL))
    return;
  notifier->is_holding = current != NULL;
  if (notifier->is_holding)
    g_application_hold (notifier->application);
  else
    g_application_release (notifier->application);
}

static void
free_notifier (gpointer data, GClosure *closure)
{
  Notifier *notifier = data;

  if (notifier->current != NULL)
    g_signal_handlers_disconnect_by_func (notifier->current, update_dock, notifier);
  g_clear_object (&notifier->current);
  g_free (notifier);
}

void
mezzotint_notifier_start (MezzotintServices *services, GApplication *application)
{
  MezzotintQueue *queue = mezzotint_services_get_queue (services);
  Notifier *notifier = g_new0 (Notifier, 1);

  notifier->application = application;
  notifier->services = services;
  g_signal_connect (queue, "task-ended", G_CALLBACK (task_ended_cb), notifier);
  g_signal_connect_data (queue, "notify::current", G_CALLBACK (current_cb), notifier, free_notifier, 0);
}
