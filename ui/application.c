/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The program with a window. */
#include "ui/application.h"

#include <glib/gi18n.h>

#include "app/cli/cli.h"
#include "app/settings.h"
#include "ui/window.h"

/* Made by glib-compile-resources; it has no header of its own worth including. */
GResource *mezzotint_get_resource (void);

struct _MezzotintApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (MezzotintApplication, mezzotint_application, ADW_TYPE_APPLICATION)

static MezzotintWindow *
get_window (MezzotintApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL || !MEZZOTINT_IS_WINDOW (window))
    window = GTK_WINDOW (mezzotint_window_new (self));
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
  adw_about_window_set_application_icon (about, MEZZOTINT_APP_ID);
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

static void
mezzotint_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = {
    { "about", about_cb },
    { "quit", quit_cb },
  };
  static const struct
  {
    const char *action;
    const char *accels[3];
  } accels[] = {
    { "app.quit", { "<Control>q" } },
    { "window.close", { "<Control>w" } },
  };

  g_resources_register (mezzotint_get_resource ());
  G_APPLICATION_CLASS (mezzotint_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (MEZZOTINT_APP_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions), application);
  for (gsize i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i].action, accels[i].accels);
}

static void
mezzotint_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (get_window (MEZZOTINT_APPLICATION (application))));
}

static void
mezzotint_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  mezzotint_application_activate (application);
}

static void
mezzotint_application_class_init (MezzotintApplicationClass *class)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  application_class->startup = mezzotint_application_startup;
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
  return g_object_new (MEZZOTINT_TYPE_APPLICATION, "application-id", MEZZOTINT_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/io/github/mezzotint/Mezzotint",
                       NULL);
}

int
mezzotint_application_main (int argc, char **argv)
{
  g_autoptr (MezzotintApplication) application = NULL;

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
  return g_application_run (G_APPLICATION (application), argc, argv);
}
