/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Making pictures in the window: the first click, watching, stopping, errors. */
#include "tests/ui/ui-program.h"

#include "ui/banner.h"
#include "ui/examples.h"
#include "ui/memory-note.h"

static const char *
get_page (Ui *ui)
{
  return gtk_stack_get_visible_child_name (GTK_STACK (ui_child (ui->create_page, "pages")));
}

static const char *
get_button (Ui *ui)
{
  return gtk_stack_get_visible_child_name (GTK_STACK (ui_child (ui->panel, "button_stack")));
}

static const char *
get_status (Ui *ui)
{
  return gtk_label_get_label (GTK_LABEL (ui_child (ui->view, "status_label")));
}

static gboolean
is_banner_shown (GtkWidget *banner)
{
  return gtk_revealer_get_reveal_child (GTK_REVEALER (ui_child (banner, "revealer")));
}

static MezzotintTask *
get_last (Ui *ui)
{
  g_autoptr (MezzotintTask) task = g_list_model_get_item (mezzotint_queue_get_recent (ui->queue), 0);

  g_assert_nonnull (task);
  return task;
}

/* What passed over the canvas. */
typedef struct
{
  int n_previews, n_steps;
  int last_step;
  MezzotintPixels *last;
} Watched;

static void
preview_cb (MezzotintTask *task, GParamSpec *pspec, Watched *watched)
{
  MezzotintPixels *preview = mezzotint_task_get_preview (task);

  if (preview != NULL && preview != watched->last)
    watched->n_previews++;
  watched->last = preview;
}

static void
step_cb (MezzotintTask *task, GParamSpec *pspec, Watched *watched)
{
  int step;

  g_object_get (task, "step", &step, NULL);
  if (step > watched->last_step)
    watched->n_steps++;
  watched->last_step = step;
}

static gboolean
has_current (gpointer data)
{
  Ui *ui = data;
  return mezzotint_queue_get_current (ui->queue) != NULL;
}

static gboolean
is_stepping (gpointer data)
{
  Ui *ui = data;
  MezzotintTask *task = mezzotint_queue_get_current (ui->queue);
  int step = 0;

  if (task != NULL)
    g_object_get (task, "step", &step, NULL);
  return step > 0;
}

static gboolean
has_examples (gpointer examples)
{
  return mezzotint_examples_get_count (examples) > 0;
}

static void
test_first_start (void)
{
  g_autoptr (Ui) ui = ui_start ();
  MezzotintTaskPicture *picture;
  gboolean first_start;
  Watched watched = { 0 };

  g_assert_cmpstr (get_page (ui), ==, "start");
  g_assert_cmpstr (mezzotint_draft_get_request (ui->draft)->prompt, ==, "a red apple");
  g_assert_cmpstr (get_button (ui), ==, "generate");
  ui_test_wait (has_examples, ui_child (ui->create_page, "start_examples"));
  ui_test_settle (ui->window);
  ui_test_shoot (ui->window, "first-start");

  gtk_widget_activate (ui_child (ui->create_page, "start_button"));
  ui_test_wait (has_current, ui);
  g_assert_cmpstr (get_page (ui), ==, "task");
  g_assert_cmpstr (get_button (ui), ==, "cancel");
  g_signal_connect (mezzotint_queue_get_current (ui->queue), "notify::preview", G_CALLBACK (preview_cb),
                    &watched);
  g_signal_connect (mezzotint_queue_get_current (ui->queue), "notify::step", G_CALLBACK (step_cb), &watched);
  ui_test_wait (is_stepping, ui);
  ui_test_settle (ui->window);
  ui_test_shoot (ui->window, "in-work");
  ui_wait_for_idle (ui);

  g_assert_cmpint (watched.n_previews, >, 1);
  g_assert_cmpint (watched.n_steps, >, 1);
  g_assert_cmpstr (get_button (ui), ==, "generate");
  picture = mezzotint_task_view_get_picture (MEZZOTINT_TASK_VIEW (ui->view));
  g_assert_nonnull (picture);
  g_assert_true (g_file_test (mezzotint_task_picture_get_path (picture), G_FILE_TEST_IS_REGULAR));
  g_assert_nonnull (strstr (get_status (ui), ".png"));
  g_object_get (ui->settings, "first-start", &first_start, NULL);
  g_assert_false (first_start);
  ui_test_shoot (ui->window, "finished");
}

