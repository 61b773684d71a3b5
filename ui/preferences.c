/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The preferences window. */
#include "ui/preferences.h"

#include <glib/gi18n.h>

#include "app/files/name-pattern.h"
#include "ui/help.h"
#include "ui/no-scroll.h"
#include "ui/preferences-devices.h"

struct _MezzotintPreferences
{
  AdwPreferencesWindow parent_instance;

  AdwPreferencesGroup *device_group;
  AdwComboRow *device_row, *preview_row;
  GtkSpinButton *threads_spin, *memory_spin, *vram_spin, *at_once_spin, *timeline_spin;
  GtkWidget *notify_switch, *half_sums_switch;
  GtkListBox *folder_list;
  AdwActionRow *output_row, *example_row;
  GtkWidget *output_reset;
  GtkWidget *pattern_row;

  MezzotintServices *services;
  MezzotintSettings *settings;
};

G_DEFINE_FINAL_TYPE (MezzotintPreferences, mezzotint_preferences, ADW_TYPE_PREFERENCES_WINDOW)

/* In the order of the rows' choices. */
static const char *const devices[] = { "auto", "cuda", "cpu", NULL };
static const char *const previews[] = { "linear", "vae", "off", NULL };

/* ---- Choices ---- */

static gboolean
choice_from_setting (GBinding *binding, const GValue *from, GValue *to, gpointer choices)
{
  const char *const *ids = choices;

  for (guint i = 0; ids[i] != NULL; i++)
    if (g_strcmp0 (ids[i], g_value_get_string (from)) == 0)
      g_value_set_uint (to, i);
  return TRUE;
}

static gboolean
choice_to_setting (GBinding *binding, const GValue *from, GValue *to, gpointer choices)
{
  const char *const *ids = choices;
  guint selected = g_value_get_uint (from);

  if (selected >= g_strv_length ((char **) ids))
    return FALSE;
  g_value_set_string (to, ids[selected]);
  return TRUE;
}

static void
bind_choice (MezzotintPreferences *self, const char *key, AdwComboRow *row, const char *const *choices)
{
  g_object_bind_property_full (self->settings, key, row, "selected",
                               G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE, choice_from_setting,
                               choice_to_setting, (gpointer) choices, NULL);
}

/* 0 is said in words. */
static gboolean
output_zero_cb (GtkSpinButton *spin, const char *word)
{
  if (gtk_spin_button_get_value_as_int (spin) != 0)
    return FALSE;
  gtk_editable_set_text (GTK_EDITABLE (spin), word);
  return TRUE;
}

static int
input_zero_cb (GtkSpinButton *spin, double *value, const char *word)
{
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (spin)), word) != 0)
    return FALSE;
  *value = 0;
  return TRUE;
}

static void
bind_spin (MezzotintPreferences *self, const char *key, GtkSpinButton *spin, const char *zero)
{
  mezzotint_ignore_scroll (GTK_WIDGET (spin));
  if (zero != NULL)
    {
      gtk_editable_set_width_chars (GTK_EDITABLE (spin), (int) g_utf8_strlen (zero, -1));
      g_signal_connect (spin, "output", G_CALLBACK (output_zero_cb), (gpointer) zero);
      g_signal_connect (spin, "input", G_CALLBACK (input_zero_cb), (gpointer) zero);
    }
  g_object_bind_property (self->settings, key, spin, "value",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  gtk_spin_button_update (spin);
}

/* ---- Folders ---- */

static void
remove_folder_cb (GtkButton *button, MezzotintPreferences *self)
{
  g_autofree char *folder = g_strdup (g_object_get_data (G_OBJECT (button), "folder"));

  mezzotint_model_store_remove_folder (mezzotint_services_get_models (self->services), folder);
}

static GtkWidget *
new_folder_row (MezzotintPreferences *self, const char *folder)
{
  GtkWidget *row = adw_action_row_new (), *button = gtk_button_new_from_icon_name ("user-trash-symbolic");
  g_autofree char *name = g_filename_display_basename (folder);
  g_autofree char *path = g_filename_display_name (folder);
  g_autofree char *title = g_markup_escape_text (name, -1);
  g_autofree char *subtitle = g_markup_escape_text (path, -1);
  g_autofree char *label = g_strdup_printf (_ ("Forget “%s”"), name);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_tooltip_text (button, _ ("Forget this place; its files stay"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  g_object_set_data_full (G_OBJECT (button), "folder", g_strdup (folder), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (remove_folder_cb), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static void
update_folders (MezzotintPreferences *self)
{
  g_auto (GStrv) folders = NULL;
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->folder_list, 0)) != NULL)
    gtk_list_box_remove (self->folder_list, GTK_WIDGET (row));
  g_object_get (self->settings, "model-folders", &folders, NULL);
  for (gsize i = 0; folders != NULL && folders[i] != NULL; i++)
    gtk_list_box_append (self->folder_list, new_folder_row (self, folders[i]));
}

/* `chosen` gets the dialog when the user accepted it. */
static void
choose_folder (MezzotintPreferences *self, const char *title, GCallback chosen)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      title, GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Choose"), _ ("_Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", chosen, self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
folder_chosen_cb (GtkNativeDialog *dialog, int response, MezzotintPreferences *self)
{
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      if (!mezzotint_model_store_add (mezzotint_services_get_models (self->services), file, &error))
        {
          g_autofree char *title = g_markup_escape_text (error->message, -1);

          adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (self), adw_toast_new (title));
        }
    }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
add_folder_cb (MezzotintPreferences *self)
{
  choose_folder (self, _ ("Add a Folder of Models"), G_CALLBACK (folder_chosen_cb));
}

/* ---- Pictures ---- */

static void
update_output (MezzotintPreferences *self)
{
  g_autofree char *folder = mezzotint_settings_get_output_folder (self->settings);
  g_autofree char *name = g_filename_display_name (folder);
  g_autofree char *subtitle = g_markup_escape_text (name, -1);
  g_autofree char *chosen = NULL;

  g_object_get (self->settings, "output-folder", &chosen, NULL);
  adw_action_row_set_subtitle (self->output_row, subtitle);
  gtk_widget_set_visible (self->output_reset, chosen != NULL && *chosen != '\0');
}

static void
output_chosen_cb (GtkNativeDialog *dialog, int response, MezzotintPreferences *self)
{
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      path = g_file_get_path (file);
      if (path != NULL)
        g_object_set (self->settings, "output-folder", path, NULL);
      else
        adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (self),
                                          adw_toast_new (_ ("Pictures can only be saved on this machine.")));
    }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
