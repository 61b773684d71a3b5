/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What comes from outside the window: files dropped on it, the wheel, closing while something is made, a word
 * on the desktop when it is done. */
#include <glib/gstdio.h>

#include "tests/ui/ui-program.h"
#include "ui/import-dialog.h"
#include "ui/picture-view.h"

/* ---- Dropping ---- */

/* A drop as the window's target gets it. Dragging from another window needs one manager for both. */
static void
drop (Ui *ui, const char *path)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (ui->window);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GSList files = { file, NULL };
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, gdk_file_list_new_from_list (&files));
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
      gboolean is_taken = FALSE;

      if (!GTK_IS_DROP_TARGET (controller))
        continue;
      g_assert_true (gdk_content_formats_contain_gtype (
          gtk_drop_target_get_formats (GTK_DROP_TARGET (controller)), GDK_TYPE_FILE_LIST));
      g_signal_emit_by_name (controller, "drop", &value, 10.0, 10.0, &is_taken);
      g_assert_true (is_taken);
      return;
    }
  g_assert_not_reached ();
}

static GtkWidget *
find_window (GType type)
{
  g_autoptr (GListModel) toplevels = g_object_ref (gtk_window_get_toplevels ());

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (toplevels, i);

      if (g_type_is_a (G_OBJECT_TYPE (window), type))
        return window;
    }
  return NULL;
}

static gboolean
has_dialog (gpointer data)
{
  GtkWidget *dialog = find_window (MEZZOTINT_TYPE_IMPORT_DIALOG);

  return dialog != NULL && gtk_widget_get_mapped (dialog);
}

/* A picture that was just made comes back as its settings. */
static void
test_drop_picture (void)
{
  g_autoptr (Ui) ui = ui_start ();
  MezzotintTaskPicture *picture;

  ui_reset_settings (ui);
  ui_activate (ui, "win.generate");
  ui_wait_for_idle (ui);
  picture = mezzotint_task_view_get_picture (MEZZOTINT_TASK_VIEW (ui->view));
  g_object_set (ui->draft, "prompt", "something else", NULL);
  drop (ui, mezzotint_task_picture_get_path (picture));
  ui_test_wait (has_dialog, NULL);
  gtk_widget_activate_action (find_window (MEZZOTINT_TYPE_IMPORT_DIALOG), "import.use", NULL);
  g_assert_cmpstr (mezzotint_draft_get_request (ui->draft)->prompt, ==, "a red apple");
}

static gboolean
has_model (gpointer data)
{
  return mezzotint_draft_get_model (((Ui *) data)->draft) != NULL;
}

/* A model is added and used, a folder of models is added. */
static void
test_drop_model (void)
{
  g_autoptr (Ui) ui = ui_start ();
  g_autofree char *folder = g_dir_make_tmp ("mezzotint-models-XXXXXX", NULL);
  g_autofree char *model = g_build_filename (folder, "tiny.safetensors", NULL);
  const char *proof = mz_builtin_model_path (NULL);
  g_auto (GStrv) folders = NULL;

  g_assert_nonnull (proof);
  g_assert_cmpint (symlink (proof, model), ==, 0);
  ui_reset_settings (ui);
  drop (ui, model);
  ui_test_wait (has_model, ui);
  drop (ui, folder);
  ui_test_settle (ui->window);
  g_object_get (ui->settings, "model-folders", &folders, NULL);
  g_assert_true (g_strv_contains ((const char *const *) folders, model));
  g_assert_true (g_strv_contains ((const char *const *) folders, folder));
  ui_test_shoot (ui->window, "dropped-model");
  mezzotint_settings_reset (ui->settings, "model-folders");
  mezzotint_settings_reset (ui->settings, "model");
  g_unlink (model);
  g_rmdir (folder);
}

/* ---- The wheel ---- */

static double
get_zoom (GtkWidget *view)
{
  double zoom;

  g_object_get (view, "zoom", &zoom, NULL);
  return zoom;
}

static void
test_wheel (void)
{
  g_autoptr (Ui) ui = ui_start ();
  GtkWidget *view;

  ui_reset_settings (ui);
  ui_activate (ui, "win.generate");
  ui_wait_for_idle (ui);
  view = ui_test_find (ui->view, MEZZOTINT_TYPE_PICTURE_VIEW);
  g_assert_nonnull (view);
  ui_test_scroll (view, 0.5, 0.5, -2);
  g_assert_cmpfloat (get_zoom (view), >, 1.1);
  ui_test_shoot (ui->window, "wheel");
  ui_test_scroll (view, 0.5, 0.5, 2);
  g_assert_cmpfloat_with_epsilon (get_zoom (view), 1, 1e-9);
}

/* ---- Closing ---- */

static gboolean
has_question (gpointer data)
{
  GtkWidget *dialog = find_window (ADW_TYPE_MESSAGE_DIALOG);

  return dialog != NULL && gtk_widget_get_mapped (dialog);
}

static gboolean
is_working (gpointer data)
{
  return mezzotint_queue_get_current (((Ui *) data)->queue) != NULL;
}

/* Asked first; "cancel" leaves all as it is, and then the window may go and the picture is finished. */
static void
test_close (void)
{
  g_autoptr (Ui) ui = ui_start ();

  ui_reset_settings (ui);
  g_object_set (ui->draft, "steps", 40, NULL);
  ui_activate (ui, "win.generate");
  ui_test_wait (is_working, ui);
  gtk_window_close (GTK_WINDOW (ui->window));
  ui_test_wait (has_question, ui);
  ui_test_shoot (find_window (ADW_TYPE_MESSAGE_DIALOG), "close");
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (find_window (ADW_TYPE_MESSAGE_DIALOG)), "cancel");
  ui_test_settle (ui->window);
  g_assert_true (is_working (ui));

  gtk_window_close (GTK_WINDOW (ui->window));
  ui_test_wait (has_question, ui);
  g_object_ref (ui->window); /* ui_stop() destroys it once more */
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (find_window (ADW_TYPE_MESSAGE_DIALOG)), "background");
  ui_wait_for_idle (ui);
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_queue_get_recent (ui->queue)), >, 0);
  g_object_unref (ui->window);
  ui->window = GTK_WIDGET (g_object_ref_sink (gtk_window_new ()));
}

int
main (int argc, char **argv)
{
  ui_program_init (&argc, &argv);
  g_test_add_func ("/ui/outside/drop-picture", test_drop_picture);
  g_test_add_func ("/ui/outside/drop-model", test_drop_model);
  g_test_add_func ("/ui/outside/wheel", test_wheel);
  g_test_add_func ("/ui/outside/close", test_close);
  return g_test_run ();
}
