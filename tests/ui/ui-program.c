/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The real program in this process. */
#include "tests/ui/ui-program.h"

#include <glib/gstdio.h>

static char *home;

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_tree (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static void
leave_home (void)
{
  remove_tree (home);
}

static void
set_folder (const char *variable, const char *name)
{
  g_autofree char *path = g_build_filename (home, name, NULL);

  g_mkdir_with_parents (path, 0700);
  g_setenv (variable, path, TRUE);
}

void
ui_program_init (int *argc, char ***argv)
{
  home = g_dir_make_tmp ("mezzotint-ui-XXXXXX", NULL);
  g_assert_nonnull (home);
  atexit (leave_home);
  g_setenv ("HOME", home, TRUE);
  set_folder ("XDG_CONFIG_HOME", "config");
  set_folder ("XDG_DATA_HOME", "data");
  set_folder ("XDG_CACHE_HOME", "cache");
  /* The program works without a session bus, and several in one process could not share it. */
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
  ui_test_init (argc, argv);
}

/* ---- Start and end ---- */

Ui *
ui_start (void)
{
  Ui *ui = g_new0 (Ui, 1);
  g_autofree char *pictures = g_build_filename (home, "pictures", NULL);
  g_autoptr (GError) error = NULL;

  ui->application = mezzotint_application_new ();
  g_application_set_flags (G_APPLICATION (ui->application),
                           G_APPLICATION_NON_UNIQUE | G_APPLICATION_IS_SERVICE);
  g_assert_true (g_application_register (G_APPLICATION (ui->application), NULL, &error));
  g_assert_no_error (error);
  ui->services = mezzotint_application_get_services (ui->application);
  ui->settings = mezzotint_services_get_settings (ui->services);
  ui->queue = mezzotint_services_get_queue (ui->services);
  g_object_set (ui->settings, "output-folder", pictures, NULL);
  g_application_activate (G_APPLICATION (ui->application));
  ui->window = GTK_WIDGET (gtk_application_get_active_window (GTK_APPLICATION (ui->application)));
  g_assert_true (MEZZOTINT_IS_WINDOW (ui->window));
  ui->create_page = ui_test_find (ui->window, MEZZOTINT_TYPE_CREATE_PAGE);
  ui->panel = ui_child (ui->create_page, "panel");
  ui->view = ui_child (ui->create_page, "view");
  ui->draft = mezzotint_create_page_get_draft (MEZZOTINT_CREATE_PAGE (ui->create_page));
  ui_test_present (ui->window);
  return ui;
}

static gboolean
is_gone (gpointer data)
{
  Ui *ui = data;

  return gtk_application_get_windows (GTK_APPLICATION (ui->application)) == NULL;
}

static gboolean
quit_cb (gpointer application)
{
  g_application_quit (application);
  return G_SOURCE_REMOVE;
}

void
ui_stop (Ui *ui)
{
  gtk_window_destroy (GTK_WINDOW (ui->window));
  ui_test_wait (is_gone, ui);
  /* Its main loop ends as it begins: what is left is the orderly end. */
  g_idle_add (quit_cb, ui->application);
  g_application_run (G_APPLICATION (ui->application), 0, NULL);
  g_object_unref (ui->application);
  g_free (ui);
}

void
ui_reset_settings (Ui *ui)
{
  static const char *const keys[]
      = { "model",    "prompt", "negative-prompt", "width", "height", "steps",  "sampler", "schedule",
          "guidance", "seed",   "keep-seed",       "count", "page",   "notify", "preview" };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    mezzotint_settings_reset (ui->settings, keys[i]);
  mezzotint_draft_use_suggested (ui->draft);
  g_object_set (ui->draft, "prompt", "a red apple", "negative-prompt", "", "count", 1, "steps", 4, NULL);
}

/* ---- Finding and doing ---- */

static GtkWidget *
find_id (GtkWidget *root, const char *id)
{
  if (g_strcmp0 (gtk_buildable_get_buildable_id (GTK_BUILDABLE (root)), id) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_id (child, id);

      if (found != NULL)
        return found;
    }
  return NULL;
}

GtkWidget *
ui_child (GtkWidget *parent, const char *id)
{
  GtkWidget *child = find_id (parent, id);

  if (child == NULL)
    g_error ("there is no %s", id);
  return child;
}

void
ui_activate (Ui *ui, const char *action)
{
  g_assert_true (gtk_widget_activate_action (ui->window, action, NULL));
}

static gboolean
is_idle (gpointer data)
{
  Ui *ui = data;

  return mezzotint_queue_get_current (ui->queue) == NULL
         && g_list_model_get_n_items (G_LIST_MODEL (ui->queue)) == 0;
}

void
ui_wait_for_idle (Ui *ui)
{
  ui_test_wait (is_idle, ui);
}