static GdkTexture *
read_texture (const char *path)
{
  g_autoptr (GError) error = NULL;
  GdkTexture *texture = gdk_texture_new_from_filename (path, &error);

  g_assert_no_error (error);
  return texture;
}

/* Mean difference of the channels. Other processors sum in another order, which moves few of them over the
 * edge between two bytes: one in ten thousand from AVX2 to plain C. */
static double
measure_difference (const char *a, const char *b)
{
  g_autoptr (GdkTexture) first = read_texture (a), second = read_texture (b);
  gsize stride = 4 * (gsize) gdk_texture_get_width (first),
        n = stride * (gsize) gdk_texture_get_height (first);
  g_autofree guchar *pixels = g_malloc (n), *others = g_malloc (n);
  double sum = 0;

  g_assert_cmpint (gdk_texture_get_width (first), ==, gdk_texture_get_width (second));
  g_assert_cmpint (gdk_texture_get_height (first), ==, gdk_texture_get_height (second));
  gdk_texture_download (first, pixels, stride);
  gdk_texture_download (second, others, stride);
  for (gsize i = 0; i < n; i++)
    sum += ABS (pixels[i] - others[i]);
  return sum / (double) n;
}

/* One of the built-in model's examples: the same picture is made again, whatever is set. */
static void
test_examples (void)
{
  g_autoptr (Ui) ui = ui_start ();
  GtkWidget *examples, *child;
  g_autofree char *original = NULL;
  MezzotintTaskPicture *picture;
  int steps;

  ui_reset_settings (ui);
  g_object_set (ui->draft, "steps", 3, NULL);
  g_assert_cmpstr (get_page (ui), ==, "empty"); /* the first start is behind us */
  examples = ui_child (ui->create_page, "empty_examples");
  ui_test_wait (has_examples, examples);
  g_assert_cmpuint (mezzotint_examples_get_count (MEZZOTINT_EXAMPLES (examples)), ==, 10);
  ui_test_settle (ui->window);
  ui_test_shoot (ui->window, "examples");
  child = gtk_widget_get_first_child (gtk_widget_get_first_child (examples));
  child = gtk_widget_get_next_sibling (gtk_widget_get_next_sibling (child));
  gtk_widget_activate (child);
  ui_wait_for_idle (ui);
  g_assert_cmpstr (get_page (ui), ==, "task");
  g_assert_cmpstr (mezzotint_draft_get_request (ui->draft)->prompt, ==, "a house at night");
  g_object_get (ui->draft, "steps", &steps, NULL);
  g_assert_cmpint (steps, ==, 3);
  picture = mezzotint_task_view_get_picture (MEZZOTINT_TASK_VIEW (ui->view));
  g_assert_nonnull (picture);
  original = g_build_filename (mz_builtin_model_path (NULL), "examples", "03.png", NULL);
  g_assert_cmpfloat (measure_difference (mezzotint_task_picture_get_path (picture), original), <, 0.01);
}

static void
test_stop_now (void)
{
  g_autoptr (Ui) ui = ui_start ();

  ui_reset_settings (ui);
  g_object_set (ui->draft, "steps", 500, NULL);
  ui_activate (ui, "win.generate");
  ui_test_wait (is_stepping, ui);
  ui_activate (ui, "win.stop-now");
  ui_wait_for_idle (ui);
  g_assert_cmpint (mezzotint_task_get_state (get_last (ui)), ==, MEZZOTINT_TASK_CANCELLED);
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_task_get_pictures (get_last (ui))), ==, 0);
  g_assert_cmpstr (get_button (ui), ==, "generate");
}

static void
test_stop_after_picture (void)
{
  g_autoptr (Ui) ui = ui_start ();

  ui_reset_settings (ui);
  g_object_set (ui->draft, "steps", 20, "count", 50, NULL);
  ui_activate (ui, "win.generate");
  ui_test_wait (is_stepping, ui);
  ui_activate (ui, "win.stop-after");
  ui_wait_for_idle (ui);
  g_assert_cmpuint (g_list_model_get_n_items (mezzotint_task_get_pictures (get_last (ui))), ==, 1);
}

