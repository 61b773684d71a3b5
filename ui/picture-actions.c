/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Clipboard, favourites, trash, folder. What goes to the Create page or the queue is picture-settings.c's. */
#include "ui/picture-actions.h"

#include <glib/gi18n.h>

#include "ui/picture-host.h"
#include "ui/picture-texture.h"
#include "ui/toast.h"

/* ---- Clipboard and drag ---- */

GdkContentProvider *
mezzotint_pictures_get_content (GPtrArray *items, GdkTexture *texture)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  GdkFileList *list;
  GdkContentProvider *providers[2];
  gsize n_providers = 0;

  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add (files, g_file_new_for_path (mezzotint_gallery_item_get_path (items->pdata[i])));
  list = gdk_file_list_new_from_array ((GFile **) files->pdata, files->len);
  providers[n_providers++] = gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, list);
  g_boxed_free (GDK_TYPE_FILE_LIST, list);
  if (texture != NULL)
    providers[n_providers++] = gdk_content_provider_new_typed (GDK_TYPE_TEXTURE, texture);
  return gdk_content_provider_new_union (providers, n_providers);
}

typedef struct
{
  GtkWidget *widget;
  GPtrArray *items;
} Copying;

static void
copying_free (Copying *copying)
{
  g_object_unref (copying->widget);
  g_ptr_array_unref (copying->items);
  g_free (copying);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Copying, copying_free)

static void
set_clipboard (GtkWidget *widget, GPtrArray *items, GdkTexture *texture)
{
  g_autoptr (GdkContentProvider) content = mezzotint_pictures_get_content (items, texture);
  g_autofree char *message
      = items->len == 1
            ? g_strdup (_ ("Picture copied"))
            : g_strdup_printf (ngettext ("%u picture copied", "%u pictures copied", items->len), items->len);

  gdk_clipboard_set_content (gtk_widget_get_clipboard (widget), content);
  mezzotint_toast_say (widget, message);
}

static void
copy_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Copying) copying = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autoptr (MezzotintPixels) pixels
      = mezzotint_gallery_load_picture_finish (MEZZOTINT_GALLERY (source), result, &error);

  if (pixels == NULL)
    {
      mezzotint_toast_say_error (copying->widget, error);
      return;
    }
  texture = mezzotint_texture_new (pixels);
  set_clipboard (copying->widget, copying->items, texture);
}

void
mezzotint_pictures_copy (GtkWidget *widget, GPtrArray *items)
{
  MezzotintPictureHost *host = mezzotint_picture_host_find (widget);
  Copying *copying;

  if (items->len != 1 || host == NULL)
    {
      set_clipboard (widget, items, NULL);
      return;
    }
  copying = g_new0 (Copying, 1);
  copying->widget = g_object_ref (widget);
  copying->items = g_ptr_array_ref (items);
  mezzotint_gallery_load_picture_async (mezzotint_picture_host_get_gallery (host), items->pdata[0], NULL,
                                        copy_loaded_cb, copying);
}

void
mezzotint_picture_copy_prompt (GtkWidget *widget, MezzotintGalleryItem *item)
{
  const char *prompt = mezzotint_gallery_item_get_prompt (item);

  if (prompt == NULL || *prompt == '\0')
    {
      mezzotint_toast_say (widget, _ ("This picture does not say its prompt"));
      return;
    }
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), prompt);
  mezzotint_toast_say (widget, _ ("Prompt copied"));
}

/* ---- The file ---- */

typedef struct
{
  GtkWidget *widget;
  char *folder_uri;
} Showing;

static void
showing_free (Showing *showing)
{
  g_object_unref (showing->widget);
  g_free (showing->folder_uri);
  g_free (showing);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Showing, showing_free)

static void
folder_opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Showing) showing = data;
  g_autoptr (GError) error = NULL;

  if (!g_app_info_launch_default_for_uri_finish (result, &error))
    mezzotint_toast_say_error (showing->widget, error);
}

static void
item_shown_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Showing *showing = data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  if (reply != NULL)
    showing_free (showing);
  else /* no file manager that can point at a file: then its folder */
    g_app_info_launch_default_for_uri_async (showing->folder_uri, NULL, NULL, folder_opened_cb, showing);
}

