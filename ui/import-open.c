/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From a file or a clipboard to the dialog. Files are read on a worker thread: settings first, since without
 * them there is nothing to show; the picture itself may fail. */
#include "ui/import-open.h"

#include <glib/gi18n.h>

#include "app/files/picture-read.h"
#include "ui/import-dialog.h"
#include "ui/picture-texture.h"

/* Of the picture in the dialog; twice its 96 px. */
#define TEXTURE_HEIGHT_PX 192
/* No larger picture is given to GdkPixbuf. */
#define MAX_PIXBUF_PIXELS (1 << 26)

typedef struct
{
  GFile *file;   /* or */
  GBytes *bytes; /* from a clipboard */
  MzRequest *base;

  MezzotintImport *import;
  MezzotintPixels *pixels; /* NULL: it could not be read */
  GdkPixbuf *pixbuf;       /* then, where the desktop can; NULL: cannot be shown */
} Source;

static void
source_free (gpointer data)
{
  Source *source = data;

  g_clear_object (&source->file);
  g_clear_pointer (&source->bytes, g_bytes_unref);
  g_clear_pointer (&source->base, mz_request_free);
  g_clear_pointer (&source->import, mezzotint_import_free);
  g_clear_pointer (&source->pixels, mezzotint_pixels_unref);
  g_clear_object (&source->pixbuf);
  g_free (source);
}

/* ---- Reading ---- */

/* A format that the program does not read itself, WebP say, where the desktop has a loader for it. */
static GdkPixbuf *
read_pixbuf (const char *path)
{
  int width = 0, height = 0;

  if (gdk_pixbuf_get_file_info (path, &width, &height) == NULL || width <= 0 || height <= 0
      || (gint64) width * height > MAX_PIXBUF_PIXELS)
    return NULL;
  return gdk_pixbuf_new_from_file_at_scale (path, -1, MIN (height, TEXTURE_HEIGHT_PX), TRUE, NULL);
}

static void
read_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Source *source = data;
  g_autofree char *path = source->file != NULL ? g_file_get_path (source->file) : NULL;
  GError *error = NULL;

  if (source->bytes != NULL)
    source->import = mezzotint_import_read_bytes (source->bytes, source->base, &error);
  else if (path != NULL)
    source->import = mezzotint_import_read (path, source->base, &error);
  else
    error = g_error_new_literal (MZ_ERROR, MZ_ERROR_IO,
                                 _ ("Only pictures on this machine can be read; please save it first."));
  if (source->import == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (path != NULL)
    {
      MzPicture *picture = mezzotint_picture_read (path, NULL, NULL);

      source->pixels = picture != NULL ? mezzotint_pixels_new (picture) : NULL;
      source->pixbuf = picture == NULL ? read_pixbuf (path) : NULL;
    }
  g_task_return_boolean (task, TRUE);
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  MezzotintPictureHost *host = MEZZOTINT_PICTURE_HOST (object);
  Source *source = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree char *name = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      mezzotint_picture_host_say (host, error->message);
      return;
    }
  if (source->pixels != NULL)
    texture = mezzotint_texture_new_small (source->pixels, TEXTURE_HEIGHT_PX);
  else if (source->pixbuf != NULL)
    texture = gdk_texture_new_for_pixbuf (source->pixbuf);
  if (source->file != NULL)
    {
      g_autofree char *base = g_file_get_basename (source->file);

      name = g_filename_display_name (base);
    }
  gtk_window_present (GTK_WINDOW (mezzotint_import_dialog_new (
      host, g_steal_pointer (&source->import), name != NULL ? name : _ ("Pasted picture"), texture)));
}

static void
read_source (MezzotintPictureHost *host, GFile *file, GBytes *bytes)
{
  g_autoptr (GTask) task = g_task_new (host, NULL, read_cb, NULL);
  Source *source = g_new0 (Source, 1);

  source->file = file != NULL ? g_object_ref (file) : NULL;
  source->bytes = bytes != NULL ? g_bytes_ref (bytes) : NULL;
  source->base = mezzotint_picture_host_dup_request (host);
  g_task_set_task_data (task, source, source_free);
  g_task_run_in_thread (task, read_thread);
}

