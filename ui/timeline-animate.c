/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* All steps of a picture as an animation. */
#include "ui/timeline-save.h"

#include <glib/gi18n.h>

#include "app/files/animation.h"
#include "app/files/parameters-request.h"
#include "ui/toast.h"

/* A run plays in about this time, and rests on the finished picture for a while. */
#define PLAY_MS 4000
#define MIN_FRAME_MS 40
#define MAX_FRAME_MS 250
#define HOLD_MS 1500

typedef struct
{
  GtkWidget *place;  /* where toasts are shown */
  GPtrArray *pixels; /* of the frames, as they were when asked for */
  char *parameters;
  GtkFileChooserNative *dialog;
  char *path;
} Animation;

static void
animation_free (Animation *animation)
{
  g_object_unref (animation->place);
  g_ptr_array_unref (animation->pixels);
  g_free (animation->parameters);
  g_clear_object (&animation->dialog);
  g_free (animation->path);
  g_free (animation);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Animation, animation_free)

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Animation) animation = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_filename_display_basename (animation->path);
  g_autofree char *message = g_strdup_printf (_ ("Saved as “%s”"), name);

  if (mezzotint_animation_save_finish (result, &error))
    mezzotint_toast_say (animation->place, message);
  else
    mezzotint_toast_say_error (animation->place, error);
}

static void
save (Animation *owned, MezzotintAnimationKind kind)
{
  g_autoptr (Animation) animation = owned;
  int frame_ms = CLAMP (PLAY_MS / (int) animation->pixels->len, MIN_FRAME_MS, MAX_FRAME_MS);
  const char *path = animation->path, *parameters = animation->parameters;
  GPtrArray *pixels = animation->pixels;

  mezzotint_animation_save_async (path, kind, pixels, frame_ms, HOLD_MS, parameters, NULL, saved_cb,
                                  g_steal_pointer (&animation));
}

static void
answered_cb (Animation *owned, int response)
{
  g_autoptr (Animation) animation = owned;
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (animation->dialog));
  MezzotintAnimationKind kind;

  animation->path = file != NULL ? g_file_get_path (file) : NULL;
  g_clear_object (&animation->dialog);
  if (response != GTK_RESPONSE_ACCEPT || animation->path == NULL)
    return;
  if (mezzotint_animation_kind_from_name (animation->path, &kind))
    save (g_steal_pointer (&animation), kind);
  else
    mezzotint_toast_say (animation->place, _ ("An animation's name ends in “.png” or “.gif”"));
}

static void
add_filter (GtkFileChooserNative *dialog, const char *name, const char *type)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  gtk_file_filter_add_mime_type (filter, type);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
}

static char *
make_parameters (MezzotintTimeline *timeline, MezzotintRecipe *recipe)
{
  g_autoptr (MezzotintParameters) parameters = mezzotint_parameters_of_picture (
      mezzotint_recipe_get_request (recipe), mezzotint_timeline_get_picture (timeline), NULL, NULL);

  return mezzotint_parameters_to_text (parameters);
}

static GPtrArray *
list_pixels (MezzotintTimeline *timeline)
{
  guint n_frames = g_list_model_get_n_items (G_LIST_MODEL (timeline));
  GPtrArray *pixels = g_ptr_array_new_with_free_func ((GDestroyNotify) mezzotint_pixels_unref);

  for (guint i = 0; i < n_frames; i++)
    {
      g_autoptr (MezzotintFrame) frame = g_list_model_get_item (G_LIST_MODEL (timeline), i);

      g_ptr_array_add (pixels, mezzotint_pixels_ref (mezzotint_frame_get_pixels (frame)));
    }
  return pixels;
}

void
mezzotint_timeline_save_animation (GtkWidget *widget, MezzotintTimeline *timeline, MezzotintRecipe *recipe)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  g_autofree char *name
      = g_strdup_printf ("mezzotint-%" G_GUINT64_FORMAT "-steps.png", mezzotint_timeline_get_seed (timeline));
  Animation *animation;

  if (g_list_model_get_n_items (G_LIST_MODEL (timeline)) == 0)
    return;
  animation = g_new0 (Animation, 1);
  animation->place = g_object_ref (mezzotint_toast_get_place (widget));
  animation->pixels = list_pixels (timeline);
  animation->parameters = make_parameters (timeline, recipe);
  animation->dialog
      = gtk_file_chooser_native_new (_ ("Save as Animation"), GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                     GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (animation->dialog), TRUE);
  add_filter (animation->dialog, _ ("Animated PNG: nothing is lost"), "image/png");
  add_filter (animation->dialog, _ ("GIF: plays everywhere"), "image/gif");
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (animation->dialog), name);
  g_signal_connect_swapped (animation->dialog, "response", G_CALLBACK (answered_cb), animation);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (animation->dialog));
}