void
mezzotint_picture_open_folder (GtkWidget *widget, MezzotintGalleryItem *item)
{
  g_autoptr (GFile) file = g_file_new_for_path (mezzotint_gallery_item_get_path (item));
  g_autoptr (GFile) folder = g_file_get_parent (file);
  g_autofree char *uri = g_file_get_uri (file);
  const char *uris[] = { uri, NULL };
  GApplication *application = g_application_get_default ();
  GDBusConnection *bus = application != NULL ? g_application_get_dbus_connection (application) : NULL;
  Showing *showing = g_new0 (Showing, 1);

  showing->widget = g_object_ref (widget);
  showing->folder_uri = g_file_get_uri (folder);
  if (bus != NULL)
    g_dbus_connection_call (bus, "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1",
                            "org.freedesktop.FileManager1", "ShowItems", g_variant_new ("(^ass)", uris, ""),
                            NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, item_shown_cb, showing);
  else
    g_app_info_launch_default_for_uri_async (showing->folder_uri, NULL, NULL, folder_opened_cb, showing);
}

/* ---- Favourites ---- */

void
mezzotint_pictures_toggle_favourite (GtkWidget *widget, GPtrArray *items)
{
  MezzotintPictureHost *host = mezzotint_picture_host_find (widget);
  gboolean are_all = TRUE;

  if (host == NULL)
    return;
  for (guint i = 0; i < items->len; i++)
    are_all = are_all && mezzotint_gallery_item_is_favourite (items->pdata[i]);
  for (guint i = 0; i < items->len; i++)
    mezzotint_gallery_set_favourite (mezzotint_picture_host_get_gallery (host), items->pdata[i], !are_all);
}

/* ---- Trash ---- */

static void
untrashed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) widget = data;
  g_autoptr (GError) error = NULL;

  if (!mezzotint_gallery_untrash_finish (MEZZOTINT_GALLERY (source), result, &error))
    mezzotint_toast_say_error (widget, error);
}

typedef struct
{
  GtkWidget *widget; /* where toasts are shown */
  MezzotintGallery *gallery;
  GPtrArray *trashed;
} Undo;

static void
undo_free (gpointer data, GClosure *closure)
{
  Undo *undo = data;

  g_object_unref (undo->widget);
  g_object_unref (undo->gallery);
  g_ptr_array_unref (undo->trashed);
  g_free (undo);
}

static void
undo_cb (AdwToast *toast, Undo *undo)
{
  mezzotint_gallery_untrash_async (undo->gallery, undo->trashed, NULL, untrashed_cb,
                                   g_object_ref (undo->widget));
}

/* What is on its way to the trash. */
typedef struct
{
  GtkWidget *widget; /* where toasts are shown */
  guint n_items;
} Trashing;

static void
trashing_free (Trashing *trashing)
{
  g_object_unref (trashing->widget);
  g_free (trashing);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Trashing, trashing_free)

/* `problem`: why some did not go; NULL when all did. */
static char *
describe_trashed (guint n_trashed, guint n_items, const char *problem)
{
  if (problem != NULL)
    return g_strdup_printf (ngettext ("%u of %u picture moved to the trash: %s",
                                      "%u of %u pictures moved to the trash: %s", n_items),
                            n_trashed, n_items, problem);
  return g_strdup_printf (
      ngettext ("Picture moved to the trash", "%u pictures moved to the trash", n_trashed), n_trashed);
}

static void
trashed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Trashing) trashing = data;
  GtkWidget *widget = trashing->widget;
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL, *message = NULL;
  g_autoptr (GPtrArray) trashed
      = mezzotint_gallery_trash_finish (MEZZOTINT_GALLERY (source), result, &problem, &error);
  AdwToast *toast;
  Undo *undo;

  if (trashed == NULL)
    {
      mezzotint_toast_say_error (widget, error);
      return;
    }
  message = describe_trashed (trashed->len, trashing->n_items, problem);
  undo = g_new0 (Undo, 1);
  undo->widget = g_object_ref (widget);
  undo->gallery = MEZZOTINT_GALLERY (g_object_ref (source));
  undo->trashed = g_ptr_array_ref (trashed);
  toast = adw_toast_new (message);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (undo_cb), undo, undo_free, 0);
  mezzotint_toast_show (widget, toast);
}

void
mezzotint_pictures_trash (GtkWidget *widget, GPtrArray *items)
{
  MezzotintPictureHost *host = mezzotint_picture_host_find (widget);
  Trashing *trashing;

  if (host == NULL)
    return;
  trashing = g_new0 (Trashing, 1);
  trashing->widget = g_object_ref (mezzotint_toast_get_place (widget));
  trashing->n_items = items->len;
  mezzotint_gallery_trash_async (mezzotint_picture_host_get_gallery (host), items, NULL, trashed_cb,
                                 trashing);
}
