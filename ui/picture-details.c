/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows of name and value. What a picture of another program says in its own form is read as an import. */
#include "ui/picture-details.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#include "app/files/import.h"
#include "app/files/parameters.h"

struct _MezzotintPictureDetails
{
  GtkWidget parent_instance;

  GtkWidget *box;
  MezzotintGalleryItem *item;
  GCancellable *reading;
};

G_DEFINE_FINAL_TYPE (MezzotintPictureDetails, mezzotint_picture_details, GTK_TYPE_WIDGET)

/* ---- Rows ---- */

static GtkWidget *
new_label (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

static void
add_row (GtkListBox *list, const char *name, const char *value)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *title = new_label (name, "caption"), *text = new_label (value, NULL);

  gtk_widget_add_css_class (title, "dim-label");
  gtk_label_set_selectable (GTK_LABEL (text), TRUE);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (text), GTK_ACCESSIBLE_RELATION_LABELLED_BY, title, NULL,
                                  -1);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), text);
  gtk_widget_add_css_class (box, "details-row");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_list_box_append (list, row);
}

static GtkListBox *
add_list (MezzotintPictureDetails *self, const char *title)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_box_append (GTK_BOX (self->box), new_label (title, "heading"));
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_box_append (GTK_BOX (self->box), list);
  return GTK_LIST_BOX (list);
}

/* ---- What is known of the picture ---- */

static void
add_prompts (MezzotintPictureDetails *self, const char *prompt, const char *negative)
{
  GtkListBox *list = add_list (self, _ ("Words"));

  add_row (list, _ ("Prompt"), prompt != NULL && *prompt != '\0' ? prompt : _ ("None"));
  if (negative != NULL && *negative != '\0')
    add_row (list, _ ("Negative prompt"), negative);
}

static void
add_parameters (MezzotintPictureDetails *self, const MezzotintParameters *parameters)
{
  GtkListBox *list;

  add_prompts (self, parameters->prompt, parameters->negative_prompt);
  if (parameters->pairs->len == 0)
    return;
  list = add_list (self, _ ("Settings"));
  for (guint i = 0; i < parameters->pairs->len; i++)
    {
      const MezzotintPair *pair = &g_array_index (parameters->pairs, MezzotintPair, i);

      add_row (list, pair->key, pair->value);
    }
}

static void
add_file (MezzotintPictureDetails *self)
{
  GtkListBox *list = add_list (self, _ ("File"));
  int width, height;
  gint64 created;
  g_autoptr (GDateTime) date = NULL;
  const char *path = mezzotint_gallery_item_get_path (self->item);
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *folder_path = g_path_get_dirname (path);
  g_autofree char *folder = g_filename_display_name (folder_path);
  g_autofree char *size = NULL;

  g_object_get (self->item, "width", &width, "height", &height, "created", &created, NULL);
  size = g_strdup_printf ("%d × %d", width, height);
  add_row (list, _ ("Name"), name);
  add_row (list, _ ("Folder"), folder);
  if (width > 0 && height > 0)
    add_row (list, _ ("Size"), size);
  date = g_date_time_new_from_unix_local (created);
  if (date != NULL)
    {
      g_autofree char *text = g_date_time_format (date, "%x %X");

      add_row (list, _ ("Made"), text);
    }
}

/* `import`: NULL when the file says nothing. */
static void
add_import (MezzotintPictureDetails *self, const MezzotintImport *import)
{
  GtkListBox *list;

  if (import == NULL)
    {
      gtk_box_append (GTK_BOX (self->box),
                      new_label (_ ("This picture does not say how it was made."), "dim-label"));
      return;
    }
  add_prompts (self, import->request.prompt, import->request.negative_prompt);
  list = add_list (self, import->program);
  for (guint i = 0; import->understood[i] != NULL; i++)
    {
      const char *colon = strstr (import->understood[i], ": ");
      g_autofree char *name
          = colon != NULL ? g_strndup (import->understood[i], colon - import->understood[i]) : NULL;

      add_row (list, name != NULL ? name : "", colon != NULL ? colon + 2 : import->understood[i]);
    }
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (MezzotintPictureDetails) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MezzotintImport) import = mezzotint_import_read_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->item == NULL)
    return;
  g_clear_object (&self->reading);
  add_import (self, import);
  add_file (self);
}

static void
read_item (MezzotintPictureDetails *self)
{
  const char *text = mezzotint_gallery_item_get_parameters (self->item);
  g_autoptr (MezzotintParameters) parameters
      = text != NULL && *text != '\0' ? mezzotint_parameters_parse (text, NULL) : NULL;
  g_autoptr (GFile) file = NULL;
  g_auto (MzRequest) defaults = MZ_REQUEST_INIT;

  if (parameters != NULL)
    {
      add_parameters (self, parameters);
      add_file (self);
      return;
    }
  file = g_file_new_for_path (mezzotint_gallery_item_get_path (self->item));
  mz_request_use_defaults (&defaults, NULL);
  self->reading = g_cancellable_new ();
  mezzotint_import_read_async (file, &defaults, self->reading, read_cb, g_object_ref (self));
}

void
mezzotint_picture_details_set_item (MezzotintPictureDetails *self, MezzotintGalleryItem *item)
{
  GtkWidget *child;

  g_return_if_fail (MEZZOTINT_IS_PICTURE_DETAILS (self));
  if (!g_set_object (&self->item, item))
    return;
  g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  while (self->box != NULL && (child = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), child);
  if (item != NULL)
    read_item (self);
}

/* ---- The class ---- */

static void
mezzotint_picture_details_dispose (GObject *object)
{
  MezzotintPictureDetails *self = MEZZOTINT_PICTURE_DETAILS (object);

  mezzotint_picture_details_set_item (self, NULL);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (mezzotint_picture_details_parent_class)->dispose (object);
}

static void
mezzotint_picture_details_class_init (MezzotintPictureDetailsClass *class)
{
  G_OBJECT_CLASS (class)->dispose = mezzotint_picture_details_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "picturedetails");
}

static void
mezzotint_picture_details_init (MezzotintPictureDetails *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}
