/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the window can be told to do. */
#include <glib/gi18n.h>

#include "ui/import-open.h"
#include "ui/preferences.h"
#include "ui/toast.h"
#include "ui/window-private.h"

static MezzotintTaskView *
get_view (MezzotintWindow *self)
{
  return mezzotint_create_page_get_view (self->create_page);
}

/* ---- Making ---- */

static void
generate_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  MezzotintWindow *self = MEZZOTINT_WINDOW (widget);

  mezzotint_window_show_page (self, "create");
  mezzotint_create_page_generate (self->create_page);
}

static void
stop_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  MezzotintQueue *queue = mezzotint_services_get_queue (MEZZOTINT_WINDOW (widget)->services);
  MezzotintTask *current = mezzotint_queue_get_current (queue);

  if (current != NULL)
    mezzotint_queue_stop (queue, current,
                          g_str_equal (action, "win.stop-now") ? MEZZOTINT_STOP_NOW
                                                               : MEZZOTINT_STOP_AFTER_PICTURE);
}

static void
focus_prompt_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  MezzotintWindow *self = MEZZOTINT_WINDOW (widget);

  mezzotint_window_show_page (self, "create");
  mezzotint_create_page_focus_prompt (self->create_page);
}

/* ---- Models ---- */

void
mezzotint_window_add_model (MezzotintWindow *self, GFile *file)
{
  MezzotintModelStore *models = mezzotint_services_get_models (self->services);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *name = NULL;
  g_autofree char *message = NULL;
  MezzotintModel *model;

  if (!mezzotint_model_store_add (models, file, &error))
    {
      mezzotint_toast_say_error (GTK_WIDGET (self->stack), error);
      return;
    }
  model = mezzotint_model_store_find (models, path);
  if (model != NULL) /* a single file: it was added to be used */
    g_object_set (mezzotint_create_page_get_draft (self->create_page), "model", model, NULL);
  name = g_filename_display_basename (path);
  message = g_strdup_printf (_ ("“%s” was added to the models"), name);
  mezzotint_toast_say (GTK_WIDGET (self->stack), message);
}

static void
add_model_cb (GtkNativeDialog *dialog, int response, MezzotintWindow *self)
{
  g_autoptr (GFile) file
      = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;

  if (file != NULL)
    mezzotint_window_add_model (self, file);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
choose_model_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  MezzotintWindow *self = MEZZOTINT_WINDOW (widget);
  gboolean is_folder = g_str_equal (action, "win.add-model-folder");
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      is_folder ? _ ("Add a Folder of Models") : _ ("Add a Model"), GTK_WINDOW (self),
      is_folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Add"),
      _ ("_Cancel"));
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  if (!is_folder)
    {
      gtk_file_filter_set_name (filter, _ ("Models (.safetensors)"));
      gtk_file_filter_add_suffix (filter, "safetensors");
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
    }
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (add_model_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* ---- The picture ---- */

static void
copy_picture_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  MezzotintWindow *self = MEZZOTINT_WINDOW (widget);
  GdkTexture *texture = mezzotint_task_view_get_texture (get_view (self));

  if (texture == NULL)
    return;
  gdk_clipboard_set_texture (gtk_widget_get_clipboard (widget), texture);
  mezzotint_toast_say (GTK_WIDGET (self->stack), _ ("Picture copied"));
}

static void
saved_cb (GObject *queue, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MezzotintWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (mezzotint_queue_save_picture_finish (MEZZOTINT_QUEUE (queue), result, &error))
    mezzotint_toast_say (GTK_WIDGET (self->stack), _ ("Picture saved"));
  else
    mezzotint_toast_say_error (GTK_WIDGET (self->stack), error);
}

static void
save_response_cb (GtkNativeDialog *dialog, int response, MezzotintWindow *self)
{
  MezzotintTaskPicture *picture = g_object_get_data (G_OBJECT (dialog), "picture");
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      mezzotint_queue_save_picture_async (mezzotint_services_get_queue (self->services), picture, file, NULL,
                                          saved_cb, g_object_ref (self));
    }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
