/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The dialog about settings read from a picture. */
#include "ui/import-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

#include "ui/import-model.h"

struct _MezzotintImportDialog
{
  AdwWindow parent_instance;

  GtkWidget *use_button;
  GtkPicture *picture;
  GtkLabel *name_label, *program_label;
  AdwPreferencesGroup *model_group, *notes_group, *understood_group, *unused_group;
  AdwActionRow *model_row;
  GtkImage *model_icon;

  MezzotintPictureHost *host;
  MezzotintImport *import;
  char *model; /* what to hand over: see mezzotint_import_find_model() */
};

G_DEFINE_FINAL_TYPE (MezzotintImportDialog, mezzotint_import_dialog, ADW_TYPE_WINDOW)

/* ---- The model ---- */

static char *
describe_model (MezzotintImportDialog *self, gboolean is_found)
{
  const MezzotintRecall *recall = &self->import->recall;

  if (is_found)
    return g_strdup (_ ("Is on this machine"));
  if (recall->model_hash != NULL)
    return g_strdup_printf (_ ("Is not on this machine (hash %s): the model chosen now stays"),
                            recall->model_hash);
  return g_strdup (_ ("Is not on this machine: the model chosen now stays"));
}

static void
show_model (MezzotintImportDialog *self)
{
  const MezzotintRecall *recall = &self->import->recall;
  gboolean is_found = self->model != NULL;
  g_autofree char *subtitle = describe_model (self, is_found);
  g_autofree char *title = g_markup_escape_text (recall->model != NULL        ? recall->model
                                                 : recall->model_hash != NULL ? recall->model_hash
                                                                              : "",
                                                 -1);

  gtk_widget_set_visible (GTK_WIDGET (self->model_group),
                          recall->model != NULL || recall->model_hash != NULL);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->model_row), title);
  adw_action_row_set_subtitle (self->model_row, subtitle);
  gtk_image_set_from_icon_name (self->model_icon,
                                is_found ? "emblem-ok-symbolic" : "dialog-warning-symbolic");
  gtk_widget_add_css_class (GTK_WIDGET (self->model_icon), is_found ? "success" : "warning");
}

/* ---- Lists ---- */

static void
add_row (AdwPreferencesGroup *group, const char *title, const char *subtitle, const char *icon)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *escaped_title = g_markup_escape_text (title, -1);
  g_autofree char *escaped_subtitle = subtitle != NULL ? g_markup_escape_text (subtitle, -1) : NULL;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), escaped_title);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), escaped_subtitle);
  if (icon != NULL)
    {
      GtkWidget *image = gtk_image_new_from_icon_name (icon);

      gtk_widget_add_css_class (image, "warning");
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
    }
  adw_preferences_group_add (group, row);
}

static void
add_prompt (MezzotintImportDialog *self, const char *title, const char *prompt)
{
  if (prompt != NULL && *prompt != '\0')
    add_row (self->understood_group, title, prompt, NULL);
}

static void
show_understood (MezzotintImportDialog *self)
{
  add_prompt (self, _ ("Prompt"), self->import->request.prompt);
  add_prompt (self, _ ("Negative prompt"), self->import->request.negative_prompt);
  for (guint i = 0; self->import->understood[i] != NULL; i++)
    {
      const char *line = self->import->understood[i], *colon = strstr (line, ": ");
      g_autofree char *name = colon != NULL ? g_strndup (line, colon - line) : g_strdup (line);

      add_row (self->understood_group, name, colon != NULL ? colon + 2 : NULL, NULL);
    }
}

static void
show_rest (MezzotintImportDialog *self)
{
  const MezzotintRecall *recall = &self->import->recall;

  for (guint i = 0; recall->notes[i] != NULL; i++)
    add_row (self->notes_group, recall->notes[i], NULL, "dialog-warning-symbolic");
  for (guint i = 0; self->import->loras[i] != NULL; i++)
    {
      g_autofree char *note = g_strdup_printf (_ ("The LoRA “%s” is not used."), self->import->loras[i]);

      add_row (self->notes_group, note, NULL, "dialog-warning-symbolic");
    }
  gtk_widget_set_visible (GTK_WIDGET (self->notes_group),
                          recall->notes[0] != NULL || self->import->loras[0] != NULL);
  if (recall->unused[0] != NULL)
    {
      g_autofree char *keys = g_strjoinv (", ", recall->unused);

      add_row (self->unused_group, keys, NULL, NULL);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->unused_group), recall->unused[0] != NULL);
}

/* ---- The class ---- */

static void
use_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  MezzotintImportDialog *self = MEZZOTINT_IMPORT_DIALOG (widget);

  mezzotint_picture_host_use_request (self->host, &self->import->request, self->model, TRUE);
  gtk_window_close (GTK_WINDOW (self));
}

static void
mezzotint_import_dialog_dispose (GObject *object)
{
  MezzotintImportDialog *self = MEZZOTINT_IMPORT_DIALOG (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MEZZOTINT_TYPE_IMPORT_DIALOG);
  g_clear_object (&self->host);
  g_clear_pointer (&self->import, mezzotint_import_free);
  g_clear_pointer (&self->model, g_free);
  G_OBJECT_CLASS (mezzotint_import_dialog_parent_class)->dispose (object);
}

static void
mezzotint_import_dialog_class_init (MezzotintImportDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mezzotint_import_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/mezzotint/Mezzotint/import-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintImportDialog, use_button);
  gtk_widget_class_bind_template_child (widget_class, MezzotintImportDialog, picture);
  gtk_widget_class_bind_template_child (widget_class, MezzotintImportDialog, name_label);
  gtk_widget_class_bind_template_child (widget_class, MezzotintImportDialog, program_label);
  gtk_widget_class_bind_template_child (widget_class, MezzotintImportDialog, model_group);
  gtk_widget_class_bind_template_child (widget_class, MezzotintImportDialog, model_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintImportDialog, model_icon);
  gtk_widget_class_bind_template_child (widget_class, MezzotintImportDialog, notes_group);
  gtk_widget_class_bind_template_child (widget_class, MezzotintImportDialog, understood_group);
  gtk_widget_class_bind_template_child (widget_class, MezzotintImportDialog, unused_group);
  gtk_widget_class_install_action (widget_class, "import.use", NULL, use_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
mezzotint_import_dialog_init (MezzotintImportDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mezzotint_import_dialog_new (MezzotintPictureHost *host,
                             MezzotintImport *import,
                             const char *name,
                             GdkTexture *texture)
{
  MezzotintImportDialog *self = g_object_new (MEZZOTINT_TYPE_IMPORT_DIALOG, NULL);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (host));
  g_autofree char *program = g_strdup_printf (
      texture != NULL ? _ ("Made with %s") : _ ("Made with %s. The picture itself cannot be shown here."),
      import->program);

  if (GTK_IS_WINDOW (root))
    gtk_window_set_transient_for (GTK_WINDOW (self), GTK_WINDOW (root));
  self->host = g_object_ref (host);
  self->import = import;
  self->model = g_strdup (mezzotint_import_find_model (import, mezzotint_picture_host_get_models (host)));
  gtk_label_set_text (self->name_label, name);
  gtk_label_set_text (self->program_label, program);
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
  gtk_widget_set_visible (GTK_WIDGET (self->picture), texture != NULL);
  show_model (self);
  show_rest (self);
  show_understood (self);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->use_button);
  return GTK_WIDGET (self);
}
