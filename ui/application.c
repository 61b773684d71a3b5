/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The program with a window. */
#include "ui/application.h"

#include <glib/gi18n.h>
#include <time.h>

#include "app/cli/cli.h"
#include "app/files/identity.h"
#include "app/settings.h"
#include "ui/help.h"
#include "ui/notifier.h"
#include "ui/window.h"

/* Made by glib-compile-resources; it has no header of its own worth including. */
GResource *mezzotint_get_resource (void);

struct _MezzotintApplication
{
  AdwApplication parent_instance;

  MezzotintServices *services; /* of the primary instance; NULL before it starts */
  gint64 begun_us;             /* when the program began; 0: was said */
};

G_DEFINE_FINAL_TYPE (MezzotintApplication, mezzotint_application, ADW_TYPE_APPLICATION)

/* From the beginning of the program to the first picture of its window; G_MESSAGES_DEBUG=mezzotint shows it.
 */
static void
first_paint_cb (GdkFrameClock *frames, MezzotintApplication *self)
{
  g_signal_handlers_disconnect_by_func (frames, first_paint_cb, self);
  if (self->begun_us != 0)
    g_debug ("window on screen after %.0f ms, %.0f of them of the processor",
             (double) (g_get_monotonic_time () - self->begun_us) / 1000,
             (double) clock () / CLOCKS_PER_SEC * 1000);
  self->begun_us = 0;
}

static void
realize_cb (GtkWidget *window, MezzotintApplication *self)
{
  g_signal_connect_object (gtk_widget_get_frame_clock (window), "after-paint", G_CALLBACK (first_paint_cb),
                           self, 0);
}

static MezzotintWindow *
get_window (MezzotintApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL || !MEZZOTINT_IS_WINDOW (window))
    {
      window = GTK_WINDOW (mezzotint_window_new (GTK_APPLICATION (self), self->services));
      g_signal_connect_object (window, "realize", G_CALLBACK (realize_cb), self, 0);
    }
  return MEZZOTINT_WINDOW (window);
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_application_quit (G_APPLICATION (user_data));
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  static const char *developers[] = { "The Mezzotint developers", NULL };
  AdwAboutWindow *about = ADW_ABOUT_WINDOW (adw_about_window_new ());

  adw_about_window_set_application_name (about, "Mezzotint");
  adw_about_window_set_application_icon (about, MEZZOTINT_DESKTOP_ID);
  adw_about_window_set_version (about, MEZZOTINT_VERSION);
  adw_about_window_set_comments (about, _ ("Draws pictures from words, on this machine alone."));
  adw_about_window_set_developer_name (about, _ ("The Mezzotint developers"));
  adw_about_window_set_developers (about, developers);
  adw_about_window_set_copyright (about, "© 2026 The Mezzotint developers");
  adw_about_window_set_license_type (about, GTK_LICENSE_GPL_3_0);
  adw_about_window_set_translator_credits (about, _ ("translator-credits"));
  gtk_window_set_transient_for (GTK_WINDOW (about),
                                gtk_application_get_active_window (GTK_APPLICATION (user_data)));
  gtk_window_present (GTK_WINDOW (about));
}

/* F1: about what has the focus. A button of a template says which page by the action's parameter. */
static void
help_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (user_data));

  if (window == NULL)
    return;
  mezzotint_help_show (window, parameter != NULL ? g_variant_get_string (parameter, NULL)
                                                 : mezzotint_help_find_page (gtk_window_get_focus (window)));
}

/* The desktop's search asks for these two (app/library/search-provider.h). */
static void
search_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MezzotintWindow *window = get_window (MEZZOTINT_APPLICATION (user_data));

  gtk_window_present (GTK_WINDOW (window));
  mezzotint_window_search (window, g_variant_get_string (parameter, NULL));
}

/* Its parameter is a URI, since not every path is UTF-8. */
static void
show_picture_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MezzotintWindow *window = get_window (MEZZOTINT_APPLICATION (user_data));
  g_autofree char *path = g_filename_from_uri (g_variant_get_string (parameter, NULL), NULL, NULL);

  gtk_window_present (GTK_WINDOW (window));
  if (path != NULL)
    mezzotint_window_show_picture (window, path);
}