save_picture_as_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  MezzotintWindow *self = MEZZOTINT_WINDOW (widget);
  MezzotintTaskPicture *picture = mezzotint_task_view_get_picture (get_view (self));
  GtkFileChooserNative *dialog;
  g_autofree char *name = NULL;

  if (picture == NULL)
    return;
  name = g_strdup_printf ("%" G_GUINT64_FORMAT ".png", mezzotint_task_picture_get_seed (picture));
  dialog = gtk_file_chooser_native_new (_ ("Save the Picture"), GTK_WINDOW (self),
                                        GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  g_object_set_data_full (G_OBJECT (dialog), "picture", g_object_ref (picture), g_object_unref);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (save_response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
folder_shown_cb (GObject *connection, GAsyncResult *result, gpointer user_data)
{
  g_autofree char *uri = user_data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result, NULL);

  if (reply == NULL)
    gtk_show_uri (NULL, uri, GDK_CURRENT_TIME);
}

/* The file manager shows the folder with the file picked out; where it cannot, only the folder is opened. */
static void
open_folder_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  MezzotintTaskPicture *picture = mezzotint_task_view_get_picture (get_view (MEZZOTINT_WINDOW (widget)));
  const char *path = picture != NULL ? mezzotint_task_picture_get_path (picture) : NULL;
  GDBusConnection *bus = g_application_get_dbus_connection (g_application_get_default ());
  g_autoptr (GFile) file = NULL;
  g_autoptr (GFile) folder = NULL;
  g_autofree char *folder_uri = NULL;
  const char *uris[2] = { NULL, NULL };
  g_autofree char *uri = NULL;

  if (path == NULL)
    return;
  file = g_file_new_for_path (path);
  folder = g_file_get_parent (file);
  folder_uri = g_file_get_uri (folder);
  uris[0] = uri = g_file_get_uri (file);
  if (bus == NULL)
    gtk_show_uri (GTK_WINDOW (widget), folder_uri, GDK_CURRENT_TIME);
  else
    g_dbus_connection_call (bus, "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1",
                            "org.freedesktop.FileManager1", "ShowItems", g_variant_new ("(^ass)", uris, ""),
                            NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, folder_shown_cb,
                            g_steal_pointer (&folder_uri));
}

/* ---- Opening and settings ---- */

static void
open_response_cb (GtkNativeDialog *dialog, int response, MezzotintWindow *self)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      mezzotint_window_open (self, file);
    }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
open_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkFileChooserNative *dialog
      = gtk_file_chooser_native_new (_ ("Open a Picture to Take Up Its Settings"), GTK_WINDOW (widget),
                                     GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), _ ("_Cancel"));
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Pictures"));
  gtk_file_filter_add_pixbuf_formats (filter);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (open_response_cb), widget, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
paste_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  mezzotint_import_paste (MEZZOTINT_PICTURE_HOST (widget));
}

static void
preferences_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkWidget *preferences = mezzotint_preferences_new (MEZZOTINT_WINDOW (widget)->services);

  gtk_window_set_transient_for (GTK_WINDOW (preferences), GTK_WINDOW (widget));
  gtk_window_present (GTK_WINDOW (preferences));
}

/* ---- Going about ---- */

static void
show_page_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  mezzotint_window_show_page (MEZZOTINT_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
toggle_queue_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AdwFlap *flap = MEZZOTINT_WINDOW (widget)->flap;

  adw_flap_set_reveal_flap (flap, !adw_flap_get_reveal_flap (flap));
}

static void
toggle_pause_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  MezzotintQueue *queue = mezzotint_services_get_queue (MEZZOTINT_WINDOW (widget)->services);

  mezzotint_queue_set_is_paused (queue, !mezzotint_queue_get_is_paused (queue));
}

void
mezzotint_window_install_actions (GtkWidgetClass *class)
{
  static const struct
  {
    const char *name;
    const char *parameter;
    GtkWidgetActionActivateFunc activate;
  } actions[] = {
    { "win.generate", NULL, generate_cb },         { "win.stop-now", NULL, stop_cb },
    { "win.stop-after", NULL, stop_cb },           { "win.focus-prompt", NULL, focus_prompt_cb },
    { "win.add-model", NULL, choose_model_cb },    { "win.add-model-folder", NULL, choose_model_cb },
    { "win.copy-picture", NULL, copy_picture_cb }, { "win.save-picture-as", NULL, save_picture_as_cb },
    { "win.open-folder", NULL, open_folder_cb },   { "win.open", NULL, open_cb },
    { "win.paste-picture", NULL, paste_cb },       { "win.preferences", NULL, preferences_cb },
    { "win.show-page", "s", show_page_cb },        { "win.toggle-queue", NULL, toggle_queue_cb },
    { "win.toggle-pause", NULL, toggle_pause_cb },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (class, actions[i].name, actions[i].parameter, actions[i].activate);
}

void
mezzotint_window_update_actions (MezzotintWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  MezzotintTaskPicture *picture = mezzotint_task_view_get_picture (get_view (self));

  gtk_widget_action_set_enabled (widget, "win.stop-now", self->current != NULL);
  gtk_widget_action_set_enabled (widget, "win.stop-after", self->current != NULL);
  gtk_widget_action_set_enabled (widget, "win.copy-picture",
                                 mezzotint_task_view_get_texture (get_view (self)) != NULL);
  gtk_widget_action_set_enabled (widget, "win.save-picture-as", picture != NULL);
  gtk_widget_action_set_enabled (widget, "win.open-folder",
                                 picture != NULL && mezzotint_task_picture_get_path (picture) != NULL);
}
