/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Making a picture again, and an honest answer about it. */
#include "ui/picture-remake.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#include "app/files/import.h"
#include "app/files/parameters-compare.h"
#include "ui/compare-page.h"
#include "ui/import-model.h"
#include "ui/picture-actions.h"
#include "ui/picture-host.h"
#include "ui/toast.h"

/* Counted: its dialog, the queue's signal or what is being read holds it. */
typedef struct
{
  GtkWidget *place; /* where toasts are shown */
  MezzotintPictureHost *host;
  MezzotintGalleryItem *item;
  MezzotintPixels *pixels; /* the file's */
  MezzotintImport *import;
  MezzotintTask *task;
  gulong ended_handler; /* of the queue */
  char *new_path;       /* NULL: not saved */
} Remake;

static void
remake_clear (gpointer data)
{
  Remake *remake = data;

  g_signal_handlers_disconnect_by_data (remake->host, remake);
  g_object_unref (remake->place);
  g_object_unref (remake->host);
  g_object_unref (remake->item);
  g_clear_object (&remake->task);
  g_clear_pointer (&remake->pixels, mezzotint_pixels_unref);
  g_clear_pointer (&remake->import, mezzotint_import_free);
  g_free (remake->new_path);
}

static void
remake_free (gpointer remake)
{
  g_rc_box_release_full (remake, remake_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Remake, remake_free)

/* ---- What differs ---- */

MezzotintPixelDifference
mezzotint_pixels_compare (MezzotintPixels *first, MezzotintPixels *second)
{
  const MzPicture *a = mezzotint_pixels_get_picture (first), *b = mezzotint_pixels_get_picture (second);
  MezzotintPixelDifference difference = { 0 };

  difference.is_same_size = a->width == b->width && a->height == b->height;
  difference.n_pixels = (guint64) a->width * a->height;
  if (!difference.is_same_size)
    return difference;
  for (guint64 i = 0; i < difference.n_pixels; i++)
    {
      int most = 0;

      for (int c = 0; c < 3; c++)
        most = MAX (most, ABS (a->rgb[3 * i + c] - b->rgb[3 * i + c]));
      difference.n_differing += most > 0;
      difference.most = MAX (difference.most, most);
    }
  return difference;
}

static void
add_line (GString *text, const char *line)
{
  g_string_append_printf (text, "%s• %s", text->len > 0 ? "\n" : "", line);
}

static void
add_pixels (GString *text, const MezzotintPixelDifference *difference)
{
  g_autofree char *line = NULL;

  if (!difference->is_same_size)
    line = g_strdup (_ ("The new picture has another size."));
  else
    line = g_strdup_printf (_ ("%.1f %% of the pixels differ, by at most %d of 255."),
                            MAX (0.1, 100.0 * difference->n_differing / difference->n_pixels),
                            difference->most);
  add_line (text, line);
}

/* What the two pictures say of themselves. */
static void
add_settings (GString *text, const char *old_text, const char *new_text)
{
  g_autoptr (MezzotintParameters) before
      = old_text != NULL ? mezzotint_parameters_parse (old_text, NULL) : NULL;
  g_autoptr (MezzotintParameters) now = new_text != NULL ? mezzotint_parameters_parse (new_text, NULL) : NULL;
  g_autoptr (GPtrArray) pairs = mezzotint_parameters_compare (before, now);

  for (guint i = 0; before != NULL && now != NULL && i < pairs->len; i++)
    {
      const MezzotintSettingPair *pair = pairs->pdata[i];
      g_autofree char *line = NULL;

      if (!pair->differs)
        continue;
      if (g_str_equal (pair->key, "Model hash"))
        line = g_strdup_printf (_ ("The model's file is another one: %s then, %s now."),
                                pair->first != NULL ? pair->first : "?",
                                pair->second != NULL ? pair->second : "?");
      else
        /* Translators: a setting, and its two values. */
        line = g_strdup_printf (_ ("%s: “%s” then, “%s” now"), pair->key,
                                pair->first != NULL ? pair->first : "",
                                pair->second != NULL ? pair->second : "");
      add_line (text, line);
    }
}

static char *
describe (Remake *remake, const MezzotintPixelDifference *difference, const char *new_text)
{
  GString *text = g_string_new (NULL);
  gsize n_before;

  add_pixels (text, difference);
  n_before = text->len;
  add_settings (text, mezzotint_gallery_item_get_parameters (remake->item), new_text);
  for (guint i = 0; remake->import->recall.notes[i] != NULL; i++)
    add_line (text, remake->import->recall.notes[i]);
  if (text->len == n_before)
    add_line (text, _ ("Their settings are the same: another device, or another program, rounds otherwise."));
  return g_string_free (text, FALSE);
}

/* ---- The answer ---- */

static void
answered_cb (Remake *remake, const char *response)
{
  MezzotintGallery *gallery = mezzotint_picture_host_get_gallery (remake->host);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  guint position;

  if (remake->new_path == NULL || g_str_equal (response, "keep"))
    return;
  if (!mezzotint_gallery_find (gallery, remake->new_path, &position))
    {
      mezzotint_toast_say (remake->place, _ ("The new picture is not in the gallery yet"));
      return;
    }
  g_ptr_array_add (items, g_list_model_get_item (G_LIST_MODEL (gallery), position));
  if (g_str_equal (response, "trash"))
    mezzotint_pictures_trash (remake->place, items);
  else if (g_str_equal (response, "compare"))
    mezzotint_picture_host_push (remake->host,
                                 mezzotint_compare_page_new (gallery, remake->item, items->pdata[0]));
}

static void
remake_closure_free (gpointer data, GClosure *closure)
{
  remake_free (data);
}

/* Takes `remake` over. */
static void
show_answer (Remake *remake, const char *heading, const char *body, gboolean is_same)
{
  GtkRoot *root = gtk_widget_get_root (remake->place);
  GtkWidget *dialog = adw_message_dialog_new (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, heading, body);
  AdwMessageDialog *self = ADW_MESSAGE_DIALOG (dialog);

  adw_message_dialog_add_response (self, "keep", remake->new_path != NULL ? _ ("_Keep Both") : _ ("_Close"));
  if (remake->new_path != NULL && is_same)
    adw_message_dialog_add_response (self, "trash", _ ("Move the New One to _Trash"));
  if (remake->new_path != NULL && !is_same)
    adw_message_dialog_add_response (self, "compare", _ ("_Compare"));
  adw_message_dialog_set_default_response (self, "keep");
  adw_message_dialog_set_close_response (self, "keep");
  g_signal_connect_data (dialog, "response", G_CALLBACK (answered_cb), remake, remake_closure_free,
                         G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
compare (Remake *remake, MezzotintTaskPicture *picture)
{
  MezzotintPixels *pixels = mezzotint_task_picture_get_pixels (picture);
  MezzotintPixelDifference difference;
  g_autofree char *body = NULL;

  remake->new_path = g_strdup (mezzotint_task_picture_get_path (picture));
  if (pixels == NULL)
    return;
  difference = mezzotint_pixels_compare (remake->pixels, pixels);
  if (difference.is_same_size && difference.n_differing == 0)
    {
      show_answer (remake, _ ("The Same Picture"), _ ("Every pixel of the new picture is the same."), TRUE);
      return;
    }
  body = describe (remake, &difference, mezzotint_task_picture_get_parameters (picture));
  show_answer (remake, _ ("Not Quite the Same Picture"), body, FALSE);
}

/* ---- The way there ---- */

/* A moment later, when everybody has heard that the task ended. */
static gboolean
ended_cb (gpointer data)
{
  g_autoptr (Remake) remake = g_rc_box_acquire (data);
  GListModel *pictures = mezzotint_task_get_pictures (remake->task);
  g_autoptr (MezzotintTaskPicture) picture = g_list_model_get_item (pictures, 0);
  const char *error = mezzotint_task_get_error (remake->task);

  if (picture != NULL && mezzotint_task_picture_get_pixels (picture) != NULL)
    compare (g_steal_pointer (&remake), picture);
  else if (error != NULL)
    mezzotint_toast_say (remake->place, error);
  return G_SOURCE_REMOVE;
}

static void
task_ended_cb (Remake *remake, MezzotintTask *task)
{
  if (task != remake->task)
    return;
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, ended_cb, g_rc_box_acquire (remake), remake_free);
  g_signal_handler_disconnect (mezzotint_picture_host_get_queue (remake->host), remake->ended_handler);
}

/* Nobody is left to hear the answer. */
static void
host_destroyed_cb (Remake *remake)
{
  g_signal_handler_disconnect (mezzotint_picture_host_get_queue (remake->host), remake->ended_handler);
}

static void
queue_it (Remake *owned)
{
  g_autoptr (Remake) remake = owned;
  MezzotintQueue *queue = mezzotint_picture_host_get_queue (remake->host);
  const MezzotintRecall *recall = &remake->import->recall;
  const char *model
      = mezzotint_import_find_model (remake->import, mezzotint_picture_host_get_models (remake->host));
  g_autoptr (MezzotintRecipe) recipe = NULL;
  g_autofree char *message = NULL;

  if (model == NULL)
    {
      message = recall->model != NULL
                    ? g_strdup_printf (_ ("Its model, “%s”, is not on this machine."), recall->model)
                    : g_strdup (_ ("The picture does not say which model it was made with."));
      show_answer (g_steal_pointer (&remake), _ ("This Picture Cannot Be Made Again"), message, FALSE);
      return;
    }
  remake->import->request.count = 1;
  recipe = mezzotint_recipe_new (*model != '\0' ? model : NULL, &remake->import->request);
  remake->task = g_object_ref (mezzotint_queue_append (queue, recipe));
  mezzotint_toast_say (remake->place, _ ("The picture is being made again"));
  remake->ended_handler
      = g_signal_connect_data (queue, "task-ended", G_CALLBACK (task_ended_cb), g_rc_box_acquire (remake),
                               remake_closure_free, G_CONNECT_SWAPPED);
  g_signal_connect_swapped (remake->host, "destroy", G_CALLBACK (host_destroyed_cb), remake);
}

static void
import_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Remake) remake = data;
  g_autoptr (GError) error = NULL;

  remake->import = mezzotint_import_read_finish (result, &error);
  if (remake->import != NULL)
    queue_it (g_steal_pointer (&remake));
  else
    mezzotint_toast_say_error (remake->place, error);
}

static void
pixels_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Remake) remake = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (mezzotint_gallery_item_get_path (remake->item));
  g_auto (MzRequest) defaults = MZ_REQUEST_INIT;

  remake->pixels = mezzotint_gallery_load_picture_finish (MEZZOTINT_GALLERY (source), result, &error);
  if (remake->pixels == NULL)
    {
      mezzotint_toast_say_error (remake->place, error);
      return;
    }
  mz_request_use_defaults (&defaults, NULL);
  mezzotint_import_read_async (file, &defaults, NULL, import_read_cb, g_steal_pointer (&remake));
}

void
mezzotint_picture_remake (GtkWidget *widget, MezzotintGalleryItem *item)
{
  MezzotintPictureHost *host = mezzotint_picture_host_find (widget);
  Remake *remake;

  if (host == NULL)
    return;
  remake = g_rc_box_new0 (Remake);
  remake->place = g_object_ref (mezzotint_toast_get_place (widget));
  remake->host = g_object_ref (host);
  remake->item = g_object_ref (item);
  mezzotint_gallery_load_picture_async (mezzotint_picture_host_get_gallery (host), item, NULL,
                                        pixels_loaded_cb, remake);
}
