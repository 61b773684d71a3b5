/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Saving animations: what is asked for, frames of one size, the file as a whole, and a thread for it. */
#include "app/files/animation.h"

#include <glib/gi18n.h>

#include "app/files/animation-private.h"
#include "app/files/atomic-file.h"
#include "app/files/picture.h"

/* px; GIF has 16 bits for it. */
#define MAX_SIDE 65535

gboolean
mezzotint_animation_kind_from_name (const char *name, MezzotintAnimationKind *kind)
{
  static const struct
  {
    const char *suffix;
    MezzotintAnimationKind kind;
  } kinds[] = { { ".png", MEZZOTINT_ANIMATION_APNG },
                { ".apng", MEZZOTINT_ANIMATION_APNG },
                { ".gif", MEZZOTINT_ANIMATION_GIF } };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_suffix (lower, kinds[i].suffix))
      {
        *kind = kinds[i].kind;
        return TRUE;
      }
  return FALSE;
}

const MzPicture *
mezzotint_animation_get_frame (const MezzotintAnimation *animation,
                               guint index,
                               MzPicture **scaled,
                               GError **error)
{
  const MzPicture *picture = animation->frames[index].picture;

  *scaled = NULL;
  if (mz_cancel_set_error (animation->cancel, error))
    return NULL;
  if (picture->width == animation->width && picture->height == animation->height)
    return picture;
  *scaled = mezzotint_picture_scale (picture, animation->width, animation->height, animation->cancel, error);
  return *scaled;
}

/* Fills width and height. */
static gboolean
choose_size (MezzotintAnimation *animation, GError **error)
{
  const MezzotintAnimationOptions *options = animation->options;

  for (guint i = 0; i < animation->n_frames; i++)
    {
      const MzPicture *picture = animation->frames[i].picture;

      if ((gint64) picture->width * picture->height > (gint64) animation->width * animation->height)
        {
          animation->width = picture->width;
          animation->height = picture->height;
        }
    }
  animation->width = options->width > 0 ? options->width : animation->width;
  animation->height = options->height > 0 ? options->height : animation->height;
  if (animation->width <= MAX_SIDE && animation->height <= MAX_SIDE)
    return TRUE;
  g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT, _ ("An animation of %d×%d pixels is too large."),
               animation->width, animation->height);
  return FALSE;
}

static gboolean
check_frames (guint n_frames, GError **error)
{
  if (n_frames >= 1 && n_frames <= MEZZOTINT_ANIMATION_MAX_FRAMES)
    return TRUE;
  g_set_error (error, MZ_ERROR, MZ_ERROR_ARGUMENT, _ ("An animation has from 1 to %d frames, not %u."),
               MEZZOTINT_ANIMATION_MAX_FRAMES, n_frames);
  return FALSE;
}

gboolean
mezzotint_animation_save (const char *path,
                          const MezzotintAnimationFrame *frames,
                          guint n_frames,
                          const MezzotintAnimationOptions *options,
                          MzCancel *cancel,
                          GError **error)
{
  MezzotintAnimation animation
      = { .frames = frames, .n_frames = n_frames, .options = options, .cancel = cancel };
  g_autoptr (MezzotintAtomicFile) file = NULL;
  gboolean ok;

  if (!check_frames (n_frames, error) || !choose_size (&animation, error))
    return FALSE;
  file = mezzotint_atomic_file_new (path, error);
  if (file == NULL)
    return FALSE;
  animation.stream = mezzotint_atomic_file_get_stream (file);
  ok = options->kind == MEZZOTINT_ANIMATION_GIF ? mezzotint_animation_write_gif (&animation, error)
                                                : mezzotint_animation_write_apng (&animation, error);
  return ok && !mz_cancel_set_error (cancel, error) && mezzotint_atomic_file_commit (file, TRUE, error);
}

/* ---- On a thread of its own ---- */

typedef struct
{
  char *path, *parameters;
  MezzotintAnimationKind kind;
  GPtrArray *pixels; /* MezzotintPixels */
  int frame_ms, hold_ms;
  MzCancel *cancel;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->path);
  g_free (job->parameters);
  g_ptr_array_unref (job->pixels);
  mz_cancel_unref (job->cancel);
  g_free (job);
}

static gboolean
run_job (Job *job, GError **error)
{
  guint n = job->pixels->len;
  g_autofree MezzotintAnimationFrame *frames = g_new (MezzotintAnimationFrame, n);
  const MezzotintAnimationOptions options = { .kind = job->kind, .parameters = job->parameters };

  for (guint i = 0; i < n; i++)
    frames[i] = (MezzotintAnimationFrame){ mezzotint_pixels_get_picture (g_ptr_array_index (job->pixels, i)),
                                           i + 1 < n ? job->frame_ms : job->hold_ms };
  return mezzotint_animation_save (job->path, frames, n, &options, job->cancel, error);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer cancel)
{
  mz_cancel_trigger (cancel);
}

static void
thread_cb (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;
  gulong id = 0;

  if (cancellable != NULL)
    id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), mz_cancel_ref (job->cancel),
                                (GDestroyNotify) mz_cancel_unref);
  if (run_job (job, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, id);
}

static gpointer
ref_pixels_cb (gconstpointer pixels, gpointer data)
{
  return mezzotint_pixels_ref ((MezzotintPixels *) pixels);
}

void
mezzotint_animation_save_async (const char *path,
                                MezzotintAnimationKind kind,
                                GPtrArray *pixels,
                                int frame_ms,
                                int hold_ms,
                                const char *parameters,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  g_task_set_source_tag (task, mezzotint_animation_save_async);
  job->path = g_strdup (path);
  job->parameters = g_strdup (parameters);
  job->kind = kind;
  job->pixels = g_ptr_array_copy (pixels, ref_pixels_cb, NULL);
  g_ptr_array_set_free_func (job->pixels, (GDestroyNotify) mezzotint_pixels_unref);
  job->frame_ms = frame_ms;
  job->hold_ms = hold_ms;
  job->cancel = mz_cancel_new ();
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, thread_cb);
}

gboolean
mezzotint_animation_save_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
