/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From a step to a file: ask where, decode on the engine's thread, write on a worker. */
#include "ui/timeline-save.h"

#include <glib/gi18n.h>

#include "app/files/parameters-request.h"
#include "app/files/png-file.h"
#include "ui/toast.h"

/* One picture on its way; passed on from callback to callback. */
typedef struct
{
  GtkWidget *place; /* where toasts are shown */
  MezzotintEngineService *engine;
  MezzotintFrame *frame;
  MezzotintRecipe *recipe;
  guint64 seed;
  int index; /* of the picture in its run */
  GtkFileChooserNative *dialog;
  char *path;
  MezzotintPixels *pixels;
} Saving;

static void
saving_free (Saving *saving)
{
  g_object_unref (saving->place);
  g_clear_object (&saving->engine);
  g_object_unref (saving->frame);
  mezzotint_recipe_unref (saving->recipe);
  g_clear_object (&saving->dialog);
  g_free (saving->path);
  g_clear_pointer (&saving->pixels, mezzotint_pixels_unref);
  g_free (saving);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Saving, saving_free)

/* ---- Writing ---- */

/* The settings of the run; a step says that it is one, so that nobody takes it for the finished picture. */
static char *
make_parameters (Saving *saving)
{
  const char *path = mezzotint_recipe_get_model (saving->recipe);
  g_autofree char *file = path != NULL ? g_path_get_basename (path) : g_strdup ("Proof");
  char *dot = path != NULL ? strrchr (file, '.') : NULL;
  g_autoptr (MezzotintParameters) parameters = NULL;

  if (dot != NULL && dot != file)
    *dot = '\0';
  parameters = mezzotint_parameters_of_picture (mezzotint_recipe_get_request (saving->recipe), saving->index,
                                                g_utf8_validate (file, -1, NULL) ? file : NULL, NULL);
  if (!mezzotint_frame_is_final (saving->frame))
    {
      g_autofree char *step = g_strdup_printf ("%d", mezzotint_frame_get_step (saving->frame));

      mezzotint_parameters_set (parameters, "Stopped after step", step);
    }
  return mezzotint_parameters_to_text (parameters);
}

static void
write_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Saving *saving = data;
  GError *error = NULL;
  g_autofree char *text = make_parameters (saving);
  g_autoptr (MezzotintAtomicFile) file = mezzotint_atomic_file_new (saving->path, &error);

  if (file != NULL
      && mezzotint_png_write (file, mezzotint_pixels_get_picture (saving->pixels), MEZZOTINT_PNG_PARAMETERS,
                              text, &error)
      && mezzotint_atomic_file_commit (file, TRUE, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
written_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Saving *saving = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_filename_display_basename (saving->path);
  g_autofree char *message = g_strdup_printf (_ ("Saved as “%s”"), name);

  if (g_task_propagate_boolean (G_TASK (result), &error))
    mezzotint_toast_say (saving->place, message);
  else
    mezzotint_toast_say_error (saving->place, error);
}

/* Takes `saving` over. */
static void
write_picture (Saving *saving)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, written_cb, NULL);

  g_task_set_task_data (task, saving, (GDestroyNotify) saving_free);
  g_task_run_in_thread (task, write_thread);
}

/* ---- Decoding ---- */

static void
decoded_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (Saving) saving = data;
  g_autoptr (GError) error = NULL;

  saving->pixels = mezzotint_engine_service_decode_finish (MEZZOTINT_ENGINE_SERVICE (object), result, &error);
  if (saving->pixels != NULL)
    write_picture (g_steal_pointer (&saving));
  else
    mezzotint_toast_say_error (saving->place, error);
}

/* Takes `saving` over. */
static void
decode (Saving *owned)
{
  g_autoptr (Saving) saving = owned;
  MzSnapshot *snapshot = mezzotint_frame_get_snapshot (saving->frame);

  if (mezzotint_frame_is_final (saving->frame))
    {
      saving->pixels = mezzotint_pixels_ref (mezzotint_frame_get_pixels (saving->frame));
      write_picture (g_steal_pointer (&saving));
    }
  else if (snapshot != NULL && saving->engine != NULL)
    mezzotint_engine_service_decode_async (saving->engine, snapshot,
                                           mezzotint_recipe_get_model (saving->recipe), NULL, decoded_cb,
                                           g_steal_pointer (&saving));
  else
    mezzotint_toast_say (saving->place, _ ("This step is no longer kept in memory"));
}

/* ---- Asking where ---- */

static void
answered_cb (Saving *saving, int response)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (saving->dialog));

  saving->path = file != NULL ? g_file_get_path (file) : NULL;
  g_clear_object (&saving->dialog);
  if (response == GTK_RESPONSE_ACCEPT && saving->path != NULL)
    decode (saving);
  else
    saving_free (saving);
}

static void
ask (Saving *saving)
{
  GtkRoot *root = gtk_widget_get_root (saving->place);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  g_autofree char *name = g_strdup_printf ("mezzotint-%" G_GUINT64_FORMAT "-step%02d.png", saving->seed,
                                           mezzotint_frame_get_step (saving->frame));

  saving->dialog
      = gtk_file_chooser_native_new (_ ("Save This Step"), GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                     GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (saving->dialog), TRUE);
  gtk_file_filter_set_name (filter, _ ("PNG pictures"));
  gtk_file_filter_add_mime_type (filter, "image/png");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (saving->dialog), filter);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (saving->dialog), name);
  g_signal_connect_swapped (saving->dialog, "response", G_CALLBACK (answered_cb), saving);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (saving->dialog));
}

void
mezzotint_timeline_save_step (GtkWidget *widget,
                              MezzotintEngineService *engine,
                              MezzotintTimeline *timeline,
                              MezzotintFrame *frame,
                              MezzotintRecipe *recipe)
{
  Saving *saving = g_new0 (Saving, 1);

  saving->place = g_object_ref (mezzotint_toast_get_place (widget));
  saving->engine = engine != NULL ? g_object_ref (engine) : NULL;
  saving->frame = g_object_ref (frame);
  saving->recipe = mezzotint_recipe_ref (recipe);
  saving->seed = mezzotint_timeline_get_seed (timeline);
  saving->index = mezzotint_timeline_get_picture (timeline);
  ask (saving);
}
