/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures into the trash and out of it again. */
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#include "app/files/trash.h"
#include "app/library/gallery-private.h"

/* What a thread is to do. It belongs to the caller's task; the thread's own task only points at it. */
typedef struct
{
  GError *error;      /* out: the first failure, NULL if there was none */
  GPtrArray *paths;   /* char *, absolute; to the trash */
  GPtrArray *trashed; /* MezzotintTrashed; to the trash: out, those that went; from it: those to bring back */
} Errand;

static void
free_errand (gpointer data)
{
  Errand *errand = data;

  g_clear_pointer (&errand->paths, g_ptr_array_unref);
  g_clear_pointer (&errand->trashed, g_ptr_array_unref);
  g_clear_error (&errand->error);
  g_free (errand);
}

/* Looks again at what moved. Main thread. */
static void
look (MezzotintGallery *self, const GPtrArray *trashed)
{
  for (guint i = 0; i < trashed->len; i++)
    mezzotint_gallery_add (self, mezzotint_trashed_get_path (trashed->pdata[i]));
}

static void
note_error (Errand *errand, GError *error)
{
  if (errand->error == NULL)
    errand->error = error;
  else
    g_error_free (error);
}

/* Two tasks, since a worker may hold its own the longest, and must not be the one that lets go of the
 * gallery: `task`, with its errand, goes on in `done` on the main thread. Both are taken over. */
static void
run_errand (GTask *task, Errand *errand, GTaskThreadFunc run, GAsyncReadyCallback done)
{
  g_autoptr (GTask) work = g_task_new (NULL, g_task_get_cancellable (task), done, task);

  g_task_set_task_data (task, errand, free_errand);
  g_task_set_check_cancellable (task, FALSE); /* what went is told even so */
  g_task_set_task_data (work, errand, NULL);
  g_task_set_check_cancellable (work, FALSE);
  g_task_run_in_thread (work, run);
}

/* ---- Into it ---- */

static void
trash_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Errand *errand = data;

  for (guint i = 0; i < errand->paths->len; i++)
    {
      GError *error = NULL;
      MezzotintTrashed *trashed = mezzotint_trash_file (errand->paths->pdata[i], cancellable, &error);

      if (trashed != NULL)
        g_ptr_array_add (errand->trashed, trashed);
      else
        note_error (errand, error);
    }
  g_task_return_boolean (task, TRUE);
}

static void
trash_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Errand *errand = g_task_get_task_data (task);

  if (errand->error != NULL && errand->trashed->len == 0)
    g_task_return_error (task, g_steal_pointer (&errand->error));
  else /* some went: the caller must be able to bring those back */
    g_task_return_pointer (task, g_ptr_array_ref (errand->trashed), (GDestroyNotify) g_ptr_array_unref);
}

void
mezzotint_gallery_trash_async (MezzotintGallery *self,
                               GPtrArray *items,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Errand *errand = g_new0 (Errand, 1);

  errand->paths = g_ptr_array_new_with_free_func (g_free);
  errand->trashed = g_ptr_array_new_with_free_func ((GDestroyNotify) mezzotint_trashed_free);
  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add (errand->paths, g_strdup (mezzotint_gallery_item_get_path (items->pdata[i])));
  g_task_set_source_tag (task, mezzotint_gallery_trash_async);
  run_errand (task, errand, trash_thread, trash_done_cb);
}

GPtrArray *
mezzotint_gallery_trash_finish (MezzotintGallery *self, GAsyncResult *result, char **problem, GError **error)
{
  const Errand *errand = g_task_get_task_data (G_TASK (result));
  GPtrArray *trashed = g_task_propagate_pointer (G_TASK (result), error);

  if (trashed != NULL)
    look (self, trashed);
  *problem = errand->error != NULL ? g_strdup (errand->error->message) : NULL;
  return trashed;
}

/* ---- Out of it ---- */

static void
untrash_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Errand *errand = data;

  for (guint i = 0; i < errand->trashed->len; i++)
    {
      GError *error = NULL;

      if (!mezzotint_trash_restore (errand->trashed->pdata[i], cancellable, &error))
        note_error (errand, error);
    }
  g_task_return_boolean (task, TRUE);
}

static void
untrash_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Errand *errand = g_task_get_task_data (task);

  if (errand->error != NULL)
    g_task_return_error (task, g_steal_pointer (&errand->error));
  else
    g_task_return_boolean (task, TRUE);
}

void
mezzotint_gallery_untrash_async (MezzotintGallery *self,
                                 GPtrArray *trashed,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Errand *errand = g_new0 (Errand, 1);

  errand->trashed = g_ptr_array_ref (trashed);
  g_task_set_source_tag (task, mezzotint_gallery_untrash_async);
  run_errand (task, errand, untrash_thread, untrash_done_cb);
}

gboolean
mezzotint_gallery_untrash_finish (MezzotintGallery *self, GAsyncResult *result, GError **error)
{
  Errand *errand = g_task_get_task_data (G_TASK (result));

  look (self, errand->trashed);
  return g_task_propagate_boolean (G_TASK (result), error);
}
