/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Saving a picture to where the user says, on a worker. */
#include <glib/gstdio.h>

#include "app/files/png-file.h"
#include "app/jobs/queue-private.h"

typedef struct
{
  MezzotintPixels *pixels; /* NULL: copied from `source` */
  GFile *source;           /* where it is saved already */
  char *parameters;
  GFile *file;
} Saving;

static void
free_saving_cb (gpointer data)
{
  Saving *saving = data;

  g_clear_pointer (&saving->pixels, mezzotint_pixels_unref);
  g_clear_object (&saving->source);
  g_object_unref (saving->file);
  g_free (saving->parameters);
  g_free (saving);
}

static gboolean
write_local (const Saving *saving, const char *path, GError **error)
{
  g_autoptr (MezzotintAtomicFile) file = mezzotint_atomic_file_new (path, error);

  return file != NULL
         && mezzotint_png_write (file, mezzotint_pixels_get_picture (saving->pixels),
                                 MEZZOTINT_PNG_PARAMETERS, saving->parameters, error)
         && mezzotint_atomic_file_commit (file, TRUE, error);
}

/* A place that is no folder of this machine gets a copy of a file that is. */
static gboolean
write_remote (const Saving *saving, GCancellable *cancellable, GError **error)
{
  g_autofree char *folder = g_dir_make_tmp ("mezzotint-XXXXXX", error);
  g_autofree char *path = folder != NULL ? g_build_filename (folder, "picture.png", NULL) : NULL;
  g_autoptr (GFile) local = path != NULL ? g_file_new_for_path (path) : NULL;
  gboolean saved
      = local != NULL && write_local (saving, path, error)
        && g_file_copy (local, saving->file, G_FILE_COPY_OVERWRITE, cancellable, NULL, NULL, error);

  if (folder != NULL)
    {
      g_unlink (path);
      g_rmdir (folder);
    }
  return saved;
}

static void
save_cb (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Saving *saving = data;
  g_autofree char *path = g_file_get_path (saving->file);
  g_autoptr (GError) error = NULL;
  gboolean saved;

  if (saving->pixels == NULL)
    saved
        = g_file_copy (saving->source, saving->file, G_FILE_COPY_OVERWRITE, cancellable, NULL, NULL, &error);
  else if (path != NULL)
    saved = write_local (saving, path, &error);
  else
    saved = write_remote (saving, cancellable, &error);
  if (saved)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* Back on the main thread. */
static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (GTask) task = user;
  MezzotintTaskPicture *picture = g_task_get_task_data (task);
  const Saving *saving = g_task_get_task_data (G_TASK (result));
  g_autofree char *path = g_file_get_path (saving->file);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (mezzotint_task_picture_get_path (picture) == NULL && path != NULL)
    mezzotint_task_picture_set_path (picture, path);
  g_task_return_boolean (task, TRUE);
}

/* Two tasks, since a worker may hold its own the longest, and must not be the one that lets go of the queue.
 */
void
mezzotint_queue_save_picture_async (MezzotintQueue *self,
                                    MezzotintTaskPicture *picture,
                                    GFile *file,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) work = g_task_new (NULL, cancellable, saved_cb, task);
  MezzotintPixels *pixels = mezzotint_task_picture_get_pixels (picture);
  const char *path = mezzotint_task_picture_get_path (picture);
  Saving *saving = g_new0 (Saving, 1);

  saving->pixels = pixels != NULL ? mezzotint_pixels_ref (pixels) : NULL;
  saving->source = path != NULL ? g_file_new_for_path (path) : NULL;
  saving->parameters = g_strdup (mezzotint_task_picture_get_parameters (picture));
  saving->file = g_object_ref (file);
  g_task_set_source_tag (task, mezzotint_queue_save_picture_async);
  g_task_set_task_data (task, g_object_ref (picture), g_object_unref);
  g_task_set_task_data (work, saving, free_saving_cb);
  g_task_run_in_thread (work, save_cb);
}

gboolean
mezzotint_queue_save_picture_finish (MezzotintQueue *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