static void
set_accels (GtkApplication *application)
{
  static const struct
  {
    const char *action;
    const char *accels[3];
  } table[] = {
    { "app.help", { "F1" } },
    { "app.quit", { "<Control>q" } },
    { "window.close", { "<Control>w" } },
    { "win.generate", { "<Control>Return", "<Control>KP_Enter" } },
    { "win.stop-now", { "<Control>period" } },
    { "win.stop-after", { "<Control><Shift>period", "<Control>greater" } },
    { "win.focus-prompt", { "<Control>l" } },
    { "win.copy-picture", { "<Control><Shift>c" } },
    { "win.save-picture-as", { "<Control><Shift>s" } },
    { "win.toggle-queue", { "F9" } },
    { "win.toggle-pause", { "<Control><Shift>p" } },
    { "win.show-page::create", { "<Alt>1" } },
    { "win.show-page::gallery", { "<Alt>2" } },
    { "win.open", { "<Control>o" } },
    { "win.paste-picture", { "<Control><Shift>v" } },
    { "win.preferences", { "<Control>comma" } },
    { "win.show-help-overlay", { "<Control>question" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    gtk_application_set_accels_for_action (application, table[i].action, table[i].accels);
}

static void
mezzotint_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = {
    { "about", about_cb }, { "help", help_cb },          { "help-page", help_cb, "s" },
    { "quit", quit_cb },   { "search", search_cb, "s" }, { "show-picture", show_picture_cb, "s" },
  };
  MezzotintApplication *self = MEZZOTINT_APPLICATION (application);

  g_resources_register (mezzotint_get_resource ());
  G_APPLICATION_CLASS (mezzotint_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (MEZZOTINT_DESKTOP_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions), application);
  set_accels (GTK_APPLICATION (application));
  self->services = mezzotint_services_new ();
  mezzotint_notifier_start (self->services, application);
  mezzotint_queue_start (mezzotint_services_get_queue (self->services));
}

/* The engine's thread ends before anything that it could call back. */
static void
mezzotint_application_shutdown (GApplication *application)
{
  MezzotintApplication *self = MEZZOTINT_APPLICATION (application);

  mezzotint_services_shutdown (self->services);
  G_APPLICATION_CLASS (mezzotint_application_parent_class)->shutdown (application);
  g_clear_object (&self->services);
}

static void
mezzotint_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (get_window (MEZZOTINT_APPLICATION (application))));
}

static void
mezzotint_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  MezzotintWindow *window = get_window (MEZZOTINT_APPLICATION (application));

  gtk_window_present (GTK_WINDOW (window));
  for (int i = 0; i < n_files; i++)
    mezzotint_window_open (window, files[i]);
}

static void
mezzotint_application_class_init (MezzotintApplicationClass *class)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  application_class->startup = mezzotint_application_startup;
  application_class->shutdown = mezzotint_application_shutdown;
  application_class->activate = mezzotint_application_activate;
  application_class->open = mezzotint_application_open;
}

static void
mezzotint_application_init (MezzotintApplication *self)
{
}

MezzotintApplication *
mezzotint_application_new (void)
{
  return g_object_new (MEZZOTINT_TYPE_APPLICATION, "application-id", MEZZOTINT_DESKTOP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/io/github/mezzotint/Mezzotint",
                       NULL);
}

MezzotintServices *
mezzotint_application_get_services (MezzotintApplication *self)
{
  g_return_val_if_fail (MEZZOTINT_IS_APPLICATION (self), NULL);
  return self->services;
}

int
mezzotint_application_main (int argc, char **argv)
{
  g_autoptr (MezzotintApplication) application = NULL;
  gint64 begun_us = g_get_monotonic_time ();

  /* GtkApplication would end the process with a line meant for programmers. */
  if (!gtk_init_check ())
    {
      cli_print_error (
          _ ("mezzotint: There is no display to open a window on. “mezzotint generate” works without "
             "one; “mezzotint --help” tells more.\n"));
      return 1;
    }
  g_set_application_name ("Mezzotint");
  application = mezzotint_application_new ();
  application->begun_us = begun_us;
  return g_application_run (G_APPLICATION (application), argc, argv);
}
