/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures of other programs: what is shown of them, and that nothing is replaced before the user says so. */
#include "ui/import-dialog.h"
#include "ui/import-open.h"

#include "picture-fixture.h"
#include "ui-test.h"

/* As A1111 writes it, with a model that nobody has and things that mean nothing here. */
#define FOREIGN                                                                                              \
  "a lighthouse on a cliff, oil painting\nNegative prompt: blurry\nSteps: 28, Sampler: DPM++ 2M Karras, "    \
  "CFG scale: 6.5, Seed: 3141592653, Size: 640x512, Model hash: 0123456789, Model: example-v1, "             \
  "Face restoration: CodeFormer, Version: v1.8.0"

typedef struct
{
  TestHost *host;
  char *folder;
} Fixture;

static void
setup (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->folder = g_dir_make_tmp ("mezzotint-import-XXXXXX", &error);
  g_assert_no_error (error);
  test_write_picture (f->folder, "foreign.png", FOREIGN, 0x405060);
  test_write_picture (f->folder, "silent.png", NULL, 0x808080);
  f->host = test_host_new (f->folder);
  test_host_set_page (f->host, gtk_label_new ("Create"));
}

static void
teardown (Fixture *f, gconstpointer data)
{
  test_host_close (f->host);
  g_free (f->folder);
}

static GFile *
get_file (Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);

  return g_file_new_for_path (path);
}

/* The dialog; NULL when there is none. */
static GtkWidget *
find_dialog (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next)
    if (MEZZOTINT_IS_IMPORT_DIALOG (l->data))
      return l->data;
  return NULL;
}

static gboolean
is_asked (gpointer data)
{
  GtkWidget *dialog = find_dialog ();

  return dialog != NULL && gtk_widget_get_mapped (dialog);
}

static gboolean
is_said (gpointer data)
{
  return TEST_HOST (data)->said != NULL;
}

/* Is `text` on a label below `widget`? */
static gboolean
shows (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL)
    return gtk_widget_get_mapped (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (shows (child, text))
      return TRUE;
  return FALSE;
}

static void
test_foreign (Fixture *f, gconstpointer data)
{
  g_autoptr (GFile) file = get_file (f, "foreign.png");
  GtkWidget *dialog;

  mezzotint_import_open (MEZZOTINT_PICTURE_HOST (f->host), file);
  ui_test_wait (is_asked, NULL);
  dialog = find_dialog ();
  ui_test_settle (dialog);
  g_assert_true (shows (dialog, "A1111"));
  g_assert_true (shows (dialog, "a lighthouse on a cliff, oil painting"));
  g_assert_true (shows (dialog, "example-v1"));
  g_assert_true (shows (dialog, "Is not on this machine"));
  g_assert_true (shows (dialog, "Face restoration"));
  g_assert_cmpint (f->host->n_used, ==, 0);
  ui_test_assert_accessible (dialog);
  ui_test_shoot (dialog, "import");
  gtk_widget_activate_action (dialog, "import.use", NULL);
  g_assert_cmpint (f->host->n_used, ==, 1);
  g_assert_cmpstr (f->host->used->prompt, ==, "a lighthouse on a cliff, oil painting");
  g_assert_cmpstr (f->host->used->negative_prompt, ==, "blurry");
  g_assert_cmpstr (f->host->used->sampler, ==, "dpmpp_2m");
  g_assert_cmpstr (f->host->used->schedule, ==, "karras");
  g_assert_cmpint (f->host->used->steps, ==, 28);
  g_assert_cmpint (f->host->used->width, ==, 640);
  g_assert_cmpuint (f->host->used->seed, ==, 3141592653);
  g_assert_true (f->host->used_seed);
  g_assert_null (f->host->used_model);
  g_assert_null (find_dialog ());
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (GFile) file = get_file (f, "foreign.png");

  mezzotint_import_open (MEZZOTINT_PICTURE_HOST (f->host), file);
  ui_test_wait (is_asked, NULL);
  gtk_widget_activate_action (find_dialog (), "window.close", NULL);
  ui_test_settle (GTK_WIDGET (f->host));
  g_assert_null (find_dialog ());
  g_assert_cmpint (f->host->n_used, ==, 0);
}

/* What says nothing, is no picture, or is not there ends in a sentence. */
static void
test_nothing (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "silent.png", "missing.png", "." };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GFile) file = get_file (f, names[i]);

      g_clear_pointer (&f->host->said, g_free);
      mezzotint_import_open (MEZZOTINT_PICTURE_HOST (f->host), file);
      ui_test_wait (is_said, f->host);
      g_assert_null (find_dialog ());
    }
}

static void
test_paste (Fixture *f, gconstpointer data)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (f->host));
  g_autofree char *path = g_build_filename (f->folder, "foreign.png", NULL);
  g_autofree char *contents = NULL;
  gsize n_bytes;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GdkContentProvider) content = NULL;

  g_assert_true (g_file_get_contents (path, &contents, &n_bytes, NULL));
  bytes = g_bytes_new (contents, n_bytes);
  content = gdk_content_provider_new_for_bytes ("image/png", bytes);
  gdk_clipboard_set_content (clipboard, content);
  mezzotint_import_paste (MEZZOTINT_PICTURE_HOST (f->host));
  ui_test_wait (is_asked, NULL);
  gtk_window_destroy (GTK_WINDOW (find_dialog ()));
  gdk_clipboard_set_text (clipboard, "no picture");
  mezzotint_import_paste (MEZZOTINT_PICTURE_HOST (f->host));
  ui_test_wait (is_said, f->host);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
#define ADD(name, function) g_test_add ("/import/" name, Fixture, NULL, setup, function, teardown)
  ADD ("foreign", test_foreign);
  ADD ("cancel", test_cancel);
  ADD ("nothing", test_nothing);
  ADD ("paste", test_paste);
  return g_test_run ();
}