/* A batch: the strip shows each, and any can be looked at. */
static void
test_batch (void)
{
  g_autoptr (Ui) ui = ui_start ();
  GtkWidget *scroller = ui_child (ui->view, "strip_scroller");
  GtkListView *strip = GTK_LIST_VIEW (ui_child (ui->view, "strip"));
  MezzotintTaskPicture *last;

  ui_reset_settings (ui);
  g_object_set (ui->draft, "count", 3, NULL);
  ui_activate (ui, "win.generate");
  ui_wait_for_idle (ui);
  g_assert_true (gtk_widget_get_visible (scroller));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (gtk_list_view_get_model (strip))), ==, 3);
  last = mezzotint_task_view_get_picture (MEZZOTINT_TASK_VIEW (ui->view));
  gtk_selection_model_select_item (gtk_list_view_get_model (strip), 0, TRUE);
  g_assert_true (mezzotint_task_view_get_picture (MEZZOTINT_TASK_VIEW (ui->view)) != last);
  ui_test_shoot (ui->window, "batch");
}

/* A model that is gone: a sentence, and the prompt stays. */
static void
test_vanished_model (void)
{
  Ui *ui = ui_start ();
  GtkWidget *banner;

  ui_reset_settings (ui);
  g_object_set (ui->settings, "model", "/nonexistent/gone.safetensors", NULL);
  ui_stop (ui);

  ui = ui_start ();
  banner = ui_child (ui->create_page, "banner");
  g_object_set (ui->draft, "prompt", "a prompt to keep", NULL);
  g_assert_false (is_banner_shown (banner));
  ui_test_settle (ui->window);
  ui_activate (ui, "win.generate");
  if (!is_banner_shown (banner)) /* the folders were still being read: then the task says it */
    {
      ui_wait_for_idle (ui);
      banner = ui_child (ui->view, "banner");
      g_assert_true (is_banner_shown (banner));
    }
  g_assert_nonnull (strstr (gtk_label_get_label (GTK_LABEL (ui_child (banner, "label"))), "gone"));
  g_assert_cmpstr (mezzotint_draft_get_request (ui->draft)->prompt, ==, "a prompt to keep");
  ui_test_shoot (ui->window, "vanished-model");
  mezzotint_settings_reset (ui->settings, "model");
  ui_stop (ui);
}

/* A folder that cannot be written to: the picture stays, and can be saved elsewhere. */
static void
test_unsaved (void)
{
  g_autoptr (Ui) ui = ui_start ();
  GtkWidget *banner = ui_child (ui->view, "banner");
  MezzotintTaskPicture *picture;

  ui_reset_settings (ui);
  g_object_set (ui->settings, "output-folder", "/proc/no-such-place", NULL);
  ui_activate (ui, "win.generate");
  ui_wait_for_idle (ui);
  picture = mezzotint_task_view_get_picture (MEZZOTINT_TASK_VIEW (ui->view));
  g_assert_nonnull (picture);
  g_assert_null (mezzotint_task_picture_get_path (picture));
  g_assert_nonnull (mezzotint_task_view_get_texture (MEZZOTINT_TASK_VIEW (ui->view)));
  g_assert_true (is_banner_shown (banner));
  ui_test_shoot (ui->window, "unsaved");
}

/* What came with a picture and has no control is shown, is still there the next time, and can be taken away.
 */
static void
test_other_settings (void)
{
  Ui *ui = ui_start ();
  GtkWidget *row = ui_child (ui->panel, "rest_row");
  g_autoptr (MzRequest) request = mz_request_copy (mezzotint_draft_get_request (ui->draft));

  ui_reset_settings (ui);
  g_assert_false (gtk_widget_get_visible (row));
  request->step_seed_delta = 31337;
  request->threshold_ratio = 0.995;
  mezzotint_draft_apply (ui->draft, request);
  g_assert_true (gtk_widget_get_visible (row));
  ui_test_shoot (ui->window, "other-settings");
  ui_stop (ui);

  ui = ui_start ();
  row = ui_child (ui->panel, "rest_row");
  g_assert_true (gtk_widget_get_visible (row));
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), "31337"));
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), "0.995"));
  g_assert_cmpint (mezzotint_draft_get_request (ui->draft)->step_seed_delta, ==, 31337);
  g_signal_emit_by_name (ui_child (ui->panel, "rest_button"), "clicked");
  g_assert_false (gtk_widget_get_visible (row));
  g_assert_cmpint (mezzotint_draft_get_request (ui->draft)->step_seed_delta, ==, 0);
  g_assert_cmpfloat (mezzotint_draft_get_request (ui->draft)->threshold_ratio, ==, 0);
  /* A damaged or hostile value in the store is none. */
  g_object_set (ui->settings, "other-settings", "(1, 2, nan, 7.0, true)", NULL);
  mezzotint_draft_use_suggested (ui->draft);
  g_object_set (ui->settings, "other-settings", "[[[[", NULL);
  g_object_set (ui->draft, "steps", 3, NULL);
  g_assert_false (gtk_widget_get_visible (row));
  ui_stop (ui);
}