choose_output_cb (MezzotintPreferences *self)
{
  choose_folder (self, _ ("Where Pictures Go"), G_CALLBACK (output_chosen_cb));
}

static void
reset_output_cb (MezzotintPreferences *self)
{
  mezzotint_settings_reset (self->settings, "output-folder");
}

/* An example of what the pattern makes. */
static void
pattern_changed_cb (MezzotintPreferences *self)
{
  const char *pattern = gtk_editable_get_text (GTK_EDITABLE (self->pattern_row));
  const MezzotintNameFacts facts = { "a red apple", "Proof", "DPM++ 2M", 20, 512, 512, 1 };
  g_autofree char *name = mezzotint_name_pattern_expand (pattern, &facts, 0, 42, NULL);
  g_autofree char *file = g_strconcat (name, ".png", NULL);
  g_autofree char *subtitle = g_markup_escape_text (file, -1);

  adw_action_row_set_subtitle (self->example_row, subtitle);
  g_object_set (self->settings, "file-name-pattern", pattern, NULL);
}

/* ---- The window ---- */

static void
mezzotint_preferences_dispose (GObject *object)
{
  MezzotintPreferences *self = MEZZOTINT_PREFERENCES (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), MEZZOTINT_TYPE_PREFERENCES);
  g_clear_object (&self->settings);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (mezzotint_preferences_parent_class)->dispose (object);
}

static void
help_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  mezzotint_help_show (GTK_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
mezzotint_preferences_class_init (MezzotintPreferencesClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mezzotint_preferences_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/mezzotint/Mezzotint/preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, device_group);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, device_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, preview_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, threads_spin);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, memory_spin);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, at_once_spin);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, vram_spin);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, timeline_spin);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, notify_switch);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, half_sums_switch);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, folder_list);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, output_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, output_reset);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, pattern_row);
  gtk_widget_class_bind_template_child (widget_class, MezzotintPreferences, example_row);
  gtk_widget_class_install_action (widget_class, "help.show", "s", help_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F1, 0, "help.show", "s", "preferences");
  gtk_widget_class_bind_template_callback (widget_class, add_folder_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_output_cb);
  gtk_widget_class_bind_template_callback (widget_class, reset_output_cb);
  gtk_widget_class_bind_template_callback (widget_class, pattern_changed_cb);
}

static void
mezzotint_preferences_init (MezzotintPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mezzotint_preferences_new (MezzotintServices *services)
{
  MezzotintPreferences *self = g_object_new (MEZZOTINT_TYPE_PREFERENCES, NULL);
  g_autofree char *pattern = NULL;

  self->services = g_object_ref (services);
  self->settings = g_object_ref (mezzotint_services_get_settings (services));
  bind_choice (self, "device", self->device_row, devices);
  bind_choice (self, "preview", self->preview_row, previews);
  bind_spin (self, "threads", self->threads_spin, _ ("Automatic"));
  bind_spin (self, "memory-limit-mb", self->memory_spin, _ ("No limit"));
  bind_spin (self, "vram-limit-mb", self->vram_spin, _ ("No limit"));
  bind_spin (self, "at-once", self->at_once_spin, NULL);
  bind_spin (self, "timeline-mb", self->timeline_spin, NULL);
  g_object_bind_property (self->settings, "half-sums", self->half_sums_switch, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_bind_property (self->settings, "notify", self->notify_switch, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_signal_connect_object (self->settings, "notify::model-folders", G_CALLBACK (update_folders), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "notify::output-folder", G_CALLBACK (update_output), self,
                           G_CONNECT_SWAPPED);
  g_object_get (self->settings, "file-name-pattern", &pattern, NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->pattern_row), pattern);
  update_folders (self);
  update_output (self);
  mezzotint_preferences_add_devices (self->device_group);
  return GTK_WIDGET (self);
}