void
mezzotint_import_open (MezzotintPictureHost *host, GFile *file)
{
  g_return_if_fail (MEZZOTINT_IS_PICTURE_HOST (host));
  read_source (host, file, NULL);
}

/* ---- Clipboard ---- */

static const char *picture_types[] = { "image/png", "image/jpeg", "image/webp", NULL };

static void
bytes_read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (MezzotintPictureHost) host = data;
  g_autoptr (GError) error = NULL;
  gssize n_bytes = g_output_stream_splice_finish (G_OUTPUT_STREAM (object), result, &error);
  g_autoptr (GBytes) bytes = NULL;

  if (n_bytes < 0)
    {
      mezzotint_picture_host_say (host, error->message);
      return;
    }
  bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (object));
  read_source (host, NULL, bytes);
}

static void
stream_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (MezzotintPictureHost) host = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = gdk_clipboard_read_finish (GDK_CLIPBOARD (object), result, NULL, &error);
  g_autoptr (GOutputStream) memory = NULL;

  if (stream == NULL)
    {
      mezzotint_picture_host_say (host, error->message);
      return;
    }
  memory = g_memory_output_stream_new_resizable ();
  g_output_stream_splice_async (memory, stream,
                                G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                G_PRIORITY_DEFAULT, NULL, bytes_read_cb, g_steal_pointer (&host));
}

/* The first of files; the dialog is about one. */
static void
open_list (MezzotintPictureHost *host, const GValue *value)
{
  g_autoptr (GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));

  if (files != NULL && !mezzotint_picture_host_open_file (host, files->data))
    mezzotint_import_open (host, files->data);
}

static void
files_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (MezzotintPictureHost) host = data;
  g_autoptr (GError) error = NULL;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (object), result, &error);

  if (value != NULL)
    open_list (host, value);
  else
    mezzotint_picture_host_say (host, error->message);
}

static gboolean
has_picture (GdkContentFormats *formats)
{
  for (guint i = 0; picture_types[i] != NULL; i++)
    if (gdk_content_formats_contain_mime_type (formats, picture_types[i]))
      return TRUE;
  return FALSE;
}

void
mezzotint_import_paste (MezzotintPictureHost *host)
{
  GdkClipboard *clipboard;
  g_autoptr (GdkContentFormats) formats = NULL;

  g_return_if_fail (MEZZOTINT_IS_PICTURE_HOST (host));
  clipboard = gtk_widget_get_clipboard (GTK_WIDGET (host));
  /* What it has, and what GTK can make of that. Looked at first: GTK 4.8 leaks a request for what is not
   * there. */
  formats = gdk_content_formats_union_serialize_mime_types (
      gdk_content_formats_ref (gdk_clipboard_get_formats (clipboard)));
  if (gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST)
      || gdk_content_formats_contain_mime_type (formats, "text/uri-list"))
    gdk_clipboard_read_value_async (clipboard, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL, files_cb,
                                    g_object_ref (host));
  else if (has_picture (formats))
    gdk_clipboard_read_async (clipboard, picture_types, G_PRIORITY_DEFAULT, NULL, stream_cb,
                              g_object_ref (host));
  else
    mezzotint_picture_host_say (host, _ ("There is no picture on the clipboard"));
}

/* ---- Drops ---- */

static gboolean
drop_cb (MezzotintPictureHost *host, const GValue *value)
{
  if (!G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    return FALSE;
  open_list (host, value);
  return TRUE;
}

void
mezzotint_import_accept_drops (MezzotintPictureHost *host)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect_swapped (target, "drop", G_CALLBACK (drop_cb), host);
  gtk_widget_add_controller (GTK_WIDGET (host), GTK_EVENT_CONTROLLER (target));
}