/* ---- What memory it will take ---- */

/* What a note should say and does not yet. */
typedef struct
{
  MezzotintMemoryNote *note;
  const char *wanted; /* a part of it; NULL: nothing */
} Said;

static gboolean
says (gpointer data)
{
  const Said *said = data;
  const char *text = mezzotint_memory_note_get_text (said->note);

  return said->wanted != NULL ? text != NULL && strstr (text, said->wanted) != NULL : text == NULL;
}

static void
wait_for_words (Ui *ui, const char *wanted)
{
  Said said = { MEZZOTINT_MEMORY_NOTE (ui_child (ui->panel, "memory_note")), wanted };

  ui_test_wait (says, &said);
  ui_test_settle (ui->window);
}

static void
set_size (Ui *ui, int side)
{
  g_object_set (ui->draft, "width", side, "height", side, NULL);
}

static void
shoot_note (Ui *ui, const char *name)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  g_autofree char *light = g_strconcat (name, "-light", NULL), *dark = g_strconcat (name, "-dark", NULL);

  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_LIGHT);
  ui_test_settle (ui->window);
  ui_test_shoot (ui->window, light);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_DARK);
  ui_test_settle (ui->window);
  ui_test_shoot (ui->window, dark);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_DEFAULT);
}

/* It is there before the first click, follows what is set, and warns of what would not fit; Generate stays.
 */
static void
test_memory (void)
{
  g_autoptr (Ui) ui = ui_start ();
  GtkWidget *note = ui_child (ui->panel, "memory_note");
  g_autofree char *before = NULL;

  ui_reset_settings (ui);
  wait_for_words (ui, "Takes about");
  gtk_test_accessible_assert_role (note, GTK_ACCESSIBLE_ROLE_STATUS);
  gtk_test_accessible_assert_relation (ui_child (ui->panel, "generate_button"),
                                       GTK_ACCESSIBLE_RELATION_DESCRIBED_BY, note, NULL);
  shoot_note (ui, "memory");
  before = g_strdup (mezzotint_memory_note_get_text (MEZZOTINT_MEMORY_NOTE (note)));
  set_size (ui, 512);
  g_assert_null (mezzotint_memory_note_get_text (MEZZOTINT_MEMORY_NOTE (note)));
  wait_for_words (ui, "Takes about");
  g_assert_cmpstr (mezzotint_memory_note_get_text (MEZZOTINT_MEMORY_NOTE (note)), !=, before);

  g_object_set (ui->settings, "memory-limit-mb", 160, NULL);
  wait_for_words (ui, "To stay under the limit");
  shoot_note (ui, "memory-short");
  set_size (ui, 4096);
  wait_for_words (ui, "would fit");
  g_assert_true (gtk_widget_get_visible (ui_child (note, "icon")));
  g_assert_true (gtk_widget_is_sensitive (ui_child (ui->panel, "generate_button")));
  shoot_note (ui, "memory-too-much");
  gtk_window_set_default_size (GTK_WINDOW (ui->window), 360, 640);
  ui_test_settle (ui->window);
  shoot_note (ui, "memory-too-much-narrow");
  g_object_set (ui->settings, "memory-limit-mb", 0, NULL);
  wait_for_words (ui, "Takes about");
  g_assert_false (gtk_widget_get_visible (ui_child (note, "icon")));
  shoot_note (ui, "memory-narrow");
  ui_reset_settings (ui);
}

int
main (int argc, char **argv)
{
  ui_program_init (&argc, &argv);
  g_test_add_func ("/ui/create/first-start", test_first_start);
  g_test_add_func ("/ui/create/examples", test_examples);
  g_test_add_func ("/ui/create/stop-now", test_stop_now);
  g_test_add_func ("/ui/create/stop-after-picture", test_stop_after_picture);
  g_test_add_func ("/ui/create/batch", test_batch);
  g_test_add_func ("/ui/create/vanished-model", test_vanished_model);
  g_test_add_func ("/ui/create/unsaved", test_unsaved);
  g_test_add_func ("/ui/create/other-settings", test_other_settings);
  g_test_add_func ("/ui/create/memory", test_memory);
  return g_test_run ();
}
